#![allow(missing_docs, clippy::unwrap_used)]
#![cfg(runce_loom)]
//! The whole engine under loom: every order in which at most three threads take its
//! locks, with at most three preemptions. A hang is a deadlock that loom reports.
//!
//! ```text
//! RUSTFLAGS="--cfg runce_loom" cargo test --release -p runce-tests --test loom
//! ```
//!
//! Not modelled: the counts of `Arc`, which are std's, and the values of once-cells.
//! The number of runs is counted with std's atomics, since it orders nothing; who is in
//! being is counted with loom's, so that loom explores how two runs could overlap.
//!
//! Each of these lines was broken, and the model failed (a hang ends the test process):
//!
//! | model | line broken |
//! |---|---|
//! | `model_once` | `Table::insert` does not look again |
//! | `model_no_lost_wakeup` | `State::wake` leaves `Polling` as it is |
//! | `model_no_lost_wakeup` | `ready::Inner::stop` does not tell the caller itself |
//! | `model_no_deadlock` | search and join are two critical sections of the graph lock |
//! | `model_cancel_while_created` | `Table::insert` does not look for `closed` |
//! | `model_cancel_while_created` | `State::release` does not look for `killed` |
//! | `model_invalidate_while_dropped` | `Table::remove` goes by hash, not by identity |
//! | `model_job_is_dropped` | `ReadySet::job_lost` does not tell the callers |
//! | `model_job_is_refused` | `ready::Inner::arm` does not list the caller |
use loom::sync::atomic::AtomicUsize as Modelled;
use loom::sync::{Condvar, Mutex};
use loom::thread;
use runce::{Call, Ctx, Error, ErrorKind, Executor, Job, Task};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Wake, Waker};

type BoxFut<'a> = Pin<Box<dyn Future<Output = Result<u32, Error>> + Send + 'a>>;
type Body = Box<dyn for<'a> Fn(&'a Ctx<App>, u32) -> BoxFut<'a> + Send + Sync>;

/// What a context's tasks do, and what is counted of them.
struct App {
    body: Body,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    /// Runs started, of all keys.
    runs: AtomicUsize,
    /// Runs in being, destructors included; only models with one key look at it.
    live: Modelled,
    most_live: AtomicUsize,
    /// States dropped.
    gone: AtomicUsize,
}

impl Drop for App {
    fn drop(&mut self) {
        self.seen.gone.fetch_add(1, SeqCst);
    }
}

/// What a run holds.
struct Alive<'a>(&'a Seen);

impl<'a> Alive<'a> {
    fn new(seen: &'a Seen) -> Self {
        let live = seen.live.fetch_add(1, SeqCst) + 1;
        seen.most_live.fetch_max(live, SeqCst);
        Self(seen)
    }
}

impl Drop for Alive<'_> {
    fn drop(&mut self) {
        self.0.live.fetch_sub(1, SeqCst);
    }
}

struct T;

impl Task<App> for T {
    type Input = u32;
    type Output = u32;
    type Error = Error;

    async fn run(ctx: &Ctx<App>, k: u32) -> Result<u32, Error> {
        let app = ctx.state();
        app.seen.runs.fetch_add(1, SeqCst);
        let _alive = Alive::new(&app.seen);
        (app.body)(ctx, k).await
    }
}

fn call(k: u32) -> Call<T, u32> {
    Call::new(k)
}

fn app<F>(body: F) -> (App, Arc<Seen>)
where
    F: for<'a> Fn(&'a Ctx<App>, u32) -> BoxFut<'a> + Send + Sync + 'static,
{
    let seen = Arc::<Seen>::default();
    let app = App {
        body: Box::new(body),
        seen: seen.clone(),
    };
    (app, seen)
}

fn context<F>(body: F) -> (Ctx<App>, Arc<Seen>)
where
    F: for<'a> Fn(&'a Ctx<App>, u32) -> BoxFut<'a> + Send + Sync + 'static,
{
    let (app, seen) = app(body);
    (Ctx::new(app), seen)
}

