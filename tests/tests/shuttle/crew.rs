//! The threads of a program, and what must hold when they are done.
use crate::executor::Hands;
use crate::graph::{Op, Program, Step};
use crate::ledger::{Asked, Ledger};
use crate::parts::{Gate, block_on, poll_times, yields};
use crate::time::TTL;
use runce::{Call, Ctx, Error, ErrorKind, Task, blocking};
use shuttle::thread;
use std::future::{Future, poll_fn};
use std::panic::resume_unwind;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

type BoxFut<'a, O> = Pin<Box<dyn Future<Output = O> + Send + 'a>>;

/// What the tasks can reach.
pub(crate) struct App {
    program: Program,
    ledger: Ledger,
    gates: Vec<Gate>,
}

#[derive(Clone, Copy)]
struct Out {
    value: u64,
    run: usize,
}

struct T;

impl Task<App> for T {
    type Input = u32;
    type Output = Out;
    type Error = Error;

    async fn run(ctx: &Ctx<App>, key: u32) -> Result<Out, Error> {
        let app = ctx.state();
        let run = app.ledger.begin(key);
        let _alive = app.ledger.enter(key);
        let mut value = u64::from(key);
        for step in &app.program.steps[key as usize] {
            value = value.wrapping_add(take(ctx, *step).await?);
        }
        Ok(Out { value, run })
    }
}

struct Fails;

impl Task<App> for Fails {
    type Input = ();
    type Output = ();
    type Error = &'static str;

    async fn run(_: &Ctx<App>, (): ()) -> Result<(), &'static str> {
        Err("on purpose")
    }
}

/// What a step adds.
fn take(ctx: &Ctx<App>, step: Step) -> BoxFut<'_, Result<u64, Error>> {
    Box::pin(async move {
        match step {
            Step::Yield(times) => yields(times as usize).await,
            Step::Wait(gate) => ctx.state().gates[gate].wait().await,
            Step::Run(key) => return ask(ctx, key).await,
            Step::Detached(key) => return ask(&ctx.clone(), key).await,
            Step::Both(one, other) => return both(ctx, one, other).await,
            Step::Block(key) => return block_on(ask(ctx, key)),
            Step::Work(key) => return blocking(ctx, move |ctx| block_on(ask(ctx, key))).await,
            Step::LetGo(key, polls) => let_go(ask(ctx, key), polls).await,
            Step::Fail => ctx.run(Call::<Fails, _>::new(())).await?,
            Step::Panic => resume_unwind(Box::new("on purpose")),
        }
        Ok(0)
    })
}

async fn let_go<F: Future>(future: F, polls: usize) {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|cx| {
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Pending if left > 0 => Poll::Pending,
            _ => Poll::Ready(()),
        }
    })
    .await;
}

async fn ask(ctx: &Ctx<App>, key: u32) -> Result<u64, Error> {
    let asked = ctx.state().ledger.asked(true);
    let outcome = ctx.run(Call::<T, _>::new(key)).await;
    ctx.state().check(key, &asked, &outcome);
    outcome.map(|out| out.value)
}

async fn refresh(ctx: &Ctx<App>, key: u32) {
    let asked = ctx.state().ledger.asked(false);
    let outcome = ctx.refresh(Call::<T, _>::new(key)).await;
    ctx.state().check(key, &asked, &outcome);
}

async fn both(ctx: &Ctx<App>, one: u32, other: u32) -> Result<u64, Error> {
    let asked = ctx.state().ledger.asked(true);
    let calls = (Call::<T, _>::new(one), Call::<T, _>::new(other));
    let (first, second) = ctx.run_parallel(calls).await?;
    ctx.state().check(one, &asked, &Ok(first));
    ctx.state().check(other, &asked, &Ok(second));
    Ok(first.value.wrapping_add(second.value))
}

async fn group(ctx: &Ctx<App>, keys: &[u32]) {
    let asked = ctx.state().ledger.asked(true);
    let calls: Vec<_> = keys.iter().map(|key| Call::<T, _>::new(*key)).collect();
    let outcomes = ctx.run_settled(calls).await;
    for (key, outcome) in keys.iter().zip(outcomes) {
        ctx.state().check(*key, &asked, &outcome);
    }
}

impl App {
    /// Everyone gets the right outcome, of a run that may still be served.
    fn check(&self, key: u32, asked: &Asked, outcome: &Result<Out, Error>) {
        let expected = self.program.value(key);
        let right = match outcome {
            Ok(out) => Some(out.value) == expected,
            Err(error) if error.root_kind() == ErrorKind::Cancelled => self.program.cancels(),
            Err(error) => expected.is_none() && is_failure(error.kind()),
        };
        self.ledger.law(right, || {
            let got = outcome.as_ref().map(|out| out.value);
            format!("{key} came to {got:?}, not {expected:?}")
        });
        if let Ok(out) = outcome {
            self.ledger.served(out.run, asked);
        }
    }
}

