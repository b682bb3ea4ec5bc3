//! Futures that tell the books what they wait for, while they do.
use super::wants::{By, On};
use super::world::World;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// The mark stands first: it goes before what it is about.
pub(super) struct Wanted<F> {
    mark: Mark,
    inner: F,
}

struct Mark {
    world: Arc<World>,
    by: By,
    on: On,
    at: Option<usize>,
    /// The keys' epochs before the first poll.
    first: Option<Vec<usize>>,
}

impl<F> Wanted<F> {
    pub(super) fn new(world: &Arc<World>, by: By, on: On, inner: F) -> Self {
        let world = world.clone();
        let mark = Mark {
            world,
            by,
            on,
            at: None,
            first: None,
        };
        Self { mark, inner }
    }
}

impl<F: Future + Unpin> Future for Wanted<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.mark.clear();
        let now = self.mark.note();
        let polled = Pin::new(&mut self.inner).poll(cx);
        if polled.is_pending() {
            self.mark.set(&now);
        }
        polled
    }
}

impl Mark {
    /// Before a poll.
    fn note(&mut self) -> Vec<usize> {
        let now = self.world.books(|books| books.epochs(&self.on));
        self.first.get_or_insert_with(|| now.clone());
        if let On::Anew(key) = self.on {
            self.world.books(|books| books.key(key).refreshed = true);
        }
        now
    }

    fn set(&mut self, now: &[usize]) {
        let (by, on) = (self.by, self.on.clone());
        let first = self.first.as_deref().unwrap_or(now);
        self.at = Some(self.world.books(|books| books.want(by, on, first, now)));
    }

    fn clear(&mut self) {
        if let Some(at) = self.at.take() {
            self.world.books(|books| books.unwant(at));
        }
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Something to wait for, which may shut again.
#[derive(Default)]
pub(super) struct Door(std::sync::Mutex<(bool, Vec<Waker>)>);

impl Door {
    pub(super) fn set(&self, open: bool) {
        self.0.lock().unwrap().0 = open;
    }

    pub(super) fn is_open(&self) -> bool {
        self.0.lock().unwrap().0
    }

    /// Wakes those who wait.
    pub(super) fn pulse(&self) {
        let wakers = std::mem::take(&mut self.0.lock().unwrap().1);
        wakers.into_iter().for_each(Waker::wake);
    }

    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        let waker = cx.waker().clone();
        let mut door = self.0.lock().unwrap();
        if door.0 {
            return Poll::Ready(());
        }
        door.1.push(waker);
        Poll::Pending
    }
}
