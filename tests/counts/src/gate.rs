//! What a task waits for.
use std::future::poll_fn;
use std::sync::{Mutex, PoisonError};
use std::task::{Poll, Waker};

/// Closed until it is opened; then each pass closes it again. For one task at a time.
#[derive(Default)]
pub(crate) struct Gate(Mutex<State>);

#[derive(Default)]
struct State {
    open: bool,
    waker: Option<Waker>,
}

impl Gate {
    pub(crate) async fn pass(&self) {
        poll_fn(|cx| {
            self.locked(|state| {
                if std::mem::take(&mut state.open) {
                    return Poll::Ready(());
                }
                state.waker = Some(cx.waker().clone());
                Poll::Pending
            })
        })
        .await;
    }

    pub(crate) fn open(&self) {
        let waker = self.locked(|state| {
            state.open = true;
            state.waker.take()
        });
        waker.expect("somebody waits").wake();
    }

    fn locked<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
