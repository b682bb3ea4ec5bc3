//! What surrounds the engine: callers, gates, jobs.
use super::books::{Books, Run};
use super::callers::Caller;
use super::jobs::Jobs;
use super::meaning::Meaning;
use super::node::{Ground, node};
use super::play::Seen;
use super::wanted::Door;
use super::{Act, GATES, Gate, Host, KEYS, Key, Program, Step, Store, Waking};
use runce::Ctx;
use runce::testing::ManualClock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const TTL: Duration = Duration::from_secs(60);
/// So often tasks and their destructors act.
const ACTS: usize = 24;
/// More polls of tasks than any program needs.
const POLLS: usize = 20_000;

pub(super) struct World {
    pub(super) program: Program,
    meaning: Arc<Meaning>,
    books: Mutex<Books>,
    pub(super) callers: Mutex<Vec<Caller>>,
    doors: [Door; GATES],
    pub(super) jobs: Arc<Jobs>,
    clock: ManualClock,
    handle: Mutex<Option<Ctx<Ground>>>,
    cancelled: AtomicBool,
    on_clone: Mutex<Option<Act>>,
    acts: AtomicUsize,
    /// Counts polls of callers and jobs from outside.
    turn: AtomicUsize,
    polls: AtomicUsize,
    pub(super) token: Arc<()>,
    pub(super) seen: Mutex<Seen>,
}

impl World {
    pub(super) fn new(program: &Program) -> Arc<Self> {
        let meaning = Arc::new(Meaning::of(program));
        let world = Arc::new(Self {
            program: Meaning::tame(program.clone()),
            meaning: meaning.clone(),
            books: Mutex::new(Books::new(meaning, program.keys.len())),
            callers: Mutex::default(),
            doors: Default::default(),
            jobs: Arc::default(),
            clock: ManualClock::new(),
            handle: Mutex::default(),
            cancelled: AtomicBool::new(false),
            on_clone: Mutex::default(),
            acts: AtomicUsize::new(0),
            turn: AtomicUsize::new(0),
            polls: AtomicUsize::new(0),
            token: Arc::default(),
            seen: Mutex::default(),
        });
        let ground = Ground {
            world: world.clone(),
            token: world.token.clone(),
        };
        *world.handle.lock().unwrap() = Some(context(&world, ground));
        world
    }

    pub(super) fn books<R>(&self, work: impl FnOnce(&mut Books) -> R) -> R {
        work(&mut self.books.lock().unwrap())
    }

    pub(super) fn law(&self, holds: bool, broken: impl FnOnce() -> String) {
        self.books(|books| books.law(holds, broken));
    }

    pub(super) fn script(&self, key: Key) -> &[Step] {
        &self.program.keys[usize::from(key)]
    }

    pub(super) fn door(&self, gate: Gate) -> &Door {
        &self.doors[usize::from(gate)]
    }

    /// Which gates are shut.
    pub(super) fn shut(&self) -> Vec<bool> {
        self.doors.iter().map(|door| !door.is_open()).collect()
    }

    pub(super) fn is_circular(&self, from: Key, to: Key) -> bool {
        self.meaning.is_circular(from, to)
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(SeqCst)
    }

    /// `no_callers_context`: polls and drops of tasks pass through the executor.
    pub(super) fn entered(&self) {
        let holds = self.program.config.host == Host::Callers || self.jobs.is_entered();
        self.law(holds, || "no_callers_context: not entered".to_string());
    }

    /// A task is polled: is that too often?
    pub(super) fn spins(&self) -> bool {
        let spins = self.polls.fetch_add(1, SeqCst) > POLLS;
        self.law(!spins, || "tasks are polled for ever".to_string());
        spins
    }

    /// The next clone of an input or an output does that.
    pub(super) fn on_clone(&self, act: Act) {
        *self.on_clone.lock().unwrap() = Some(act);
    }

    pub(super) fn disarm(&self) -> Option<Act> {
        self.on_clone.lock().unwrap().take()
    }

