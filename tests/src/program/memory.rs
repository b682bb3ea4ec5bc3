//! What is remembered of each key, and for how long.
use super::books::{Books, Run, RunBook};
use super::{Config, KEYS, Keeps, Key, Outcome, Store, inserted};
use std::time::Duration;

pub(super) const TTL: Duration = Duration::from_secs(60);
pub(super) const ERROR_TTL: Duration = Duration::from_secs(10);
/// More than that is too heavy for a tight store.
const ROOM: usize = 4;

#[derive(Default, Clone)]
pub(super) struct KeyBook {
    /// The run whose outcome is remembered, or what was inserted.
    pub(super) remembered: Option<Run>,
    /// When that is over.
    until: Option<Duration>,
    /// The run in flight that newcomers join.
    pub(super) current: Option<Run>,
    /// The run in flight that is to take the place of what is remembered: refreshes join it.
    pub(super) beside: Option<Run>,
    /// A refresh of it was asked for once.
    pub(super) refreshed: bool,
    /// Counts the ends of runs: who wanted the key before wanted another run.
    pub(super) epoch: usize,
    /// A run was invalidated before its task was called: which of the runs that come is
    /// the detached one cannot be told.
    pub(super) vague: bool,
    /// It was invalidated once, or is over, or was not remembered.
    pub(super) edited: bool,
    /// Its outcome is over, and may be there still.
    pub(super) lapsed: bool,
}

impl Config {
    pub(super) fn capacity(self) -> Option<usize> {
        match self.store {
            Store::Plain => None,
            Store::Managed => Some(4 * KEYS),
            Store::Tight => Some(ROOM),
        }
    }

    /// Is that remembered?
    pub(super) fn keeps(self, outcome: Outcome, panics: bool) -> bool {
        match (self.keeps, outcome) {
            _ if outcome.is_transient() => false,
            (Keeps::NoErrors, Outcome::Value(_)) => true,
            (Keeps::NoErrors, _) => panics,
            (Keeps::NoValues, outcome) => !matches!(outcome, Outcome::Value(_)),
            (Keeps::Alike | Keeps::ErrorsBriefly, _) => true,
        }
    }

    /// For how long?
    fn lasts(self, outcome: Option<Outcome>) -> Option<Duration> {
        match (self.store, self.keeps, outcome) {
            (Store::Plain, ..) => None,
            (_, _, Some(Outcome::Value(_))) | (_, Keeps::Alike, _) => Some(TTL),
            (_, Keeps::ErrorsBriefly, _) => Some(ERROR_TTL),
            _ => Some(TTL),
        }
    }
}

/// How much room a key's value takes.
pub(super) fn weight(key: Key) -> usize {
    [1, 1, 2, ROOM + 1][usize::from(key) % 4]
}

impl KeyBook {
    /// Runs of it are detached, what is remembered is forgotten.
    fn take(&mut self) -> [Option<Run>; 2] {
        self.epoch += 1;
        (self.remembered, self.lapsed) = (None, false);
        [self.current.take(), self.beside.take()]
    }

    /// What is remembered goes; a run that was to take its place has it from now on.
    fn retire(&mut self) {
        self.remembered = None;
        // Who has its outcome already waits for no other.
        (self.edited, self.epoch) = (true, self.epoch + 1);
        self.current = self.current.or(self.beside.take());
    }
}

impl Books {
    /// A run has begun.
    pub(super) fn enter(&mut self, key: Key, run: Run, anew: bool) {
        let book = self.key(key);
        match book.remembered {
            Some(_) if anew => book.beside = Some(run),
            _ => book.current = Some(run),
        }
        // A caller has found that it is over.
        if !anew {
            let found = std::mem::take(&mut book.lapsed);
            self.counts.found_over += usize::from(found);
        }
    }

    /// A run is over.
    pub(super) fn leave(&mut self, key: Key, run: Run) {
        let book = self.key(key);
        book.epoch += 1;
        book.current.take_if(|current| *current == run);
        book.beside.take_if(|beside| *beside == run);
    }

    /// An outcome is remembered from now on.
    pub(super) fn remember(&mut self, key: Key, run: Run) {
        if self.is_too_heavy(key, run) {
            self.counts.evicted += 1;
            // Who has it waits for no other.
            self.key(key).edited = true;
            return;
        }
        let lasts = self.config.lasts(self.runs[run].outcome);
        let until = lasts.map(|time| self.now + time);
        let book = self.key(key);
        (book.remembered, book.until, book.lapsed) = (Some(run), until, false);
    }

