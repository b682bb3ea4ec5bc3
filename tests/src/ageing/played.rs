//! Does it all to a context, and compares.
use super::asked::{Note, Told, World, context, known};
use super::calls::Waiting;
use super::model::{InFlight, Model, Remembered};
use super::rules::{NEVER, nanos};
use super::time::Hand;
use super::{Act, Answer, Edge, Keep, Key, Life};
use crate::Gate;
use runce::testing::Seeded;
use runce::{Ctx, Stats};
use std::iter;
use std::ops::AddAssign;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Poll, Waker};

/// No call removes more of what is over: that which it finds, and 32 before and after its run.
const SWEPT: usize = 65;
/// So often all who wait are polled, until they are ready.
const PATIENCE: usize = 16;

/// What happened in a life.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lived {
    pub stats: Stats,
    /// Answers that were over while they were remembered.
    pub lapsed: usize,
    /// Calls that were served what was due, and a run begun behind them.
    pub renewed: usize,
    /// Calls that ran what was stale.
    pub retried: usize,
    /// Calls whose run failed, and that were served what is stale.
    pub spared: usize,
    /// Calls that had to wait.
    pub waited: usize,
}

impl AddAssign for Lived {
    fn add_assign(&mut self, other: Self) {
        self.lapsed += other.lapsed;
        self.renewed += other.renewed;
        self.retried += other.retried;
        self.spared += other.spared;
        self.waited += other.waited;
        self.stats.hits += other.stats.hits;
        self.stats.expired += other.stats.expired;
        self.stats.evicted += other.stats.evicted;
    }
}

pub(super) struct Played {
    pub(super) ctx: Ctx<World>,
    executor: Option<Seeded>,
    pub(super) hand: Hand,
    pub(super) model: Model,
    pub(super) waiting: Vec<Waiting>,
    /// Counts the answers.
    pub(super) last: u64,
    /// The latest that the clock has shown.
    pub(super) latest: u128,
    pub(super) lived: Lived,
}

/// Lives it.
///
/// # Panics
///
/// When the context does not do what the model says.
#[must_use]
pub fn live(life: &Life) -> Lived {
    let mut played = Played::new(life);
    for act in &life.acts {
        played.act(*act);
        played.hold();
    }
    played.act(Act::Drive);
    played.hold();
    let lived = Lived {
        stats: played.ctx.stats(),
        lapsed: played.model.lapsed,
        ..played.lived
    };
    played.tidy();
    lived
}

impl Played {
    fn new(life: &Life) -> Self {
        let hand = Hand::new(life.setting.source);
        let (ctx, executor) = context(life.setting, &hand);
        Self {
            ctx,
            executor,
            latest: nanos(hand.now()),
            hand,
            model: Model::new(life.setting),
            waiting: Vec::new(),
            last: 0,
            lived: Lived::default(),
        }
    }

    pub(super) fn now(&self) -> u128 {
        nanos(self.hand.now())
    }

    pub(super) fn act(&mut self, act: Act) {
        match act {
            Act::On(by) => self.hand.on(by),
            Act::Back(by) => self.hand.back(by),
            Act::To(key, edge) => self.to(key, edge),
            Act::Read(key, run) => self.ask(key, run, false),
            Act::Refresh(key, run) => self.ask(key, run, true),
            Act::Insert(key, keep) => self.insert(key, keep),
            Act::Fill(key, count, keep) => {
                (0..count).for_each(|at| self.insert(key.wrapping_add(at), keep));
            }
            Act::Invalidate(key) => self.invalidate(key),
            Act::Clear => {
                self.ctx.clear();
                self.model.forget(|_| true);
                self.model.detach(|_| true);
            }
            Act::Drive => self.drive(),
            Act::Leave => self.leave(),
        }
        self.latest = self.latest.max(self.now());
        let now = self.now();
        self.model.shows(now);
    }

    fn to(&mut self, key: Key, edge: Edge) {
        let moment = self.model.find(key).map(|it| it.ages.when(edge.becomes));
        if let Some(moment) = moment.filter(|moment| *moment < NEVER) {
            self.hand.to(moment.saturating_sub(u128::from(edge.early)));
        }
    }

    /// What came of the runs that were over since.
    pub(super) fn hear(&mut self) {
        self.model.make_room();
        let mut notes = self.ctx.state().take_notes().into_iter().peekable();
        while let Some(note) = notes.next() {
            let Note::Ran(id) = note else {
                panic!("{note:?} for nothing");
            };
            let drawn: Vec<u64> = iter::from_fn(|| match notes.peek()? {
                Note::Drew(_) => drawn(notes.next()),
                Note::Ran(_) => None,
            })
            .collect();
            let at = self.model.runs.iter().position(|run| run.id == id);
            let run = self
                .model
                .runs
                .swap_remove(at.expect("a run that was begun"));
            self.ran(run, &drawn);
        }
        self.model.make_room();
        self.model.crowded = false;
    }