/// A caller that owns its handle.
fn caller(ctx: &Ctx<App>, k: u32) -> BoxFut<'static> {
    let ctx = ctx.clone();
    Box::pin(async move { ctx.run(call(k)).await })
}

/// Pending once for each, and awake at once.
async fn yields(mut n: usize) {
    poll_fn(|cx| {
        if n == 0 {
            return Poll::Ready(());
        }
        n -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// The event that a run waits for. It opens once, and wakes once.
#[derive(Default)]
struct Gate(Mutex<(bool, Vec<Waker>)>);

impl Gate {
    fn open(&self) {
        let wakers = {
            let mut gate = self.0.lock().unwrap();
            gate.0 = true;
            std::mem::take(&mut gate.1)
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    async fn wait(&self) {
        poll_fn(|cx| {
            let mut gate = self.0.lock().unwrap();
            if gate.0 {
                return Poll::Ready(());
            }
            gate.1.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// A thread's waker, without the spurious wakes of loom's own `block_on`.
#[derive(Default)]
struct Parker(Mutex<bool>, Condvar);

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        *self.0.lock().unwrap() = true;
        self.1.notify_one();
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let parker = Arc::<Parker>::default();
    let waker = Waker::from(parker.clone());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        let mut told = parker.0.lock().unwrap();
        while !*told {
            told = parker.1.wait(told).unwrap();
        }
        *told = false;
    }
}

/// Polled once, with a waker that tells nobody: a caller that is stalled from then on.
fn stall(future: &mut BoxFut<'static>) -> bool {
    let mut cx = Context::from_waker(Waker::noop());
    future.as_mut().poll(&mut cx).is_ready()
}

fn model(work: impl Fn() + Send + Sync + 'static) {
    model_bound(3, work);
}

fn model_bound(preemptions: usize, work: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.max_branches = 100_000;
    builder.max_threads = 3;
    builder.check(work);
}

fn is_kind(outcome: &Result<u32, Error>, kind: ErrorKind) -> bool {
    outcome.as_ref().is_err_and(|error| error.kind() == kind)
}

/// A context whose runs wait for the gate.
fn gated() -> (Ctx<App>, Arc<Seen>, Arc<Gate>) {
    let gate = Arc::<Gate>::default();
    let g = gate.clone();
    let (ctx, seen) = context(move |_, k| {
        let g = g.clone();
        Box::pin(async move {
            g.wait().await;
            Ok(k)
        })
    });
    (ctx, seen, gate)
}

/// Two callers, a run that wakes itself: it runs once, for both.
#[test]
fn model_once() {
    model(|| {
        let (ctx, seen) = context(|_, k| {
            Box::pin(async move {
                yields(1).await;
                Ok(k)
            })
        });
        let first = caller(&ctx, 1);
        let other = thread::spawn(move || block_on(first).unwrap());
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 1);
        assert_eq!(other.join().unwrap(), 1);
        assert_eq!(seen.runs.load(SeqCst), 1);
        assert_eq!(
            (ctx.stats().runs, ctx.stats().in_flight, ctx.len()),
            (1, 0, 1)
        );
        drop(ctx);
        assert_eq!(seen.gone.load(SeqCst), 1);
    });
}

/// The creator leaves while another waits and the gate opens: the run goes on.
#[test]
fn model_once_survives_its_caller() {
    model(|| {
        let (ctx, seen, gate) = gated();
        let mut creator = caller(&ctx, 1);
        let mut other = caller(&ctx, 1);
        assert!(!stall(&mut creator) && !stall(&mut other));
        let leaver = thread::spawn(move || drop(creator));
        let opener = thread::spawn(move || gate.open());
        assert_eq!(block_on(other).unwrap(), 1);
        leaver.join().unwrap();
        opener.join().unwrap();
        assert_eq!((seen.runs.load(SeqCst), ctx.stats().dropped), (1, 0));
    });
}

/// A caller that polls once and then only stays alive holds nobody up.
#[test]
fn model_no_futurelock() {
    model(|| {
        let (ctx, seen, gate) = gated();
        let mut stalled = caller(&ctx, 1);
        let stalled = thread::spawn(move || {
            stall(&mut stalled);
            stalled
        });
        let opener = thread::spawn(move || gate.open());
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 1);
        let stalled = stalled.join().unwrap();
        opener.join().unwrap();
        assert_eq!(seen.runs.load(SeqCst), 1);
        drop(stalled);
    });
}

/// The same where only a run below is shared: 1 and 2 wait for 0, whose creator is
/// in the tree of the stalled one.
#[test]
fn model_no_futurelock_across_sets() {
    model(|| {
        let gate = Arc::<Gate>::default();
        let g = gate.clone();
        let (ctx, seen) = context(move |ctx, k| {
            let g = g.clone();
            Box::pin(async move {
                if k > 0 {
                    return Ok(ctx.run(call(0)).await? + k);
                }
                g.wait().await;
                Ok(0)
            })
        });
        let mut stalled = caller(&ctx, 1);
        assert!(!stall(&mut stalled));
        let opener = thread::spawn(move || gate.open());
        assert_eq!(block_on(ctx.run(call(2))).unwrap(), 2);
        opener.join().unwrap();
        assert_eq!(seen.runs.load(SeqCst), 3);
        drop(stalled);
    });
}

/// The wake comes while the run is being polled, put back, subscribed to or drained;
/// then the run wakes itself so often that its only caller has to come back for it.
#[test]
fn model_no_lost_wakeup() {
    model_bound(5, || {
        let gate = Arc::<Gate>::default();
        let g = gate.clone();
        let (ctx, seen) = context(move |_, k| {
            let g = g.clone();
            Box::pin(async move {
                g.wait().await;
                yields(2).await;
                Ok(k)
            })
        });
        let opener = thread::spawn(move || gate.open());
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 1);
        opener.join().unwrap();
        assert_eq!((seen.runs.load(SeqCst), ctx.stats().in_flight), (1, 0));
    });
}

/// The circle 0 -> 1 -> 0, entered from both ends: both callers get the error, and it is
/// not remembered.
#[test]
fn model_no_deadlock() {
    model(|| {
        let (ctx, _) = context(|ctx, k| Box::pin(async move { ctx.run(call(1 - k)).await }));
        let other = caller(&ctx, 1);
        let other = thread::spawn(move || block_on(other));
        let ours = block_on(ctx.run(call(0)));
        let theirs = other.join().unwrap();
        assert!(is_kind(&ours, ErrorKind::Cycle), "{ours:?}");
        assert!(is_kind(&theirs, ErrorKind::Cycle), "{theirs:?}");
        assert_eq!((ctx.stats().in_flight, ctx.len()), (0, 0));
    });
}

/// No circle: 2 -> 1 -> 0 and 2 -> 0, with a caller of 2 and one of 1.
#[test]
fn model_no_false_blame() {
    model(|| {
        let (ctx, seen) = context(|ctx, k| {
            Box::pin(async move {
                match k {
                    0 => yields(1).await,
                    1 => return Ok(ctx.run(call(0)).await? + 1),
                    _ => return Ok(ctx.run(call(1)).await? + ctx.run(call(0)).await? + 2),
                }
                Ok(0)
            })
        });
        let other = caller(&ctx, 1);
        let other = thread::spawn(move || block_on(other));
        assert_eq!(block_on(ctx.run(call(2))).unwrap(), 3);
        assert_eq!(other.join().unwrap().unwrap(), 1);
        assert_eq!((seen.runs.load(SeqCst), ctx.len()), (3, 3));
    });
}

/// The last caller leaves while another joins: the run is revived or started anew, and
/// never are two of them in being, destructors included.
#[test]
fn model_last_caller_out() {
    model(|| {
        let (ctx, seen) = context(|_, k| {
            Box::pin(async move {
                yields(1).await;
                Ok(k)
            })
        });
        let mut leaver = caller(&ctx, 1);
        let leaver = thread::spawn(move || {
            stall(&mut leaver);
            drop(leaver);
        });
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 1);
        leaver.join().unwrap();
        assert_eq!(seen.most_live.load(SeqCst), 1);
        assert_eq!(seen.live.load(SeqCst), 0);
        let stats = ctx.stats();
        assert_eq!((stats.succeeded, ctx.len()), (1, 1));
        assert_eq!(stats.runs, 1 + stats.dropped);
    });
}

/// Cancelled while a run is created that nothing else would ever end.
#[test]
fn model_cancel_while_created() {
    model_bound(5, || {
        let (ctx, seen, _gate) = gated();
        let creator = caller(&ctx, 1);
        let creator = thread::spawn(move || block_on(creator));
        ctx.cancel();
        let outcome = creator.join().unwrap();
        assert!(is_kind(&outcome, ErrorKind::Cancelled), "{outcome:?}");
        assert_eq!(
            (seen.live.load(SeqCst), ctx.len(), ctx.stats().in_flight),
            (0, 0, 0)
        );
        drop(ctx);
        assert_eq!(seen.gone.load(SeqCst), 1);
    });
}

/// Cancelled while a run that is in flight is joined.
#[test]
fn model_cancel_while_joined() {
    model_bound(5, || {
        let (ctx, seen, _gate) = gated();
        let mut creator = caller(&ctx, 1);
        assert!(!stall(&mut creator));
        let joiner = caller(&ctx, 1);
        let joiner = thread::spawn(move || block_on(joiner));
        ctx.cancel();
        let outcome = joiner.join().unwrap();
        assert!(is_kind(&outcome, ErrorKind::Cancelled), "{outcome:?}");
        let outcome = block_on(creator);
        assert!(is_kind(&outcome, ErrorKind::Cancelled), "{outcome:?}");
        assert_eq!((seen.live.load(SeqCst), ctx.len()), (0, 0));
        drop(ctx);
        assert_eq!(seen.gone.load(SeqCst), 1);
    });
}

/// Forgotten while it settles. Whoever forgot something gets a run of its own, which is
/// the one that is remembered; the old one ends for its caller.
#[test]
fn model_invalidate_while_settled() {
    model(|| {
        let next = AtomicUsize::new(0);
        let (ctx, seen) = context(move |_, _| {
            let ordinal = u32::try_from(next.fetch_add(1, SeqCst)).unwrap();
            Box::pin(async move {
                yields(1).await;
                Ok(ordinal)
            })
        });
        let other = caller(&ctx, 1);
        let other = thread::spawn(move || block_on(other).unwrap());
        let forgot = ctx.invalidate(&call(1));
        let ours = block_on(ctx.run(call(1))).unwrap();
        let theirs = other.join().unwrap();
        assert_eq!(forgot, ours != theirs);
        assert_eq!(seen.runs.load(SeqCst), 1 + usize::from(forgot));
        assert_eq!(ctx.peek(&call(1)).unwrap().unwrap(), ours);
        assert_eq!((ctx.len(), ctx.stats().dropped), (1, 0));
    });
}

/// Forgotten while its last caller leaves: the old run does not take the new one out of
/// the table.
#[test]
fn model_invalidate_while_dropped() {
    model(|| {
        let (ctx, seen, gate) = gated();
        let mut leaver = caller(&ctx, 1);
        assert!(!stall(&mut leaver));
        let leaver = thread::spawn(move || drop(leaver));
        let forgot = ctx.invalidate(&call(1));
        let mut ours = caller(&ctx, 1);
        let done = stall(&mut ours);
        leaver.join().unwrap();
        // Whatever is in flight now is ours, and only ours.
        gate.open();
        assert!(!done);
        assert_eq!(block_on(ours).unwrap(), 1);
        assert_eq!(ctx.peek(&call(1)).unwrap().unwrap(), 1);
        let stats = ctx.stats();
        assert_eq!((ctx.len(), stats.succeeded, stats.in_flight), (1, 1, 0));
        // Not forgotten: either it was dropped before, or we revived it.
        assert!(!forgot || seen.runs.load(SeqCst) == 2);
        assert_eq!(stats.runs, 1 + stats.dropped);
    });
}

/// Keeps its job for whoever takes it.
#[derive(Clone, Default)]
struct Slot(Arc<std::sync::Mutex<Option<Job>>>);

impl Executor for Slot {
    fn spawn(&self, job: Job) {
        let before = self.0.lock().unwrap().replace(job);
        assert!(before.is_none(), "one set, one job");
    }
}

/// A gated run with a stalled creator, a second caller that has joined, and the job that
/// this called for.
fn handed_over() -> (Ctx<App>, Arc<Seen>, Arc<Gate>, [BoxFut<'static>; 2], Job) {
    let gate = Arc::<Gate>::default();
    let g = gate.clone();
    let (app, seen) = app(move |_, k| {
        let g = g.clone();
        Box::pin(async move {
            g.wait().await;
            Ok(k)
        })
    });
    let slot = Slot::default();
    let ctx = Ctx::builder(app).executor(slot.clone()).build();
    let mut callers = [caller(&ctx, 1), caller(&ctx, 1)];
    for caller in &mut callers {
        assert!(!stall(caller));
    }
    let job = slot.0.lock().unwrap().take().unwrap();
    (ctx, seen, gate, callers, job)
}

/// The executor drives; it drops its job after one poll while the gate opens. The
/// caller that waits drives again.
#[test]
fn model_job_is_dropped() {
    model(|| {
        let (ctx, seen, gate, [stalled, other], mut job) = handed_over();
        let executor = thread::spawn(move || {
            let mut cx = Context::from_waker(Waker::noop());
            let _ = Pin::new(&mut job).poll(&mut cx);
            drop(job);
        });
        let opener = thread::spawn(move || gate.open());
        assert_eq!(block_on(other).unwrap(), 1);
        executor.join().unwrap();
        opener.join().unwrap();
        assert_eq!((seen.runs.load(SeqCst), ctx.stats().in_flight), (1, 0));
        drop(stalled);
    });
}

/// The executor drives to the end; the job is over when nobody is interested any more.
#[test]
fn model_job_ends() {
    model(|| {
        let (ctx, seen, gate, [stalled, other], job) = handed_over();
        let executor = thread::spawn(move || block_on(job));
        let opener = thread::spawn(move || gate.open());
        assert_eq!(block_on(other).unwrap(), 1);
        drop(stalled);
        executor.join().unwrap();
        opener.join().unwrap();
        assert_eq!((seen.runs.load(SeqCst), ctx.stats().in_flight), (1, 0));
    });
}

/// Refuses its job at once, in the middle of a hand-over.
struct Refuses;

impl Executor for Refuses {
    fn spawn(&self, job: Job) {
        drop(job);
    }
}

#[test]
fn model_job_is_refused() {
    model(|| {
        let gate = Arc::<Gate>::default();
        let g = gate.clone();
        let (app, seen) = app(move |_, k| {
            let g = g.clone();
            Box::pin(async move {
                g.wait().await;
                Ok(k)
            })
        });
        let ctx = Ctx::builder(app).executor(Refuses).build();
        let mut stalled = caller(&ctx, 1);
        assert!(!stall(&mut stalled));
        let opener = thread::spawn(move || gate.open());
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 1);
        opener.join().unwrap();
        assert_eq!(seen.runs.load(SeqCst), 1);
        drop(stalled);
    });
}
