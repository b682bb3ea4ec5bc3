//! A wait that is bounded in time.
use super::call::AnyCall;
use super::terms::Time;
use crate::error::{Error, Lack};
use crate::executor::{Sleep, Timer};
use crate::guard::{Message, catch, drop_quietly};
use crate::notify::Caller;
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
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

impl AnyCall<'_> {
    /// By itself, within limits if it has some.
    #[inline]
    pub(super) fn poll_within(
        &mut self,
        time: &Time,
        waker: &Waker,
        caller: Caller<'_>,
    ) -> Poll<()> {
        match self.progress.limits() {
            None => self.poll(time, waker, caller),
            Some(_) => self.poll_limited(time, waker, caller),
        }
    }

    #[inline(never)]
    fn poll_limited(&mut self, time: &Time, waker: &Waker, caller: Caller<'_>) -> Poll<()> {
        let Some(timer) = self.handle.engine.timer().cloned() else {
            self.give_up(|label| Error::no_timer(label, Lack::Wait));
            return Poll::Ready(());
        };
        if self.poll(time, waker, caller).is_ready() {
            return Poll::Ready(());
        }
        self.poll_limits(&*timer, waker)
    }

    /// Ready: the caller's time is up.
    fn poll_limits(&mut self, timer: &dyn Timer, waker: &Waker) -> Poll<()> {
        let cx = &mut Context::from_waker(waker);
        while let Some(limits) = self.progress.limits() {
            match limits.look(timer, cx) {
                Up::None => break,
                Up::Soft if self.instead(true) => {}
                Up::Soft => continue,
                Up::Hard if self.instead(false) => {}
                Up::Hard => self.give_up(Error::deadline_exceeded),
                // Nobody waits then.
                Up::Panicked(message) => self.give_up(|label| Error::panicked(label, message)),
            }
            return Poll::Ready(());
        }
        Poll::Pending
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
