//! How an answer ages: what `guide/remembering.md` says, in plain arithmetic. Times are on the
//! clock, in nanoseconds.
use super::{Age, Answer, Keep, Setting};
use std::time::Duration;

/// What lies further off never comes: 2^64 nanoseconds.
pub(super) const NEVER: u128 = u64::MAX as u128;

/// As much as can be told apart.
pub(super) fn nanos(time: Duration) -> u128 {
    time.as_nanos().min(NEVER)
}

pub(super) fn is_past(moment: u128, now: u128) -> bool {
    moment < NEVER && now >= moment
}

/// From then on it is something else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Ages {
    due: u128,
    stale: u128,
    late: u128,
    pub(super) over: u128,
    /// It does not just last as long as the context.
    pub(super) has_ttl: bool,
}

impl Ages {
    pub(super) fn is(&self, age: Age, now: u128) -> bool {
        is_past(self.when(age), now)
    }

    pub(super) fn when(&self, age: Age) -> u128 {
        match age {
            Age::Due => self.due,
            Age::Stale => self.stale,
            Age::Late => self.late,
            Age::Over => self.over,
        }
    }

    /// It is what it is for so long. Errors are so: "errors are no values, and never served when
    /// they are over".
    fn until(over: u128) -> Self {
        Self {
            due: over,
            stale: over,
            late: over,
            over,
            has_ttl: true,
        }
    }
}

/// A part of a time, rounded as a multiplication of that kind is.
fn part(time: u128, share: f64) -> u128 {
    (time as f64 * share) as u128
}

/// "A share below 0, or none at all (NaN), is 0; one above 1 is 1".
fn within_one(share: f64) -> f64 {
    if share.is_nan() {
        return 0.0;
    }
    share.clamp(0.0, 1.0)
}

fn unless_zero(time: Option<Duration>) -> Option<Duration> {
    time.filter(|time| !time.is_zero())
}

impl Setting {
    /// How long an answer is remembered: the task decides first, then the context.
    fn keep(&self, answer: Answer) -> Keep {
        // "Where there is nothing, the error, which is remembered for that long unless there is
        // an `error_ttl`."
        let ttl = unless_zero(self.ttl);
        let error_ttl = unless_zero(self.error_ttl).or(self.windows.retry).or(ttl);
        let (keep, default) = match answer {
            Answer::Value(keep) => (keep, ttl),
            Answer::Error(keep) => (keep, error_ttl),
            Answer::Panic => (Keep::Default, error_ttl),
        };
        match keep {
            Keep::Default => default.map_or(Keep::Forever, Keep::For),
            told => told,
        }
    }

    /// Is it remembered for a time?
    pub(super) fn lasts(&self, answer: Answer) -> bool {
        matches!(self.keep(answer), Keep::For(time) if time > Duration::ZERO)
    }

    /// Of an answer that is there now. `None`: it is not remembered. `random`: what was drawn
    /// for it.
    pub(super) fn ages(&self, answer: Answer, now: u128, random: Option<u64>) -> Option<Ages> {
        let ttl = match self.keep(answer) {
            Keep::Forever => {
                return Some(Ages {
                    has_ttl: false,
                    ..Ages::until(NEVER)
                });
            }
            Keep::CallersOnly | Keep::For(Duration::ZERO) => return None,
            Keep::For(time) => self.shorter(time, random),
            Keep::Default => unreachable!("the context decides"),
        };
        let stale = now + ttl.min(NEVER);
        if !matches!(answer, Answer::Value(_)) {
            return Some(Ages::until(stale));
        }
        // `stale_if_error` "counts from when the value is stale, as the other does".
        let window = |time: Option<Duration>| stale + time.map_or(0, nanos);
        let late = window(self.windows.stale);
        // "Of 0, or of none, nothing is run ahead."
        let ahead = self.windows.ahead.map(|share| within_one(share.told()));
        let ahead = ahead.filter(|share| *share > 0.0);
        Some(Ages {
            // `refresh_ahead`: "older than that share of its TTL"; what is stale is due anyway.
            due: ahead.map_or(stale, |share| now + part(ttl.min(NEVER), share)),
            stale,
            late,
            over: late.max(window(self.windows.if_error)),
            has_ttl: true,
        })
    }

    /// `jitter`: "shorter by a random part of that share of them".
    fn shorter(&self, ttl: Duration, random: Option<u64>) -> u128 {
        let all = ttl.as_nanos();
        match (self.jitter, random) {
            (None, None) => all,
            (Some((share, _)), Some(random)) => {
                let share = within_one(share.told()) * (random as f64 / 2_f64.powi(64));
                all - part(all.min(NEVER), share).min(all)
            }
            drawn => panic!("what was drawn, and why: {drawn:?}"),
        }
    }

    /// `retry_after`: "after a failure all are served what there is, at once, for that long; then
    /// one tries again". Not beyond its end; and what is not due is not made due by it.
    /// `jitter`: "and the times after which somebody tries again".
    pub(super) fn after_a_failure(&self, ages: Ages, now: u128, random: Option<u64>) -> Ages {
        // "If not set, it is the `error_ttl`, or a second."
        let retry = self.windows.retry.or(unless_zero(self.error_ttl));
        let retry = retry.unwrap_or(Duration::from_secs(1));
        let again = now + self.shorter(retry, random).min(NEVER);
        let due = ages.due.max(again);
        Ages {
            due,
            late: ages.late.max(due.min(ages.over)),
            ..ages
        }
    }
}
