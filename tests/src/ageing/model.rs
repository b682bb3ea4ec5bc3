//! What is remembered, what is in flight, and what a call comes to: two lists.
use super::rules::Ages;
use super::{Age, Key, Run, Setting};

pub(super) struct Model {
    pub(super) setting: Setting,
    pub(super) entries: Vec<Remembered>,
    pub(super) runs: Vec<InFlight>,
    /// Outcomes that came to be over while they were remembered.
    pub(super) lapsed: usize,
    /// Outcomes that were not there, and not over.
    pub(super) evicted: usize,
    /// Of so many nobody can tell.
    pub(super) unsure: usize,
    /// Some had to make room in this call.
    pub(super) crowded: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Remembered {
    pub(super) key: Key,
    pub(super) id: u64,
    pub(super) is_value: bool,
    pub(super) ages: Ages,
    /// It was over once: somebody may have taken it out.
    pub(super) lapsed: bool,
    /// Some had to make room, it perhaps.
    pub(super) crowded: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct InFlight {
    pub(super) key: Key,
    pub(super) id: u64,
    pub(super) run: Run,
    /// For nobody: the executor has it.
    pub(super) behind: bool,
    /// It was forgotten: others do not join it, and it is not remembered.
    pub(super) detached: bool,
}

/// What becomes of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Course {
    /// It is served that at once. `renews`: a run is begun behind it.
    Hit { it: Remembered, renews: bool },
    /// It waits for that run. `old`: served if that fails.
    Join { run: InFlight, old: Option<u64> },
    /// It runs.
    Begin { old: Option<u64> },
}

impl Remembered {
    pub(super) fn is_over(&self, now: u128) -> bool {
        self.ages.is(Age::Over, now)
    }

    /// At once, and by who looks.
    pub(super) fn is_seen(&self, now: u128) -> bool {
        !self.ages.is(Age::Late, now)
    }

    pub(super) fn is_certain(&self) -> bool {
        !self.lapsed && !self.crowded
    }
}

impl Model {
    pub(super) fn new(setting: Setting) -> Self {
        Self {
            setting,
            entries: Vec::new(),
            runs: Vec::new(),
            lapsed: 0,
            evicted: 0,
            unsure: 0,
            crowded: false,
        }
    }

    pub(super) fn find(&self, key: Key) -> Option<Remembered> {
        self.entries.iter().copied().find(|it| it.key == key)
    }

    /// The run that others join.
    pub(super) fn in_flight(&self, key: Key) -> Option<InFlight> {
        let mut runs = self.runs.iter().copied();
        runs.find(|it| it.key == key && !it.detached)
    }

    /// `anew`: a refresh.
    pub(super) fn course(&self, key: Key, now: u128, anew: bool) -> Course {
        let run = self.in_flight(key);
        let or_join = |old| match run {
            Some(run) => Course::Join { run, old },
            None => Course::Begin { old },
        };
        let known = self.find(key).filter(|it| !anew && !it.is_over(now));
        let Some(it) = known else {
            return or_join(None);
        };
        let old = Some(it.id);
        if !it.is_seen(now) {
            // "Served only if a run fails, which is tried first."
            return or_join(old);
        }
        // "One run of a key at a time is renewing it."
        let due = it.ages.is(Age::Due, now) && run.is_none();
        // "Renewed behind the first who asks"; "without an executor the first who asks renews
        // it, and waits", if it is stale.
        let behind = self.setting.executor.is_some();
        match due && !behind && it.ages.is(Age::Stale, now) {
            true => Course::Begin { old },
            false => Course::Hit {
                it,
                renews: due && behind,
            },
        }
    }

    pub(super) fn forget(&mut self, is: impl Fn(Key) -> bool) {
        let perhaps = |it: &&Remembered| is(it.key) && it.crowded;
        self.unsure += self.entries.iter().filter(perhaps).count();
        self.entries.retain(|it| !is(it.key));
    }

    /// "`invalidate`, `insert` and `clear` make it too late."
    pub(super) fn detach(&mut self, is: impl Fn(Key) -> bool) {
        let runs = self.runs.iter_mut().filter(|run| is(run.key));
        runs.for_each(|run| run.detached = true);
    }

    /// Is remembered now, in the place of whatever there was.
    pub(super) fn keep(&mut self, key: Key, id: u64, is_value: bool, ages: Ages) {
        self.forget(|it| it == key);
        self.entries.push(Remembered {
            key,
            id,
            is_value,
            ages,
            lapsed: false,
            crowded: false,
        });
    }

    /// A run has failed. "An error never takes the place of a value that is not over": that
    /// value stays, if there is one.
    pub(super) fn fails(&mut self, key: Key, now: u128, random: Option<u64>) -> Option<Remembered> {
        let setting = self.setting;
        let it = self.entries.iter_mut().find(|it| it.key == key)?;
        if !it.is_value || it.is_over(now) {
            return None;
        }
        if setting.jitter.is_some() && random.is_none() {
            // The run was to take no place: what there was had made room.
            let it = *it;
            self.missing(it);
            return None;
        }
        it.ages = setting.after_a_failure(it.ages, now, random);
        Some(*it)
    }

    /// The clock shows that now.
    pub(super) fn shows(&mut self, now: u128) {
        for entry in &mut self.entries {
            let lapses = entry.is_over(now) && !entry.lapsed;
            entry.lapsed |= lapses;
            self.lapsed += usize::from(lapses);
        }
    }

    /// Any of them, and of those that have come.
    pub(super) fn make_room(&mut self) {
        let crowded = self.crowded;
        self.entries.iter_mut().for_each(|it| it.crowded |= crowded);
    }

    /// It is there.
    pub(super) fn found(&mut self, key: Key) {
        let mut all = self.entries.iter_mut();
        if let Some(it) = all.find(|it| it.key == key) {
            it.crowded = false;
        }
    }

    /// It was looked for, and is not there: it is over, or was once, or had to make room.
    pub(super) fn missing(&mut self, it: Remembered) {
        self.evicted += usize::from(!it.lapsed);
        self.entries.retain(|other| other.id != it.id);
    }

    /// So many calls have a place: at least, and at most.
    pub(super) fn places(&self) -> (usize, usize) {
        let has_run = |it: &&Remembered| self.in_flight(it.key).is_some();
        let runs = self.runs.iter().filter(|run| !run.detached).count();
        let all = self.entries.len() - self.entries.iter().filter(has_run).count();
        let alone = self.entries.iter().filter(|it| !has_run(it));
        let certain = alone.filter(|it| it.is_certain()).count();
        (runs + certain, runs + all)
    }
}
