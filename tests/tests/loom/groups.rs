//! Groups of calls: members ring, and fail, and are driven apart.
use crate::bench::Bench;
use crate::world::{
    App, Gate, Seen, app, assert_over, block_on, call, caller, gated, is_kind, join_all, model,
    model_bound, yields,
};
use loom::thread;
use runce::{Call, Ctx, ErrorKind, Task};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

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

/// Members are started by the executor, each in a set and by a job of its own.
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
