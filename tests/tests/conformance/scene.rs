//! A platform with a context on it, and how a test ends.
use crate::platform::Platform;
use runce::{Builder, Ctx, WithExecutor, WithTimer};
use runce_tests::poll;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Weak};
use std::task::{Poll, Waker};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// No test needs a tenth of it: what takes longer hangs.
const HANGS: Duration = Duration::from_secs(60);

pub(crate) struct Scene<P, S> {
    pub(crate) platform: P,
    pub(crate) ctx: Ctx<S>,
    state: Weak<S>,
}

impl<P: Platform, S: Send + Sync + 'static> Scene<P, S> {
    pub(crate) fn new(state: S) -> Self {
        Self::with(state, |builder| builder)
    }

    pub(crate) fn with(
        state: S,
        more: impl FnOnce(Builder<S, WithExecutor, WithTimer>) -> Builder<S, WithExecutor, WithTimer>,
    ) -> Self {
        let (platform, state) = (P::start(), Arc::new(state));
        let weak = Arc::downgrade(&state);
        let builder = Ctx::builder_shared(state).runtime(platform.runtime());
        Self {
            ctx: more(builder).build(),
            platform,
            state: weak,
        }
    }

    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.platform.block_on(future)
    }

    /// Waits for plain threads; the jobs get on meanwhile.
    pub(crate) fn attend<T>(&self, threads: Vec<JoinHandle<T>>) -> Vec<T> {
        self.block_on(until(|| threads.iter().all(JoinHandle::is_finished)));
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    }

    /// Nothing keeps the state, and no job is left.
    pub(crate) fn end(self) {
        drop(self.ctx);
        let platform = self.platform;
        platform.block_on(until(|| self.state.strong_count() == 0));
        platform.block_on(until(|| platform.jobs() == 0));
    }

    /// Shuts the platform down. `None`: it cannot.
    pub(crate) fn stop(self) -> Option<(Ctx<S>, Weak<S>)> {
        match self.platform.stop() {
            Ok(()) => Some((self.ctx, self.state)),
            Err(_) => None,
        }
    }
}

/// Looks again and again until it is so: for what nobody is woken by.
pub(crate) async fn until(mut so: impl FnMut() -> bool) {
    poll_fn(|cx| {
        if so() {
            return Poll::Ready(());
        }
        thread::yield_now();
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A caller, begun: it has to wait.
pub(crate) fn begun<'a, F: Future + 'a>(future: F) -> Pin<Box<F>> {
    let mut future = Box::pin(future);
    assert!(poll(&mut future, Waker::noop()).is_pending());
    future
}

/// Runs a test on a small stack, and fails it when it hangs.
pub(crate) fn watched(test: fn()) {
    let (done, is_done) = channel::<()>();
    let small = thread::Builder::new().stack_size(2 << 20);
    let name = thread::current().name().unwrap_or_default().to_owned();
    let test = small.name(name).spawn(move || {
        let _done = done; // dropped at the end, also of a panic
        test();
    });
    if is_done.recv_timeout(HANGS) == Err(RecvTimeoutError::Timeout) {
        panic!("it hangs");
    }
    if let Err(panic) = test.unwrap().join() {
        std::panic::resume_unwind(panic);
    }
}
