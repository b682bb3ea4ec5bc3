//! **Outcomes** and **Memory**: cancelled or forgotten, in the middle of something.
use crate::world::{
    Gate, assert_over, block_on, call, caller, context, gated, is_kind, model, model_bound, stall,
    yields,
};
use loom::thread;
use runce::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

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

/// Cancelled while it is polled, again and again: whoever polls drops it.
#[test]
fn model_cancel_during_a_poll() {
    model(|| {
        let (ctx, seen) = context(|_, k| {
            Box::pin(async move {
                yields(3).await;
                Ok(k)
            })
        });
        let waiter = caller(&ctx, 1);
        let waiter = thread::spawn(move || block_on(waiter));
        ctx.cancel();
        let outcome = waiter.join().unwrap();
        let cancelled = is_kind(&outcome, ErrorKind::Cancelled);
        assert!(cancelled || matches!(outcome, Ok(1)), "{outcome:?}");
        assert!(is_kind(&block_on(ctx.run(call(1))), ErrorKind::Cancelled));
        assert_over(&ctx, &seen);
        assert_eq!(ctx.len(), 0);
    });
}

/// Cancelled while a run is taken out of the table: it is found, there or among the detached.
#[test]
fn model_cancel_while_invalidated() {
    model(|| {
        let (ctx, seen, _gate) = gated();
        let mut waiter = caller(&ctx, 1);
        assert!(!stall(&mut waiter));
        let waiter = thread::spawn(move || block_on(waiter));
        let other = ctx.clone();
        let forgetter = thread::spawn(move || other.invalidate(&call(1)));
        ctx.cancel();
        let outcome = waiter.join().unwrap();
        assert!(is_kind(&outcome, ErrorKind::Cancelled), "{outcome:?}");
        let _ = forgetter.join().unwrap();
        assert_over(&ctx, &seen);
    });
}

/// All is forgotten while a run is created: it is not remembered, or was not there yet.
#[test]
fn model_clear_while_created() {
    model(|| {
        let (ctx, seen) = context(|_, k| {
            Box::pin(async move {
                yields(1).await;
                Ok(k)
            })
        });
        let other = caller(&ctx, 1);
        let other = thread::spawn(move || block_on(other).unwrap());
        ctx.clear();
        let after = ctx.peek(&call(1)).is_some();
        assert_eq!(other.join().unwrap(), 1);
        let kept = ctx.len() == 1;
        assert!(kept || !after);
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 1);
        assert_eq!(seen.runs.load(SeqCst), if kept { 1 } else { 2 });
        assert_over(&ctx, &seen);
    });
}

/// Who waits for a run hears of the end at once, though a poll of it goes on and on.
#[test]
fn model_cancel_is_heard_during_a_poll() {
    model(|| {
        let gates: [Arc<Gate>; 2] = Default::default();
        let theirs = gates.clone();
        let (ctx, seen) = context(move |_, k| {
            let [begun, over] = &theirs;
            begun.open();
            block_on(over.wait());
            Box::pin(async move {
                yields(1).await;
                Ok(k)
            })
        });
        let [begun, over] = gates;
        let poller = caller(&ctx, 1);
        let poller = thread::spawn(move || block_on(poller));
        block_on(begun.wait());
        let other = ctx.clone();
        let ender = thread::spawn(move || other.cancel());
        let outcome = block_on(ctx.run(call(1)));
        assert!(is_kind(&outcome, ErrorKind::Cancelled), "{outcome:?}");
        over.open();
        let outcome = poller.join().unwrap();
        assert!(is_kind(&outcome, ErrorKind::Cancelled), "{outcome:?}");
        ender.join().unwrap();
        assert_over(&ctx, &seen);
    });
}
