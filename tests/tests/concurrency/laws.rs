//! The laws, where runs wait for their turn.
use super::{House, asks, one, outcome, waits};
use runce::{Call, Concurrency, Ctx, Error, ErrorKind, Task};
use runce_tests::{App, Few, Hand, Inline, Way, app_with, few, finish, key, now, poll};
use std::convert::Infallible;
use std::task::Waker;

#[test]
fn law_once_of_a_run_that_waits_for_its_turn() {
    for way in Way::all() {
        let house = House::of(2);
        let ctx = way.ctx(house.app());
        let mut inside = waits(&way, &ctx, one(0));
        let mut callers: Vec<_> = (0..3).map(|_| waits(&way, &ctx, one(1))).collect();
        // Its creator goes.
        drop(callers.remove(0));
        house.open(0);
        house.open(1);
        outcome(&way, &mut inside).unwrap();
        for caller in &mut callers {
            assert_eq!(outcome(&way, caller).unwrap(), 1);
        }
        assert_eq!((ctx.state().runs(1), ctx.stats().joins), (1, 2));
    }
}

#[test]
fn law_last_caller_out_of_the_queue() {
    for way in Way::all() {
        let house = House::of(3);
        let ctx = way.ctx(house.app());
        let mut inside = waits(&way, &ctx, one(0));
        let waiting = waits(&way, &ctx, one(1));
        let mut last = waits(&way, &ctx, one(2));
        drop(waiting);
        assert_eq!((ctx.len(), ctx.stats().dropped), (2, 1));
        house.open(0);
        house.open(2);
        outcome(&way, &mut inside).unwrap();
        outcome(&way, &mut last).unwrap();
        assert_eq!(house.begun(), [0, 2]);
    }
}

/// Polled once, and kept.
fn stalled(ctx: &Ctx<App>, k: u32) -> runce_tests::BoxFuture<'static> {
    let mut caller = asks(ctx, one(k));
    assert!(poll(&mut caller, Waker::noop()).is_pending());
    caller
}

/// Whoever waits for his turn drives those before him, whose callers do nothing.
#[test]
fn law_no_futurelock_of_who_waits_behind_a_stalled_caller() {
    for way in Way::all() {
        let house = House::of(4);
        let ctx = way.ctx(house.app());
        let _stalled = [stalled(&ctx, 0), stalled(&ctx, 1), stalled(&ctx, 2)];
        let mut waiting = waits(&way, &ctx, one(3));
        (0..4).for_each(|k| house.open(k));
        assert_eq!(outcome(&way, &mut waiting).unwrap(), 3);
        assert_eq!(house.begun(), [0, 1, 2, 3]);
    }
}

/// At a distance: a run of another task waits for one that waits for its turn.
#[test]
fn law_no_futurelock_at_a_distance() {
    for way in Way::all() {
        let house = House::of(10);
        let app = app_with(&house, |ctx, k, house| {
            Box::pin(async move {
                if k == 9 {
                    return ctx.run(one(1)).await;
                }
                if k == 0 {
                    ctx.run(key(2)).await?;
                }
                house.wait(k).await;
                Ok(u64::from(k))
            })
        });
        let ctx = way.ctx(app);
        // Aside, and inside again by then.
        let _stalled = stalled(&ctx, 0);
        let mut distant = runce_tests::caller(&ctx, 9);
        assert!(way.finish(&mut distant).is_none());
        for k in [1, 2, 0] {
            house.open(k);
        }
        assert_eq!(outcome(&way, &mut distant).unwrap(), 1);
    }
}

/// A thread that is blocked on a run that waits for its turn drives those inside, and whoever comes
/// before it later, though nobody else does.
#[test]
fn law_no_futurelock_of_a_thread_that_blocks_on_who_waits_for_his_turn() {
    let house = House::of(10);
    let app = app_with(&house, |ctx, k, house| {
        Box::pin(async move {
            if k == 9 {
                return ctx.run_blocking(one(3));
            }
            house.wait(k).await;
            Ok(u64::from(k))
        })
    });
    let ctx = Ctx::new(app);
    let _stalled = [stalled(&ctx, 0), stalled(&ctx, 1), stalled(&ctx, 2)];
    std::thread::scope(|scope| {
        let blocked = scope.spawn(|| runce_tests::block_on(ctx.run(key(9))));
        for k in [3, 2, 1, 0] {
            std::thread::yield_now();
            house.open(k);
        }
        assert_eq!(blocked.join().unwrap().unwrap(), 3);
    });
}

/// The executor is shut down while some wait for their turn.
#[test]
fn law_no_lost_wakeup_where_the_jobs_are_lost() {
    let (house, hand) = (House::of(3), Hand::default());
    let ctx = Ctx::builder(house.app()).executor(hand.clone()).build();
    let _stalled = [stalled(&ctx, 0), stalled(&ctx, 1)];
    let mut waiting = asks(&ctx, one(2));
    assert!(finish(&mut waiting).is_none());
    (0..3).for_each(|k| house.open(k));
    let outcome = loop {
        assert!(hand.jobs() > 0, "it hangs");
        hand.shut_down();
        if let Some((outcome, _)) = finish(&mut waiting) {
            break outcome;
        }
    };
    assert_eq!(outcome.unwrap(), 2);
}

