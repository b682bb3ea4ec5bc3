//! A run that waits for another is not inside.
use super::{House, asks, one, outcome, waits};
use runce::testing::ManualClock;
use runce::{Ctx, Error};
use runce_tests::{App, BoxFuture, Each, Way, app, block_on, few, key, poll};
use runce_threads::Threads;
use std::task::Waker;
use std::time::Duration;

/// How a key runs the one below it.
type Below = for<'a> fn(&'a Ctx<App>, u32) -> BoxFuture<'a>;

fn ways_below() -> Vec<(&'static str, Below)> {
    vec![
        ("run", |ctx, k| {
            Box::pin(async move { ctx.run(one(k)).await })
        }),
        ("group", |ctx, k| {
            Box::pin(async move { Ok(ctx.run_parallel([one(k), one(k)]).await?[0]) })
        }),
        ("combinator", |ctx, k| {
            Box::pin(async move {
                let child = |k| -> BoxFuture<'_> { Box::pin(async move { ctx.run(one(k)).await }) };
                Ok(Each::new([child(k), child(k)]).await? / 2)
            })
        }),
        ("detached", |ctx, k| asks(ctx, one(k))),
        ("detached combinator", |ctx, k| {
            Box::pin(async move { Each::new([asks(ctx, one(k))]).await })
        }),
        ("blocking its thread, detached", |ctx, k| {
            let outcome = ctx.clone().run_blocking(one(k));
            Box::pin(async move { outcome })
        }),
        ("blocking its thread", |ctx, k| {
            let outcome = ctx.run_blocking(one(k));
            Box::pin(async move { outcome })
        }),
        ("blocking work", |ctx, k| {
            Box::pin(async move { runce::blocking(ctx, move |ctx| ctx.run_blocking(one(k))).await })
        }),
    ]
}

fn counting_down(below: Below) -> App {
    app(move |ctx, k| {
        Box::pin(async move {
            match k {
                0 => Ok(0),
                _ => Ok(below(ctx, k - 1).await? + 1),
            }
        })
    })
}

#[test]
fn law_no_deadlock_of_a_task_that_calls_itself_one_at_a_time() {
    for (name, below) in ways_below() {
        for way in Way::all() {
            let ctx = way.ctx(counting_down(below));
            let mut caller = asks(&ctx, one(20));
            assert_eq!(outcome(&way, &mut caller).unwrap(), 20, "{name}");
            assert_eq!(ctx.state().all_runs(), 21);
        }
    }
}

fn on_four_threads(name: &str, ctx: &Ctx<App>) {
    std::thread::scope(|scope| {
        for k in 0..4 {
            scope.spawn(move || {
                let outcome: Result<u64, Error> = block_on(ctx.run(one(10 + k)));
                assert_eq!(outcome.unwrap(), u64::from(10 + k), "{name}");
            });
        }
    });
    assert_eq!(ctx.state().all_runs(), 14);
}

/// Each way that blocks no thread in a poll.
#[test]
fn law_no_deadlock_of_tasks_on_several_threads() {
    for (name, below) in ways_below() {
        if !name.starts_with("blocking") {
            on_four_threads(name, &Ctx::new(counting_down(below)));
        }
    }
}

/// Work that has a thread of its own steps aside as well, and comes back.
#[test]
fn law_no_deadlock_of_blocking_work_on_an_executor() {
    for (name, below) in ways_below() {
        if !name.starts_with("blocking its thread") {
            let threads = Threads::with_workers(2);
            let builder = Ctx::builder(counting_down(below)).executor(threads);
            on_four_threads(name, &builder.build());
        }
    }
}

/// A run of another task, which runs ours.
#[test]
fn law_no_deadlock_of_tasks_that_call_each_other() {
    for way in Way::all() {
        let ctx = way.ctx(app(|ctx, k| {
            Box::pin(async move {
                match k {
                    0 => Ok(0),
                    _ if k % 2 == 0 => Ok(ctx.run(few::<1>(k - 1)).await? + 1),
                    _ => Ok(ctx.run(key(k - 1)).await? + 1),
                }
            })
        }));
        assert_eq!(way.now(ctx.run(key(20))).unwrap(), 20);
    }
}

/// 0 is inside, waits for key 9, and comes back.
fn steps_aside(house: &House) -> App {
    house.first(|ctx, house| {
        Box::pin(async move {
            let outcome = ctx.run(key(9)).await;
            house.begins(100);
            outcome
        })
    })
}

