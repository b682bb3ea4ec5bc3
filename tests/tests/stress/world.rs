//! What the contexts' state is: the plan, the books, what surrounds the engine.
use crate::books::{Book, End};
use crate::callers::Caller;
use crate::host::{Host, Loses};
use crate::plan::{Executor, Plan};
use crate::post::Post;
use crate::task::node;
use runce::Ctx;
use runce::testing::ManualClock;
use runce_tests::program::{Act, KEYS, Key, Outcome};
use runce_threads::Threads;
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) const TTL: Duration = Duration::from_secs(60);
const LIMIT: Duration = Duration::from_secs(90);
/// So often tasks and their destructors act.
const ACTS: usize = 60;

pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) books: [Book; KEYS],
    pub(crate) clock: ManualClock,
    pub(crate) post: Post,
    pub(crate) host: Host,
    /// For what is done by tasks; taken out at the end.
    handle: Mutex<Option<Ctx<World>>>,
    /// Callers that belong to no thread.
    pub(crate) shared: Mutex<Vec<Caller>>,
    pub(crate) cancelled: AtomicBool,
    acts: AtomicUsize,
    /// So often the clock went on.
    pub(crate) times: AtomicUsize,
    /// Counts what is alive: states, inputs, outputs, errors, runs, wakers.
    pub(crate) token: Arc<()>,
    broken: Mutex<Vec<String>>,
    /// What each thread is doing.
    doing: Mutex<Vec<String>>,
}

impl World {
    pub(crate) fn new(plan: Plan) -> Arc<Self> {
        let host = match plan.executor {
            Executor::None => Host::None,
            // Blocking work is done by whoever waits, or on threads enough for all.
            Executor::Threads => {
                Host::Threads(Threads::with_limits(2, [0, 64][(plan.seed % 2) as usize]))
            }
            Executor::Loses => Host::Loses(Loses::start(2)),
        };
        let doing = vec![String::new(); plan.threads as usize];
        let world = Arc::new(Self {
            plan,
            books: Default::default(),
            clock: ManualClock::new(),
            post: Post::default(),
            host,
            handle: Mutex::default(),
            shared: Mutex::default(),
            cancelled: AtomicBool::new(false),
            acts: AtomicUsize::new(0),
            times: AtomicUsize::new(0),
            token: Arc::default(),
            broken: Mutex::default(),
            doing: Mutex::new(doing),
        });
        *world.handle.lock().unwrap() = Some(context(&world));
        world
    }

    pub(crate) fn book(&self, key: Key) -> &Book {
        &self.books[usize::from(key)]
    }

    pub(crate) fn law(&self, holds: bool, broken: impl FnOnce() -> String) {
        if !holds {
            self.broken.lock().unwrap().push(broken());
        }
    }

    pub(crate) fn broken(&self) -> Vec<String> {
        std::mem::take(&mut *self.broken.lock().unwrap())
    }

    pub(crate) fn handle(&self) -> Option<Ctx<World>> {
        self.handle.lock().unwrap().clone()
    }

    pub(crate) fn take_handle(&self) -> Option<Ctx<World>> {
        self.handle.lock().unwrap().take()
    }

    /// May that key come to that?
    pub(crate) fn allows(&self, key: Key, end: End) -> bool {
        let cancelled = self.cancelled.load(SeqCst);
        let odd = cancelled || self.plan.limited;
        match end {
            End::TimedOut => self.plan.limited,
            End::Late => false,
            End::Came(Outcome::Cancelled) => cancelled,
            End::Came(outcome) => {
                self.plan.meaning.allows(key, outcome) || (odd && self.plan.catches(key))
            }
        }
    }

    /// From within a task or its destructor: not without end.
    pub(crate) fn act(&self, act: Act) {
        if self.acts.fetch_add(1, SeqCst) < ACTS {
            self.perform(act);
        }
    }

    pub(crate) fn perform(&self, act: Act) {
        let Some(ctx) = self.handle().filter(|_| self.plan.does(act)) else {
            return;
        };
        match act {
            Act::Start(key) => self.share(Caller::new(&ctx, vec![key]), true),
            Act::Poll(_) => self
                .shared_one()
                .into_iter()
                .for_each(|it| self.share(it, true)),
            Act::Drop(_) => drop(self.shared_one()),
            Act::Invalidate(key) => self.edit(&[key], || _ = ctx.invalidate(&node(self, key))),
            Act::Clear => self.edit(&Vec::from_iter(self.plan.keys()), || ctx.clear()),
            Act::Peek(key) => drop(ctx.peek(&node(self, key))),
            Act::Expire => self.pass(TTL),
            Act::Age => self.pass(TTL / 4),
            Act::Cancel => self.cancel(&ctx),
            Act::ShutDown => self.host.close(),
            Act::Open(_) | Act::Pulse(_) | Act::Refresh(_) | Act::Insert(_) | Act::DropHandle => {}
        }
    }

    fn pass(&self, time: Duration) {
        self.times.fetch_add(1, SeqCst);
        self.clock.advance(time);
    }

    pub(crate) fn edit(&self, keys: &[Key], edit: impl FnOnce()) {
        for key in keys {
            self.book(*key).edits.fetch_add(1, SeqCst);
        }
        edit();
    }

    pub(crate) fn cancel(&self, ctx: &Ctx<World>) {
        self.cancelled.store(true, SeqCst);
        ctx.cancel();
    }

    /// Anybody may go on with that caller.
    pub(crate) fn share(&self, mut caller: Caller, poll: bool) {
        if !poll || !caller.poll_once(self) {
            self.shared.lock().unwrap().push(caller);
        }
    }

    pub(crate) fn shared_one(&self) -> Option<Caller> {
        self.shared.lock().unwrap().pop()
    }

    pub(crate) fn does(&self, thread: usize, what: String) {
        self.doing.lock().unwrap()[thread] = what;
    }

    /// For people, when it hangs.
    pub(crate) fn report(&self) -> String {
        let mut text = self.plan.to_string();
        let _ = writeln!(text, "threads: {:?}", self.doing.lock().unwrap());
        for key in self.plan.keys() {
            let book = self.book(key);
            let (running, started) = (book.running.load(SeqCst), book.started.load(SeqCst));
            let _ = writeln!(text, "key {key}: {started} runs, {running} alive");
        }
        if let Some(ctx) = self.handle() {
            let _ = writeln!(text, "{ctx:?} {:?}", ctx.stats());
        }
        text
    }
}

fn context(world: &Arc<World>) -> Ctx<World> {
    let (plan, config) = (&world.plan, world.plan.program.config);
    let mut builder = Ctx::builder_shared(world.clone())
        .inline_depth(config.depth)
        .poll_budget(config.budget)
        .timer(world.clock.clone());
    if plan.forgets() {
        builder = builder.ttl(TTL).capacity(4);
    }
    if plan.stale {
        builder = builder
            .stale_while_revalidate(TTL / 2)
            .stale_if_error(3 * TTL)
            .retry_after(TTL / 8);
    }
    if plan.limited {
        builder = builder.limit(LIMIT);
    }
    if plan.executor == Executor::None {
        return builder.build();
    }
    let mut builder = builder.executor(world.host.clone());
    if plan.stale {
        builder = builder.refresh_ahead(0.5);
    }
    if plan.finishes() {
        builder = builder.finish_abandoned();
    }
    builder.build()
}
