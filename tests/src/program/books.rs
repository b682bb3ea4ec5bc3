//! What was seen of each run, and the laws about that.
use super::meaning::Meaning;
use super::memory::KeyBook;
use super::wants::Want;
use super::{Config, Key, Limit, Outcome};
use std::sync::Arc;
use std::time::Duration;

/// Names a run, in the order in which they were started; or what was inserted.
pub(super) type Run = usize;

/// A run may take that long, where there is a limit.
pub(super) const LIMIT: Duration = Duration::from_secs(20);

pub(super) struct Books {
    pub(super) config: Config,
    meaning: Arc<Meaning>,
    pub(super) runs: Vec<RunBook>,
    pub(super) keys: Vec<KeyBook>,
    pub(super) wants: Vec<Option<Want>>,
    /// Which run waits for which key, as the engine can see it.
    pub(super) edges: Vec<(Run, Key)>,
    pub(super) closed: bool,
    /// Laws that were broken.
    pub(super) broken: Vec<String>,
    /// What the clock shows.
    pub(super) now: Duration,
    /// Counts the ends of runs.
    pub(super) ends: usize,
    pub(super) counts: Counts,
}

/// What the engine has to count too.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) started: usize,
    pub(super) succeeded: usize,
    pub(super) failed: usize,
    pub(super) panicked: usize,
    pub(super) dropped: usize,
    /// Outcomes that came to be over while they were remembered.
    pub(super) lapsed: usize,
    /// Of those, found by one who ran the call again.
    pub(super) found_over: usize,
    pub(super) evicted: usize,
}

pub(super) struct RunBook {
    pub(super) key: Key,
    pub(super) outcome: Option<Outcome>,
    /// Its future exists.
    pub(super) alive: bool,
    /// When it ended, by the count of such ends.
    pub(super) ended: Option<usize>,
    /// What it came to is to be remembered, if it is not detached by then.
    pub(super) kept: bool,
    /// Invalidated in flight.
    pub(super) detached: bool,
    /// Its future is being dropped.
    pub(super) dying: bool,
    /// When it first had to wait.
    waits_since: Option<Duration>,
    /// The turn in which it yielded last, and how often in that.
    yields: (usize, usize),
}

/// How a task ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Returns,
    Panics,
    /// It returns in a context that was cancelled.
    Cancelled,
    /// It is dropped: it took too long.
    Late,
}

impl RunBook {
    pub(super) fn new(key: Key) -> Self {
        Self {
            key,
            outcome: None,
            alive: true,
            ended: None,
            kept: false,
            detached: false,
            dying: false,
            waits_since: None,
            yields: (0, 0),
        }
    }
}

impl Books {
    pub(super) fn new(config: Config, meaning: Arc<Meaning>, keys: usize) -> Self {
        Self {
            config,
            meaning,
            runs: Vec::new(),
            keys: vec![KeyBook::default(); keys],
            wants: Vec::new(),
            edges: Vec::new(),
            closed: false,
            broken: Vec::new(),
            now: Duration::ZERO,
            ends: 0,
            counts: Counts::default(),
        }
    }

    pub(super) fn law(&mut self, holds: bool, broken: impl FnOnce() -> String) {
        if !holds {
            self.broken.push(broken());
        }
    }

    pub(super) fn key(&mut self, key: Key) -> &mut KeyBook {
        &mut self.keys[usize::from(key)]
    }

    /// A task was called; `anew`: by a refresh.
    pub(super) fn start(&mut self, key: Key, anew: bool) -> Run {
        let run = self.runs.len();
        let book = self.key(key).clone();
        if !book.vague {
            let current = book.current.or(book.beside);
            self.law(current.is_none(), || {
                format!("once: key {key} is run while its run {current:?} is alive")
            });
            let known = book.remembered.filter(|_| !anew);
            self.law(known.is_none(), || {
                format!("once: key {key} is run while run {known:?} is remembered")
            });
        }
        self.runs.push(RunBook::new(key));
        self.counts.started += 1;
        self.enter(key, run, anew);
        run
    }

