//! The deadline of a context.
use super::scope::Cancellation;
use super::{Engine, Handle};
use crate::drive;
use crate::executor::{Job, Sleep, Timer};
use crate::guard::catch;
use crate::sync::{Arc, AtomicUsize, Ordering};
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;

/// When a context's time is up, by its timer's clock.
pub(crate) struct Deadline {
    at: Duration,
    /// Somebody has seen to it that it is kept.
    armed: AtomicUsize,
}

impl Deadline {
    pub(super) fn new(timer: &dyn Timer, after: Duration) -> Self {
        Self {
            at: timer.now().saturating_add(after),
            armed: AtomicUsize::new(0),
        }
    }
}

impl Handle {
    /// Somebody waits: from now on the deadline has to be kept. A context in which nobody
    /// waits needs no timer.
    pub(super) fn keep_deadline(&self) {
        if self.engine.deadline().is_some() {
            keep(&self.engine);
        }
    }

    /// Something new is asked for. Nobody may have waited so far.
    pub(super) fn check_deadline(&self) {
        if self.engine.terms.is_some() {
            self.engine.check_deadline();
        }
    }
}

#[cold]
fn keep(engine: &Arc<Engine>) {
    let (Some((deadline, timer)), Some(executor)) = (engine.deadline(), &engine.host.executor)
    else {
        return;
    };
    // ORDERING: only one gets 0; it orders nothing else.
    if deadline.armed.swap(1, Ordering::Relaxed) == 1 {
        return;
    }
    let kept = catch(|| {
        let left = deadline.at.saturating_sub(timer.now());
        let job = expire(timer.sleep(left), Cancellation::of(engine));
        executor.spawn(Job::new(job));
    });
    if kept.is_err() {
        // Better too early than never.
        engine.expire();
    }
}

/// Ends with the context, and does not keep it alive.
async fn expire(sleep: Sleep, context: Cancellation) {
    let mut sleep = pin!(sleep);
    let mut cancelled = pin!(context.cancelled());
    let over = poll_fn(|cx| {
        if cancelled.as_mut().poll(cx).is_ready() {
            return Poll::Ready(false);
        }
        sleep.as_mut().poll(cx).map(|()| true)
    });
    if over.await {
        if let Some(engine) = context.engine() {
            engine.expire();
        }
    }
}

impl Engine {
    fn check_deadline(&self) {
        if let Some((deadline, timer)) = self.deadline() {
            let passed = catch(|| timer.now() >= deadline.at);
            if passed.unwrap_or(true) {
                self.expire();
            }
        }
    }

    fn deadline(&self) -> Option<(&Deadline, &Arc<dyn Timer>)> {
        let terms = self.terms.as_ref()?;
        Some((terms.deadline.as_ref()?, terms.timer.as_ref()?))
    }

    /// What is remembered is served from now on, and nothing else: runs in flight are
    /// dropped, their callers told.
    fn expire(&self) {
        drive::kill(self.table.stop());
    }
}
