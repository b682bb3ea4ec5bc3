//! What was seen of each run, and the laws about that.
use super::meaning::Meaning;
use super::wants::Want;
use super::{Key, Outcome};
use std::sync::Arc;

/// Names a run, in the order in which they were started.
pub(super) type Run = usize;

pub(super) struct Books {
    meaning: Arc<Meaning>,
    pub(super) runs: Vec<RunBook>,
    pub(super) keys: Vec<KeyBook>,
    pub(super) wants: Vec<Option<Want>>,
    /// Which run waits for which key, as the engine can see it.
    pub(super) edges: Vec<(Run, Key)>,
    closed: bool,
    /// Laws that were broken.
    pub(super) broken: Vec<String>,
    pub(super) succeeded: usize,
    pub(super) failed: usize,
    pub(super) panicked: usize,
    pub(super) dropped: usize,
}

pub(super) struct RunBook {
    pub(super) key: Key,
    pub(super) outcome: Option<Outcome>,
    /// Its future exists.
    pub(super) alive: bool,
    /// Invalidated in flight.
    detached: bool,
    /// Its future is being dropped.
    pub(super) dying: bool,
    /// The turn in which it yielded last, and how often in that.
    yields: (usize, usize),
}

#[derive(Default, Clone)]
pub(super) struct KeyBook {
    /// The run whose outcome is remembered.
    pub(super) remembered: Option<Run>,
    /// The run in flight that newcomers join.
    pub(super) current: Option<Run>,
    /// Counts the ends of runs: who wanted the key before wanted another run.
    pub(super) epoch: usize,
    /// A run was invalidated before its task was called: which of the runs that come is
    /// the detached one cannot be told.
    pub(super) vague: bool,
    /// It was invalidated once, or is over.
    pub(super) edited: bool,
    /// Its outcome is over, and may be there still.
    pub(super) lapsed: bool,
}

/// How a task ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Returns,
    Panics,
    /// It returns in a context that was cancelled.
    Cancelled,
}

impl Books {
    pub(super) fn new(meaning: Arc<Meaning>, keys: usize) -> Self {
        Self {
            meaning,
            runs: Vec::new(),
            keys: vec![KeyBook::default(); keys],
            wants: Vec::new(),
            edges: Vec::new(),
            closed: false,
            broken: Vec::new(),
            succeeded: 0,
            failed: 0,
            panicked: 0,
            dropped: 0,
        }
    }

    pub(super) fn law(&mut self, holds: bool, broken: impl FnOnce() -> String) {
        if !holds {
            self.broken.push(broken());
        }
    }

    /// A task was called.
    pub(super) fn start(&mut self, key: Key) -> Run {
        let run = self.runs.len();
        let book = self.keys[usize::from(key)].clone();
        if !book.vague {
            let current = book.current.filter(|run| self.runs[*run].alive);
            self.law(current.is_none(), || {
                format!("once: key {key} is run while its run {current:?} is alive")
            });
            let known = book.remembered.filter(|run| !self.runs[*run].alive);
            self.law(known.is_none(), || {
                format!("once: key {key} is run while run {known:?} is remembered")
            });
        }
        self.runs.push(RunBook {
            key,
            outcome: None,
            alive: true,
            detached: false,
            dying: false,
            yields: (0, 0),
        });
        let book = &mut self.keys[usize::from(key)];
        (book.current, book.lapsed) = (Some(run), false);
        run
    }

    /// How often it has in that turn.
    pub(super) fn yielded(&mut self, run: Run, turn: usize) -> usize {
        let (last, times) = &mut self.runs[run].yields;
        *times = if *last == turn { *times + 1 } else { 1 };
        *last = turn;
        *times
    }