#[test]
fn while_a_run_waits_for_another_it_is_the_next_ones_turn() {
    for way in Way::all() {
        let house = House::of(10);
        let ctx = way.ctx(steps_aside(&house));
        let mut callers = [
            waits(&way, &ctx, one(0)),
            waits(&way, &ctx, one(1)),
            waits(&way, &ctx, one(2)),
        ];
        assert_eq!(house.begun(), [0, 9, 1], "0 stepped aside for 1");
        house.open(9);
        house.open(0);
        assert!(way.finish(&mut callers[0]).is_none(), "1 is inside");
        assert_eq!(house.begun(), [0, 9, 1]);
        house.open(1);
        outcome(&way, &mut callers[1]).unwrap();
        outcome(&way, &mut callers[0]).unwrap();
        assert!(way.finish(&mut callers[2]).is_none());
        assert_eq!(
            house.begun(),
            [0, 9, 1, 100, 2],
            "who comes back comes first"
        );
        house.open(2);
        outcome(&way, &mut callers[2]).unwrap();
    }
}

/// Those who stepped aside do not fill the queue.
#[test]
fn who_comes_back_is_never_refused() {
    for way in Way::all() {
        let house = House::of(10);
        let ctx = way.ctx(steps_aside(&house));
        let few = runce::Call::<runce_tests::Few<1, 1>, u32>::new;
        let mut callers = [waits(&way, &ctx, few(0)), waits(&way, &ctx, few(1))];
        let mut third = waits(&way, &ctx, few(2));
        (0..10).for_each(|k| house.open(k));
        for caller in &mut callers {
            outcome(&way, caller).unwrap();
        }
        assert_eq!(outcome(&way, &mut third).unwrap(), 2);
    }
}

/// What goes on beside a wait for another run waits for its turn as well.
#[test]
fn what_a_run_does_beside_a_wait_it_does_inside() {
    for way in Way::all() {
        let house = House::of(10);
        let app = house.first(|ctx, house| {
            Box::pin(async move {
                let beside: BoxFuture<'_> = Box::pin(async move {
                    house.wait(8).await;
                    house.begins(100);
                    Ok(0)
                });
                Each::new([beside, asks_own(ctx, 9)]).await
            })
        });
        let ctx = way.ctx(app);
        let mut zero = waits(&way, &ctx, one(0));
        let mut next = waits(&way, &ctx, one(1));
        house.open(8);
        assert!(way.finish(&mut zero).is_none());
        assert_eq!(house.begun(), [0, 9, 1], "1 is inside");
        house.open(1);
        outcome(&way, &mut next).unwrap();
        assert!(way.finish(&mut zero).is_none());
        assert_eq!(house.begun(), [0, 9, 1, 100]);
        house.open(9);
        house.open(0);
        outcome(&way, &mut zero).unwrap();
    }
}

/// Polled with a waker of its own, and dropped: it waits for nothing.
#[test]
fn who_asks_and_does_not_wait_keeps_its_turn() {
    for way in Way::all() {
        let house = House::of(10);
        let app = house.first(|ctx, _| {
            Box::pin(async move {
                let mut call = asks_own(ctx, 9);
                assert!(poll(&mut call, Waker::noop()).is_pending());
                Ok(0)
            })
        });
        let ctx = way.ctx(app);
        let _zero = waits(&way, &ctx, one(0));
        let _next = waits(&way, &ctx, one(1));
        assert_eq!(house.begun(), [0, 9]);
    }
}

fn asks_own(ctx: &Ctx<App>, k: u32) -> BoxFuture<'_> {
    Box::pin(async move { ctx.run(key(k)).await })
}

/// It was too long a wait; then it goes on, though others are inside, and nobody comes besides.
#[test]
fn blocking_work_that_waits_no_longer_goes_on_and_is_counted() {
    let (house, clock) = (House::of(10), ManualClock::new());
    house.open(0);
    let app = house.first(|ctx, house| {
        Box::pin(runce::blocking(ctx, move |ctx| {
            let wait = ctx.run(key(9)).within(Duration::from_secs(1));
            assert!(block_on(wait).is_err());
            house.begins(100);
            block_on(house.wait(8));
            Ok(0)
        }))
    });
    let builder = Ctx::builder(app).timer(clock.clone());
    let ctx = builder.executor(Threads::with_workers(2)).build();
    std::thread::scope(|scope| {
        let zero = scope.spawn(|| block_on(ctx.run(one(0))));
        until(|| house.begun() == [0, 9]);
        let mut one_more = asks(&ctx, one(1));
        assert!(runce_tests::finish(&mut one_more).is_none());
        until(|| house.begun() == [0, 9, 1]);
        until(|| {
            clock.advance(Duration::from_secs(1));
            house.begun() == [0, 9, 1, 100]
        });
        let mut next = asks(&ctx, one(2));
        assert!(runce_tests::finish(&mut next).is_none());
        house.open(1);
        assert_eq!(block_on(one_more).unwrap(), 1);
        assert!(runce_tests::finish(&mut next).is_none());
        assert_eq!(house.begun(), [0, 9, 1, 100], "0 is inside");
        house.open(8);
        assert_eq!(zero.join().unwrap().unwrap(), 0);
        house.open(2);
        assert_eq!(block_on(next).unwrap(), 2);
    });
}

/// Comes to be so, by what others do.
fn until(so: impl Fn() -> bool) {
    while !so() {
        std::thread::yield_now();
    }
}
