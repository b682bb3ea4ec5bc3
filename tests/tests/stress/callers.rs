//! Callers from outside.
use crate::books::End;
use crate::task::{Boxed, Value, end, node};
use crate::world::World;
use runce::{Ctx, Error};
use runce_tests::program::{Key, Outcome, add};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::{Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

pub(crate) struct Caller {
    keys: Vec<Key>,
    /// It does not wait for ever.
    is_late: bool,
    future: Boxed<'static, Result<Vec<Value>, Error>>,
}

impl Caller {
    /// Of one call, or of a group.
    pub(crate) fn new(ctx: &Ctx<World>, keys: Vec<Key>) -> Self {
        let mut calls: Vec<_> = keys.iter().map(|key| node(ctx.state(), *key)).collect();
        let ctx = ctx.clone();
        let single = (calls.len() == 1).then(|| calls.pop()).flatten();
        let future: Boxed<'static, _> = match single {
            Some(call) => Box::pin(async move { Ok(vec![ctx.run(call).await?]) }),
            None => Box::pin(async move { ctx.run_parallel(calls).await }),
        };
        Self {
            keys,
            is_late: false,
            future,
        }
    }

    pub(crate) fn refresh(ctx: &Ctx<World>, key: Key) -> Self {
        let (ctx, call) = (ctx.clone(), node(ctx.state(), key));
        ctx.state().book(key).refreshes.fetch_add(1, SeqCst);
        let future = Box::pin(async move { Ok(vec![ctx.refresh(call).await?]) });
        Self {
            keys: vec![key],
            is_late: false,
            future,
        }
    }

    pub(crate) fn within(ctx: &Ctx<World>, key: Key, time: Duration) -> Self {
        let (ctx, call) = (ctx.clone(), node(ctx.state(), key));
        let future = Box::pin(async move { Ok(vec![ctx.run(call).within(time).await?]) });
        Self {
            keys: vec![key],
            is_late: true,
            future,
        }
    }

    pub(crate) fn finish(mut self, world: &World) {
        let result = block_on(world, &mut self.future);
        self.verify(world, &result);
    }

    /// `true`: it is over.
    pub(crate) fn poll_once(&mut self, world: &World) -> bool {
        let waker = Signal::here(world).into();
        match runce_tests::poll(&mut self.future, &waker) {
            Poll::Pending => false,
            Poll::Ready(result) => {
                self.verify(world, &result);
                true
            }
        }
    }

    fn verify(&self, world: &World, result: &Result<Vec<Value>, Error>) {
        let keys = &self.keys;
        let sum = |values: &Vec<Value>| values.iter().fold(0, |sum, it| add(sum, it.value));
        let end = end(result, sum);
        let right = match (result, end) {
            (Ok(values), _) => keys
                .iter()
                .zip(values)
                .all(|(key, value)| is_right(world, *key, value)),
            (_, End::Late) => self.is_late,
            (_, End::Came(Outcome::Cancelled)) => world.cancelled.load(SeqCst),
            // The call that would close a circle is told; what it is told is no run's outcome.
            (_, End::TimedOut) => world.plan.limited,
            _ => keys.iter().any(|key| world.book(*key).came_to(end)),
        };
        world.law(right, || {
            format!("outcomes: a caller of {keys:?} gets {end:?}")
        });
    }
}

/// Some run of that key came to it.
pub(crate) fn is_right(world: &World, key: Key, value: &Value) -> bool {
    value.key == key
        && world
            .book(key)
            .came_to(End::Came(Outcome::Value(value.value)))
}

/// A thread's waker.
struct Signal {
    thread: Thread,
    /// A thread that blocks within what it polls takes the `unpark`s of others.
    woken: AtomicBool,
    _token: Arc<()>,
}

impl Signal {
    fn here(world: &World) -> Arc<Self> {
        let (thread, _token) = (thread::current(), world.token.clone());
        let woken = AtomicBool::new(false);
        Arc::new(Self {
            thread,
            woken,
            _token,
        })
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, SeqCst);
        self.thread.unpark();
    }
}

/// Blocks the thread until it is ready.
pub(crate) fn block_on<F: Future>(world: &World, future: F) -> F::Output {
    let signal = Signal::here(world);
    let waker = Waker::from(signal.clone());
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = runce_tests::poll(&mut future.as_mut(), &waker) {
            return output;
        }
        while !signal.woken.swap(false, SeqCst) {
            thread::park();
        }
    }
}
