//! Deadlines of contexts and of waits, on a clock that moves by hand.
#![allow(missing_docs, clippy::unwrap_used)]

use runce::testing::{ManualClock, Seeded};
use runce::{Clock, Ctx, ErrorKind};
use runce_tests::{
    App, Gate, Hand, app, caller, counter, finish, gated, key, now, panicking_waker, poll,
};
use std::sync::Arc;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn waits(gate: &Arc<Gate>) -> App {
    let gate = gate.clone();
    app(move |ctx, k| {
        let gate = gate.clone();
        Box::pin(async move {
            if k > 0 {
                return ctx.run(key(k - 1)).await;
            }
            gate.wait().await;
            Ok(7)
        })
    })
}

#[test]
fn law_no_lost_wakeup_of_those_that_sleep_beside_a_waker_that_panics() {
    let clock = ManualClock::new();
    let mut sleepers = [1, 2, 3].map(|_| Box::pin(clock.sleep(SECOND)));
    let (count, waker) = counter();
    for (at, sleeper) in sleepers.iter_mut().enumerate() {
        let waker = match at {
            0 => panicking_waker(),
            _ => waker.clone(),
        };
        assert!(poll(sleeper, &waker).is_pending());
    }
    clock.advance(SECOND);
    assert_eq!(count.get(), 2);
}

#[test]
fn law_a_run_has_no_callers_deadline() {
    let (gate, clock) = (Gate::new(), ManualClock::new());
    let ctx = Ctx::builder(waits(&gate)).timer(clock.clone()).build();
    let mut hurried = Box::pin(ctx.run(key(1)).within(SECOND));
    let mut patient = caller(&ctx, 1);
    let (count, waker) = counter();
    assert!(poll(&mut hurried, &waker).is_pending());
    assert!(finish(&mut patient).is_none());
    clock.advance(SECOND / 2);
    assert_eq!(count.get(), 0);
    clock.advance(SECOND / 2);
    assert_eq!(count.get(), 1, "woken by its time");
    let error = finish(&mut hurried).unwrap().0.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
    assert_eq!(error.to_string(), "task `key(1)` was not done in time");
    drop(hurried);
    gate.open();
    assert_eq!(now(patient).unwrap(), 7);
    assert_eq!((ctx.state().all_runs(), ctx.len()), (2, 2));
}

/// The only caller's time is up: it leaves, and with it the run.
#[test]
fn law_last_caller_out_when_its_time_is_up() {
    let clock = ManualClock::new();
    let ctx = Ctx::builder(waits(&Gate::new()))
        .timer(clock.clone())
        .build();
    let mut hurried = Box::pin(ctx.run(key(3)).within(SECOND));
    assert!(finish(&mut hurried).is_none());
    clock.advance(SECOND);
    assert!(finish(&mut hurried).unwrap().0.is_err());
    assert_eq!((ctx.state().live(), ctx.len()), (0, 0));
}

#[test]
fn a_hit_is_served_whatever_the_time() {
    let (gate, clock) = (Gate::new(), ManualClock::new());
    gate.open();
    let ctx = Ctx::builder(waits(&gate)).timer(clock).build();
    assert_eq!(now(ctx.run(key(0)).within(Duration::ZERO)).unwrap(), 7);
    assert_eq!(now(ctx.run(key(0)).within(Duration::ZERO)).unwrap(), 7);
}

