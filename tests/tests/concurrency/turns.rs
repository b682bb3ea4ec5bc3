//! Whose turn it is.
use super::{House, asks, one, outcome, waits};
use runce::testing::ManualClock;
use runce::{Call, Concurrency, Ctx, ErrorKind, Task};
use runce_tests::{App, Few, Hand, Way, few, finish, now};
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

fn bounded<const RUNS: usize, const QUEUE: usize>(key: u32) -> Call<Few<RUNS, QUEUE>, u32> {
    Call::new(key)
}

#[test]
fn at_most_so_many_run_at_once_in_the_order_of_their_coming() {
    for way in Way::all() {
        let house = House::of(5);
        let ctx = way.ctx(house.app());
        let mut callers: Vec<_> = (0..5).map(|k| waits(&way, &ctx, few::<2>(k))).collect();
        assert_eq!(house.begun(), [0, 1]);
        house.open(1);
        assert_eq!(outcome(&way, &mut callers[1]).unwrap(), 1);
        // Whoever is polled drives those whose turn it is.
        assert!(way.finish(&mut callers[4]).is_none());
        assert_eq!(house.begun(), [0, 1, 2]);
        (0..5).for_each(|k| house.open(k));
        for k in [4, 3, 0, 2] {
            assert_eq!(outcome(&way, &mut callers[k]).unwrap(), k as u64);
        }
        assert_eq!(house.begun(), [0, 1, 2, 3, 4]);
    }
}

#[test]
fn another_task_has_a_queue_of_its_own() {
    for way in Way::all() {
        let house = House::of(2);
        let ctx = way.ctx(house.app());
        let _callers = [
            waits(&way, &ctx, few::<1>(0)),
            waits(&way, &ctx, few::<2>(1)),
        ];
        assert_eq!(house.begun(), [0, 1]);
        let other = way.ctx(house.app());
        let _third = waits(&way, &other, few::<1>(0));
        assert_eq!(house.begun(), [0, 1, 0], "and another context");
    }
}

#[test]
fn one_more_than_may_wait_is_refused() {
    for way in Way::all() {
        let house = House::of(5);
        let ctx = way.ctx(house.app());
        let mut inside = waits(&way, &ctx, bounded::<1, 2>(0));
        let waiting = waits(&way, &ctx, bounded::<1, 2>(1));
        let _waiting = waits(&way, &ctx, bounded::<1, 2>(2));
        let error = way.now(ctx.run(bounded::<1, 2>(3))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Overloaded);
        assert_eq!(
            error.to_string(),
            "task `key(3)` was not begun: too many runs of it wait for their turn"
        );
        assert_eq!(
            (ctx.len(), ctx.state().runs(3)),
            (3, 0),
            "nothing is remembered"
        );
        // Who joins does not wait for a turn of his own.
        let joins = waits(&way, &ctx, bounded::<1, 2>(1));
        drop((waiting, joins));
        let mut again = waits(&way, &ctx, bounded::<1, 2>(3));
        house.open(0);
        house.open(2);
        house.open(3);
        outcome(&way, &mut inside).unwrap();
        assert_eq!(outcome(&way, &mut again).unwrap(), 3);
        assert_eq!(house.begun(), [0, 2, 3]);
    }
}

/// Whoever goes in makes room in the queue.
#[test]
fn the_queue_holds_no_less_for_those_who_were_in_it() {
    let house = House::of(10);
    let (way, ctx) = (Way(None), Ctx::new(house.app()));
    let mut inside = waits(&way, &ctx, bounded::<1, 1>(0));
    for k in 1..10 {
        let next = waits(&way, &ctx, bounded::<1, 1>(k));
        house.open(k - 1);
        outcome(&way, &mut inside).unwrap();
        inside = next;
    }
}

#[test]
fn nobody_waits_where_nobody_may() {
    let house = House::of(2);
    let ctx = Ctx::new(house.app());
    let mut inside = waits(&Way(None), &ctx, bounded::<1, 0>(0));
    let error = now(ctx.run(bounded::<1, 0>(1))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Overloaded);
    house.open(0);
    house.open(1);
    assert!(finish(&mut inside).is_some());
    assert_eq!(now(ctx.run(bounded::<1, 0>(1))).unwrap(), 1);
}

#[test]
fn none_at_once_is_one() {
    assert_eq!(Concurrency::at_most(0), Concurrency::at_most(1));
}

static BOUND: AtomicUsize = AtomicUsize::new(1);

/// As many as are said to be at once by then.
struct Varying;

impl Task<House> for Varying {
    type Input = u32;
    type Output = u32;
    type Error = Infallible;

    async fn run(ctx: &Ctx<House>, k: u32) -> Result<u32, Infallible> {
        ctx.state().begins(k);
        ctx.state().wait(k).await;
        Ok(k)
    }

    fn concurrency() -> Option<Concurrency> {
        Some(Concurrency::at_most(BOUND.load(SeqCst)))
    }
}

