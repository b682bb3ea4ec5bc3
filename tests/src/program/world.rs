//! What surrounds the engine: callers, gates, jobs.
use super::books::{Books, By, On, Run};
use super::jobs::Jobs;
use super::meaning::Meaning;
use super::node::{Ground, Value, node, outcome};
use super::play::Seen;
use super::wanted::{Door, Wanted};
use super::{Act, GATES, Gate, Host, Key, Outcome, Program, Step, Waking, add};
use runce::{Ctx, Error, Stats};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, Weak};
use std::task::{Poll, Wake};

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

type Future_ = Pin<Box<dyn Future<Output = Result<Vec<Value>, Error>> + Send>>;

pub(super) struct Caller {
    keys: Vec<Key>,
    future: Option<Future_>,
    /// Somebody has the future on his stack.
    busy: bool,
    waking: Waking,
    signal: Arc<Signal>,
    pub(super) stalled: bool,
    polled: bool,
    /// With an executor: it joined, and nothing else happened; the epoch of its key then.
    joined: Option<usize>,
    /// How often it was woken before its last poll.
    wakes: usize,
}

/// A caller's waker.
pub(super) struct Signal {
    world: Weak<World>,
    caller: usize,
    waking: Waking,
    woken: AtomicBool,
    /// Since it was last polled.
    wakes: AtomicUsize,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, SeqCst);
        self.wakes.fetch_add(1, SeqCst);
        match self.waking {
            Waking::Notes => {}
            Waking::Panics => resume_unwind(Box::new("a waker")),
            Waking::Polls => {
                let world = self.world.upgrade();
                world.into_iter().for_each(|world| world.answer(&self));
            }
        }
    }
}

