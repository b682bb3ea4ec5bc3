//! A combinator that polls a child only when that child's own waker was woken, as
//! `FuturesUnordered` does.
use crate::{BoxFuture, poll};
use runce::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

/// The sum of its children.
pub struct Each<'a> {
    children: Vec<(Option<BoxFuture<'a>>, Arc<Flag>)>,
    sum: u64,
}

struct Flag {
    raised: AtomicBool,
    parent: Mutex<Option<Waker>>,
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.raised.store(true, SeqCst);
        let parent = self.parent.lock().unwrap().take();
        parent.into_iter().for_each(Waker::wake);
    }
}

impl<'a> Each<'a> {
    pub fn new(children: impl IntoIterator<Item = BoxFuture<'a>>) -> Self {
        let flag = || Flag {
            raised: AtomicBool::new(true),
            parent: Mutex::default(),
        };
        let child = |future| (Some(future), Arc::new(flag()));
        Self {
            children: children.into_iter().map(child).collect(),
            sum: 0,
        }
    }
}

impl Future for Each<'_> {
    type Output = Result<u64, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        for (place, flag) in &mut this.children {
            *flag.parent.lock().unwrap() = Some(cx.waker().clone());
            let Some(child) = place else { continue };
            if !flag.raised.swap(false, SeqCst) {
                continue;
            }
            if let Poll::Ready(outcome) = poll(child, &flag.clone().into()) {
                this.sum += outcome?;
                *place = None;
            }
        }
        if this.children.iter().all(|(child, _)| child.is_none()) {
            return Poll::Ready(Ok(this.sum));
        }
        Poll::Pending
    }
}
