//! **Liveness**: `no_lost_wakeup`.
//!
//! | case | |
//! |---|---|
//! | the run wakes itself while another caller registers, and its poller is dropped | |
//! | a caller's waker changes | driven by callers; by the executor |
//! | a waker polls again, or panics, in `wake` | driven by callers; by the executor |
//! | the executor drops its job | before its first poll; asleep; woken |
//! | a call that a run began goes on outside of it | |
//! | who is told through a link is told again | |
use crate::hooks::{Moment, hooked_waker, watch};
use runce::Ctx;
use runce_tests::*;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, Waker};

/// A run that wakes itself a thousand times, and brings a second caller in during its
/// first poll.
fn restless(second: &Slot<Waiting>) -> Ctx<App> {
    Ctx::new(app_with(second, |ctx, k, second| {
        let handle = ctx.clone();
        Box::pin(async move {
            let mut polls = 0;
            poll_fn(|cx| {
                polls += 1;
                cx.waker().wake_by_ref();
                if polls == 1 {
                    second.put(waiting(&handle, k));
                }
                if polls < 1000 {
                    return Poll::Pending;
                }
                Poll::Ready(())
            })
            .await;
            Ok(u64::from(k))
        })
    }))
}

#[test]
fn law_no_lost_wakeup_in_own_poll_while_another_registers() {
    let second = Slot::default();
    let ctx = restless(&second);
    let first = waiting(&ctx, 3);
    let mut second = second.take().unwrap();
    assert_eq!(second.woken(), 1);
    drop(first);
    assert_eq!(second.outcome().unwrap(), 3);
    assert_eq!(ctx.state().runs(3), 1);
}

#[test]
fn law_no_lost_wakeup_waker_that_polls_inside_wake() {
    let gate = Gate::new();
    let ctx = Ctx::new(app_with(&gate, |ctx, k, gate| {
        Box::pin(async move {
            yields(2).await;
            if k > 0 {
                return Ok(ctx.run(key(k - 1)).await? + 1);
            }
            gate.wait().await;
            yields(200).await;
            Ok(0)
        })
    }));
    let keys = (0..20).map(|nth| 40 + nth % 3);
    let callers: Vec<_> = keys.map(|k| (k, Inline::start(caller(&ctx, k)))).collect();
    gate.pulse();
    gate.open();
    for (k, caller) in callers {
        assert_eq!(caller.outcome().unwrap().unwrap(), u64::from(k));
    }
    assert_eq!(ctx.state().all_runs(), 43);
}

/// One caller's waker panics; the other is woken all the same.
fn a_waker_that_panics(executor: bool) {
    let gate = Gate::new();
    let (ctx, hand) = driven(gated(&gate), executor);
    let mut bad = caller(&ctx, 1);
    assert!(poll(&mut bad, &panicking_waker()).is_pending());
    let mut good = waiting(&ctx, 1);
    hand.go();
    gate.open();
    hand.go();
    assert_eq!(good.woken(), 1);
    assert!(good.poll().is_ready());
}

#[test]
fn law_no_lost_wakeup_waker_that_panics() {
    a_waker_that_panics(false);
}

#[test]
fn law_no_lost_wakeup_waker_that_panics_with_an_executor() {
    a_waker_that_panics(true);
}

/// Only the last waker counts.
fn a_waker_that_changes(executor: bool) {
    let gate = Gate::new();
    let (ctx, hand) = driven(gated(&gate), executor);
    let mut first = caller(&ctx, 1);
    // With a second caller the executor drives.
    let second = executor.then(|| waiting(&ctx, 1));
    let (old, old_waker) = counter();
    let (new, new_waker) = counter();
    assert!(poll(&mut first, &old_waker).is_pending());
    hand.go();
    assert!(poll(&mut first, &new_waker).is_pending());
    gate.open();
    hand.go();
    assert_eq!((old.get(), new.get()), (0, 1));
    assert!(poll(&mut first, &new_waker).is_ready());
    drop(second);
}

#[test]
fn law_no_lost_wakeup_waker_changes() {
    a_waker_that_changes(false);
}

#[test]
fn law_no_lost_wakeup_waker_changes_with_an_executor() {
    a_waker_that_changes(true);
}

/// Two callers of 1, which asks for 0, and the job that this called for.
struct HandedOver {
    gate: Arc<Gate>,
    hand: Hand,
    _first: Waiting,
    second: Waiting,
}

fn handed_over() -> HandedOver {
    let gate = Gate::new();
    let state = app_with(&gate, |ctx, k, gate| {
        Box::pin(async move {
            if k == 1 {
                return ctx.run(key(0)).await;
            }
            yields(70).await;
            gate.wait().await;
            yields(70).await;
            Ok(9)
        })
    });
    let (ctx, hand) = driven(state, true);
    let (first, second) = (waiting(&ctx, 1), waiting(&ctx, 1));
    assert_eq!(hand.jobs(), 1);
    HandedOver {
        gate,
        hand,
        _first: first,
        second,
    }
}

