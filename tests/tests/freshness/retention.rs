//! How long an outcome is remembered, by what it is.
use crate::clocks::{NANO, SECOND};
use crate::upstream::{Answer, Failed, Fetch, Upstream, choosy, fetch, with};
use Answer::{Failure, Panic, Value};
use runce::testing::ManualClock;
use runce::{Call, Ctx, Error, Outcome, Retention, Task};
use runce_tests::{App, Gate, Hook, app, key, now, waiting};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(1 << 40);

/// For how long an outcome is remembered that the upstream gives now. `None`: not at all;
/// `LONG`: for good.
fn lasts<T>(ctx: &Ctx<Upstream>, clock: &ManualClock, call: Call<T, u64>) -> Option<Duration>
where
    T: Task<Upstream, Input = u64>,
{
    ctx.clear();
    let asked = || ctx.state().asked();
    let _ = now(ctx.run(call.clone()));
    let before = asked();
    for seconds in 0..=20 {
        let _ = now(ctx.run(call.clone()));
        if asked() > before {
            assert!(
                seconds > 0 || ctx.is_empty(),
                "what is not remembered is not there"
            );
            return (seconds > 0).then_some(SECOND * seconds);
        }
        clock.advance(SECOND - NANO);
        let _ = now(ctx.run(call.clone()));
        assert_eq!(asked(), before, "whole seconds");
        clock.advance(NANO);
    }
    Some(LONG)
}

#[test]
fn law_errors_are_outcomes_and_last_as_long() {
    let (ctx, clock) = with(Value(1), |builder| builder.ttl(5 * SECOND));
    for answer in [Value(1), Failure("no"), Panic] {
        ctx.state().says(answer);
        assert_eq!(lasts(&ctx, &clock, fetch()), Some(5 * SECOND), "{answer:?}");
    }
}

#[test]
fn law_errors_are_outcomes_with_a_ttl_of_their_own() {
    let (ctx, clock) = with(Value(1), |builder| {
        builder.ttl(5 * SECOND).error_ttl(2 * SECOND)
    });
    let lasting = [(Value(1), 5), (Failure("no"), 2), (Panic, 2)];
    for (answer, seconds) in lasting {
        ctx.state().says(answer);
        assert_eq!(
            lasts(&ctx, &clock, fetch()),
            Some(seconds * SECOND),
            "{answer:?}"
        );
    }
    let (ctx, clock) = with(Value(1), |builder| builder.error_ttl(2 * SECOND));
    assert_eq!(lasts(&ctx, &clock, fetch()), Some(LONG), "values as before");
    let (ctx, clock) = with(Panic, |builder| {
        builder.ttl(SECOND).error_ttl(Duration::ZERO)
    });
    assert_eq!(
        lasts(&ctx, &clock, fetch()),
        Some(SECOND),
        "zero: as values"
    );
}

#[test]
fn certain_errors_are_never_remembered() {
    let (ctx, clock) = with(Failure("busy"), |builder| {
        builder
            .ttl(5 * SECOND)
            .forget_errors(|error| error.find() == Some(&Failed("busy")))
    });
    assert_eq!(lasts(&ctx, &clock, fetch()), None);
    ctx.state().says(Failure("no"));
    assert_eq!(lasts(&ctx, &clock, fetch()), Some(5 * SECOND));
    ctx.state().says(Panic);
    assert_eq!(lasts(&ctx, &clock, fetch()), Some(5 * SECOND));
}

#[test]
fn a_context_decides_by_the_outcome() {
    let (ctx, clock) = with(Value(1), |builder| {
        builder.ttl(5 * SECOND).retention(|outcome| match outcome {
            Outcome::Value(()) => None,
            Outcome::Error(error) if error.to_string().contains("Fetch") => {
                Some(Retention::For(3 * SECOND))
            }
            Outcome::Error(_) => Some(Retention::CallersOnly),
            Outcome::Panicked => Some(Retention::Forever),
            _ => None,
        })
    });
    let lasting = [
        (Value(1), 5 * SECOND),
        (Failure("no"), 3 * SECOND),
        (Panic, LONG),
    ];
    for (answer, time) in lasting {
        ctx.state().says(answer);
        assert_eq!(lasts(&ctx, &clock, fetch()), Some(time), "{answer:?}");
    }
}

