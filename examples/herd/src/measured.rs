//! What the callers got.
use crate::machine::TTL;
use crate::upstream::{CURRENCIES, Log, Rate};
use std::time::Duration;

#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Measured {
    pub(crate) callers: u64,
    pub(crate) answered: u64,
    pub(crate) errors: u64,
    /// Values older than the TTL.
    pub(crate) stale: u64,
    pub(crate) waited: u64,
    pub(crate) oldest: Duration,
    pub(crate) longest_wait: Duration,
    /// Callers that were served an older version than somebody before them, by the same machine.
    pub(crate) backwards: u64,
    /// The most calls upstream at once, by one machine for one currency.
    pub(crate) most_at_once: u32,
    pub(crate) seconds: Vec<Second>,
    /// The newest version that was served, by machine and currency. Zero: none.
    newest: Vec<u64>,
}

#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Second {
    pub(crate) upstream: u32,
    pub(crate) errors: u32,
    pub(crate) oldest: Duration,
    /// Of those that were answered in that second.
    pub(crate) longest_wait: Duration,
    /// Callers that came in that second, and had to wait though there had been a value before.
    pub(crate) waited_warm: u32,
}

impl Measured {
    pub(crate) fn new(machines: usize, length: Duration) -> Self {
        Self {
            seconds: vec![Second::default(); length.as_secs() as usize + 1],
            newest: vec![0; machines * CURRENCIES],
            ..Self::default()
        }
    }

    /// `line`: machine and currency.
    #[inline]
    pub(crate) fn answered(&mut self, line: usize, now: Duration, rate: Option<Rate>) {
        self.answered += 1;
        let second = &mut self.seconds[now.as_secs() as usize];
        let Some(Rate { version, born }) = rate else {
            self.errors += 1;
            second.errors += 1;
            return;
        };
        let age = now - born;
        second.oldest = second.oldest.max(age);
        self.stale += u64::from(age >= TTL);
        self.backwards += u64::from(version < self.newest[line]);
        self.newest[line] = version;
    }

    pub(crate) fn waits(&mut self, line: usize, now: Duration) {
        self.waited += 1;
        let warm = self.newest[line] > 0;
        self.seconds[now.as_secs() as usize].waited_warm += u32::from(warm);
    }

    pub(crate) fn waited(&mut self, came: Duration, now: Duration) {
        let longest = &mut self.seconds[now.as_secs() as usize].longest_wait;
        *longest = (*longest).max(now - came);
    }

    /// The time is over.
    pub(crate) fn close(mut self, log: &Log) -> Self {
        for (second, calls) in self.seconds.iter_mut().zip(&log.calls) {
            second.upstream = *calls;
        }
        self.most_at_once = log.most_at_once;
        let most = |of: fn(&Second) -> Duration| self.seconds.iter().map(of).max();
        self.oldest = most(|second| second.oldest).unwrap_or_default();
        self.longest_wait = most(|second| second.longest_wait).unwrap_or_default();
        self
    }

    pub(crate) fn upstream(&self) -> u64 {
        self.seconds.iter().map(|at| u64::from(at.upstream)).sum()
    }

    /// The most calls upstream in one second, once the cold start is over.
    pub(crate) fn peak(&self) -> u32 {
        let warm = self.seconds.iter().skip(10);
        warm.map(|second| second.upstream).max().unwrap_or(0)
    }
}
