//! Wakes from another thread.
use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Poll, Waker};

/// Whoever writes to it is woken by its thread.
#[derive(Default)]
pub(crate) struct Post {
    letters: Mutex<Letters>,
    bell: Condvar,
}

#[derive(Default)]
struct Letters {
    letters: Vec<(Arc<AtomicBool>, Waker)>,
    closed: bool,
}

impl Post {
    /// What the thread does, until it is closed and all is delivered.
    pub(crate) fn serve(&self) {
        loop {
            let waits = |letters: &mut Letters| letters.letters.is_empty() && !letters.closed;
            let mut letters = self
                .bell
                .wait_while(self.letters.lock().unwrap(), waits)
                .unwrap();
            let (all, closed) = (std::mem::take(&mut letters.letters), letters.closed);
            drop(letters);
            if all.is_empty() && closed {
                return;
            }
            for (delivered, waker) in all {
                delivered.store(true, SeqCst);
                waker.wake();
            }
        }
    }

    pub(crate) fn close(&self) {
        self.letters.lock().unwrap().closed = true;
        self.bell.notify_one();
    }

    fn write(&self, delivered: &Arc<AtomicBool>, waker: &Waker) {
        let letter = (delivered.clone(), waker.clone());
        self.letters.lock().unwrap().letters.push(letter);
        self.bell.notify_one();
    }

    /// Ready when the thread has been there.
    pub(crate) fn answer(&self) -> impl Future<Output = ()> + Send {
        let delivered = Arc::default();
        poll_fn(move |cx| {
            if AtomicBool::load(&delivered, SeqCst) {
                return Poll::Ready(());
            }
            // Again at each poll: the waker may be another one.
            self.write(&delivered, cx.waker());
            Poll::Pending
        })
    }
}