    fn ran(
        &mut self,
        InFlight {
            key,
            id,
            run,
            detached,
            ..
        }: InFlight,
        drawn: &[u64],
    ) {
        let (now, setting) = (self.now(), self.model.setting);
        let mut drawn = drawn.iter().copied();
        let lasts = setting.lasts(run.answer);
        let ages = setting.ages(run.answer, now, lasts.then(|| drawn.next()).flatten());
        // A refresh that fails draws for the time until somebody tries again.
        let again = drawn.next();
        assert_eq!(drawn.next(), None, "drawn for nothing");
        if detached {
            return;
        }
        let is_value = matches!(run.answer, Answer::Value(_));
        let stays = (!is_value)
            .then(|| self.model.fails(key, now, again))
            .flatten();
        let Some(old) = stays else {
            // What is not remembered leaves what there is.
            if let Some(ages) = ages {
                self.model.keep(key, id, is_value, ages);
            }
            return;
        };
        if old.is_certain() {
            return;
        }
        match (self.peek(key), ages) {
            (Some(seen), Some(ages)) if seen == id => {
                self.model.missing(old);
                self.model.keep(key, id, is_value, ages);
            }
            (Some(seen), _) if seen == old.id => self.model.found(key),
            (None, _) => self.model.unsure += 1,
            (Some(seen), _) => panic!("{seen} is served, and there is {old:?}"),
        }
    }

    fn insert(&mut self, key: Key, keep: Keep) {
        let _ = self.look(key);
        self.last += 1;
        let (id, now) = (self.last, self.now());
        let before = self.begin();
        self.ctx.insert(known(key), Told(id, keep));
        let _ = self.end(before);
        let notes = self.ctx.state().take_notes();
        assert!(notes.len() < 2, "{notes:?}");
        let random = drawn(notes.first().copied());
        let ages = self.model.setting.ages(Answer::Value(keep), now, random);
        self.model.detach(|it| it == key);
        self.model.forget(|it| it == key);
        if let Some(ages) = ages {
            self.model.keep(key, id, true, ages);
        }
        self.hear();
    }

    fn invalidate(&mut self, key: Key) {
        let certain = self.look(key).filter(Remembered::is_certain);
        let runs = self.model.in_flight(key).is_some();
        let there = self.model.find(key).is_some() || runs;
        let found = self.ctx.invalidate(&known(key));
        assert!(
            found || certain.is_none() && !runs,
            "key {key} is not found"
        );
        assert!(there || !found, "key {key} is found");
        self.model.forget(|it| it == key);
        self.model.detach(|it| it == key);
    }

    /// All runs are over then, and nobody waits any more.
    pub(super) fn drive(&mut self) {
        let before = self.begin();
        let gate = self.ctx.state().gate.lock().unwrap().clone();
        gate.open();
        let mut waiting = std::mem::take(&mut self.waiting);
        let mut ready = Vec::new();
        for _ in 0..PATIENCE {
            if let Some(executor) = &self.executor {
                executor.run_until_idle();
            }
            for mut it in std::mem::take(&mut waiting) {
                match crate::poll(&mut it.call, Waker::noop()) {
                    Poll::Ready(seen) => ready.push((it, seen)),
                    Poll::Pending => waiting.push(it),
                }
            }
        }
        assert!(waiting.is_empty(), "{} wait for ever", waiting.len());
        *self.ctx.state().gate.lock().unwrap() = Gate::new();
        let after = self.ctx.stats();
        assert_eq!(after.runs, before.runs, "nobody begins anything");
        self.model.crowded |= after.evicted > before.evicted;
        self.hear();
        assert_eq!(self.model.runs, [], "in flight for ever");
        for (it, seen) in ready {
            self.answered(&it, seen);
        }
    }

    /// "When the last one hangs up it is dropped", but not what the executor has.
    fn leave(&mut self) {
        self.waiting.clear();
        self.model.runs.retain(|run| run.behind);
    }

    /// Before a call.
    pub(super) fn begin(&self) -> Stats {
        self.hand.reads.store(0, SeqCst);
        self.ctx.stats()
    }

    /// After it. How much of what is over did it remove?
    pub(super) fn end(&mut self, before: Stats) -> (Stats, usize) {
        let (after, reads) = (self.ctx.stats(), self.hand.reads.load(SeqCst));
        let swept = after.expired - before.expired;
        assert!(swept <= SWEPT, "one call removes {swept}");
        if after.evicted > before.evicted {
            let capacity = self.model.setting.capacity;
            let full = capacity.is_some_and(|capacity| self.ctx.len() >= capacity);
            assert!(full, "more made room than had to");
            self.model.crowded = true;
        }
        (after, reads)
    }
}

fn drawn(note: Option<Note>) -> Option<u64> {
    match note? {
        Note::Drew(random) => Some(random),
        Note::Ran(id) => panic!("{id} ran for nobody"),
    }
}
