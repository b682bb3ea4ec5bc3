//! A wait that is bounded in time.
use super::call::CallFuture;
use crate::error::{Error, Lack};
use crate::executor::Sleep;
use crate::guard::{catch, drop_quietly};
use crate::task::Task;
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll};
use core::time::Duration;

/// How long a caller waits.
pub(super) struct Limit {
    after: Duration,
    /// From the first poll that found nothing.
    sleep: Option<Sleep>,
}

impl Limit {
    pub(super) fn new(after: Duration) -> Self {
        Self { after, sleep: None }
    }

    /// Before a poll of the call: an error if there is nothing to tell the time by.
    pub(super) fn check<S: Send + Sync + 'static, T: Task<S>>(
        &self,
        call: &mut CallFuture<'_, S, T>,
    ) -> Result<(), Error> {
        match call.ctx.engine.timer() {
            Some(_) => Ok(()),
            None => Err(call.give_up(|label| Error::no_timer(label, Lack::Wait))),
        }
    }

    /// After one that was pending: an error if the time is up.
    pub(super) fn poll<S: Send + Sync + 'static, T: Task<S>>(
        &mut self,
        call: &mut CallFuture<'_, S, T>,
        cx: &mut Context<'_>,
    ) -> Poll<Error> {
        let engine = &call.ctx.engine;
        // Foreign: a runtime's timer may panic, where that has none. Nobody waits then.
        let up = catch(|| {
            let Some(timer) = engine.timer() else {
                return Poll::Ready(());
            };
            let sleep = self.sleep.get_or_insert_with(|| timer.sleep(self.after));
            pin!(sleep).poll(cx)
        });
        match up {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(())) => Poll::Ready(call.give_up(Error::deadline_exceeded)),
            Err(message) => Poll::Ready(call.give_up(|label| Error::panicked(label, message))),
        }
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        drop_quietly(self.sleep.take());
    }
}
