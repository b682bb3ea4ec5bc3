//! **Liveness**: nobody is held up, forgotten or wrongly blamed.
use crate::world::{
    Gate, block_on, call, caller, context, gated, is_kind, model, model_bound, stall, yields,
};
use loom::thread;
use runce::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

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