impl World {
    pub(super) fn new(program: &Program) -> Arc<Self> {
        let meaning = Arc::new(Meaning::of(program));
        let world = Arc::new(Self {
            program: meaning.tame(program.clone()),
            meaning: meaning.clone(),
            books: Mutex::new(Books::new(meaning, program.keys.len())),
            callers: Mutex::default(),
            doors: Default::default(),
            jobs: Arc::default(),
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
        *world.handle.lock().unwrap() = Some(context(&world.program, ground, &world.jobs));
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

    /// A thread that blocks inside a run's poll on that key is not told of anything more. Where
    /// others drive a part of it, it is theirs to go on.
    pub(super) fn stuck(&self, key: Key) {
        let alone = self.callers.lock().unwrap().len() == 1;
        let alone = alone && self.program.config.host == Host::Callers && !self.program.nests();
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

    pub(super) fn cancel(&self) {
        let Some(ctx) = self.handle() else { return };
        self.cancelled.store(true, SeqCst);
        self.books(Books::cancel);
        ctx.cancel();
    }

    /// One of the callers that are not done.
    pub(super) fn nth(&self, nth: u8, work: impl FnOnce(usize)) {
        let callers = self.callers.lock().unwrap();
        let mut here: Vec<usize> = (0..callers.len()).collect();
        here.retain(|caller| callers[*caller].future.is_some());
        drop(callers);
        if !here.is_empty() {
            work(here[usize::from(nth) % here.len()]);
        }
    }

    pub(super) fn start(self: &Arc<Self>, keys: Vec<Key>, waking: Waking, poll: bool) {
        let Some(ctx) = self.handle() else { return };
        let mut callers = self.callers.lock().unwrap();
        let caller = callers.len();
        let on = On::Keys(keys.clone());
        let future = Wanted::new(self, By::Caller(caller), on, call(self, ctx, &keys));
        callers.push(Caller {
            keys,
            future: Some(Box::pin(future)),
            busy: false,
            waking,
            signal: self.signal(caller, waking),
            stalled: false,
            polled: false,
            joined: None,
            wakes: 0,
        });
        drop(callers);
        if poll {
            self.poll(caller);
        }
    }

    fn signal(self: &Arc<Self>, caller: usize, waking: Waking) -> Arc<Signal> {
        Arc::new(Signal {
            world: Arc::downgrade(self),
            caller,
            waking,
            woken: AtomicBool::new(true),
            wakes: AtomicUsize::new(0),
        })
    }

    /// With another waker from now on.
    pub(super) fn refresh(self: &Arc<Self>, caller: usize) {
        let mut callers = self.callers.lock().unwrap();
        let it = &mut callers[caller];
        let stale = std::mem::replace(&mut it.signal, self.signal(caller, it.waking));
        drop(callers);
        drop(stale);
        self.poll(caller);
    }

    /// A waker that polls.
    fn answer(self: &Arc<Self>, signal: &Arc<Signal>) {
        let callers = self.callers.lock().unwrap();
        let it = &callers[signal.caller];
        let ours = Arc::ptr_eq(&it.signal, signal) && !it.stalled;
        drop(callers);
        if ours {
            self.poll(signal.caller);
        }
    }

    pub(super) fn poll(self: &Arc<Self>, caller: usize) {
        let mut callers = self.callers.lock().unwrap();
        let it = &mut callers[caller];
        let Some(mut future) = it.future.take() else {
            return;
        };
        it.busy = true;
        let first = !std::mem::replace(&mut it.polled, true);
        let (keys, signal) = (it.keys.clone(), it.signal.clone());
        drop(callers);
        signal.woken.store(false, SeqCst);
        let wakes = signal.wakes.swap(0, SeqCst);
        self.callers.lock().unwrap()[caller].wakes += wakes;
        let before = first.then(|| self.stats());
        self.law(wakes <= self.program.wakes(), || {
            format!("caller {caller} was woken {wakes} times")
        });
        let joins = before;
        let before = Before {
            cancelled: self.is_cancelled(),
            hit: self.hit(&keys).filter(|_| first),
        };
        let waker = signal.into();
        let polled = catch_unwind(AssertUnwindSafe(|| crate::poll(&mut future, &waker)));
        let Ok(polled) = polled else {
            return self.law(false, || format!("a poll of caller {caller} unwinds"));
        };
        let Poll::Ready(result) = polled else {
            self.law(before.hit.is_none(), || {
                format!("once: caller {caller} waits for what is remembered")
            });
            self.law(!before.cancelled, || {
                format!("cancelled_serves_nothing: caller {caller} waits")
            });
            let joined = joins.is_some_and(|joins| self.has_joined(joins));
            let epoch = self.books(|books| books.keys[usize::from(keys[0])].epoch);
            let mut callers = self.callers.lock().unwrap();
            let it = &mut callers[caller];
            (it.future, it.busy) = (Some(future), false);
            it.joined = it.joined.or(joined.then_some(epoch));
            return;
        };
        self.callers.lock().unwrap()[caller].busy = false;
        drop(future);
        self.woken_once(caller);
        self.verify(caller, &keys, &result, &before);
    }

    fn stats(&self) -> Option<Stats> {
        self.handle().map(|ctx| ctx.stats())
    }

    /// Since then one call has joined a run, and nothing else has happened.
    fn has_joined(&self, then: Option<Stats>) -> bool {
        let (Some(then), Some(now)) = (then, self.stats()) else {
            return false;
        };
        let plain = self.program.wakes() == 2 && self.program.config.host != Host::Callers;
        plain && now.joins == then.joins + 1 && now.runs == then.runs
    }

    /// With an executor, one who joined a run is woken once, by its end.
    fn woken_once(&self, caller: usize) {
        let callers = self.callers.lock().unwrap();
        let it = &callers[caller];
        let (wakes, joined, key) = (it.wakes, it.joined, it.keys[0]);
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
            let run = book.remembered.filter(|_| !book.vague);
            run.filter(|run| !books.runs[*run].alive)
        })
    }

    fn verify(
        &self,
        caller: usize,
        keys: &[Key],
        result: &Result<Vec<Value>, Error>,
        before: &Before,
    ) {
        let fold = |values: &Vec<Value>| values.iter().fold(0, |sum, v| add(sum, v.value));
        let outcome = outcome(result, fold);
        self.seen.lock().unwrap().outcomes.push(outcome);
        let says = || format!("caller {caller} of {keys:?} gets {outcome:?}");
        if before.cancelled {
            let right = outcome == Outcome::Cancelled;
            return self.law(right, || format!("cancelled_serves_nothing: {}", says()));
        }
        if outcome == Outcome::Cancelled {
            let right = self.is_cancelled();
            return self.law(right, || format!("nobody cancelled: {}", says()));
        }
        self.books(|books| match result {
            Ok(values) => {
                for (key, value) in keys.iter().zip(values) {
                    let right = books.came_to(*key, Outcome::Value(value.value), Some(value.run));
                    books.law(right, || format!("outcomes: {}", says()));
                }
            }
            Err(_) => {
                let right = keys.iter().any(|key| books.came_to(*key, outcome, None));
                books.law(right, || format!("outcomes: {}", says()));
            }
        });
        self.books(|books| {
            let known = before.hit.map(|run| (run, books.runs[run].outcome));
            let got = match result {
                Ok(values) => (values[0].run, Some(Outcome::Value(values[0].value))),
                Err(_) => (known.map_or(0, |known| known.0), Some(outcome)),
            };
            let right = known.is_none_or(|known| known == got || keys.len() > 1);
            books.law(right, || format!("once: a hit: {}", says()));
        });
    }

    pub(super) fn leave(&self, caller: usize) {
        let future = self.callers.lock().unwrap()[caller].future.take();
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(future)));
        self.law(dropped.is_ok(), || {
            format!("dropping caller {caller} unwinds")
        });
    }
}

impl World {
    pub(super) fn signals(&self) -> Vec<Weak<Signal>> {
        let callers = self.callers.lock().unwrap();
        callers
            .iter()
            .map(|it| Arc::downgrade(&it.signal))
            .collect()
    }
}

/// How things were before a caller was polled.
struct Before {
    cancelled: bool,
    hit: Option<usize>,
}

impl Caller {
    pub(super) fn is_waiting(&self) -> bool {
        self.future.is_some() || self.busy
    }

    pub(super) fn is_asleep(&self) -> bool {
        self.future.is_some() && self.polled && !self.signal.woken.load(SeqCst)
    }

    pub(super) fn is_woken(&self) -> bool {
        self.future.is_some() && !self.stalled && self.signal.woken.load(SeqCst)
    }
}

fn context(program: &Program, ground: Ground, jobs: &Arc<Jobs>) -> Ctx<Ground> {
    let config = program.config;
    let builder = Ctx::builder(ground)
        .inline_depth(config.depth)
        .poll_budget(config.budget);
    match config.host {
        Host::Callers => builder.build(),
        Host::Executor => builder.executor(jobs.clone()).build(),
        Host::Finisher => builder.executor(jobs.clone()).finish_abandoned().build(),
    }
}

fn call(world: &Arc<World>, ctx: Ctx<Ground>, keys: &[Key]) -> Future_ {
    if let [key] = *keys {
        let call = node(world, key);
        return Box::pin(async move { Ok(vec![ctx.run(call).await?]) });
    }
    let calls: Vec<_> = keys.iter().map(|key| node(world, *key)).collect();
    Box::pin(async move { ctx.run_parallel(calls).await })
}