#[test]
fn a_task_decides_before_its_context_does() {
    let (ctx, clock) = with(Value(2), |builder| {
        builder
            .ttl(5 * SECOND)
            .error_ttl(SECOND)
            .retention(|_| Some(Retention::For(6 * SECOND)))
            .forget_errors(|_| true)
    });
    let lasting = [
        (Value(2), Some(2)),
        (Value(3), Some(6)),
        (Failure("no"), Some(3)),
        (Failure("not me"), None),
        (Panic, Some(4)),
    ];
    for (answer, seconds) in lasting {
        ctx.state().says(answer);
        let time = seconds.map(|seconds| seconds * SECOND);
        assert_eq!(lasts(&ctx, &clock, choosy()), time, "{answer:?}");
    }
}

/// In a context that was told nothing of time, a task that knows of it has its way.
#[test]
fn a_task_decides_where_its_context_was_told_nothing() {
    let (ctx, clock) = with(Value(2), |builder| builder);
    assert_eq!(lasts(&ctx, &clock, choosy()), Some(2 * SECOND));
    assert_eq!(lasts(&ctx, &clock, fetch()), Some(LONG));
    ctx.state().says(Value(3));
    assert_eq!(lasts(&ctx, &clock, choosy()), Some(LONG));
}

/// It forgets from the first such outcome on; what it knew by then it goes on to know.
#[test]
fn a_context_that_begins_to_forget_loses_nothing() {
    let (ctx, clock) = with(Value(2), |builder| builder);
    for n in 0..50 {
        now(ctx.run(Call::<Fetch, _>::new(n))).unwrap();
    }
    now(ctx.run(choosy())).unwrap();
    clock.advance(2 * SECOND);
    for n in 0..50 {
        now(ctx.run(Call::<Fetch, _>::new(n))).unwrap();
    }
    assert_eq!(ctx.state().asked(), 51);
    now(ctx.run(choosy())).unwrap();
    assert_eq!((ctx.state().asked(), ctx.len()), (52, 51));
}

#[test]
fn law_once_what_is_for_callers_only_goes_to_all_of_them() {
    let gate = Gate::new();
    let ctx = Ctx::builder(runce_tests::gated(&gate))
        .retention(|_| Some(Retention::CallersOnly))
        .build();
    let (mut first, mut second) = (waiting(&ctx, 1), waiting(&ctx, 1));
    gate.open();
    assert_eq!(first.outcome().unwrap(), 1);
    assert_eq!((ctx.len(), ctx.state().runs(1)), (0, 1));
    assert_eq!(second.outcome().unwrap(), 1);
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    assert_eq!(ctx.state().runs(1), 2);
}

#[test]
fn law_ttl_from_completion_zero_is_not_remembered() {
    let (ctx, clock) = with(Value(1), |builder| {
        builder.retention(|_| Some(Retention::For(Duration::ZERO)))
    });
    assert_eq!(lasts(&ctx, &clock, fetch()), None);
}

/// Never remembered means never, whatever was decided.
#[test]
fn law_cancellation_is_not_an_outcome_whatever_was_decided() {
    let ctx = Ctx::builder(app(|ctx, k| Box::pin(async move { ctx.run(key(k)).await })));
    let ctx = ctx.retention(|_| Some(Retention::Forever)).build();
    let error = now(ctx.run(key(1))).unwrap_err();
    assert_eq!(error.kind(), runce::ErrorKind::Cycle);
    assert!(ctx.is_empty());
}

#[test]
fn law_panics_are_outcomes_also_where_rules_panic() {
    let (ctx, clock) = with(Value(1), |builder| {
        builder.ttl(SECOND).retention(|_| panic!("undecided"))
    });
    for answer in [Value(1), Failure("no"), Panic] {
        ctx.state().says(answer);
        assert_eq!(lasts(&ctx, &clock, fetch()), None, "{answer:?}");
    }
    let (ctx, clock) = with(Failure("no"), |builder| {
        builder.forget_errors(|_| panic!("undecided"))
    });
    assert_eq!(lasts(&ctx, &clock, fetch()), None);
    ctx.state().says(Value(1));
    assert_eq!(lasts(&ctx, &clock, fetch()), Some(LONG));
}

/// What it would do with a panic, it does not know.
struct Nervous;

impl Task<()> for Nervous {
    type Input = u64;
    type Output = u64;
    type Error = Failed;

    async fn run(_: &Ctx, n: u64) -> Result<u64, Failed> {
        Ok(n)
    }

    fn retention(outcome: Outcome<'_, u64, Failed>) -> Option<Retention> {
        match outcome {
            Outcome::Panicked => panic!("undecided"),
            _ => None,
        }
    }
}

