//! What the models are made of: one task whose body is a closure over its key, callers, and the
//! limits of the search.
use loom::sync::atomic::AtomicUsize as Modelled;
use loom::thread::JoinHandle;
use runce::{Call, Concurrency, Ctx, Error, ErrorKind, Task};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};

pub(crate) use crate::parts::{Gate, block_on, yields};

pub(crate) type BoxFut<'a> = Pin<Box<dyn Future<Output = Result<u32, Error>> + Send + 'a>>;
type Body = Box<dyn for<'a> Fn(&'a Ctx<App>, u32) -> BoxFut<'a> + Send + Sync>;

/// What a context's tasks do, and what is counted of them.
pub(crate) struct App {
    body: Body,
    seen: Arc<Seen>,
}

#[derive(Default)]
pub(crate) struct Seen {
    /// Runs started, of all keys.
    pub(crate) runs: AtomicUsize,
    /// Runs in being, destructors included; only models with one key look at it.
    pub(crate) live: Modelled,
    pub(crate) most_live: AtomicUsize,
    /// States dropped.
    pub(crate) gone: AtomicUsize,
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

/// The task. `ONE`: one at a time.
pub(crate) struct Of<const ONE: bool>;

pub(crate) type T = Of<false>;
pub(crate) type Single = Of<true>;

impl<const ONE: bool> Task<App> for Of<ONE> {
    type Input = u32;
    type Output = u32;
    type Error = Error;

    async fn run(ctx: &Ctx<App>, k: u32) -> Result<u32, Error> {
        let app = ctx.state();
        app.seen.runs.fetch_add(1, SeqCst);
        let _alive = Alive::new(&app.seen);
        (app.body)(ctx, k).await
    }

    fn concurrency() -> Option<Concurrency> {
        ONE.then(|| Concurrency::at_most(1))
    }
}

pub(crate) fn single(k: u32) -> Call<Single, u32> {
    Call::new(k)
}

pub(crate) fn call(k: u32) -> Call<T, u32> {
    Call::new(k)
}

pub(crate) fn app<F>(body: F) -> (App, Arc<Seen>)
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

pub(crate) fn context<F>(body: F) -> (Ctx<App>, Arc<Seen>)
where
    F: for<'a> Fn(&'a Ctx<App>, u32) -> BoxFut<'a> + Send + Sync + 'static,
{
    let (app, seen) = app(body);
    (Ctx::new(app), seen)
}

/// Runs yield so often.
pub(crate) fn yielding(times: usize) -> (Ctx<App>, Arc<Seen>) {
    context(move |_, k| {
        Box::pin(async move {
            yields(times).await;
            Ok(k)
        })
    })
}

/// A caller that owns its handle.
pub(crate) fn caller(ctx: &Ctx<App>, k: u32) -> BoxFut<'static> {
    let ctx = ctx.clone();
    Box::pin(async move { ctx.run(call(k)).await })
}

/// Polled once, with a waker that tells nobody: a caller that is stalled from then on.
pub(crate) fn stall(future: &mut BoxFut<'static>) -> bool {
    let mut cx = Context::from_waker(Waker::noop());
    future.as_mut().poll(&mut cx).is_ready()
}

pub(crate) fn model(work: impl Fn() + Send + Sync + 'static) {
    model_bound(3, work);
}

pub(crate) fn model_bound(preemptions: usize, work: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.max_branches = 100_000;
    builder.max_threads = 3;
    builder.check(work);
}

pub(crate) fn is_kind(outcome: &Result<u32, Error>, kind: ErrorKind) -> bool {
    outcome.as_ref().is_err_and(|error| error.kind() == kind)
}

/// Polls once, whatever comes of it.
pub(crate) async fn poll_once<F: Future>(mut future: Pin<&mut F>) {
    poll_fn(|cx| {
        let _ = future.as_mut().poll(cx);
        Poll::Ready(())
    })
    .await;
}

pub(crate) fn join_all<const N: usize>(threads: [JoinHandle<()>; N]) {
    for thread in threads {
        thread.join().unwrap();
    }
}

/// Nothing is in flight, and of each run the end was counted.
pub(crate) fn assert_over(ctx: &Ctx<App>, seen: &Seen) {
    let stats = ctx.stats();
    let over = stats.succeeded + stats.failed + stats.panicked + stats.dropped;
    assert_eq!((stats.runs, stats.in_flight), (over, 0), "{stats:?}");
    assert_eq!(seen.live.load(SeqCst), 0);
}

/// Runs wait for the gate.
pub(crate) fn gated_app() -> (App, Arc<Seen>, Arc<Gate>) {
    let gate = Arc::<Gate>::default();
    let g = gate.clone();
    let (app, seen) = app(move |_, k| {
        let g = g.clone();
        Box::pin(async move {
            g.wait().await;
            Ok(k)
        })
    });
    (app, seen, gate)
}

/// A context of such runs.
pub(crate) fn gated() -> (Ctx<App>, Arc<Seen>, Arc<Gate>) {
    let (app, seen, gate) = gated_app();
    (Ctx::new(app), seen, gate)
}

/// 0 waits for the gate; what `above` makes of the others may run it.
pub(crate) fn above_a_gate<F>(above: F) -> (App, Arc<Seen>, Arc<Gate>)
where
    F: for<'a> Fn(&'a Ctx<App>, u32) -> BoxFut<'a> + Send + Sync + 'static,
{
    let gate = Arc::<Gate>::default();
    let g = gate.clone();
    let (app, seen) = app(move |ctx, k| {
        let g = g.clone();
        if k > 0 {
            return above(ctx, k);
        }
        Box::pin(async move {
            g.wait().await;
            Ok(0)
        })
    });
    (app, seen, gate)
}
