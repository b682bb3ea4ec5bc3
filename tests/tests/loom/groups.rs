//! Groups of calls: members ring, and fail, and are driven apart.
use crate::bench::Bench;
use crate::jobs::First;
use crate::world::{
    App, BoxFut, Gate, Seen, app, assert_over, block_on, call, caller, gated, is_kind, join_all,
    model, model_bound, stall, yields,
};
use loom::thread;
use runce::{Call, Ctx, ErrorKind, Job, Task};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Context, Waker};

/// Each key waits for a gate of its own.
fn gates() -> (App, Arc<Seen>, [Arc<Gate>; 2]) {
    let gates: [Arc<Gate>; 2] = Default::default();
    let theirs = gates.clone();
    let (app, seen) = app(move |_, k| {
        let gate = theirs[k as usize].clone();
        Box::pin(async move {
            gate.wait().await;
            Ok(k)
        })
    });
    (app, seen, gates)
}

/// Two members ring at once, while the group looks at who has.
#[test]
fn model_members_ring_at_once() {
    model(|| {
        let (app, seen, gates) = gates();
        let ctx = Ctx::new(app);
        let openers = gates.map(|gate| thread::spawn(move || gate.open()));
        let both = block_on(ctx.run_parallel((call(0), call(1)))).unwrap();
        assert_eq!(both, (0, 1));
        join_all(openers);
        assert_eq!(seen.runs.load(SeqCst), 2);
        assert_over(&ctx, &seen);
    });
}

/// Members are begun by the executor; each that waits has a set and a job of its own.
#[test]
fn model_members_are_driven_apart() {
    model_bound(2, || {
        let bench = Bench::default();
        let (app, seen) = app(|_, k| {
            Box::pin(async move {
                yields(1).await;
                Ok(k)
            })
        });
        let ctx = Ctx::builder(app).executor(bench.clone()).build();
        let workers = [bench.clone(), bench.clone()];
        let workers = workers.map(|bench| thread::spawn(move || bench.work()));
        let both = block_on(ctx.run_parallel((call(0), call(1)))).unwrap();
        assert_eq!(both, (0, 1));
        bench.close();
        join_all(workers);
        assert_eq!(seen.runs.load(SeqCst), 2);
        assert_over(&ctx, &seen);
    });
}

struct Fails;

impl Task<App> for Fails {
    type Input = ();
    type Output = ();
    type Error = &'static str;

    async fn run(_: &Ctx<App>, (): ()) -> Result<(), &'static str> {
        yields(1).await;
        Err("no")
    }
}

/// One member fails: the interest in the other goes, not its run, which somebody else wants.
#[test]
fn model_failed_sibling_writes_into_no_entry() {
    model(|| {
        let (ctx, seen, gate) = gated();
        let other = caller(&ctx, 1);
        let other = thread::spawn(move || block_on(other).unwrap());
        let opener = thread::spawn(move || gate.open());
        let both =
            block_on(ctx.run_parallel((Call::<Fails, _>::new(()), call(1)))).map(|both| both.1);
        assert!(is_kind(&both, ErrorKind::Failed), "{both:?}");
        assert_eq!(other.join().unwrap(), 1);
        opener.join().unwrap();
        assert_over(&ctx, &seen);
        assert_eq!(seen.most_live.load(SeqCst), 1);
    });
}

/// A helper calls the next as it takes a member; members that are ready at once share helpers.
#[test]
fn model_members_are_begun_by_helpers() {
    model_bound(2, || {
        let bench = Bench::default();
        let (app, seen) = app(|_, k| Box::pin(async move { Ok(k) }));
        let ctx = Ctx::builder(app).executor(bench.clone()).build();
        let workers = [bench.clone(), bench.clone()];
        let workers = workers.map(|bench| thread::spawn(move || bench.work()));
        let all = block_on(ctx.run_parallel([0, 1, 2].map(call))).unwrap();
        assert_eq!(all, [0, 1, 2]);
        bench.close();
        join_all(workers);
        assert_eq!(seen.runs.load(SeqCst), 3);
        assert_over(&ctx, &seen);
    });
}

/// A group that is stalled: its first member is over, the second is to be begun by the helper.
fn to_be_begun() -> (Ctx<App>, Arc<Seen>, Arc<Gate>, Stalled, Job) {
    let gate = Arc::<Gate>::default();
    let theirs = gate.clone();
    let (app, seen) = app(move |_, k| {
        let gate = theirs.clone();
        Box::pin(async move {
            if k == 1 {
                gate.wait().await;
            }
            Ok(k)
        })
    });
    let first = First::default();
    let ctx = Ctx::builder(app).executor(first.clone()).build();
    let theirs = ctx.clone();
    let mut group: Stalled = Box::pin(async move {
        let both = theirs.run_parallel((call(0), call(1))).await?;
        Ok(both.1)
    });
    assert!(!stall(&mut group));
    let helper = first.take().unwrap();
    (ctx, seen, gate, group, helper)
}

type Stalled = BoxFut<'static>;

/// The helper is dropped before it begins: who joined the member before, or joins it
/// meanwhile, polls it.
#[test]
fn model_helper_is_dropped() {
    model(|| {
        let (ctx, seen, gate, group, helper) = to_be_begun();
        let mut before = caller(&ctx, 1);
        assert!(!stall(&mut before));
        gate.open();
        let executor = thread::spawn(move || drop(helper));
        let other = caller(&ctx, 1);
        let other = thread::spawn(move || block_on(other).unwrap());
        assert_eq!(block_on(before).unwrap(), 1);
        assert_eq!(other.join().unwrap(), 1);
        executor.join().unwrap();
        drop(group);
        assert_eq!(seen.runs.load(SeqCst), 2);
        assert_over(&ctx, &seen);
    });
}

/// The helper begins a member, becomes its job, and is dropped.
#[test]
fn model_helper_is_dropped_after_it_began() {
    model(|| {
        let (ctx, seen, gate, group, mut helper) = to_be_begun();
        let mut other = caller(&ctx, 1);
        assert!(!stall(&mut other));
        let executor = thread::spawn(move || {
            let _ = Pin::new(&mut helper).poll(&mut Context::from_waker(Waker::noop()));
            drop(helper);
        });
        let opener = thread::spawn(move || gate.open());
        assert_eq!(block_on(other).unwrap(), 1);
        executor.join().unwrap();
        opener.join().unwrap();
        drop(group);
        assert_eq!(seen.runs.load(SeqCst), 2);
        assert_over(&ctx, &seen);
    });
}

/// The last caller of a member goes while it is begun; the job that this makes ends.
#[test]
fn model_member_is_left_while_it_is_begun() {
    model(|| {
        let (ctx, seen, gate, group, helper) = to_be_begun();
        let executor = thread::spawn(move || block_on(helper));
        let opener = thread::spawn(move || gate.open());
        drop(group);
        executor.join().unwrap();
        opener.join().unwrap();
        assert_over(&ctx, &seen);
    });
}
