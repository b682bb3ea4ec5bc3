//! **Once**: `last_caller_out`.
//!
//! | the last caller leaves | then |
//! |---|---|
//! | while the run waits | it is dropped |
//! | during a poll, and nobody comes | the poller drops it |
//! | during a poll, and somebody comes | it goes on |
//! | and somebody comes while it is being dropped | he waits for that, and starts anew |
//! | and the context finishes what is abandoned | the executor finishes it |
use runce::Ctx;
use runce_tests::*;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Poll, Waker};

#[test]
fn law_last_caller_out_drops_the_run() {
    let ctx = Ctx::new(gated(&Gate::new()));
    let (first, second) = (waiting(&ctx, 1), waiting(&ctx, 1));
    assert_eq!((ctx.state().live(), ctx.len()), (1, 1));
    drop(first);
    assert_eq!((ctx.state().live(), ctx.len()), (1, 1));
    drop(second);
    assert_eq!((ctx.state().live(), ctx.len()), (0, 0));
}

/// Calls the hook, if there is one, in the middle of a poll; else waits at the gate.
async fn interrupted(gate: &Gate, hook: &Hook) {
    poll_fn(|cx| {
        if let Some(hook) = hook.take() {
            hook();
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        poll(&mut Box::pin(gate.wait()), cx.waker())
    })
    .await;
}

/// 0 asks for 1 and 2; the hook is called in a poll of 1.
fn with_a_hook(gate: &Arc<Gate>, hook: &Hook) -> Ctx<App> {
    Ctx::new(app_with(
        &(gate.clone(), hook.clone()),
        |ctx, k, (gate, hook)| {
            Box::pin(async move {
                match k {
                    0 => return Ok(ctx.run_parallel([key(1), key(2)]).await?.iter().sum()),
                    1 => interrupted(&gate, &hook).await,
                    _ => {
                        gate.wait().await;
                        yields(100).await;
                    }
                }
                Ok(u64::from(k))
            })
        },
    ))
}

#[test]
fn law_last_caller_out_revived_during_a_poll() {
    let (gate, hook) = (Gate::new(), Hook::default());
    let ctx = with_a_hook(&gate, &hook);
    let last = waiting(&ctx, 0);
    let mut other = waiting(&ctx, 2);
    let (newcomer, handle) = (Slot::default(), ctx.clone());
    let seat = newcomer.clone();
    hook.put(Box::new(move || {
        drop(last);
        seat.put(waiting(&handle, 1));
    }));
    gate.pulse(); // 1 is polled by one who wants only 2
    assert!(other.poll().is_pending());
    gate.open();
    assert_eq!(newcomer.take().unwrap().outcome().unwrap(), 1);
    assert_eq!(ctx.state().runs(1), 1);
}

#[test]
fn law_last_caller_out_dropped_by_who_polls_it() {
    let (gate, hook) = (Gate::new(), Hook::default());
    let ctx = with_a_hook(&gate, &hook);
    let last = waiting(&ctx, 0);
    let mut other = waiting(&ctx, 2);
    hook.put(Box::new(move || drop(last)));
    gate.pulse();
    assert!(other.poll().is_pending());
    assert_eq!(ctx.state().runs(1), 1);
    assert_eq!((ctx.state().live(), ctx.len()), (1, 1), "only 2");
}

/// The first run of a key calls the hook when it is dropped.
fn with_a_destructor(gate: &Arc<Gate>, hook: &Hook) -> Ctx<App> {
    Ctx::new(app_with(
        &(gate.clone(), hook.clone()),
        |_, k, (gate, hook)| {
            Box::pin(async move {
                let _end = OnDrop::new(move || hook.take().into_iter().for_each(|hook| hook()));
                gate.wait().await;
                Ok(u64::from(k))
            })
        },
    ))
}

#[test]
fn law_last_caller_out_newcomer_waits_for_the_drop() {
    let (gate, hook) = (Gate::new(), Hook::default());
    let ctx = with_a_destructor(&gate, &hook);
    let (newcomer, handle) = (Slot::default(), ctx.clone());
    let seat = newcomer.clone();
    hook.put(Box::new(move || {
        seat.put(waiting(&handle, 5));
        assert_eq!((handle.state().live(), handle.state().runs(5)), (1, 1));
    }));
    drop(waiting(&ctx, 5));
    let mut newcomer = newcomer.take().unwrap();
    assert_eq!(newcomer.woken(), 1, "when the old one was gone");
    assert_eq!((ctx.state().runs(5), ctx.len()), (1, 0));
    gate.open();
    assert_eq!(newcomer.outcome().unwrap(), 5);
    assert_eq!(ctx.state().runs(5), 2);
}

/// A context that finishes what is abandoned, its executor, its gate.
fn finishing() -> (Ctx<App>, Hand, Arc<Gate>) {
    let (gate, hand) = (Gate::new(), Hand::default());
    let builder = Ctx::builder(gated(&gate)).executor(hand.clone());
    (builder.finish_abandoned().build(), hand, gate)
}

#[test]
fn law_last_caller_out_finishes_on_the_executor() {
    let (ctx, hand, gate) = finishing();
    drop(waiting(&ctx, 1));
    assert_eq!((ctx.state().live(), ctx.len()), (1, 1));
    hand.go();
    gate.open();
    hand.go();
    assert_eq!(ctx.peek(&key(1)).unwrap().unwrap(), 1);
    assert_eq!((ctx.state().runs(1), hand.jobs()), (1, 0));
}

/// A run that is being finished, with no handle left.
fn left_alone() -> (Arc<AtomicUsize>, Hand, Arc<Gate>) {
    let (ctx, hand, gate) = finishing();
    let live = ctx.state().live.clone();
    drop(waiting(&ctx, 1));
    drop(ctx);
    assert_eq!(live.load(SeqCst), 1, "it is finishing");
    (live, hand, gate)
}

fn assert_all_gone(live: &Arc<AtomicUsize>, hand: &Hand) {
    assert_eq!((live.load(SeqCst), hand.jobs()), (0, 0));
    assert_eq!(Arc::strong_count(live), 1, "the context is gone");
}

#[test]
fn law_last_caller_out_finishing_keeps_the_context_alive() {
    let (live, hand, gate) = left_alone();
    gate.open();
    hand.go();
    assert_all_gone(&live, &hand);
}

#[test]
fn law_last_caller_out_not_finished_if_the_executor_shuts_down() {
    let (live, hand, _gate) = left_alone();
    hand.shut_down();
    assert_all_gone(&live, &hand);
}

/// A run lets go of a call that it began through another handle. Where that is of the run's own
/// context, it is dropped with its last caller; who asks from another one asks from outside.
fn left_by_a_run(of_another_context: bool) -> (usize, bool) {
    // Its flight is used again, for the run of this context.
    let past = Ctx::new(app(|_, _| Box::pin(async { Ok(0) })));
    assert_eq!(now(past.run(key(0))).unwrap(), 0);
    let (gate, hand) = (Gate::new(), Hand::default());
    let state = app_with(&gate, |ctx, k, gate| {
        Box::pin(async move {
            match k {
                0 => begin_and_leave(&ctx.clone()),
                _ => gate.wait().await,
            }
            Ok(1)
        })
    });
    let builder = Ctx::builder(state).executor(hand.clone());
    let ctx = builder.finish_abandoned().build();
    let other = Ctx::new(app_with(&ctx, |_, _, ctx| {
        Box::pin(async move {
            begin_and_leave(&ctx);
            Ok(1)
        })
    }));
    let asks = if of_another_context { &other } else { &ctx };
    assert_eq!(now(asks.run(key(0))).unwrap(), 1);
    gate.open();
    hand.go();
    (ctx.stats().dropped, ctx.peek(&key(1)).is_some())
}

fn begin_and_leave(ctx: &Ctx<App>) {
    assert!(poll(&mut caller(ctx, 1), Waker::noop()).is_pending());
}

#[test]
fn law_last_caller_out_what_a_run_leaves_is_dropped() {
    assert_eq!(left_by_a_run(false), (1, false));
}

#[test]
fn law_last_caller_out_what_another_contexts_run_leaves_is_finished() {
    assert_eq!(left_by_a_run(true), (0, true));
}

/// 0 asks for 1 and lets go of it; a caller from outside asks for 1 before that, or meanwhile.
fn asked_for_from_both_sides(outside_first: bool) -> (usize, bool) {
    let (gate, hand, hook) = (Gate::new(), Hand::default(), Hook::default());
    let state = app_with(&(gate.clone(), hook.clone()), |ctx, k, (gate, hook)| {
        Box::pin(async move {
            if k == 1 {
                gate.wait().await;
                return Ok(1);
            }
            let mut call = Box::pin(ctx.run(key(1)));
            let pending = poll_fn(|cx| Poll::Ready(poll(&mut call, cx.waker()).is_pending()));
            assert!(pending.await);
            hook.take().into_iter().for_each(|hook| hook());
            Ok(0)
        })
    });
    let builder = Ctx::builder(state).executor(hand.clone());
    let ctx = builder.finish_abandoned().build();
    let outside = Slot::default();
    if outside_first {
        outside.put(waiting(&ctx, 1));
    } else {
        let (outside, ctx) = (outside.clone(), ctx.clone());
        let join = move || outside.put(elsewhere(&ctx));
        hook.put(Box::new(join));
    }
    assert_eq!(now(caller(&ctx, 0)).unwrap(), 0);
    drop(outside.take().unwrap());
    gate.open();
    hand.go();
    (ctx.stats().dropped, ctx.peek(&key(1)).is_some())
}

/// A caller on a thread of its own, so from outside of all runs.
fn elsewhere(ctx: &Ctx<App>) -> Waiting {
    let ctx = ctx.clone();
    std::thread::spawn(move || waiting(&ctx, 1)).join().unwrap()
}

#[test]
fn law_last_caller_out_what_was_asked_for_from_outside_too_is_finished() {
    assert_eq!(asked_for_from_both_sides(true), (0, true));
    assert_eq!(asked_for_from_both_sides(false), (0, true));
}