#[test]
fn law_panics_are_outcomes_and_a_rule_that_panics_fails_no_call() {
    let ctx = Ctx::new(());
    assert_eq!(now(ctx.run(Call::<Nervous, _>::new(7))).unwrap(), 7);
    assert_eq!(ctx.len(), 1);
}

struct Undecided;

impl Task<Upstream> for Undecided {
    type Input = u64;
    type Output = u64;
    type Error = Failed;

    async fn run(_: &Ctx<Upstream>, n: u64) -> Result<u64, Failed> {
        Ok(n)
    }

    fn retention(outcome: Outcome<'_, u64, Failed>) -> Option<Retention> {
        match outcome {
            Outcome::Value(_) => panic!("undecided"),
            _ => None,
        }
    }
}

#[test]
fn law_panics_are_outcomes_also_where_a_tasks_rule_panics() {
    let ctx = Ctx::new(Upstream::that(Value(1)));
    let call = || Call::<Undecided, _>::new(7);
    assert_eq!(now(ctx.run(call())).unwrap(), 7);
    assert!(ctx.is_empty());
    ctx.insert(call(), 8);
    assert!(ctx.is_empty());
}

#[test]
fn law_foreign_code_outside_locks_the_rules() {
    let (hook, asked) = (Hook::default(), Hook::default());
    let (inside, outside) = (hook.clone(), asked.clone());
    let ask = |hook: &Hook| hook.take().into_iter().for_each(|hook| hook());
    let ctx = Ctx::builder(Upstream::that(Failure("no")))
        .retention(move |_| {
            ask(&inside);
            None
        })
        .forget_errors(move |_| {
            ask(&outside);
            false
        })
        .build();
    for hook in [&hook, &asked] {
        let (ctx, other) = (ctx.clone(), Call::<Fetch, _>::new(2));
        hook.put(Box::new(move || {
            ctx.insert(other.clone(), 2);
            assert!(ctx.invalidate(&other));
        }));
    }
    now(ctx.run(fetch())).unwrap_err();
    assert!(
        hook.take().is_none() && asked.take().is_none(),
        "both were asked"
    );
}

/// Keeps all that it can.
struct Stubborn;

impl Task<App> for Stubborn {
    type Input = u32;
    type Output = u64;
    type Error = Error;

    async fn run(ctx: &Ctx<App>, k: u32) -> Result<u64, Error> {
        ctx.run(key(k)).await
    }

    fn retention(_: Outcome<'_, u64, Error>) -> Option<Retention> {
        Some(Retention::Forever)
    }
}

#[test]
fn law_cancellation_is_not_an_outcome_whatever_a_task_decides() {
    let ctx = Ctx::new(app(|ctx, k| Box::pin(async move { ctx.run(key(k)).await })));
    let error = now(ctx.run(Call::<Stubborn, _>::new(1))).unwrap_err();
    assert_eq!(error.root_kind(), runce::ErrorKind::Cycle);
    assert!(ctx.is_empty());
}

/// What is known by then is forgotten too: it has been said to be outdated.
#[test]
fn what_is_inserted_and_not_kept_leaves_nothing() {
    let (ctx, _) = with(Value(1), |builder| {
        builder.retention(|_| Some(Retention::CallersOnly))
    });
    ctx.insert(choosy(), 2);
    assert_eq!(ctx.len(), 1, "by its own rule");
    ctx.insert(choosy(), 3);
    assert!(ctx.is_empty());
}

#[test]
fn a_task_decides_what_becomes_of_what_is_inserted() {
    for ttl in [Duration::ZERO, 5 * SECOND] {
        let (ctx, clock) = with(Value(3), |builder| builder.ttl(ttl));
        ctx.insert(choosy(), 2);
        clock.advance(2 * SECOND - NANO);
        assert_eq!(now(ctx.run(choosy())).unwrap(), 2);
        clock.advance(NANO);
        assert_eq!(now(ctx.run(choosy())).unwrap(), 3);
    }
}

#[test]
fn what_is_never_remembered_goes_before_a_rule_and_that_before_times() {
    let (ctx, clock) = with(Failure("busy"), |builder| {
        builder
            .ttl(5 * SECOND)
            .error_ttl(SECOND)
            .retention(|_| Some(Retention::For(3 * SECOND)))
            .forget_errors(|error| error.find() == Some(&Failed("busy")))
    });
    assert_eq!(lasts(&ctx, &clock, fetch()), None);
    for answer in [Value(1), Failure("no"), Panic] {
        ctx.state().says(answer);
        assert_eq!(lasts(&ctx, &clock, fetch()), Some(3 * SECOND), "{answer:?}");
    }
}