    /// How often it has in that turn.
    pub(super) fn yielded(&mut self, run: Run, turn: usize) -> usize {
        let (last, times) = &mut self.runs[run].yields;
        *times = if *last == turn { *times + 1 } else { 1 };
        *last = turn;
        *times
    }

    /// A poll of its task was pending. A run that takes too long is dropped then.
    pub(super) fn pending(&mut self, run: Run) {
        let now = self.now;
        let _ = self.runs[run].waits_since.get_or_insert(now);
        if self.is_overdue(run) {
            self.complete(run, Outcome::TimedOut, Ending::Late);
        }
    }

    /// It takes longer than it may.
    pub(super) fn is_overdue(&self, run: Run) -> bool {
        let since = self.runs[run].waits_since;
        let limited = self.config.limit != Limit::None;
        limited && since.is_some_and(|since| self.now >= since + LIMIT)
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
            Outcome::Value(_) => self.counts.succeeded += 1,
            _ if end == Ending::Panics => self.counts.panicked += 1,
            _ => self.counts.failed += 1,
        }
        let kept = self.config.keeps(outcome, end == Ending::Panics);
        let book = &mut self.runs[run];
        book.outcome = Some(outcome);
        book.kept = kept && !cancelled;
    }

    /// A run's future is about to be dropped.
    pub(super) fn begin_end(&mut self, run: Run, cancelled: bool) {
        self.runs[run].dying = true;
        let RunBook { key, detached, .. } = self.runs[run];
        let book = &self.keys[usize::from(key)];
        if self.runs[run].outcome.is_some() || cancelled || detached || book.vague {
            return;
        }
        let beside = book.beside == Some(run);
        let wanted = self.wants.iter().flatten();
        let mut wanted =
            wanted.filter(|want| want.is_for(key, book) && (want.is_anew() || !beside));
        let by = wanted.next().map(|want| want.by);
        self.law(by.is_none(), || {
            format!("once_survives_its_caller: run {run} of key {key} is dropped, {by:?} waits")
        });
    }

    /// A run's future is dropped. What it came to is remembered from now on.
    pub(super) fn end(&mut self, run: Run) {
        self.ends += 1;
        let (ends, closed) = (self.ends, self.closed);
        let book = &mut self.runs[run];
        book.alive = false;
        book.ended = Some(ends);
        self.counts.dropped += usize::from(book.outcome.is_none());
        let (key, kept) = (book.key, book.kept && !book.detached && !closed);
        let is_value = |run: Run| matches!(self.runs[run].outcome, Some(Outcome::Value(_)));
        // No error takes the place of a value that is not over.
        let known = &self.keys[usize::from(key)];
        let stays = known.beside == Some(run) && known.remembered.is_some_and(is_value);
        let kept = kept && (is_value(run) || !stays);
        let forgotten = self.runs[run].outcome.is_some() && !kept;
        self.leave(key, run);
        // Who has what is not remembered waits for no other.
        self.key(key).edited |= forgotten;
        if kept {
            self.remember(key, run);
        }
    }

    /// Did a run of that key, that one, come to that? `since`: of those that ended later.
    pub(super) fn came_to(
        &self,
        key: Key,
        outcome: Outcome,
        run: Option<Run>,
        since: Option<usize>,
    ) -> bool {
        let late = |run: &RunBook| since.is_none_or(|since| run.ended.is_some_and(|at| at > since));
        let it = |run: &RunBook| run.key == key && run.outcome == Some(outcome) && late(run);
        match run {
            Some(run) => it(&self.runs[run]),
            None => self.runs.iter().any(it),
        }
    }

    pub(super) fn alive(&self) -> usize {
        self.runs.iter().filter(|run| run.alive).count()
    }
}
