//! The last caller goes while a job polls, and what an executor finishes for nobody.
use crate::bench::Bench;
use crate::jobs::{HandedOver, handed_over};
use crate::world::{App, Seen, assert_over, block_on, caller, gated_app, model, stall};
use loom::thread;
use runce::Ctx;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Context, Waker};

/// Whatever became of the run, it is over, and with the handle the state is gone.
fn assert_gone(ctx: Ctx<App>, seen: &Arc<Seen>) {
    assert_over(&ctx, seen);
    drop(ctx);
    assert_eq!(seen.gone.load(SeqCst), 1);
}

/// The callers leave while a job polls the run, and the gate opens.
fn left_while_driven(finish: bool) -> (Ctx<App>, Arc<Seen>) {
    let HandedOver {
        ctx,
        seen,
        gate,
        callers,
        job,
        ..
    } = handed_over(finish);
    let executor = thread::spawn(move || block_on(job));
    let opener = thread::spawn(move || gate.open());
    drop(callers);
    executor.join().unwrap();
    opener.join().unwrap();
    (ctx, seen)
}

/// Who polls finds that nobody is left, and drops the run; or it had its outcome before.
#[test]
fn model_last_caller_out_during_a_poll() {
    model(|| {
        let (ctx, seen) = left_while_driven(false);
        assert_gone(ctx, &seen);
    });
}

/// The same where the callers have the last handles: the context ends in the middle of a
/// poll, and that is heard.
#[test]
fn model_last_handle_dropped_during_a_poll() {
    model(|| {
        let HandedOver {
            ctx,
            seen,
            gate,
            callers,
            job,
            ..
        } = handed_over(false);
        let end = ctx.cancelled();
        drop(ctx);
        let executor = thread::spawn(move || block_on(job));
        let leaver = thread::spawn(move || drop(callers));
        gate.open();
        block_on(end);
        executor.join().unwrap();
        leaver.join().unwrap();
        assert_eq!((seen.live.load(SeqCst), seen.gone.load(SeqCst)), (0, 1));
    });
}

/// Abandoned while it settles: it is finished, and no keeper outlives it.
#[test]
fn model_abandoned_while_it_settles() {
    model(|| {
        let (ctx, seen) = left_while_driven(true);
        assert_eq!(ctx.stats().succeeded, 1);
        assert_gone(ctx, &seen);
    });
}

/// Abandoned to a job that is dropped meanwhile: nobody is left to finish it.
#[test]
fn model_abandoned_while_the_job_is_dropped() {
    model(|| {
        let HandedOver {
            ctx,
            seen,
            gate,
            callers,
            mut job,
            slot,
        } = handed_over(true);
        let executor = thread::spawn(move || {
            let mut cx = Context::from_waker(Waker::noop());
            let _ = Pin::new(&mut job).poll(&mut cx);
            drop(job);
        });
        let opener = thread::spawn(move || gate.open());
        drop(callers);
        executor.join().unwrap();
        opener.join().unwrap();
        // Nobody polls what was spawned after the first.
        drop(slot.take());
        assert_gone(ctx, &seen);
    });
}

/// Abandoned by its creator, so that the job is made for it, while another joins.
#[test]
fn model_abandoned_while_joined() {
    model(|| {
        let bench = Bench::default();
        let (app, seen, gate) = gated_app();
        let builder = Ctx::builder(app).executor(bench.clone());
        let ctx = builder.finish_abandoned().build();
        let (mut leaver, joiner) = (caller(&ctx, 1), caller(&ctx, 1));
        assert!(!stall(&mut leaver));
        let workers = bench.clone();
        let leaver = thread::spawn(move || {
            drop(leaver);
            workers.work();
        });
        let opener = thread::spawn(move || gate.open());
        assert_eq!(block_on(joiner).unwrap(), 1);
        bench.close();
        leaver.join().unwrap();
        opener.join().unwrap();
        assert_eq!(seen.runs.load(SeqCst), 1);
        assert_gone(ctx, &seen);
    });
}
