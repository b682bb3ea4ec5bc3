//! What is checked while nothing is being polled.
use super::books::{Books, Counts};
use super::wants::By;
use super::world::World;
use super::{Host, Key};
use runce::Stats;
use std::sync::Arc;

impl World {
    /// `no_lost_wakeup`, `no_futurelock`: whoever is polled when woken waits for a gate, or
    /// for nothing.
    pub(super) fn quiet(&self) {
        let shut = self.shut();
        let callers = self.callers.lock().unwrap();
        let waits = |caller: &usize| callers[*caller].is_waiting() && !callers[*caller].stalled;
        let waiting: Vec<usize> = (0..callers.len()).filter(waits).collect();
        let late = |caller: &usize| callers[*caller].is_late(self.clock.now());
        let late: Vec<bool> = waiting.iter().map(late).collect();
        drop(callers);
        self.books(|books| {
            for (caller, late) in waiting.into_iter().zip(late) {
                let why = !late && books.explained(By::Caller(caller), &shut, &mut Vec::new());
                books.law(why, || {
                    format!("no_lost_wakeup: caller {caller} waits for no gate")
                });
            }
        });
    }

    /// Callers that wait and are not woken.
    pub(super) fn asleep(&self) -> Vec<usize> {
        let callers = self.callers.lock().unwrap();
        let asleep = |caller: &usize| callers[*caller].is_asleep();
        (0..callers.len()).filter(asleep).collect()
    }

    /// After `cancel`: they are told.
    pub(super) fn told(&self, waiting: &[usize]) {
        if !self.is_cancelled() {
            return;
        }
        let callers = self.callers.lock().unwrap();
        let mut asleep = waiting.iter().copied();
        let asleep = asleep.find(|caller| callers[*caller].is_asleep());
        drop(callers);
        self.law(asleep.is_none(), || {
            format!("cancelled_serves_nothing: caller {asleep:?} is not told")
        });
        let alive = self.books(|books| books.alive());
        self.law(alive == 0, || {
            format!("cancelled_serves_nothing: {alive} runs are alive")
        });
    }

    /// What holds whenever nothing is being polled.
    pub(super) fn hold(self: &Arc<Self>, when: &str) {
        self.wanted(when);
        let Some(ctx) = self.handle() else { return };
        let (stats, len) = (ctx.stats(), ctx.len());
        self.seen.lock().unwrap().stats = stats;
        self.sync();
        self.books(|books| {
            books.counted(&stats, when);
            let least = books.least();
            let most = least + stats.in_flight - books.alive() + books.lapsed();
            let right = if books.closed {
                len == 0
            } else {
                books.is_vague() || (least..=most).contains(&len)
            };
            books.law(right, || {
                format!("len after {when}: {len}, not {least} to {most}")
            });
        });
        (0..self.program.keys.len()).for_each(|key| self.peek(key as Key));
    }

    /// `last_caller_out`: a run that nobody wants is gone at once.
    pub(super) fn wanted(&self, when: &str) {
        // With `finish_abandoned` the executor may want it.
        let kept = self.program.config.host == Host::Finisher && self.jobs.len() > 0;
        self.books(|books| {
            let unwanted = books.unwanted().filter(|_| !kept);
            books.law(unwanted.is_none(), || {
                format!("last_caller_out: run {unwanted:?} is alive for nobody after {when}")
            });
        });
    }
}

impl Books {
    /// What the engine counts is what was seen.
    fn counted(&mut self, stats: &Stats, when: &str) {
        let counts = &self.counts;
        let seen = (counts.succeeded, counts.failed, counts.panicked);
        let told = (stats.succeeded, stats.failed, stats.panicked);
        // Runs whose task was not called yet are known to the engine only.
        let started = counts.started;
        let queued = stats.runs.wrapping_sub(started);
        let rest = (stats.in_flight + stats.dropped).wrapping_sub(self.alive() + counts.dropped);
        let right = seen == told && queued == rest && stats.in_flight >= self.alive();
        self.law(right, || {
            format!("stats after {when}: {started} started, {seen:?} seen, {stats:?}")
        });
        if !self.closed && !self.is_vague() {
            self.forgotten(stats, when);
        }
    }

    /// What is over may be evicted, before anybody has found it.
    fn forgotten(&mut self, stats: &Stats, when: &str) {
        let &Counts {
            lapsed,
            found_over,
            evicted,
            ..
        } = &self.counts;
        let all = stats.expired + stats.evicted;
        let right = (found_over + evicted..=lapsed + evicted).contains(&all)
            && stats.evicted >= evicted
            && stats.expired <= lapsed;
        self.law(right, || {
            format!("stats after {when}: {lapsed} over, {evicted} evicted, {stats:?}")
        });
        let (weight, most) = (self.weight(), self.config.capacity());
        self.law(most.is_none_or(|most| weight <= most), || {
            format!("capacity after {when}: {weight} is remembered of {most:?}")
        });
    }
}