    pub(super) fn cloned(self: &Arc<Self>) {
        self.disarm().into_iter().for_each(|act| self.act(act));
    }

    pub(super) fn next_turn(&self) {
        self.turn.fetch_add(1, SeqCst);
    }

    /// A run wakes itself: it is not polled at once again, but when it was just started, or
    /// by the next member of a group.
    pub(super) fn yielded(&self, run: Run) {
        let turn = self.turn.load(SeqCst);
        let times = self.books(|books| books.yielded(run, turn));
        let right = times <= 4 || !self.program.is_plain();
        self.law(right, || {
            format!("run {run} yields {times} times in one poll from outside")
        });
    }

    /// A thread that blocks inside a run's poll on that key is not told of anything more.
    ///
    /// Jobs are another thread's to poll, and what is driven on top of another run may wait
    /// for that.
    pub(super) fn stuck(&self, key: Key) {
        let alone = self.program.config.host == Host::Callers && !self.program.nests();
        let shut = self.shut();
        self.books(|books| {
            let why = !alone || books.runs_explained(key, &shut, &mut Vec::new());
            books.law(why, || {
                format!("no_deadlock: who blocks on key {key} would wait for ever")
            });
        });
    }

    /// A handle, as long as there is one.
    pub(super) fn handle(&self) -> Option<Ctx<Ground>> {
        self.handle.lock().unwrap().clone()
    }

    pub(super) fn drop_handle(&self) {
        let handle = self.handle.lock().unwrap().take();
        drop(handle);
    }

    /// From within a task or its destructor: not without end.
    pub(super) fn act(self: &Arc<Self>, act: Act) {
        if self.acts.fetch_add(1, SeqCst) < ACTS {
            self.perform(act);
        }
    }

    pub(super) fn perform(self: &Arc<Self>, act: Act) {
        match act {
            Act::Start(key) => self.start(vec![key], Waking::Notes, true),
            Act::Poll(caller) => self.nth(caller, |caller| self.poll(caller)),
            Act::Drop(caller) => self.nth(caller, |caller| self.leave(caller)),
            Act::Open(gate) => {
                self.door(gate).set(true);
                self.door(gate).pulse();
            }
            Act::Pulse(gate) => self.door(gate).pulse(),
            Act::Invalidate(key) => {
                if let Some(ctx) = self.handle() {
                    let found = ctx.invalidate(&node(self, key));
                    self.books(|books| books.invalidate(key, found));
                }
            }
            Act::Clear => self.clear(),
            Act::Expire => self.expire(),
            Act::Cancel => self.cancel(),
            Act::DropHandle => self.drop_handle(),
            Act::ShutDown => self.jobs.shut_down(),
        }
    }

    fn clear(&self) {
        let Some(ctx) = self.handle() else { return };
        let found = !ctx.is_empty();
        ctx.clear();
        self.books(|books| {
            for key in 0..books.keys.len() {
                books.invalidate(key as Key, found);
            }
        });
    }

    fn expire(&self) {
        self.clock.advance(2 * TTL);
        if self.program.config.store == Store::Managed {
            self.books(Books::expire);
        }
    }

    pub(super) fn cancel(&self) {
        let Some(ctx) = self.handle() else { return };
        self.cancelled.store(true, SeqCst);
        self.books(Books::cancel);
        ctx.cancel();
    }
}

fn context(world: &World, ground: Ground) -> Ctx<Ground> {
    let (config, jobs) = (world.program.config, &world.jobs);
    let builder = Ctx::builder(ground)
        .inline_depth(config.depth)
        .poll_budget(config.budget)
        .clock(world.clock.clone());
    let builder = match config.store {
        Store::Plain => builder,
        Store::Managed => builder.ttl(TTL).capacity(2 * KEYS),
    };
    match config.host {
        Host::Callers => builder.build(),
        Host::Executor => builder.executor(jobs.clone()).build(),
        Host::Finisher => builder.executor(jobs.clone()).finish_abandoned().build(),
    }
}
