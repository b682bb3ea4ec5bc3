//! What callers get, or wait for.
use super::callers::Pending;
use super::node::{Value, outcome};
use super::world::World;
use super::{Host, Key, Outcome, Waking, Way, add};
use runce::{Error, Stats};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

/// How things were before a caller was polled.
pub(super) struct Before {
    cancelled: bool,
    /// The run that a first poll finds remembered.
    hit: Option<usize>,
    /// Of a first poll.
    stats: Option<Stats>,
    /// Of a refresh: how many runs had ended when it was polled first.
    since: Option<usize>,
    /// A clone may do something.
    armed: bool,
}

impl World {
    pub(super) fn before(
        self: &Arc<Self>,
        keys: &[Key],
        way: Way,
        first: bool,
        since: usize,
    ) -> Before {
        self.sync();
        let anew = way == Way::Refresh;
        Before {
            cancelled: self.is_cancelled(),
            hit: self.hit(keys).filter(|_| first && !anew),
            stats: self.stats().filter(|_| first),
            since: anew.then_some(since),
            armed: self.is_armed(),
        }
    }

    pub(super) fn pending(&self, caller: usize, future: Pending, before: &Before) {
        self.law(before.hit.is_none(), || {
            format!("once: caller {caller} waits for what is remembered")
        });
        let right = !before.cancelled || self.is_being_told(caller);
        self.law(right, || {
            format!("cancelled_serves_nothing: caller {caller} waits")
        });
        let joined = before.stats.is_some_and(|then| self.has_joined(then));
        let now = self.books(|books| books.now);
        let mut callers = self.callers.lock().unwrap();
        let it = &mut callers[caller];
        (it.future, it.busy) = (Some(future), false);
        it.waits_since.get_or_insert(now);
        let epoch = || self.books(|books| books.keys[usize::from(it.keys[0])].epoch);
        it.joined = it.joined.or_else(|| joined.then(epoch));
    }

    /// Members of a group that is not given up are told one by one, and a waker may poll
    /// between them.
    fn is_being_told(&self, caller: usize) -> bool {
        let it = &self.callers.lock().unwrap()[caller];
        let midst = self.cancelling.load(SeqCst) || it.waking == Waking::Polls;
        it.way == Way::Settled && midst
    }

    fn stats(&self) -> Option<Stats> {
        self.handle().map(|ctx| ctx.stats())
    }

    /// Since then one call has joined a run, and nothing else has happened.
    fn has_joined(&self, then: Stats) -> bool {
        let plain = self.program.wakes() == 2 && self.program.config.host != Host::Callers;
        let joined = |now: Stats| now.joins == then.joins + 1 && now.runs == then.runs;
        plain && self.stats().is_some_and(joined)
    }

    /// With an executor, one who joined a run is woken once, by its end.
    pub(super) fn woken_once(&self, caller: usize) {
        let callers = self.callers.lock().unwrap();
        let it = &callers[caller];
        let (wakes, joined, key) = (it.wakes, it.joined, it.keys[0]);
        let joined = joined.filter(|_| it.way != Way::Within);
        drop(callers);
        let ends = self.books(|books| books.keys[usize::from(key)].epoch);
        let once = joined.is_some_and(|then| ends <= then + 1);
        let right = !once || wakes <= 1 || self.jobs.lost.load(SeqCst);
        self.law(right, || {
            format!("caller {caller} joined a run and was woken {wakes} times")
        });
    }

    /// What is remembered, if that answers the call.
    fn hit(&self, keys: &[Key]) -> Option<usize> {
        let [key] = keys else { return None };
        self.books(|books| {
            let book = &books.keys[usize::from(*key)];
            book.remembered.filter(|_| !book.vague)
        })
    }

    pub(super) fn verify(
        &self,
        caller: usize,
        keys: &[Key],
        way: Way,
        result: &Result<Vec<Value>, Error>,
        before: &Before,
    ) {
        let fold = |values: &Vec<Value>| values.iter().fold(0, |sum, v| add(sum, v.value));
        let outcome = outcome(result, fold);
        self.seen.lock().unwrap().outcomes.push(outcome);
        let says = || format!("caller {caller} of {keys:?} ({way:?}) gets {outcome:?}");
        // Members of a group that is not given up have come to what they have.
        let settles = way == Way::Settled;
        if before.cancelled && !settles {
            let right = outcome == Outcome::Cancelled;
            return self.law(right, || format!("cancelled_serves_nothing: {}", says()));
        }
        if outcome == Outcome::Cancelled {
            let right = self.is_cancelled();
            return self.law(right, || format!("nobody cancelled: {}", says()));
        }
        if outcome == Outcome::Late {
            let right = self.callers.lock().unwrap()[caller].is_late(self.clock.now());
            return self.law(right, || format!("its time is not up: {}", says()));
        }
        self.books(|books| {
            let came = |key: &Key, outcome, run| books.came_to(*key, outcome, run, before.since);
            let right = match result {
                Ok(values) => (keys.iter().zip(values))
                    .all(|(key, it)| came(key, Outcome::Value(it.value), Some(it.run))),
                Err(_) => keys.iter().any(|key| came(key, outcome, None)),
            };
            books.law(right, || format!("outcomes: {}", says()));
            let Some(hit) = before.hit else { return };
            let run = result.as_ref().map_or(hit, |values| values[0].run);
            let right = run == hit && books.runs[hit].outcome == Some(outcome);
            books.law(right, || format!("once: a hit of run {hit}: {}", says()));
        });
        self.counts(caller, before);
    }

    /// A hit is counted, and runs nothing.
    fn counts(&self, caller: usize, before: &Before) {
        let (Some(then), Some(now)) = (before.stats, self.stats()) else {
            return;
        };
        let hit = now.hits == then.hits + 1 && now.runs == then.runs;
        let right = before.hit.is_none() || before.armed || hit;
        self.law(right, || {
            format!("stats of caller {caller}, a hit: {then:?}, then {now:?}")
        });
    }

    /// Each outcome of a group is one of its own key.
    pub(super) fn each(&self, keys: &[Key], all: &[Result<Value, Error>]) {
        let cancelled = self.is_cancelled();
        for (key, result) in keys.iter().zip(all) {
            let outcome = outcome(result, |value| value.value);
            let run = result.as_ref().ok().map(|value| value.run);
            self.books(|books| {
                let refused = outcome == Outcome::Cancelled && cancelled;
                let right = refused || books.came_to(*key, outcome, run, None);
                books.law(right, || {
                    format!("outcomes: key {key} of a group comes to {outcome:?}")
                });
            });
        }
    }
}