    /// It takes more than there is.
    fn is_too_heavy(&self, key: Key, run: Run) -> bool {
        let capacity = self.config.capacity().unwrap_or(usize::MAX);
        self.weight_of(key, run) > capacity
    }

    fn weight_of(&self, key: Key, run: Run) -> usize {
        match self.runs[run].outcome {
            Some(Outcome::Value(_)) => weight(key),
            _ => 1,
        }
    }

    /// Of all that is remembered.
    pub(super) fn weight(&self) -> usize {
        let known = (0..self.keys.len()).filter_map(|key| Some((key, self.keys[key].remembered?)));
        known
            .map(|(key, run)| self.weight_of(key as Key, run))
            .sum()
    }

    /// A key is forgotten. `hidden`: there are runs whose task was not called yet, maybe one
    /// of this key.
    pub(super) fn forget(&mut self, key: Key, hidden: bool) {
        let book = self.key(key);
        book.vague |= hidden && book.remembered.is_none() && book.current.is_none();
        book.edited = true;
        self.take(key, hidden);
    }

    /// Its runs are detached.
    fn take(&mut self, key: Key, hidden: bool) {
        let book = self.key(key);
        let before = book.refreshed && hidden;
        book.vague |= before;
        let detached = book.take();
        for run in detached.into_iter().flatten() {
            self.runs[run].detached = true;
        }
    }

    /// A call was invalidated; `found` is the answer.
    pub(super) fn invalidate(&mut self, key: Key, found: bool, hidden: bool) {
        let closed = self.closed;
        let book = self.key(key);
        book.edited |= found;
        let expected = book.remembered.is_some() || book.current.is_some();
        let (vague, lapsed) = (book.vague, book.lapsed);
        book.vague |= found && hidden && !expected;
        self.take(key, hidden);
        self.law(found || vague || !expected || closed, || {
            format!("invalidate: key {key} was there and was not found")
        });
        let right = expected || lapsed || hidden || vague || !found || closed;
        self.law(right, || {
            format!("invalidate: key {key} was found and was not there")
        });
    }

    /// A value is inserted; `found`: something may have been there. Says which it is, as if a
    /// run had come to it.
    pub(super) fn insert(&mut self, key: Key) -> Run {
        let run = self.runs.len();
        let mut book = RunBook::new(key);
        book.outcome = Some(Outcome::Value(inserted(key)));
        (book.alive, book.ended) = (false, Some(0));
        self.runs.push(book);
        run
    }

    /// It was inserted.
    pub(super) fn inserted(&mut self, key: Key, run: Run, found: bool, hidden: bool) {
        if self.closed {
            return;
        }
        let book = self.key(key);
        let known = book.remembered.is_some() || book.current.is_some();
        book.vague |= found && hidden && !known;
        book.edited = true;
        self.take(key, hidden);
        let outcome = Outcome::Value(inserted(key));
        if self.config.keeps(outcome, false) {
            self.remember(key, run);
        }
    }

    /// The clock goes on. A run that is ending now will be remembered from now on.
    pub(super) fn advance(&mut self, by: Duration) {
        self.now += by;
        let now = self.now;
        for book in &mut self.keys {
            let over = book.until.is_some_and(|until| until <= now);
            if over && book.remembered.is_some() {
                book.retire();
                book.lapsed = true;
                self.counts.lapsed += 1;
            }
        }
    }

    /// It is not there any more, and is not over.
    pub(super) fn evicted(&mut self, key: Key) {
        self.counts.evicted += 1;
        self.key(key).retire();
    }

    pub(super) fn cancel(&mut self) {
        self.closed = true;
        for book in &mut self.keys {
            book.remembered = None;
            book.epoch += 1;
        }
    }

    pub(super) fn is_vague(&self) -> bool {
        self.keys.iter().any(|book| book.vague)
    }

    /// How many keys there are for certain: remembered, or with a run that newcomers join.
    pub(super) fn least(&self) -> usize {
        let there = |book: &&KeyBook| {
            let current = book.current;
            let current = current.is_some_and(|run| self.runs[run].outcome.is_none());
            book.remembered.is_some() || current
        };
        self.keys.iter().filter(there).count()
    }

    /// Outcomes that are over, and may be there still.
    pub(super) fn lapsed(&self) -> usize {
        let lapsed =
            |book: &&KeyBook| book.lapsed && book.remembered.is_none() && book.current.is_none();
        self.keys.iter().filter(lapsed).count()
    }
}
