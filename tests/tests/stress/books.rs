//! What was seen of each key, and the laws about that.
use runce_tests::program::{Key, Outcome};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// What a call comes to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum End {
    Came(Outcome),
    TimedOut,
    /// Its caller would not wait any longer.
    Late,
}

#[derive(Default)]
pub(crate) struct Book {
    /// Runs whose future exists.
    pub(crate) running: AtomicUsize,
    pub(crate) started: AtomicUsize,
    /// Runs whose outcome is not remembered.
    pub(crate) forgotten: AtomicUsize,
    /// It was invalidated, or put there; counted before it is done.
    pub(crate) edits: AtomicUsize,
    pub(crate) refreshes: AtomicUsize,
    came: Mutex<BTreeSet<End>>,
}

impl End {
    pub(crate) fn is_transient(self) -> bool {
        match self {
            Self::Came(outcome) => outcome.is_transient(),
            Self::TimedOut | Self::Late => true,
        }
    }

    /// What a task makes of it that catches errors.
    pub(crate) fn code(self) -> u64 {
        match self {
            Self::Came(outcome) => outcome.code(),
            Self::TimedOut | Self::Late => 5_000,
        }
    }
}

impl Book {
    /// `once`. An edit lets one run go on beside another.
    pub(crate) fn start(&self, key: Key) -> Result<(), String> {
        self.started.fetch_add(1, SeqCst);
        let running = self.running.fetch_add(1, SeqCst);
        let edits = self.edits.load(SeqCst);
        if running <= edits {
            return Ok(());
        }
        Err(format!(
            "once: key {key} has {running} runs and is run, {edits} edits"
        ))
    }

    /// Before anybody can know.
    pub(crate) fn come(&self, end: End) {
        self.came.lock().unwrap().insert(end);
    }

    pub(crate) fn came_to(&self, end: End) -> bool {
        self.came.lock().unwrap().contains(&end)
    }

    /// So many runs at most, where what is remembered stays.
    pub(crate) fn most(&self) -> usize {
        let reasons = [&self.forgotten, &self.edits, &self.refreshes];
        1 + reasons
            .iter()
            .map(|count| count.load(SeqCst))
            .sum::<usize>()
    }
}
