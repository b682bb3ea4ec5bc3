//! **Once**: one run for all, whoever of its callers comes and goes.
use crate::world::{
    Gate, assert_over, block_on, call, caller, context, gated, join_all, model, poll_once, stall,
    yielding, yields,
};
use loom::thread;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

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

/// The last caller leaves while another joins: the run is revived or started anew, and
/// never are two of them in being, destructors included.
#[test]
fn model_last_caller_out() {
    model(|| {
        let (ctx, seen) = yielding(2);
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

/// It wakes for two events, of which the second may come while it is queued for the first.
#[test]
fn model_two_wakes() {
    model(|| {
        let gates: [Arc<Gate>; 2] = Default::default();
        let theirs = gates.clone();
        let (ctx, seen) = context(move |_, k| {
            let [one, two] = theirs.clone();
            Box::pin(async move {
                let mut second = pin!(two.wait());
                poll_once(second.as_mut()).await;
                one.wait().await;
                second.await;
                Ok(k)
            })
        });
        let mut first = caller(&ctx, 1);
        assert!(!stall(&mut first));
        let openers = gates.map(|gate| thread::spawn(move || gate.open()));
        assert_eq!(block_on(first).unwrap(), 1);
        join_all(openers);
        assert_eq!(seen.runs.load(SeqCst), 1);
        assert_over(&ctx, &seen);
    });
}
