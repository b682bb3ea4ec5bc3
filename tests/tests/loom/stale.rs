//! Values that are stale: who renews them, and what comes in between.
use crate::bench::Bench;
use crate::refresh::refresher;
use crate::time::{Due, Hands, TTL, numbered};
use crate::world::{
    App, Seen, app, assert_over, block_on, call, caller, is_kind, model, model_bound, stall, yields,
};
use loom::thread::{self, JoinHandle};
use runce::{Builder, Ctx, Error, ErrorKind, NoExecutor, Task, WithClock};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

type Clocked = Builder<App, NoExecutor, WithClock>;

/// Run once, and just stale.
fn stale(
    (app, seen): (App, Arc<Seen>),
    build: impl FnOnce(Clocked) -> Ctx<App>,
) -> (Ctx<App>, Arc<Seen>) {
    let hands = Hands::default();
    let ctx = build(Ctx::builder(app).clock(hands.clone()).ttl(TTL));
    assert_eq!(block_on(ctx.run(call(1))).unwrap(), 0);
    hands.advance(TTL);
    (ctx, seen)
}

fn asks(ctx: &Ctx<App>) -> JoinHandle<u32> {
    let ask = caller(ctx, 1);
    thread::spawn(move || block_on(ask).unwrap())
}

/// Renewed behind: by a thread that works, until the bench is closed.
fn behind() -> (Ctx<App>, Arc<Seen>, Bench, JoinHandle<()>) {
    let bench = Bench::default();
    let executor = bench.clone();
    let (ctx, seen) = stale(numbered(1), |builder| {
        let builder = builder.executor(executor);
        builder.stale_while_revalidate(TTL).build()
    });
    let workers = bench.clone();
    let worker = thread::spawn(move || workers.work());
    (ctx, seen, bench, worker)
}

/// One run took the place of the first, and never two at once.
fn assert_renewed_once(ctx: &Ctx<App>, seen: &Seen) {
    let runs = (seen.runs.load(SeqCst), seen.most_live.load(SeqCst));
    assert_eq!(runs, (2, 1));
    assert_eq!(ctx.peek(&call(1)).unwrap().unwrap(), 1);
    assert_over(ctx, seen);
}

/// Two find it stale, and nobody is behind them: one runs it, the other is served.
#[test]
fn model_once_stale_to_two() {
    model(|| {
        let (ctx, seen) = stale(numbered(1), |builder| {
            builder.stale_while_revalidate(TTL).build()
        });
        let other = asks(&ctx);
        let ours = block_on(ctx.run(call(1))).unwrap();
        let theirs = other.join().unwrap();
        assert!(ours + theirs >= 1, "nobody renewed it");
        assert_renewed_once(&ctx, &seen);
    });
}

/// Two find it stale while a worker renews it: once, and neither waits.
#[test]
fn model_once_renewed_behind() {
    model_bound(2, || {
        let (ctx, seen, bench, worker) = behind();
        let other = asks(&ctx);
        let ours = block_on(ctx.run(call(1))).unwrap();
        let theirs = other.join().unwrap();
        assert!(ours <= 1 && theirs <= 1);
        bench.close();
        worker.join().unwrap();
        assert_renewed_once(&ctx, &seen);
    });
}

/// Forgotten while it is renewed: what that comes to is found nowhere.
#[test]
fn model_invalidate_while_renewed() {
    model(|| {
        let (ctx, seen, bench, worker) = behind();
        let before = block_on(ctx.run(call(1))).unwrap();
        assert!(ctx.invalidate(&call(1)));
        let after = block_on(ctx.run(call(1))).unwrap();
        // The renewal, which is detached, or over, may begin after that.
        assert!(before <= 1 && (after == 1 || after == 2));
        bench.close();
        worker.join().unwrap();
        assert_eq!(ctx.peek(&call(1)).unwrap().unwrap(), after);
        assert_eq!((seen.runs.load(SeqCst), ctx.len()), (3, 1));
        assert_over(&ctx, &seen);
    });
}

/// The context ends while it is renewed: by a cancel, or with its last handle; either way all is
/// let go of.
#[test]
fn model_ended_while_renewed() {
    for cancels in [true, false] {
        model(move || {
            let (ctx, seen, bench, worker) = behind();
            assert_eq!(block_on(ctx.run(call(1))).unwrap(), 0);
            if cancels {
                ctx.cancel();
                assert!(is_kind(&block_on(ctx.run(call(1))), ErrorKind::Cancelled));
            }
            drop(ctx);
            bench.close();
            worker.join().unwrap();
            assert_eq!((seen.live.load(SeqCst), seen.gone.load(SeqCst)), (0, 1));
        });
    }
}

struct Fails;

impl Task<App> for Fails {
    type Input = ();
    type Output = ();
    type Error = &'static str;

    async fn run(_: &Ctx<App>, (): ()) -> Result<(), &'static str> {
        Err("down")
    }
}