#[test]
fn what_was_said_last_holds_for_those_who_wait_too() {
    let house = House::of(5);
    let ctx = Ctx::new(house.clone());
    let begin = |k| {
        let ctx = ctx.clone();
        let mut caller = Box::pin(async move { ctx.run(Call::<Varying, _>::new(k)).await });
        assert!(finish(&mut caller).is_none());
        caller
    };
    let mut callers = vec![begin(0), begin(1), begin(2)];
    assert_eq!(house.begun(), [0]);
    BOUND.store(2, SeqCst);
    callers.push(begin(3));
    assert!(finish(&mut callers[1]).is_none());
    assert_eq!(house.begun(), [0, 1], "in their order");
    BOUND.store(1, SeqCst);
    callers.push(begin(4));
    house.open(0);
    assert!(finish(&mut callers[0]).is_some());
    assert_eq!(house.begun(), [0, 1], "fewer, once they are gone");
}

/// A run's limit counts from when it first has to wait for something else than its turn.
#[test]
fn law_a_run_has_no_callers_deadline_and_no_limit_in_the_queue() {
    let (house, clock, second) = (House::of(2), ManualClock::new(), Duration::from_secs(1));
    let builder = Ctx::builder(house.app()).timer(clock.clone());
    let ctx = builder.limit(second).build();
    let way = Way(None);
    let mut callers = [waits(&way, &ctx, one(0)), waits(&way, &ctx, one(1))];
    clock.advance(second / 2);
    house.open(0);
    outcome(&way, &mut callers[0]).unwrap();
    assert!(way.finish(&mut callers[1]).is_none());
    clock.advance(second * 3 / 4);
    assert!(
        way.finish(&mut callers[1]).is_none(),
        "in the queue it was not yet running"
    );
    clock.advance(second / 4);
    let error = outcome(&way, &mut callers[1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
}

/// Whatever the end of a run, it is somebody else's turn.
#[test]
fn the_next_goes_in_whatever_becomes_of_who_was_inside() {
    let ends: [fn(&Ctx<App>); 3] = [
        |ctx| drop(ctx.clone()),
        |ctx| {
            let _ = ctx.invalidate(&one(0));
        },
        |ctx| ctx.clear(),
    ];
    for (number, end) in ends.into_iter().enumerate() {
        for way in Way::all() {
            let house = House::of(2);
            let ctx = way.ctx(house.app());
            let inside = waits(&way, &ctx, one(0));
            let mut next = waits(&way, &ctx, one(1));
            end(&ctx);
            house.open(1);
            if number == 0 {
                drop(inside);
            } else {
                // What was forgotten goes on, and is inside still.
                assert!(way.finish(&mut next).is_none());
                house.open(0);
            }
            assert_eq!(outcome(&way, &mut next).unwrap(), 1);
        }
    }
}

#[test]
fn stale_values_are_served_where_too_many_wait() {
    let (house, clock, second) = (House::of(3), ManualClock::new(), Duration::from_secs(1));
    let builder = Ctx::builder(house.app()).clock(clock.clone());
    let ctx = builder.ttl(second).stale_if_error(5 * second).build();
    house.open(1);
    assert_eq!(now(ctx.run(bounded::<1, 0>(1))).unwrap(), 1);
    let mut inside = asks(&ctx, bounded::<1, 0>(0));
    assert!(finish(&mut inside).is_none());
    clock.advance(second);
    let detail = now(ctx.run(bounded::<1, 0>(1)).detailed()).unwrap();
    assert_eq!((detail.value, detail.stale), (1, true));
    assert_eq!(detail.failure.unwrap().kind(), ErrorKind::Overloaded);
    // It says nothing of the upstream: the next one tries at once.
    house.open(0);
    assert!(finish(&mut inside).is_some());
    now(ctx.run(bounded::<1, 0>(1))).unwrap();
    assert_eq!(ctx.state().runs(1), 2);
}

/// They are not refused, take no place of those whom somebody waits for, and are begun once.
#[test]
fn renewals_for_nobody_wait_and_fill_no_queue() {
    let (house, clock, hand) = (House::of(4), ManualClock::new(), Hand::default());
    let second = Duration::from_secs(1);
    let builder = Ctx::builder(house.app()).clock(clock.clone()).ttl(second);
    let builder = builder.stale_while_revalidate(100 * second);
    let ctx = builder.executor(hand.clone()).build();
    let way = Way(Some(hand.clone()));
    house.open(1);
    house.open(2);
    way.now(ctx.run(bounded::<1, 1>(1))).unwrap();
    way.now(ctx.run(bounded::<1, 1>(2))).unwrap();
    let mut inside = waits(&way, &ctx, bounded::<1, 1>(0));
    clock.advance(2 * second);
    for _ in 0..10 {
        assert_eq!(way.now(ctx.run(bounded::<1, 1>(1))).unwrap(), 1);
        assert_eq!(way.now(ctx.run(bounded::<1, 1>(2))).unwrap(), 2);
        hand.go();
    }
    assert_eq!((ctx.stats().runs, ctx.stats().failed), (5, 0));
    let mut wanted = waits(&way, &ctx, bounded::<1, 1>(3));
    house.open(0);
    house.open(3);
    outcome(&way, &mut inside).unwrap();
    outcome(&way, &mut wanted).unwrap();
    assert_eq!(house.begun(), [1, 2, 0, 1, 2, 3]);
}
