//! A wait that is bounded in time.
use super::call::CallFuture;
use crate::error::{Error, Lack};
use crate::executor::{Sleep, Timer};
use crate::guard::{catch, drop_quietly};
use crate::task::Task;
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll};
use core::time::Duration;

/// How long a caller waits.
#[derive(Default)]
pub(super) struct Limits {
    /// After that, for nothing.
    hard: Option<Limit>,
    /// After that, only if nothing is remembered.
    soft: Option<Limit>,
}

struct Limit {
    after: Duration,
    /// From the first poll that found nothing.
    sleep: Option<Sleep>,
}

impl Limits {
    pub(super) fn hard(&mut self, after: Duration) {
        self.hard = Some(Limit { after, sleep: None });
    }

    pub(super) fn soft(&mut self, after: Duration) {
        self.soft = Some(Limit { after, sleep: None });
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

    /// After one that was pending: what the caller gets if its time is up.
    pub(super) fn poll<S: Send + Sync + 'static, T: Task<S>>(
        &mut self,
        call: &mut CallFuture<'_, S, T>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<T::Output, Error>> {
        let Some(timer) = call.ctx.engine.timer().cloned() else {
            return Poll::Pending;
        };
        // Foreign: a runtime's timer may panic, where that has none. Nobody waits then.
        let panicked = |message| |label| Error::panicked(label, message);
        if let Some(soft) = &mut self.soft {
            match catch(|| soft.is_up(&*timer, cx)) {
                Ok(false) => {}
                Ok(true) => {
                    self.soft = None;
                    if let Some(old) = call.instead(true) {
                        return Poll::Ready(old);
                    }
                }
                Err(message) => return Poll::Ready(Err(call.give_up(panicked(message)))),
            }
        }
        let Some(hard) = &mut self.hard else {
            return Poll::Pending;
        };
        match catch(|| hard.is_up(&*timer, cx)) {
            Ok(false) => Poll::Pending,
            Ok(true) => Poll::Ready(match call.instead(false) {
                Some(old) => old,
                None => Err(call.give_up(Error::deadline_exceeded)),
            }),
            Err(message) => Poll::Ready(Err(call.give_up(panicked(message)))),
        }
    }
}

impl Limit {
    fn is_up(&mut self, timer: &dyn Timer, cx: &mut Context<'_>) -> bool {
        let after = self.after;
        let sleep = self.sleep.get_or_insert_with(|| timer.sleep(after));
        pin!(sleep).poll(cx).is_ready()
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        drop_quietly(self.sleep.take());
    }
}