#[test]
fn without_a_timer_it_is_unsupported_and_runs_nothing() {
    let ctx = Ctx::new(waits(&Gate::new()));
    let error = now(ctx.run(key(0)).within(SECOND)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(
        error.to_string(),
        "task `key(0)` cannot be waited for within a time: the context has no timer; build it \
         with `.runtime(…)` or `.timer(…)`"
    );
    assert_eq!((ctx.state().all_runs(), ctx.len()), (0, 0));
}

/// Such an error is passed on, and not kept.
#[test]
fn law_cancellation_is_not_an_outcome_nor_is_a_deadline() {
    let runtime = Seeded::new(3);
    let state = app(|ctx, k| {
        Box::pin(async move {
            if k == 1 {
                return ctx.run(key(0)).within(SECOND).await;
            }
            std::future::pending().await
        })
    });
    let ctx = Ctx::builder(state).runtime(runtime.clone()).build();
    for runs in 1..3 {
        let error = runtime.block_on(ctx.run(key(1))).unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
        assert_eq!((ctx.state().runs(1), ctx.len()), (runs, 0));
    }
    assert_eq!(runtime.clock().now(), 2 * SECOND);
}

#[test]
fn a_context_past_its_deadline_serves_what_it_remembers() {
    let (gate, runtime) = (Gate::new(), Seeded::new(1));
    let ctx = Ctx::builder(waits(&gate))
        .runtime(runtime.clone())
        .deadline(60 * SECOND)
        .build();
    ctx.insert(key(9), 9);
    let error = runtime.block_on(ctx.run(key(5))).unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
    assert_eq!(error.to_string(), "task `key(5)` was not done in time");
    assert_eq!(runtime.clock().now(), 60 * SECOND);
    assert_eq!((ctx.state().live(), ctx.stats().in_flight), (0, 0));
    gate.open();
    let error = now(ctx.run(key(0))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded, "nothing begins");
    assert_eq!(now(ctx.run(key(9))).unwrap(), 9, "a hit");
    assert!(!ctx.is_cancelled());
    ctx.cancel();
    assert_eq!(
        now(ctx.run(key(9))).unwrap_err().kind(),
        ErrorKind::Cancelled
    );
}

/// Nobody waits, so nobody needs to keep it; and what keeps it ends with the context.
#[test]
fn law_nothing_leaks_of_deadlines() {
    let (hand, clock) = (Hand::default(), ManualClock::new());
    let deadline = |state| {
        Ctx::builder(state)
            .executor(hand.clone())
            .timer(clock.clone())
            .deadline(SECOND)
            .build()
    };
    let open = Gate::new();
    open.open();
    let ctx = deadline(gated(&open));
    now(caller(&ctx, 1)).unwrap();
    assert_eq!(hand.spawned(), 0);
    let ctx = deadline(gated(&Gate::new()));
    let live = ctx.state().live.clone();
    let mut waiting = caller(&ctx, 1);
    assert!(finish(&mut waiting).is_none());
    assert_eq!(hand.spawned(), 1, "it keeps the deadline");
    drop((ctx, waiting));
    hand.go();
    assert_eq!((hand.jobs(), Arc::strong_count(&live)), (0, 1));
}

/// A clock that goes back, and one that is at its end.
#[test]
fn law_clock_is_injected_and_may_be_wrong() {
    struct Wrong(std::sync::Mutex<Vec<Duration>>);
    impl Clock for Wrong {
        fn now(&self) -> Duration {
            self.0.lock().unwrap().pop().unwrap_or(Duration::MAX)
        }
    }
    impl runce::Timer for Wrong {
        fn sleep(&self, _: Duration) -> runce::Sleep {
            runce::Sleep::new(std::future::ready(()))
        }
    }
    for reads in [vec![SECOND, 60 * SECOND], vec![Duration::MAX], vec![]] {
        let hand = Hand::default();
        let ctx = Ctx::builder(gated(&Gate::new()))
            .executor(hand.clone())
            .timer(Wrong(std::sync::Mutex::new(reads)))
            .deadline(Duration::MAX)
            .build();
        let mut waiting = caller(&ctx, 1);
        let early = finish(&mut waiting);
        hand.go();
        let (outcome, _) = early.or_else(|| finish(&mut waiting)).expect("it hangs");
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::DeadlineExceeded);
    }
}

/// A timer of a runtime that has none.
#[test]
fn law_panics_are_outcomes_of_a_timer_for_its_caller_alone() {
    struct Panics;
    impl Clock for Panics {
        fn now(&self) -> Duration {
            Duration::ZERO
        }
    }
    impl runce::Timer for Panics {
        fn sleep(&self, _: Duration) -> runce::Sleep {
            panic!("no timers here")
        }
    }
    let gate = Gate::new();
    let ctx = Ctx::builder(waits(&gate)).timer(Panics).build();
    let mut other = caller(&ctx, 0);
    assert!(finish(&mut other).is_none());
    let error = now(ctx.run(key(0)).within(SECOND)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    gate.open();
    assert_eq!(now(other).unwrap(), 7);

    // A deadline that cannot be kept has passed.
    let ctx = Ctx::builder(waits(&Gate::new()))
        .executor(Hand::default())
        .timer(Panics)
        .deadline(SECOND)
        .build();
    let error = now(ctx.run(key(2))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
    assert_eq!(ctx.state().live(), 0);
}
