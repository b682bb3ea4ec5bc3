//! What is checked while nothing is being polled.
use super::node::{Ground, node, outcome};
use super::wants::By;
use super::world::World;
use super::{Host, Key};
use runce::Ctx;
use std::sync::Arc;

impl World {
    /// `no_lost_wakeup`, `no_futurelock`: whoever is polled when woken waits for a gate, or
    /// for nothing.
    pub(super) fn quiet(&self) {
        let shut = self.shut();
        let callers = self.callers.lock().unwrap();
        let waits = |caller: &usize| callers[*caller].is_waiting() && !callers[*caller].stalled;
        let waiting: Vec<usize> = (0..callers.len()).filter(waits).collect();
        drop(callers);
        self.books(|books| {
            for caller in waiting {
                let why = books.explained(By::Caller(caller), &shut, &mut Vec::new());
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
        self.books(|books| {
            let seen = (books.succeeded, books.failed, books.panicked);
            let told = (stats.succeeded, stats.failed, stats.panicked);
            books.law(seen == told, || {
                format!("stats after {when}: {seen:?} seen, {told:?} told")
            });
            // Runs whose task was not called yet are known to the engine only.
            let started = books.runs.len();
            let queued = stats.runs.wrapping_sub(started);
            let rest =
                (stats.in_flight + stats.dropped).wrapping_sub(books.alive() + books.dropped);
            books.law(queued == rest && stats.in_flight >= books.alive(), || {
                format!("stats after {when}: {started} started, {stats:?}")
            });
            let vague = books.keys.iter().any(|book| book.vague);
            let least = books.remembered() + books.current();
            let most = least + stats.in_flight - books.alive() + books.lapsed();
            let right = if self.is_cancelled() {
                len == 0
            } else {
                vague || (least..=most).contains(&len)
            };
            books.law(right, || {
                format!("len after {when}: {len}, not {least} to {most}")
            });
        });
        if !self.is_cancelled() {
            let armed = self.disarm();
            self.remembered(&ctx, when);
            armed.into_iter().for_each(|act| self.on_clone(act));
        }
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

    /// What is remembered, by `peek`.
    pub(super) fn remembered(self: &Arc<Self>, ctx: &Ctx<Ground>, when: &str) {
        for (key, _) in self.program.keys.iter().enumerate() {
            let seen = ctx.peek(&node(self, key as Key));
            let seen = seen.map(|result| {
                let run = result.as_ref().ok().map(|value| value.run);
                (run, outcome(&result, |value| value.value))
            });
            self.books(|books| {
                let book = books.keys[key].clone();
                let known = book.remembered.map(|run| (run, books.runs[run].outcome));
                let right = match (seen, known) {
                    _ if book.vague => true,
                    (None, None) => true,
                    (Some((run, outcome)), Some((known, came))) => {
                        run.is_none_or(|run| run == known) && Some(outcome) == came
                    }
                    _ => false,
                };
                books.law(right, || {
                    format!("once: key {key} is known as {seen:?} after {when}, not {known:?}")
                });
            });
        }
    }
}