#[test]
fn law_no_lost_wakeup_executor_drops_its_job_before_it_polls_it() {
    let mut over = handed_over();
    over.hand.shut_down();
    over.gate.open();
    assert!(over.second.woken() >= 1);
    assert_eq!(over.second.outcome().unwrap(), 9);
}

#[test]
fn law_no_lost_wakeup_executor_drops_its_job_asleep() {
    let mut over = handed_over();
    over.hand.go();
    assert!(!over.gate.is_open());
    over.hand.shut_down();
    over.gate.open();
    assert!(over.second.woken() >= 1);
    assert_eq!(over.second.outcome().unwrap(), 9);
}

#[test]
fn law_no_lost_wakeup_executor_drops_its_job_woken() {
    let mut over = handed_over();
    over.hand.go();
    over.gate.open();
    assert_eq!(over.second.woken(), 0, "the job was told instead");
    over.hand.shut_down();
    assert!(over.second.woken() >= 1);
    assert_eq!(over.second.outcome().unwrap(), 9);
}

/// Polled first inside a run that is gone, then outside.
#[test]
fn law_no_lost_wakeup_inner_call_polled_by_another() {
    let (gate, moved) = (Gate::new(), Slot::default());
    let data = (gate.clone(), moved.clone());
    let ctx = Ctx::new(app_with(&data, |ctx, k, (gate, moved)| {
        Box::pin(async move {
            if k == 1 {
                moved.put(waiting(ctx, 0));
                yields(1).await;
                return Ok(1);
            }
            gate.wait().await;
            yields(3).await;
            Ok(0)
        })
    }));
    assert_eq!(now(caller(&ctx, 1)).unwrap(), 1);
    let mut moved = moved.take().unwrap();
    assert!(moved.poll().is_pending());
    gate.open();
    assert!(moved.woken() > 0);
    assert_eq!(moved.outcome().unwrap(), 0);
}

#[test]
fn law_no_lost_wakeup_links_are_armed_again() {
    let gates = [Gate::new(), Gate::new(), Gate::new()];
    let ctx = Ctx::new(app_with(&gates, |ctx, k, gates| {
        Box::pin(async move {
            if k != 9 {
                return ctx.run(key(9)).await;
            }
            for gate in gates {
                gate.wait().await;
            }
            Ok(9)
        })
    }));
    let starter = waiting(&ctx, 1);
    let mut other = waiting(&ctx, 2);
    for (nth, gate) in gates.iter().enumerate() {
        assert_eq!(other.woken(), nth);
        gate.open();
        assert_eq!(other.woken(), nth + 1);
        assert_eq!(other.poll().is_ready(), nth == 2);
    }
    drop(starter);
}

#[test]
fn law_no_lost_wakeup_told_and_dropped_before_it_polls() {
    let gate = Gate::new();
    let ctx = Ctx::new(gated(&gate));
    let first = waiting(&ctx, 1);
    let mut unknown = caller(&ctx, 1);
    assert!(poll(&mut unknown, Waker::noop()).is_pending());
    let mut last = waiting(&ctx, 1);
    gate.open();
    drop((first, unknown));
    assert_eq!(last.woken(), 1);
    assert_eq!(last.outcome().unwrap(), 1);
}

/// What a caller had to do is done as its budget is spent: it need not come again.
#[test]
fn law_no_lost_wakeup_and_no_wake_for_nothing() {
    let gate = Gate::new();
    let ctx = Ctx::builder(gated(&gate)).poll_budget(1).build();
    let mut first = caller(&ctx, 1);
    let (count, waker) = counter();
    assert!(poll(&mut first, &waker).is_pending());
    gate.pulse();
    assert_eq!(count.get(), 1);
    assert!(poll(&mut first, &waker).is_pending());
    assert_eq!(count.get(), 1);
    gate.open();
    assert_eq!(now(first).unwrap(), 1);
}

/// It is cloned for the run and for its set, once each.
#[test]
fn a_caller_that_polls_again_with_its_waker_clones_it_no_more() {
    let ctx = Ctx::new(gated(&Gate::new()));
    let mut run = caller(&ctx, 1);
    let clones = |run: &mut _, number| {
        let waker = hooked_waker(number);
        let poll = || assert!(poll(run, &waker).is_pending());
        watch(Moment::CloneWaker, |_| (), poll)
    };
    assert_eq!(clones(&mut run, 1), 2);
    assert_eq!(clones(&mut run, 1), 0);
    assert_eq!(clones(&mut run, 2), 2);
}
