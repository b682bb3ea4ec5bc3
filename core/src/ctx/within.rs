//! A wait that is bounded in time.
use super::call::AnyCall;
use super::terms::Time;
use crate::error::{Error, Lack};
use crate::executor::{Sleep, Timer};
use crate::guard::{Message, catch, drop_quietly};
use crate::notify::Caller;
use alloc::boxed::Box;
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

    /// Before a poll of the call: there may be nothing to tell the time by. `true`: that is the
    /// outcome.
    fn refuses(call: &mut AnyCall<'_>) -> bool {
        let lacks = call.handle.engine.timer().is_none();
        if lacks {
            call.give_up(|label| Error::no_timer(label, Lack::Wait));
        }
        lacks
    }

    /// After one that was pending. Ready: the caller's time is up.
    fn poll(&mut self, call: &mut AnyCall<'_>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(timer) = call.handle.engine.timer().cloned() else {
            return Poll::Pending;
        };
        loop {
            match self.look(&*timer, cx) {
                Up::None => return Poll::Pending,
                Up::Soft if call.instead(true) => {}
                Up::Soft => continue,
                Up::Hard if call.instead(false) => {}
                Up::Hard => call.give_up(Error::deadline_exceeded),
                // Nobody waits then.
                Up::Panicked(message) => call.give_up(|label| Error::panicked(label, message)),
            }
            return Poll::Ready(());
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

impl AnyCall<'_> {
    /// By itself, within limits if it has some.
    #[inline(never)]
    pub(super) fn poll_within(
        &mut self,
        limits: &mut Option<Box<Limits>>,
        time: &Time,
        waker: &Waker,
        caller: Caller<'_>,
    ) -> Poll<()> {
        let Some(limits) = limits else {
            return self.poll(time, waker, caller);
        };
        if Limits::refuses(self) {
            return Poll::Ready(());
        }
        match self.poll(time, waker, caller) {
            Poll::Pending => limits.poll(self, &mut Context::from_waker(waker)),
            ready => ready,
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