fn is_failure(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Failed | ErrorKind::Panicked)
}

pub(crate) struct Crew {
    ctx: Ctx<App>,
    app: Arc<App>,
    executor: Option<Hands>,
    stalled: Arc<Mutex<Vec<BoxFut<'static, ()>>>>,
}

impl Crew {
    pub(crate) fn new(program: Program) -> Self {
        let executor = program.executor.map(Hands::new);
        let app = Arc::new(App {
            ledger: Ledger::new(program.steps.len()),
            gates: (0..program.gates).map(|_| Gate::default()).collect(),
            program,
        });
        Self {
            ctx: context(&app, executor.clone()),
            app,
            executor,
            stalled: Arc::default(),
        }
    }

    pub(crate) fn work(self) {
        let ops = self.app.program.threads.clone();
        let mut threads: Vec<_> = ops.into_iter().map(|ops| self.thread(ops)).collect();
        let app = self.app.clone();
        threads.push(thread::spawn(move || app.gates.iter().for_each(Gate::open)));
        for thread in threads {
            thread.join().unwrap();
        }
        self.end();
    }

    fn thread(&self, ops: Vec<Op>) -> thread::JoinHandle<()> {
        let (ctx, stalled) = (self.ctx.clone(), self.stalled.clone());
        thread::spawn(move || {
            for op in ops {
                if let Op::Stall(key) = op {
                    let future = stall(ctx.clone(), key);
                    stalled.lock().unwrap().push(future);
                } else {
                    perform(&ctx, op);
                }
            }
        })
    }

    fn end(self) {
        let Self {
            ctx,
            app,
            executor,
            stalled,
        } = self;
        let stalled = std::mem::take(&mut *stalled.lock().unwrap());
        drop(stalled);
        executor.iter().for_each(Hands::rest);
        let stats = ctx.stats();
        let over = stats.succeeded + stats.failed + stats.panicked + stats.dropped;
        assert_eq!((stats.runs, stats.in_flight), (over, 0), "{stats:?}");
        assert_eq!(app.ledger.live(), 0);
        if !app.program.forgets {
            app.ledger.assert_one_each();
        }
        let broken = app.ledger.broken();
        assert!(broken.is_empty(), "{broken:?} in {:?}", app.program);
        drop(ctx);
        executor.iter().for_each(Hands::rest);
        assert_eq!(Arc::strong_count(&app), 1, "something keeps the state");
    }
}

fn context(app: &Arc<App>, executor: Option<Hands>) -> Ctx<App> {
    let program = &app.program;
    let mut builder = Ctx::builder_shared(app.clone())
        .clock(app.ledger.clock())
        .poll_budget(program.budget)
        .inline_depth(program.depth);
    if program.forgets {
        builder = builder.ttl(TTL);
    }
    if let Some(capacity) = program.capacity {
        builder = builder.capacity(capacity);
    }
    match executor {
        Some(executor) if program.finishes => builder.executor(executor).finish_abandoned().build(),
        Some(executor) => builder.executor(executor).build(),
        None => builder.build(),
    }
}

/// Polled once, with a waker that tells nobody.
fn stall(ctx: Ctx<App>, key: u32) -> BoxFut<'static, ()> {
    let mut future: BoxFut<'static, ()> = Box::pin(async move { drop(ask(&ctx, key).await) });
    let mut cx = Context::from_waker(Waker::noop());
    if future.as_mut().poll(&mut cx).is_ready() {
        return Box::pin(async {});
    }
    future
}

fn perform(ctx: &Ctx<App>, op: Op) {
    let ledger = &ctx.state().ledger;
    match op {
        Op::Run(key) => drop(block_on(ask(ctx, key))),
        Op::Group(keys) => block_on(group(ctx, &keys)),
        Op::LetGo(key, polls) => drop(poll_times(ask(ctx, key), polls)),
        Op::Refresh(key) => block_on(refresh(ctx, key)),
        Op::Invalidate(key) => {
            let _ = ledger.edit(Some(key), || ctx.invalidate(&Call::<T, _>::new(key)));
        }
        Op::Insert(key) => insert(ctx, key),
        Op::Clear => ledger.edit(None, || ctx.clear()),
        Op::Advance => ledger.clock().advance(),
        Op::Cancel => ctx.cancel(),
        Op::Stall(_) => unreachable!("it is kept by the thread"),
    }
}

/// What the key comes to, as if it had been run.
fn insert(ctx: &Ctx<App>, key: u32) {
    let app = ctx.state();
    let Some(value) = app.program.value(key) else {
        return;
    };
    app.ledger.insert(key, |run| {
        ctx.insert(Call::<T, _>::new(key), Out { value, run });
    });
}
