//! TTLs that vary.
use crate::clocks::{NANO, SECOND};
use crate::upstream::{Answer, fetch, with};
use runce_tests::now;

/// By a whole half, or by nothing.
#[test]
fn jitter_takes_a_random_part_of_the_ttl() {
    for (random, lasts) in [(u64::MAX, 5), (u64::MAX / 2, 8), (0, 10)] {
        let (ctx, clock) = with(Answer::Value(1), |builder| {
            builder.ttl(10 * SECOND).jitter(0.5, move || random)
        });
        now(ctx.run(fetch())).unwrap();
        clock.advance(lasts * SECOND - SECOND);
        now(ctx.run(fetch())).unwrap();
        assert_eq!(ctx.state().asked(), 1, "{lasts}");
        clock.advance(SECOND + NANO);
        now(ctx.run(fetch())).unwrap();
        assert_eq!(ctx.state().asked(), 2, "{lasts}");
    }
}

#[test]
fn jitter_also_of_who_tries_again() {
    let (ctx, clock) = with(Answer::Value(1), |builder| {
        let builder = builder.ttl(SECOND).stale_if_error(60 * SECOND);
        builder.retry_after(10 * SECOND).jitter(0.5, || u64::MAX)
    });
    now(ctx.run(fetch())).unwrap();
    ctx.state().says(Answer::Failure("down"));
    for (after, asked) in [(SECOND, 2), (5 * SECOND - NANO, 2), (2 * NANO, 3)] {
        clock.advance(after);
        assert_eq!(now(ctx.run(fetch())).unwrap(), 1);
        assert_eq!(ctx.state().asked(), asked);
    }
}

#[test]
fn law_panics_are_outcomes_and_randomness_that_panics_is_none() {
    let (ctx, clock) = with(Answer::Value(1), |builder| {
        builder.ttl(SECOND).jitter(0.5, || panic!("no entropy"))
    });
    assert_eq!(now(ctx.run(fetch())).unwrap(), 1);
    clock.advance(SECOND - NANO);
    assert_eq!(now(ctx.run(fetch())).unwrap(), 1);
    assert_eq!(ctx.state().asked(), 1);
}
