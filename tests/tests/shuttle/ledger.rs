//! What is written down of a program as it runs, and what must not be.
//!
//! Of `std`: nothing here is a point at which a schedule may turn.
use crate::time::{Hand, TTL};
use runce::Clock;
use std::sync::Mutex;
use std::time::Duration;

#[derive(Default)]
pub(crate) struct Ledger {
    clock: Hand,
    books: Mutex<Books>,
}

#[derive(Default)]
struct Books {
    /// Counts what happens.
    now: u64,
    runs: Vec<Run>,
    edits: Vec<Edit>,
    live: Vec<usize>,
    broken: Vec<String>,
}

/// A run, or what was put in the place of one.
struct Run {
    key: u32,
    begun: u64,
    /// What the clock said when its outcome was first seen.
    seen: Option<Duration>,
}

/// Whatever was begun before is not served after.
struct Edit {
    /// `None`: of all.
    key: Option<u32>,
    begun: u64,
    over: u64,
}

/// Somebody calls.
pub(crate) struct Asked {
    at: u64,
    clock: Duration,
    /// He takes what is remembered.
    hits: bool,
}

/// A run in being.
pub(crate) struct Alive<'a>(&'a Ledger, u32);

impl Books {
    fn tick(&mut self) -> u64 {
        self.now += 1;
        self.now
    }

    fn edits_of(&self, key: u32) -> impl Iterator<Item = &Edit> {
        let meant = move |edit: &&Edit| edit.key.is_none_or(|other| other == key);
        self.edits.iter().filter(meant)
    }

    /// Why that run's outcome should not have been served.
    fn stale(&self, run: &Run, asked: &Asked) -> Option<&'static str> {
        let edited = |edit: &Edit| run.begun < edit.begun && edit.over < asked.at;
        if self.edits_of(run.key).any(edited) {
            return Some("what was forgotten");
        }
        let over = run.seen.is_some_and(|seen| asked.clock >= seen + TTL);
        (asked.hits && over).then_some("what was over")
    }
}

impl Ledger {
    pub(crate) fn new(keys: usize) -> Self {
        let ledger = Self::default();
        ledger.with(|books| books.live = vec![0; keys]);
        ledger
    }

    fn with<R>(&self, work: impl FnOnce(&mut Books) -> R) -> R {
        work(&mut self.books.lock().unwrap())
    }

    pub(crate) fn clock(&self) -> Hand {
        self.clock.clone()
    }

    /// A panic in a task would be an outcome, so what is broken is told at the end.
    pub(crate) fn law(&self, holds: bool, broken: impl FnOnce() -> String) {
        if !holds {
            self.with(|books| books.broken.push(broken()));
        }
    }

    pub(crate) fn broken(&self) -> Vec<String> {
        self.with(|books| std::mem::take(&mut books.broken))
    }

    /// Something is put in the place of what there is, at some time of `work`.
    pub(crate) fn insert(&self, key: u32, work: impl FnOnce(usize)) {
        let run = self.begin(key);
        self.with(|books| books.runs[run].begun = u64::MAX);
        self.edit(Some(key), || work(run));
        self.with(|books| books.runs[run].begun = books.tick());
    }

    /// The number of a run that begins.
    pub(crate) fn begin(&self, key: u32) -> usize {
        self.with(|books| {
            let begun = books.tick();
            let seen = None;
            books.runs.push(Run { key, begun, seen });
            books.runs.len() - 1
        })
    }

    /// Only runs that were detached may be in being beside the current one.
    pub(crate) fn enter(&self, key: u32) -> Alive<'_> {
        let (live, edits) = self.with(|books| {
            books.live[key as usize] += 1;
            (books.live[key as usize], books.edits_of(key).count())
        });
        self.law(live <= 1 + edits, || {
            format!("once: {live} runs of {key} at once")
        });
        Alive(self, key)
    }

    pub(crate) fn live(&self) -> usize {
        self.with(|books| books.live.iter().sum())
    }

    pub(crate) fn asked(&self, hits: bool) -> Asked {
        let at = self.with(Books::tick);
        let clock = self.clock.now();
        Asked { at, clock, hits }
    }

    /// `work` makes what was begun before it unknown.
    pub(crate) fn edit<R>(&self, key: Option<u32>, work: impl FnOnce() -> R) -> R {
        let place = self.with(|books| {
            let begun = books.tick();
            let over = u64::MAX;
            books.edits.push(Edit { key, begun, over });
            books.edits.len() - 1
        });
        let result = work();
        self.with(|books| books.edits[place].over = books.tick());
        result
    }

    /// Somebody got the outcome of that run.
    pub(crate) fn served(&self, run: usize, asked: &Asked) {
        let now = self.clock.now();
        let stale = self.with(|books| {
            let stale = books.stale(&books.runs[run], asked);
            let _ = books.runs[run].seen.get_or_insert(now);
            stale
        });
        self.law(stale.is_none(), || {
            format!("{} was served", stale.unwrap_or_default())
        });
    }

    /// Where nothing is forgotten, all saw the same run of a key.
    pub(crate) fn assert_one_each(&self) {
        let mut seen = self.with(|books| {
            let seen = books.runs.iter().filter(|run| run.seen.is_some());
            seen.map(|run| run.key).collect::<Vec<_>>()
        });
        seen.sort_unstable();
        let twice = seen.windows(2).find(|pair| pair[0] == pair[1]);
        self.law(twice.is_none(), || format!("two outcomes of {twice:?}"));
    }
}

impl Drop for Alive<'_> {
    fn drop(&mut self) {
        self.0.with(|books| books.live[self.1 as usize] -= 1);
    }
}
