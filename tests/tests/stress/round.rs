//! One round: threads, then what must hold when all is quiet.
use crate::books::End;
use crate::plan::{Executor, Plan};
use crate::task::{end, node};
use crate::threads;
use crate::watch::Watch;
use crate::world::{TTL, World};
use runce::{Ctx, Stats};
use runce_tests::program::{Key, Outcome};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;

/// Plays it. `Err`: what was broken.
pub(crate) fn play(seed: u64, watch: &Watch) -> Result<Stats, String> {
    let world = World::new(Plan::of(seed));
    watch.begins(&world);
    let stats = thread::scope(|scope| {
        let postman = scope.spawn(|| world.post.serve());
        let threads = 0..world.plan.threads as usize;
        let threads = threads.map(|thread| {
            scope.spawn({
                let world = &world;
                move || threads::play(world, thread)
            })
        });
        for thread in threads.collect::<Vec<_>>() {
            thread.join().unwrap();
        }
        let stats = world.rest();
        world.post.close();
        postman.join().unwrap();
        stats
    });
    world.leaks();
    let broken = world.broken();
    if broken.is_empty() {
        return Ok(stats);
    }
    Err(format!("{}{}", world.report(), broken.join("\n")))
}

impl World {
    /// All callers go, and everything comes to an end.
    fn rest(&self) -> Stats {
        let ctx = self.take_handle().expect("it was not taken yet");
        self.end_shared();
        if self.plan.executor == Executor::None {
            let stats = ctx.stats();
            self.law(stats.in_flight == 0, || {
                format!("last_caller_out: {stats:?}")
            });
        }
        while ctx.stats().in_flight > 0 {
            // The executor's threads are at it, or work that blocks, and may leave more callers.
            self.end_shared();
            thread::yield_now();
        }
        self.host.end();
        // What a run did at its very end, when it was counted as over, may have left some too.
        self.end_shared();
        let stats = ctx.stats();
        self.counted(stats);
        self.remembered(&ctx);
        stats
    }

    fn end_shared(&self) {
        while let Some(caller) = self.shared_one() {
            if self.plan.seed % 2 == 0 {
                caller.finish(self);
            }
        }
    }

    fn counted(&self, stats: Stats) {
        let sum =
            |count: fn(&crate::books::Book) -> usize| self.books.iter().map(count).sum::<usize>();
        let started = sum(|book| book.started.load(SeqCst));
        let unpolled = stats.runs.checked_sub(started);
        let right = unpolled.is_some_and(|unpolled| unpolled <= stats.dropped);
        self.law(right, || format!("stats: {started} started, {stats:?}"));
        let alive = sum(|book| book.running.load(SeqCst));
        self.law(alive == 0, || format!("nothing_leaks: {alive} runs"));
        let forgets = self.plan.forgets();
        for key in self.plan.keys().filter(|_| !forgets) {
            let book = self.book(key);
            let (started, most) = (book.started.load(SeqCst), book.most());
            self.law(started <= most, || {
                format!("once: key {key} is run {started} times, not {most}")
            });
        }
        let most = sum(|book| book.most()) + stats.expired + stats.evicted + self.renewals();
        self.law(started <= most, || {
            format!("once: {started} runs, not {most}: {stats:?}")
        });
    }

    /// Each time that the clock goes on, what is remembered of a key may become due once.
    fn renewals(&self) -> usize {
        match self.plan.stale {
            true => self.plan.keys().count() * self.times.load(SeqCst),
            false => 0,
        }
    }

    fn remembered(&self, ctx: &Ctx<World>) {
        let known = self.plan.keys().filter(|key| self.knows(ctx, *key)).count();
        let (len, forgets) = (ctx.len(), self.plan.forgets());
        let right = if forgets {
            known <= len && len <= 4
        } else {
            known == len
        };
        self.law(right, || format!("len: {len}, {known} are known"));
    }

    fn knows(&self, ctx: &Ctx<World>, key: Key) -> bool {
        let Some(known) = ctx.peek(&node(self, key)) else {
            return false;
        };
        let it = end(&known, |value| value.value);
        let right = self.allows(key, it) && self.book(key).came_to(it) && !it.is_transient();
        self.law(right, || format!("once: key {key} is known as {it:?}"));
        let cancelled = self.cancelled.load(SeqCst) || it == End::Came(Outcome::Cancelled);
        self.law(!cancelled, || format!("cancelled_serves_nothing: {it:?}"));
        true
    }

    /// Nothing is left but what is counted itself.
    fn leaks(self: &Arc<Self>) {
        // Those who slept have left, and the clock still knows their wakers.
        self.clock.advance(1000 * TTL);
        let left = Arc::strong_count(&self.token) - 1;
        self.law(left == 0, || {
            format!("nothing_leaks: {left} inputs, outputs, runs, wakers")
        });
        let states = Arc::strong_count(self) - 1;
        self.law(states == 0, || {
            format!("nothing_leaks: the state, {states} times")
        });
    }
}