fn down() -> Error {
    let (app, _) = numbered(0);
    let ctx = Ctx::new(app);
    block_on(ctx.run(runce::Call::<Fails, _>::new(()))).unwrap_err()
}

/// The runs of these numbers fail, after so many yields.
fn failing(fails: fn(usize) -> bool, waits: usize) -> (App, Arc<Seen>) {
    let (next, down) = (AtomicUsize::new(0), down());
    app(move |_, _| {
        let (number, down) = (next.fetch_add(1, SeqCst), down.clone());
        Box::pin(async move {
            yields(if number == 0 { 0 } else { waits }).await;
            match fails(number) {
                true => Err(down),
                false => Ok(u32::try_from(number).unwrap()),
            }
        })
    })
}

/// Two wait for a run that fails, or come after it: both are served what there is.
#[test]
fn model_stale_if_error_for_all_who_ask() {
    model(|| {
        let (ctx, seen) = stale(failing(|number| number > 0, 1), |builder| {
            builder.stale_if_error(TTL).build()
        });
        let other = asks(&ctx);
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 0);
        assert_eq!(other.join().unwrap(), 0);
        assert_eq!(
            (seen.runs.load(SeqCst), seen.most_live.load(SeqCst)),
            (2, 1)
        );
        assert_eq!((ctx.len(), ctx.stats().failed), (1, 1));
        assert_over(&ctx, &seen);
    });
}

/// Replaced while a run fails: what was replaced is served no more.
#[test]
fn model_insert_while_a_renewal_fails() {
    model(|| {
        let (ctx, seen) = stale(failing(|number| number > 0, 1), |builder| {
            builder.stale_if_error(TTL).build()
        });
        let ask = caller(&ctx, 1);
        let other = thread::spawn(move || block_on(ask));
        ctx.insert(call(1), 7);
        let theirs = other.join().unwrap();
        // Before, after, or of a run that was detached.
        assert!(
            matches!(theirs, Ok(0 | 7)) || is_kind(&theirs, ErrorKind::Failed),
            "{theirs:?}"
        );
        assert_eq!(ctx.peek(&call(1)).unwrap().unwrap(), 7);
        assert_over(&ctx, &seen);
    });
}

/// A refresh of what is not remembered fails, and is not remembered, while somebody asks for
/// another, and then for a run: never are two in being.
#[test]
fn model_once_beside_a_refresh_that_fails() {
    model(|| {
        let (app, seen) = failing(|number| number == 0, 1);
        let ctx = Ctx::builder(app)
            .forget_errors(|_| true)
            .capacity(2)
            .build();
        let (mut another, run) = (refresher(&ctx, 1), caller(&ctx, 1));
        let other = thread::spawn(move || {
            let _ = stall(&mut another);
            drop(block_on(run));
        });
        drop(block_on(ctx.refresh(call(1))));
        other.join().unwrap();
        assert_eq!(seen.most_live.load(SeqCst), 1);
        assert_over(&ctx, &seen);
    });
}

fn impatient(ctx: &Ctx<App>) -> crate::world::BoxFut<'static> {
    let ctx = ctx.clone();
    Box::pin(async move { ctx.run(call(1)).or_stale_after(TTL).await })
}

/// Somebody's patience ends as his run does, and as another joins it.
#[test]
fn model_patience_ends_as_the_run_does() {
    model_bound(2, || {
        let due = Due::default();
        let (ctx, seen) = stale(numbered(2), |builder| {
            builder.timer(due.clone()).stale_if_error(TTL).build()
        });
        let soft = impatient(&ctx);
        let other = asks(&ctx);
        let ender = thread::spawn(move || due.come());
        assert!(block_on(soft).unwrap() <= 1);
        assert!((1..=2).contains(&other.join().unwrap()));
        ender.join().unwrap();
        assert_eq!(seen.most_live.load(SeqCst), 1);
        assert_over(&ctx, &seen);
    });
}

/// The only one who wants it loses patience while a worker may run it: it is finished, once.
#[test]
fn model_last_caller_out_who_was_impatient() {
    model_bound(2, || {
        let (due, bench) = (Due::default(), Bench::default());
        let (timer, executor) = (due.clone(), bench.clone());
        let (ctx, seen) = stale(numbered(2), |builder| {
            let builder = builder.timer(timer).executor(executor);
            builder.stale_if_error(TTL).build()
        });
        let soft = impatient(&ctx);
        let workers = bench.clone();
        let worker = thread::spawn(move || workers.work());
        let ender = thread::spawn(move || due.come());
        assert!(block_on(soft).unwrap() <= 1);
        ender.join().unwrap();
        // Whoever asks now joins it, or finds it.
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 1);
        bench.close();
        worker.join().unwrap();
        assert_eq!((seen.runs.load(SeqCst), ctx.stats().dropped), (2, 0));
        assert_over(&ctx, &seen);
    });
}
