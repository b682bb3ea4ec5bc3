//! Work that blocks its thread, on a thread of the executor's.
use crate::bench::Bench;
use crate::world::{
    App, BoxFut, Gate, Seen, above_a_gate, app, assert_over, block_on, call, caller, model,
    model_bound, poll_once, stall, yields,
};
use loom::sync::atomic::AtomicUsize as Modelled;
use loom::thread;
use runce::{Ctx, blocking};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

/// Works at once, and counts those who do.
fn working(busy: &Arc<Modelled>) -> (App, Arc<Seen>) {
    let busy = busy.clone();
    app(move |ctx, k| {
        let busy = busy.clone();
        Box::pin(blocking(ctx, move |_| {
            assert_eq!(busy.fetch_add(1, SeqCst), 0, "two at once");
            busy.fetch_sub(1, SeqCst);
            Ok(k)
        }))
    })
}

/// The last caller leaves while the work is taken up and done, and another comes: he joins
/// the run whose work goes on, or begins anew what was dropped before its work began.
#[test]
fn model_work_goes_on_when_the_last_caller_leaves() {
    model_bound(2, || {
        let bench = Bench::default();
        let (app, seen) = working(&Arc::default());
        let ctx = Ctx::builder(app).executor(bench.clone()).build();
        let mut leaver = caller(&ctx, 1);
        assert!(!stall(&mut leaver));
        let workers = bench.clone();
        let worker = thread::spawn(move || workers.work());
        let leaver = thread::spawn(move || drop(leaver));
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 1);
        leaver.join().unwrap();
        bench.close();
        worker.join().unwrap();
        assert_over(&ctx, &seen);
    });
}

/// The work of a run goes on while its only caller leaves, and jobs are polled.
fn left_while_working((app, seen): (App, Arc<Seen>)) -> Ctx<App> {
    let bench = Bench::default();
    let ctx = Ctx::builder(app).executor(bench.clone()).build();
    let mut leaver = caller(&ctx, 1);
    assert!(!stall(&mut leaver));
    let work = bench.take().expect("it was given");
    let working = thread::spawn(work);
    let jobs = bench.clone();
    let jobs = thread::spawn(move || jobs.work());
    drop(leaver);
    working.join().unwrap();
    bench.close();
    jobs.join().unwrap();
    assert_over(&ctx, &seen);
    ctx
}

/// What the work waits for is done by the rest of its run, which nobody else wants any more:
/// the executor to which it is lent polls that.
#[test]
fn model_lent_while_work_waits_for_the_rest() {
    fn body(ctx: &Ctx<App>) -> BoxFut<'_> {
        let gate = Arc::<Gate>::default();
        let theirs = gate.clone();
        Box::pin(async move {
            let work = move |_: &Ctx<App>| {
                block_on(theirs.wait());
                Ok(1)
            };
            let mut work = pin!(blocking(ctx, work));
            poll_once(work.as_mut()).await;
            yields(3).await;
            gate.open();
            work.await
        })
    }
    model_bound(2, || {
        let ctx = left_while_working(app(|ctx, _| body(ctx)));
        assert!(ctx.stats().dropped == 1 || ctx.len() == 1);
    });
}

/// The work waits, on its own thread, for a run that somebody else has begun and leaves.
#[test]
fn model_work_waits_for_a_run() {
    model(|| {
        let bench = Bench::default();
        let (app, seen, gate) = above_a_gate(|ctx, _| {
            let work = |ctx: &Ctx<App>| Ok(block_on(ctx.run(call(0)))? + 1);
            Box::pin(blocking(ctx, work))
        });
        let ctx = Ctx::builder(app).executor(bench.clone()).build();
        let (mut stalled, mut above) = (caller(&ctx, 0), caller(&ctx, 1));
        assert!(!stall(&mut stalled) && !stall(&mut above));
        let workers = bench.clone();
        let worker = thread::spawn(move || workers.work());
        let leaver = thread::spawn(move || drop(stalled));
        gate.open();
        assert_eq!(block_on(above).unwrap(), 1);
        leaver.join().unwrap();
        bench.close();
        worker.join().unwrap();
        assert_over(&ctx, &seen);
    });
}

/// The executor drops the work while its run is polled again: whoever polls does it.
#[test]
fn model_work_is_refused() {
    model(|| {
        let bench = Bench::default();
        let (app, seen) = working(&Arc::default());
        let ctx = Ctx::builder(app).executor(bench.clone()).build();
        let mut first = caller(&ctx, 1);
        assert!(!stall(&mut first));
        let refusing = thread::spawn(move || bench.empty());
        assert_eq!(block_on(first).unwrap(), 1);
        refusing.join().unwrap();
        assert_eq!(seen.runs.load(SeqCst), 1);
        assert_over(&ctx, &seen);
    });
}

/// The work is done, nobody wants the rest of its run: it is dropped, not finished.
#[test]
fn model_work_done_for_nobody() {
    model_bound(2, || {
        let ctx = left_while_working(app(|ctx, _| {
            Box::pin(async move {
                blocking(ctx, |_| ()).await;
                std::future::pending().await
            })
        }));
        assert_eq!(ctx.stats().dropped, 1);
    });
}
