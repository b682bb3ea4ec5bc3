//! What a context was told about time and room: how long outcomes are remembered, how long
//! runs may take, how much is remembered at most.
use super::Engine;
use super::deadline::Deadline;
use crate::entry::Node;
use crate::error::{Error, ErrorKind};
use crate::executor::{Clock, Timer};
use crate::freshness::{Age, Ages, Moment, Share, Windows};
use crate::guard::{catch, drop_quietly};
use crate::sync::Arc;
use crate::table::{Failure, Gone, Hit, Keep, Life};
use crate::task::{Outcome, Retention, Task};
use alloc::boxed::Box;
use core::cell::Cell;
use core::fmt;
use core::time::Duration;

/// After a failure nobody tries again for so long, where nobody says how long.
const PAUSE: Duration = Duration::from_secs(1);

/// Most contexts are told nothing, and have none.
#[derive(Default)]
pub(crate) struct Terms {
    pub(super) timer: Option<Arc<dyn Timer>>,
    pub(super) clock: Option<Arc<dyn Clock>>,
    /// So long after it was built.
    pub(super) deadline_after: Option<Duration>,
    pub(super) deadline: Option<Deadline>,
    pub(super) ttl: Option<Duration>,
    pub(super) error_ttl: Option<Duration>,
    pub(super) forget_errors: Option<Box<ForgetErrors>>,
    pub(super) retention: Option<Box<Rule>>,
    pub(super) limit: Option<Duration>,
    pub(super) capacity: Option<usize>,
    pub(super) windows: Option<Windows>,
    /// After a failure nobody tries again for so long.
    pub(super) pause: Option<Duration>,
    pub(super) jitter: Option<Jitter>,
}

/// TTLs are shorter by a random part of that share.
pub(super) struct Jitter {
    pub(super) share: Share,
    pub(super) random: Box<dyn Fn() -> u64 + Send + Sync>,
}

/// What becomes of an outcome in the table.
pub(super) enum Fate {
    /// It stays where it is.
    AsItIs,
    Keep(Keep),
    Forget,
    /// Of a run that was to take the place of a value, and failed.
    Fail(Option<Keep>, Failure),
}

/// How an outcome is remembered.
pub(super) struct Own<R> {
    pub(super) retention: R,
    pub(super) weight: usize,
}

impl<R> Own<R> {
    pub(super) fn light(retention: R) -> Self {
        Self {
            retention,
            weight: 1,
        }
    }
}

