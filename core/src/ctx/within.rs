//! A wait that is bounded in time.
use super::call::CallFuture;
use crate::error::{Error, Lack};
use crate::executor::{Sleep, Timer};
use crate::guard::{Message, catch, drop_quietly};
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
        loop {
            return match self.look(&*timer, cx) {
                Up::None => Poll::Pending,
                Up::Soft => match call.instead(true) {
                    Some(old) => Poll::Ready(old),
                    None => continue,
                },
                Up::Hard => Poll::Ready(match call.instead(false) {
                    Some(old) => old,
                    None => Err(call.give_up(Error::deadline_exceeded)),
                }),
                // Nobody waits then.
                Up::Panicked(message) => {
                    let error = |label| Error::panicked(label, message);
                    Poll::Ready(Err(call.give_up(error)))
                }
            };
        }
    }

    /// Foreign: a runtime's timer may panic, where that has none.
    #[inline(never)]
    fn look(&mut self, timer: &dyn Timer, cx: &mut Context<'_>) -> Up {
        if let Some(soft) = &mut self.soft {
            match catch(|| soft.is_up(timer, cx)) {
                Ok(false) => {}
                Ok(true) => {
                    self.soft = None;
                    return Up::Soft;
                }
                Err(message) => return Up::Panicked(message),
            }
        }
        let Some(hard) = &mut self.hard else {
            return Up::None;
        };
        match catch(|| hard.is_up(timer, cx)) {
            Ok(false) => Up::None,
            Ok(true) => Up::Hard,
            Err(message) => Up::Panicked(message),
        }
    }
}

/// Whose time is up.
enum Up {
    None,
    Soft,
    Hard,
    Panicked(Message),
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