#[test]
fn law_cancelled_serves_nothing_to_who_waits_for_his_turn() {
    for way in Way::all() {
        let house = House::of(3);
        let ctx = way.ctx(house.app());
        let mut callers: Vec<_> = (0..3).map(|k| waits(&way, &ctx, one(k))).collect();
        ctx.cancel();
        for caller in &mut callers {
            let error = outcome(&way, caller).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Cancelled);
        }
        assert_eq!((ctx.state().live(), house.begun().len()), (0, 1));
        assert_eq!(ctx.stats().in_flight, 0);
    }
}

#[test]
fn law_panics_are_outcomes_and_the_next_goes_in() {
    for way in Way::all() {
        let house = House::of(2);
        let app = app_with(&house, |_, k, house| {
            Box::pin(async move {
                house.wait(k).await;
                assert!(k != 0, "as it was told");
                Ok(u64::from(k))
            })
        });
        let ctx = way.ctx(app);
        let mut callers = [waits(&way, &ctx, one(0)), waits(&way, &ctx, one(1))];
        house.open(0);
        house.open(1);
        let error = outcome(&way, &mut callers[0]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
        assert_eq!(outcome(&way, &mut callers[1]).unwrap(), 1);
    }
}

/// Also not when a task passes it on as its own.
#[test]
fn law_cancellation_is_not_an_outcome_nor_is_overload() {
    let house = House::of(3);
    let app = app_with(&house, |ctx, k, house| {
        Box::pin(async move {
            if k == 2 {
                return ctx.run(Call::<Few<1, 0>, _>::new(1)).await;
            }
            house.wait(k).await;
            Ok(u64::from(k))
        })
    });
    let ctx = Ctx::new(app);
    let mut inside = waits(&Way(None), &ctx, Call::<Few<1, 0>, _>::new(0));
    let error = now(ctx.run(key(2))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Overloaded);
    house.open(0);
    house.open(1);
    assert!(finish(&mut inside).is_some());
    assert_eq!(now(ctx.run(key(2))).unwrap(), 1);
}

/// No link is left that would keep a job.
#[test]
fn law_nothing_leaks_no_job_of_who_was_inside() {
    let hand = Hand::default();
    let way = Way(Some(hand.clone()));
    let house = House::of(5);
    let ctx = way.ctx(house.app());
    let mut callers: Vec<_> = (0..5).map(|k| waits(&way, &ctx, one(k))).collect();
    (0..5).for_each(|k| house.open(k));
    for caller in &mut callers {
        outcome(&way, caller).unwrap();
    }
    drop(callers);
    hand.go();
    assert_eq!(hand.jobs(), 0);
}

struct Unsure;

impl Task<()> for Unsure {
    type Input = ();
    type Output = ();
    type Error = Infallible;

    async fn run(_: &Ctx, (): ()) -> Result<(), Infallible> {
        Ok(())
    }

    fn concurrency() -> Option<Concurrency> {
        panic!("as it was told")
    }
}

#[test]
fn law_panics_are_outcomes_of_who_does_not_know_how_many() {
    let ctx = Ctx::new(());
    let error = now(ctx.run(Call::<Unsure, _>::new(()))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    assert!(ctx.is_empty());
}

/// A waker that polls inside `wake` is called with no lock held.
#[test]
fn law_foreign_code_outside_locks_when_it_is_the_next_ones_turn() {
    let house = House::of(3);
    let ctx = Ctx::new(house.app());
    let callers: Vec<_> = (0..3).map(|k| Inline::start(asks(&ctx, one(k)))).collect();
    (0..3).for_each(|k| house.open(k));
    for (k, caller) in callers.iter().enumerate() {
        assert_eq!(caller.outcome().unwrap().unwrap(), k as u64);
    }
}

/// Nothing of those who waited and went is kept, and none costs more for that.
#[test]
fn law_nothing_leaks_of_ten_thousand_who_wait_and_go() {
    for way in Way::all() {
        let house = House::of(10_001);
        let ctx = way.ctx(house.app());
        let mut inside = waits(&way, &ctx, one(0));
        let waiting: Vec<_> = (1..=10_000).map(|k| stalled(&ctx, k)).collect();
        assert_eq!(ctx.len(), 10_001);
        drop(waiting);
        assert_eq!((ctx.len(), ctx.stats().dropped), (1, 10_000));
        house.open(0);
        outcome(&way, &mut inside).unwrap();
        assert_eq!(house.begun(), [0]);
    }
}

/// Ten thousand, one at a time, and then the end of twenty thousand.
#[test]
fn law_stack_safe_of_a_long_queue() {
    std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(|| {
            let house = House::of(20_000);
            let ctx = Ctx::new(house.app());
            let callers: Vec<_> = (0..20_000).map(|k| stalled(&ctx, k)).collect();
            (0..9_999).for_each(|k| house.open(k));
            let mut last = asks(&ctx, one(9_998));
            assert_eq!(outcome(&Way(None), &mut last).unwrap(), 9_998);
            assert_eq!(house.begun().len(), 9_999);
            ctx.cancel();
            assert_eq!((ctx.state().live(), ctx.stats().dropped), (0, 10_001));
            drop(callers);
        })
        .unwrap()
        .join()
        .unwrap();
}

/// A circle is told of, also where it would wait for its turn before.
#[test]
fn law_no_deadlock_of_a_circle_is_told() {
    for way in Way::all() {
        let ctx = way.ctx(runce_tests::app(|ctx, k| {
            Box::pin(async move { ctx.run(few::<1>((k + 1) % 3)).await })
        }));
        let error: Error = way.now(ctx.run(few::<1>(0))).unwrap_err();
        assert_eq!(error.root_kind(), ErrorKind::Cycle);
    }
}
