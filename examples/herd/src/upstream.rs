//! The bank that everybody asks, and its time of trouble.
use runce::testing::ManualClock;
use std::fmt;
use std::future::pending;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// So many rates are asked for.
pub(crate) const CURRENCIES: usize = 5;

/// What the upstream does for a while.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mood {
    Answers { after: Duration },
    Fails,
    Hangs,
}

pub(crate) struct Phase {
    pub(crate) name: &'static str,
    pub(crate) from: Duration,
    pub(crate) until: Duration,
    pub(crate) mood: Mood,
}

/// One phase after the other.
pub(crate) struct Plan(Vec<Phase>);

impl Plan {
    /// Normal for a quarter of that time, then three kinds of trouble, and well again for the last
    /// third.
    pub(crate) fn of(length: Duration) -> Self {
        let well = Mood::Answers {
            after: Duration::from_millis(50),
        };
        let slow = Mood::Answers {
            after: Duration::from_secs(2),
        };
        let phases = [
            ("normal, 50 ms", 15, well),
            ("slow, 2 s", 10, slow),
            ("fails at once", 10, Mood::Fails),
            ("hangs", 5, Mood::Hangs),
            ("well again", 20, well),
        ];
        let mut from = Duration::ZERO;
        let phases = phases.map(|(name, sixtieths, mood)| {
            let until = from + length * sixtieths / 60;
            let phase = Phase {
                name,
                from,
                until,
                mood,
            };
            from = until;
            phase
        });
        Self(phases.into())
    }

    pub(crate) fn phases(&self) -> &[Phase] {
        &self.0
    }

    pub(crate) fn end(&self) -> Duration {
        self.0.last().map_or(Duration::ZERO, |phase| phase.until)
    }

    pub(crate) fn mood(&self, now: Duration) -> Mood {
        let phase = self.0.iter().find(|phase| now < phase.until);
        phase.or(self.0.last()).map_or(Mood::Fails, |at| at.mood)
    }
}

/// What the upstream answers: each time with a higher version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Rate {
    pub(crate) version: u64,
    pub(crate) born: Duration,
}

#[derive(Debug)]
pub(crate) struct Down;

impl fmt::Display for Down {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bank is down")
    }
}

impl std::error::Error for Down {}

pub(crate) struct Upstream {
    clock: ManualClock,
    plan: Plan,
    log: Mutex<Log>,
}

/// What the upstream saw.
#[derive(Clone, Default)]
pub(crate) struct Log {
    /// Calls in each second.
    pub(crate) calls: Vec<u32>,
    /// The most calls at once from one machine about one currency.
    pub(crate) most_at_once: u32,
    at_once: Vec<u32>,
    answers: u64,
}

impl Upstream {
    pub(crate) fn new(clock: ManualClock, plan: Plan) -> Self {
        let log = Mutex::default();
        Self { clock, plan, log }
    }

    pub(crate) async fn ask(&self, machine: usize, currency: usize) -> Result<Rate, Down> {
        let _asking = self.begin(machine * CURRENCIES + currency);
        match self.plan.mood(self.clock.now()) {
            Mood::Answers { after } => self.clock.sleep(after).await,
            Mood::Fails => return Err(Down),
            Mood::Hangs => pending().await,
        }
        Ok(Rate {
            version: self.log().answer(),
            born: self.clock.now(),
        })
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, line: usize) -> Asking<'_> {
        let mut log = self.log();
        log.count(self.clock.now(), 1);
        log.more_at_once(line);
        Asking {
            upstream: self,
            line,
        }
    }
}

impl Log {
    pub(crate) fn count(&mut self, now: Duration, calls: u32) {
        *place(&mut self.calls, now.as_secs() as usize) += calls;
    }

    pub(crate) fn more_at_once(&mut self, line: usize) {
        let at_once = place(&mut self.at_once, line);
        *at_once += 1;
        self.most_at_once = self.most_at_once.max(*at_once);
    }

    pub(crate) fn fewer_at_once(&mut self, line: usize) {
        *place(&mut self.at_once, line) -= 1;
    }

    /// The version of the next answer.
    pub(crate) fn answer(&mut self) -> u64 {
        self.answers += 1;
        self.answers
    }
}

fn place(numbers: &mut Vec<u32>, at: usize) -> &mut u32 {
    if numbers.len() <= at {
        numbers.resize(at + 1, 0);
    }
    &mut numbers[at]
}

/// A call upstream, until it is answered or dropped.
struct Asking<'u> {
    upstream: &'u Upstream,
    line: usize,
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.upstream.log().fewer_at_once(self.line);
    }
}