pub(super) type ForgetErrors = dyn Fn(&Error) -> bool + Send + Sync;
pub(super) type Rule = dyn Fn(Outcome<'_, (), Error>) -> Option<Retention> + Send + Sync;

impl Terms {
    /// The context begins. Foreign: asks for the time.
    pub(super) fn begin(&mut self) {
        if let (Some(timer), Some(after)) = (&self.timer, self.deadline_after) {
            self.deadline = Some(Deadline::new(&**timer, after));
        }
    }

    /// Will it forget anything by itself?
    pub(super) fn forgets(&self) -> bool {
        let times = self.ttl.is_some() || self.error_ttl.is_some();
        times || self.retention.is_some() || self.capacity.is_some()
    }

    /// Foreign: asks the functions that it was given.
    fn retention(&self, outcome: Outcome<'_, (), Error>) -> Retention {
        if let (Outcome::Error(error), Some(forget)) = (outcome, &self.forget_errors) {
            if forget(error) {
                return Retention::CallersOnly;
            }
        }
        let asked = self.retention.as_ref().and_then(|rule| rule(outcome));
        asked.unwrap_or_else(|| {
            let ttl = match outcome {
                Outcome::Value(()) => self.ttl,
                Outcome::Error(_) | Outcome::Panicked => self.error_ttl.or(self.pause).or(self.ttl),
            };
            ttl.map_or(Retention::Forever, Retention::For)
        })
    }
}

impl fmt::Debug for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terms")
            .field("timer", &self.timer.is_some())
            .field("clock", &self.clock.is_some())
            .field("deadline", &self.deadline_after)
            .field("ttl", &self.ttl)
            .field("error_ttl", &self.error_ttl)
            .field("limit", &self.limit)
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

impl Engine {
    pub(super) fn timer(&self) -> Option<&Arc<dyn Timer>> {
        self.terms.as_ref()?.timer.as_ref()
    }

    /// How long a run may take, unless its task says otherwise.
    pub(super) fn limit(&self) -> Option<Duration> {
        self.terms.as_ref()?.limit
    }

    /// Was it told nothing of time and room?
    pub(super) fn is_plain(&self) -> bool {
        self.terms.is_none()
    }

    /// Does no run have to be over by some time, by what the context says?
    pub(super) fn is_untimed(&self) -> bool {
        let untimed = |terms: &Terms| terms.limit.is_none() && terms.deadline.is_none();
        self.terms.as_deref().is_none_or(untimed)
    }

    /// Does it matter how much an outcome weighs?
    pub(super) fn has_capacity(&self) -> bool {
        (self.terms.as_ref()).is_some_and(|terms| terms.capacity.is_some())
    }

    /// How long an outcome is remembered, where its task does not say.
    pub(super) fn retention(&self, outcome: Outcome<'_, (), Error>) -> Retention {
        let Some(terms) = &self.terms else {
            return Retention::Forever;
        };
        catch(|| terms.retention(outcome)).unwrap_or(Retention::CallersOnly)
    }

    /// What the task says of an outcome. Foreign: where that panics, nothing is remembered.
    #[inline]
    pub(super) fn ask<S, T: Task<S>>(
        &self,
        input: &T::Input,
        outcome: Result<&T::Output, &T::Error>,
    ) -> Own<Option<Retention>> {
        let asked = catch(|| match outcome {
            Ok(output) => Own {
                retention: T::retention(Outcome::Value(output)),
                weight: match self.has_capacity() {
                    true => T::weight(input, output),
                    false => 1,
                },
            },
            Err(error) => Own::light(T::retention(Outcome::Error(error))),
        });
        asked.unwrap_or(Own::light(Some(Retention::CallersOnly)))
    }

    /// What becomes of it.
    pub(super) fn decide(
        &self,
        own: Own<Option<Retention>>,
        outcome: Result<&(), &Error>,
    ) -> Own<Retention> {
        let retention = match (outcome, own.retention) {
            (Err(error), _) if error.is_transient() => Retention::CallersOnly,
            (_, Some(own)) => own,
            (Ok(value), None) => self.retention(Outcome::Value(value)),
            (Err(error), None) => self.retention(Outcome::Error(error)),
        };
        let weight = own.weight;
        Own { retention, weight }
    }

    /// What is to be done about an outcome. Foreign: may ask for the time.
    pub(super) fn fate(
        &self,
        own: Own<Retention>,
        failed: Option<ErrorKind>,
        refresh: bool,
    ) -> Fate {
        if own.retention == Retention::Forever && !refresh && !self.has_capacity() {
            return Fate::AsItIs;
        }
        let keep = self.keep(own, failed.is_some());
        if let (Some(kind), true) = (failed, refresh) {
            let now = keep.and_then(|keep| keep.now);
            return Fate::Fail(keep, self.failure(kind, now));
        }
        keep.map_or(Fate::Forget, Fate::Keep)
    }

    /// `kind`: at the root. Foreign: asks for the time, unless it is known.
    pub(super) fn failure(&self, kind: ErrorKind, now: Option<Moment>) -> Failure {
        let terms = self.terms.as_deref();
        let pause = terms.and_then(|terms| terms.pause.or(terms.error_ttl));
        Failure {
            now: now.or_else(|| self.now()),
            pause: match kind {
                // They say nothing of the upstream.
                ErrorKind::Cancelled | ErrorKind::Cycle | ErrorKind::Overloaded => Duration::ZERO,
                _ => self.vary(pause.unwrap_or(PAUSE)),
            },
        }
    }

    /// Publishes an outcome. It is noted before when it is over, so that whoever sees the one
    /// sees the other; of a refresh that succeeded under the same lock, so that the old one is served
    /// until then. One that failed not: what was published and is still to be taken out would be
    /// refreshed beside, and taken out with that.
    pub(super) fn remember(
        &self,
        node: &Arc<dyn Node>,
        fate: Fate,
        refresh: bool,
        publish: &mut dyn FnMut(),
    ) {
        match fate {
            Fate::AsItIs => publish(),
            Fate::Keep(keep) if refresh => drop_all(self.table.publish(node, keep, publish)),
            fate => {
                let gone = self.note(node, fate);
                publish();
                drop_all(gone);
            }
        }
    }

    /// What an outcome drives out.
    pub(super) fn note(&self, node: &Arc<dyn Node>, fate: Fate) -> Gone {
        match fate {
            Fate::AsItIs => Gone::new(),
            Fate::Keep(keep) => self.table.settle(node, keep),
            Fate::Fail(keep, failure) => self.table.fail(node, keep, failure),
            Fate::Forget => {
                self.table.remove(node);
                Gone::new()
            }
        }
    }

    /// `None`: it is not remembered. Foreign: may ask for the time.
    pub(super) fn keep(&self, own: Own<Retention>, failed: bool) -> Option<Keep> {
        let weight = own.weight;
        let (until, ages, now) = match own.retention {
            Retention::Forever => (Moment::NEVER, None, None),
            Retention::For(time) if time > Duration::ZERO => {
                let now = self.now()?;
                let (until, ages) = self.ages(now, time, failed);
                (until, ages, Some(now))
            }
            Retention::For(_) | Retention::CallersOnly => return None,
        };
        Some(Keep {
            until,
            ages,
            now,
            weight,
        })
    }

    /// A time that is shorter by something random, if times are to vary. Foreign: asks for that.
    fn vary(&self, time: Duration) -> Duration {
        let terms = self.terms.as_deref();
        match terms.and_then(|terms| terms.jitter.as_ref()) {
            Some(jitter) => {
                let random = catch(|| (jitter.random)()).unwrap_or(0);
                jitter.share.off(time, random)
            }
            None => time,
        }
    }

    /// Foreign: asks for something random, if TTLs are to vary.
    fn ages(&self, now: Moment, time: Duration, failed: bool) -> (Moment, Option<Ages>) {
        let terms = self.terms.as_deref();
        let time = self.vary(time);
        match terms.and_then(|terms| terms.windows) {
            Some(windows) if !failed => {
                let (ages, until) = windows.ages(now, time);
                (until, Some(ages))
            }
            _ => (now.after(time), None),
        }
    }

    /// How old is what was found, that lives like that? What is over is taken out, and some of
    /// what else is. Foreign: asks for the time.
    pub(super) fn judge(
        &self,
        node: &Arc<dyn Node>,
        life: &Life,
        time: &Time,
    ) -> Option<(Age, Moment)> {
        let now = time.of(self);
        // Who does not know the time remembers nothing for a time.
        let Some(now) = now.filter(|now| !life.until.is_past(*now)) else {
            drop_all(self.table.expire(node, now));
            return None;
        };
        if life.due.is_past(now) {
            drop_all(self.table.sweep(now));
        }
        Some((life.ages.map_or(Age::Good, |ages| ages.at(now)), now))
    }

    /// The same for those who only look: nothing is taken out.
    pub(super) fn is_served(&self, hit: &Hit) -> bool {
        let end = |life: Life| life.ages.map_or(life.until, |ages| ages.late);
        hit.life.is_none_or(|life| self.is_before(end(life)))
    }

    /// Foreign: asks for the time, if that matters.
    pub(super) fn is_before(&self, end: Moment) -> bool {
        end == Moment::NEVER || self.now().is_some_and(|now| !end.is_past(now))
    }

    /// Foreign. `None`: there is no clock, or it panicked.
    pub(super) fn now(&self) -> Option<Moment> {
        let terms = self.terms.as_deref();
        let time = catch(|| match terms {
            Some(Terms {
                clock: Some(clock), ..
            }) => Some(clock.now()),
            Some(Terms {
                timer: Some(timer), ..
            }) => Some(timer.now()),
            _ => own_clock(),
        });
        time.ok().flatten().map(Moment::at)
    }
}

/// The time, for a call: it asks for that once, and only if there is need.
#[derive(Default)]
pub(crate) struct Time(Cell<Option<Option<Moment>>>);

impl Time {
    /// Foreign.
    #[inline]
    pub(super) fn of(&self, engine: &Engine) -> Option<Moment> {
        let time = self.0.get().unwrap_or_else(|| engine.now());
        self.0.set(Some(time));
        time
    }
}

#[cfg(feature = "std")]
#[expect(clippy::unnecessary_wraps, reason = "without std there is none")]
fn own_clock() -> Option<Duration> {
    Some(crate::executor::MonotonicClock::new().now())
}

#[cfg(not(feature = "std"))]
fn own_clock() -> Option<Duration> {
    None
}

pub(super) fn drop_all(gone: Gone) {
    gone.into_iter().for_each(drop_quietly);
}
