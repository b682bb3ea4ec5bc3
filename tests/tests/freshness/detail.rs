//! How a value came about, for who asks.
use crate::clocks::{SECOND, Watched};
use crate::refresh::counted;
use crate::stale::{Behind, alone};
use crate::upstream::{Answer, Failed, fetch, with};
use runce::testing::ManualClock;
use runce::{Ctx, Detail, Error, ErrorKind, Source};
use runce_tests::{App, finish, key, now};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

type Asking = Pin<Box<dyn Future<Output = Result<Detail<u64>, Error>> + Send>>;

fn asking(ctx: &Ctx<App>) -> Asking {
    let ctx = ctx.clone();
    Box::pin(async move { ctx.run(key(1)).detailed().await })
}

fn ask(ctx: &Ctx<App>) -> Detail<u64> {
    now(asking(ctx)).unwrap()
}

#[test]
fn a_call_runs_joins_or_hits() {
    let (app, gates) = counted();
    let clock = ManualClock::new();
    let ctx = Ctx::builder(app)
        .clock(clock.clone())
        .ttl(5 * SECOND)
        .build();
    let gate = gates.next();
    let (mut runs, mut joins) = (asking(&ctx), asking(&ctx));
    assert!(finish(&mut runs).is_none() && finish(&mut joins).is_none());
    clock.advance(SECOND);
    gate.open();
    for (caller, source) in [(runs, Source::Ran), (joins, Source::Joined)] {
        let detail = now(caller).unwrap();
        assert_eq!((detail.value, detail.source), (1, source));
        assert!(!detail.from_memory);
        assert_eq!((detail.age, detail.stale), (Some(Duration::ZERO), false));
    }
    clock.advance(2 * SECOND);
    let hit = ask(&ctx);
    assert_eq!((hit.value, hit.source), (1, Source::Hit));
    assert!(hit.from_memory);
    assert_eq!(
        (hit.age, hit.stale),
        (Some(2 * SECOND), false),
        "from its end"
    );
    assert!(hit.failure.is_none());
}

#[test]
fn what_is_put_there_ages_from_then_on() {
    let clock = ManualClock::new();
    let ctx = Ctx::builder(counted().0)
        .clock(clock.clone())
        .ttl(5 * SECOND)
        .build();
    clock.advance(SECOND);
    ctx.insert(key(1), 7);
    clock.advance(2 * SECOND);
    let hit = ask(&ctx);
    assert_eq!(
        (hit.value, hit.source, hit.age),
        (7, Source::Hit, Some(2 * SECOND))
    );
}

#[test]
fn what_is_remembered_for_ever_has_no_age() {
    let ctx = Ctx::new(counted().0);
    assert_eq!(ask(&ctx).age, Some(Duration::ZERO));
    let hit = ask(&ctx);
    assert_eq!((hit.source, hit.age, hit.stale), (Source::Hit, None, false));
}

#[test]
fn what_is_stale_is_said_to_be() {
    let it = Behind::new(|builder| {
        let builder = builder.refresh_ahead(0.5);
        builder.stale_while_revalidate(5 * SECOND)
    });
    it.ask();
    let _gate = it.gates.next();
    it.pass(SECOND / 2);
    let early = ask(&it.ctx);
    assert_eq!(
        (early.stale, early.age),
        (false, Some(SECOND / 2)),
        "it is due only"
    );
    it.pass(SECOND / 2);
    for source in [Source::Hit, Source::Hit] {
        let stale = ask(&it.ctx);
        assert_eq!((stale.value, stale.source), (1, source));
        assert_eq!((stale.stale, stale.age), (true, Some(SECOND)));
    }
    assert_eq!(it.ctx.stats().stale, 2);
}

#[test]
fn who_is_served_what_is_stale_is_told_what_failed() {
    let (ctx, clock) = with(Answer::Value(1), |builder| {
        builder.ttl(SECOND).stale_if_error(5 * SECOND)
    });
    now(ctx.run(fetch())).unwrap();
    ctx.state().says(Answer::Failure("down"));
    clock.advance(SECOND);
    let tried = now(ctx.run(fetch()).detailed()).unwrap();
    assert_eq!((tried.value, tried.source), (1, Source::Ran));
    assert_eq!((tried.stale, tried.age), (true, Some(SECOND)));
    assert!(tried.from_memory);
    let failure = tried.failure.unwrap();
    assert_eq!(failure.find(), Some(&Failed("down")));
    // In the pause that follows nobody tries, so nothing fails; it is no fresher for that.
    let hit = now(ctx.run(fetch()).detailed()).unwrap();
    assert_eq!((hit.source, hit.stale), (Source::Hit, true));
    assert!(hit.failure.is_none());
    assert_eq!(ctx.stats().stale, 2);
}

/// It began or joined a run, and did not wait for its end.
#[test]
fn who_is_impatient_is_told_what_he_is_served() {
    let it = Behind::new(|builder| builder.stale_if_error(5 * SECOND));
    it.ask();
    it.pass(SECOND);
    let gate = it.gates.next();
    let impatient = |ctx: &Ctx<App>| -> Asking {
        let ctx = ctx.clone();
        Box::pin(async move { ctx.run(key(1)).or_stale_after(SECOND).detailed().await })
    };
    let (mut runs, mut joins) = (impatient(&it.ctx), impatient(&it.ctx));
    assert!(finish(&mut runs).is_none() && finish(&mut joins).is_none());
    it.pass(SECOND);
    for (caller, source) in [(runs, Source::Ran), (joins, Source::Joined)] {
        let old = now(caller).unwrap();
        assert_eq!((old.value, old.source, old.stale), (1, source, true));
        assert_eq!(old.age, Some(2 * SECOND));
        assert!(old.failure.is_none() && old.from_memory);
    }
    gate.open();
}

#[test]
fn who_fails_is_told_of_the_failure_alone() {
    let (ctx, _) = with(Answer::Failure("down"), |builder| builder.ttl(SECOND));
    for _ in 0..2 {
        let error = now(ctx.run(fetch()).detailed()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Failed);
    }
}

/// Who asks reads the clock no more often than who does not.
#[test]
fn law_clock_is_injected_a_detailed_hit_reads_it_once() {
    let clock = Watched::default();
    let ctx = Ctx::builder(counted().0)
        .clock(clock.clone())
        .ttl(SECOND)
        .build();
    ask(&ctx);
    clock.take_reads();
    ask(&ctx);
    assert_eq!(clock.take_reads(), 1);
}

#[test]
fn law_last_caller_out_who_asks_for_detail() {
    let (ctx, _, gates) = alone(|builder| builder);
    let _gate = gates.next();
    let mut asking = asking(&ctx);
    assert!(finish(&mut asking).is_none());
    drop(asking);
    assert_eq!((ctx.state().live(), ctx.stats().dropped), (0, 1));
}
