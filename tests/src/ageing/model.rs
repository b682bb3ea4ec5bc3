//! What is remembered, and until when: a list, and plain arithmetic.
use super::{Answer, Keep, Key, Setting};
use std::time::Duration;

/// What lies further off never comes: 2^64 nanoseconds.
pub(super) const NEVER: u128 = u64::MAX as u128;

pub(super) struct Model {
    setting: Setting,
    pub(super) entries: Vec<Remembered>,
    /// Outcomes that came to be over while they were remembered.
    pub(super) lapsed: usize,
    /// Outcomes that were not there, and not over.
    pub(super) evicted: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Remembered {
    pub(super) key: Key,
    pub(super) id: u64,
    pub(super) is_value: bool,
    /// On the clock, in nanoseconds.
    pub(super) until: u128,
    /// It was over once: somebody may have taken it out.
    pub(super) lapsed: bool,
}

impl Remembered {
    pub(super) fn is_over(&self, now: u128) -> bool {
        self.until < NEVER && now >= self.until
    }
}

/// As much as can be told apart.
pub(super) fn nanos(time: Duration) -> u128 {
    time.as_nanos().min(NEVER)
}

impl Model {
    pub(super) fn new(setting: Setting) -> Self {
        let (entries, lapsed, evicted) = (Vec::new(), 0, 0);
        Self {
            setting,
            entries,
            lapsed,
            evicted,
        }
    }

    /// When an answer is over that is there now. `None`: it is not remembered.
    fn until(&self, answer: Answer, now: u128) -> Option<u128> {
        let unless_zero = |time: Option<Duration>| time.filter(|time| !time.is_zero());
        let Setting { ttl, error_ttl, .. } = self.setting;
        let (keep, default) = match answer {
            Answer::Value(keep) => (keep, unless_zero(ttl)),
            Answer::Error(keep) => (keep, unless_zero(error_ttl).or(unless_zero(ttl))),
            Answer::Panic => (Keep::Default, unless_zero(error_ttl).or(unless_zero(ttl))),
        };
        match keep {
            Keep::Default => Some(default.map_or(NEVER, |ttl| now + nanos(ttl))),
            Keep::For(Duration::ZERO) | Keep::CallersOnly => None,
            Keep::For(time) => Some(now + nanos(time)),
            Keep::Forever => Some(NEVER),
        }
    }

    pub(super) fn find(&self, key: Key) -> Option<Remembered> {
        self.entries.iter().copied().find(|it| it.key == key)
    }

    pub(super) fn forget(&mut self, key: Key) {
        self.entries.retain(|it| it.key != key);
    }

    /// A run has come to that; or it was inserted, and what is not kept then is forgotten.
    pub(super) fn answered(&mut self, key: Key, id: u64, answer: Answer, now: u128, insert: bool) {
        let until = self.until(answer, now);
        let is_value = matches!(answer, Answer::Value(_));
        // No error takes the place of a value that is not over.
        let stays = |it: Remembered| it.is_value && !is_value && !it.is_over(now);
        if self.find(key).is_some_and(stays) {
            return;
        }
        if until.is_some() || insert {
            self.forget(key);
        }
        self.entries.extend(until.map(|until| Remembered {
            key,
            id,
            is_value,
            until,
            lapsed: false,
        }));
    }

    /// The clock shows that now.
    pub(super) fn shows(&mut self, now: u128) {
        for entry in &mut self.entries {
            let lapses = entry.is_over(now) && !entry.lapsed;
            entry.lapsed |= lapses;
            self.lapsed += usize::from(lapses);
        }
    }

    /// It was looked for, and is not there: it is over, or was once, or had to make room.
    pub(super) fn missing(&mut self, it: Remembered) {
        self.evicted += usize::from(!it.lapsed);
        self.forget(it.key);
    }

    /// Those that must be there, unless they had to make room.
    pub(super) fn fresh(&self) -> usize {
        self.entries.iter().filter(|it| !it.lapsed).count()
    }
}
