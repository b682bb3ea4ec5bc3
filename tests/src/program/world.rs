//! What surrounds the engine: callers, gates, jobs.
use super::books::{Books, LIMIT, Run};
use super::callers::Caller;
use super::jobs::Jobs;
use super::meaning::Meaning;
use super::memory::{ERROR_TTL, TTL};
use super::node::{Ground, OWN_LIMIT};
use super::play::Seen;
use super::wanted::Door;
use super::{Act, GATES, Gate, Host, Keeps, Key, Limit, Program, Step, Store};
use runce::Ctx;
use runce::testing::ManualClock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

/// More polls of tasks than any program needs.
const POLLS: usize = 20_000;

pub(super) struct World {
    pub(super) program: Program,
    meaning: Arc<Meaning>,
    books: Mutex<Books>,
    pub(super) callers: Mutex<Vec<Caller>>,
    doors: [Door; GATES],
    pub(super) jobs: Arc<Jobs>,
    pub(super) clock: ManualClock,
    pub(super) handle: Mutex<Option<Ctx<Ground>>>,
    pub(super) cancelled: AtomicBool,
    /// It is being cancelled: some runs are told already.
    pub(super) cancelling: AtomicBool,
    on_clone: Mutex<Option<Act>>,
    pub(super) acts: AtomicUsize,
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
            books: Mutex::new(Books::new(program.config, meaning, program.keys.len())),
            callers: Mutex::default(),
            doors: Default::default(),
            jobs: Arc::default(),
            clock: ManualClock::new(),
            handle: Mutex::default(),
            cancelled: AtomicBool::new(false),
            cancelling: AtomicBool::new(false),
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

    pub(super) fn is_armed(&self) -> bool {
        self.on_clone.lock().unwrap().is_some()
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
}

fn context(world: &World, ground: Ground) -> Ctx<Ground> {
    let (config, jobs) = (world.program.config, &world.jobs);
    OWN_LIMIT.set((config.limit == Limit::Task).then_some(LIMIT));
    let mut builder = Ctx::builder(ground)
        .inline_depth(config.depth)
        .poll_budget(config.budget)
        .timer(world.clock.clone());
    if let Some(capacity) = config.capacity() {
        builder = builder.ttl(TTL).capacity(capacity);
    }
    if config.limit == Limit::Context {
        builder = builder.limit(LIMIT);
    }
    builder = match (config.keeps, config.store) {
        (Keeps::NoErrors, _) => builder.forget_errors(|_| true),
        (Keeps::ErrorsBriefly, Store::Managed | Store::Tight) => builder.error_ttl(ERROR_TTL),
        _ => builder,
    };
    match config.host {
        Host::Callers => builder.build(),
        Host::Executor => builder.executor(jobs.clone()).build(),
        Host::Finisher => builder.executor(jobs.clone()).finish_abandoned().build(),
    }
}