    /// The task of a run returned, or is about to panic.
    pub(super) fn complete(&mut self, run: Run, outcome: Outcome, end: Ending) {
        let cancelled = self.closed || end == Ending::Cancelled;
        let key = self.runs[run].key;
        let allowed = cancelled || self.meaning.allows(key, outcome);
        self.law(allowed, || {
            format!("outcomes: key {key} comes to {outcome:?}")
        });
        match outcome {
            Outcome::Value(_) => self.succeeded += 1,
            _ if end == Ending::Panics => self.panicked += 1,
            _ => self.failed += 1,
        }
        self.runs[run].outcome = Some(outcome);
        if !outcome.is_transient() && !self.runs[run].detached && !cancelled {
            self.keys[usize::from(key)].remembered = Some(run);
        }
    }

    /// A run's future is about to be dropped.
    pub(super) fn begin_end(&mut self, run: Run, cancelled: bool) {
        self.runs[run].dying = true;
        let RunBook { key, detached, .. } = self.runs[run];
        let book = &self.keys[usize::from(key)];
        if self.runs[run].outcome.is_some() || cancelled || detached || book.vague {
            return;
        }
        let wanted = self.wants.iter().flatten();
        let mut wanted = wanted.filter(|want| want.is_for(key, book));
        let by = wanted.next().map(|want| want.by);
        self.law(by.is_none(), || {
            format!("once_survives_its_caller: run {run} of key {key} is dropped, {by:?} waits")
        });
    }

    /// A run's future is dropped.
    pub(super) fn end(&mut self, run: Run) {
        let book = &mut self.runs[run];
        book.alive = false;
        self.dropped += usize::from(book.outcome.is_none());
        let key = &mut self.keys[usize::from(book.key)];
        key.epoch += 1;
        if key.current == Some(run) {
            key.current = None;
        }
    }

    /// A call was invalidated; `found` is the answer.
    pub(super) fn invalidate(&mut self, key: Key, found: bool) {
        let book = &mut self.keys[usize::from(key)];
        book.edited |= found;
        let known = book.remembered.take().is_some();
        let current = book.current;
        book.epoch += 1;
        if let Some(run) = current {
            self.runs[run].detached = true;
            book.current = None;
        }
        let expected = known || current.is_some();
        let vague = book.vague;
        book.vague |= found && !expected;
        book.lapsed = false;
        let open = !self.closed;
        self.law(found || vague || !expected || !open, || {
            format!("invalidate: key {key} was there and was not found")
        });
    }

    /// What is remembered is over. A run that is ending now will be remembered from now on.
    pub(super) fn expire(&mut self) {
        let runs = &self.runs;
        for book in &mut self.keys {
            if book.remembered.take_if(|run| !runs[*run].alive).is_some() {
                book.epoch += 1;
                // Who has its outcome already waits for no other.
                (book.edited, book.lapsed) = (true, true);
            }
        }
    }

    /// Outcomes that are over, and may be there still.
    pub(super) fn lapsed(&self) -> usize {
        self.keys.iter().filter(|book| book.lapsed).count()
    }

    pub(super) fn cancel(&mut self) {
        self.closed = true;
        for book in &mut self.keys {
            book.remembered = None;
            book.epoch += 1;
        }
    }

    /// Did a run of that key, that one, come to that?
    pub(super) fn came_to(&self, key: Key, outcome: Outcome, run: Option<Run>) -> bool {
        let it = |run: &RunBook| run.key == key && run.outcome == Some(outcome);
        match run {
            Some(run) => it(&self.runs[run]),
            None => self.runs.iter().any(it),
        }
    }

    pub(super) fn alive(&self) -> usize {
        self.runs.iter().filter(|run| run.alive).count()
    }

    pub(super) fn remembered(&self) -> usize {
        let known = self.keys.iter();
        known.filter(|book| book.remembered.is_some()).count()
    }

    /// Runs in flight that newcomers join.
    pub(super) fn current(&self) -> usize {
        let current = self.keys.iter().filter_map(|book| book.current);
        let current = current.filter(|run| self.runs[*run].outcome.is_none());
        current.count()
    }
}
