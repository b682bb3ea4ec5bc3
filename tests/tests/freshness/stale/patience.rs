//! Who waits no longer than he likes: for what is old after a while, or for nothing.
use super::{Behind, alone};
use crate::clocks::{NANO, SECOND};
use crate::refresh::counted;
use runce::testing::ManualClock;
use runce::{Ctx, ErrorKind};
use runce_tests::{App, BoxFuture, Hook, Hooked, app_with, finish, key, now};
use std::future::pending;

/// Stale for five seconds more, in need only; run once, and just stale.
fn late() -> Behind {
    let it = Behind::new(|builder| builder.stale_if_error(5 * SECOND));
    assert_eq!(it.ask(), 1);
    it.pass(SECOND);
    it
}

type Caller = BoxFuture<'static>;

fn patient(ctx: &Ctx<App>) -> Caller {
    let ctx = ctx.clone();
    Box::pin(async move { ctx.run(key(1)).or_stale_after(SECOND / 2).await })
}

fn bounded(ctx: &Ctx<App>) -> Caller {
    let ctx = ctx.clone();
    Box::pin(async move { ctx.run(key(1)).within(SECOND / 2).await })
}

fn is_pending(caller: &mut Caller) -> bool {
    finish(caller).is_none()
}

#[test]
fn who_waits_long_enough_is_served_what_is_stale_and_the_run_goes_on() {
    for caller in [patient, bounded] {
        let it = late();
        let gate = it.gates.next();
        let mut waits = caller(&it.ctx);
        assert!(is_pending(&mut waits));
        it.pass(SECOND / 2 - NANO);
        assert!(is_pending(&mut waits), "not yet");
        it.pass(NANO);
        assert_eq!(now(waits).unwrap(), 1);
        assert_eq!(it.ctx.stats().stale, 1);
        gate.open();
        it.runtime.run_until_idle();
        assert_eq!(
            (it.ask(), it.runs()),
            (2, 2),
            "the executor has finished it"
        );
    }
}

/// Whose input is the entry's, as it began the run where there was nothing.
#[test]
fn who_waits_long_enough_is_served_what_was_inserted_meanwhile() {
    let it = Behind::new(|builder| builder);
    let _gate = it.gates.next();
    let mut waits = patient(&it.ctx);
    assert!(is_pending(&mut waits));
    it.ctx.insert(key(2), 8);
    it.ctx.insert(key(1), 7);
    assert!(is_pending(&mut waits), "it waits for its run");
    it.pass(SECOND / 2);
    assert_eq!(now(waits).unwrap(), 7);
}

#[test]
fn who_is_answered_in_time_is_served_what_is_new() {
    for caller in [patient, bounded] {
        let it = late();
        let gate = it.gates.next();
        let mut waits = caller(&it.ctx);
        assert!(is_pending(&mut waits));
        it.pass(SECOND / 2);
        gate.open();
        assert_eq!(now(waits).unwrap(), 2, "it is there before the time is up");
    }
}

#[test]
fn law_once_of_what_somebody_was_too_impatient_for() {
    let it = late();
    let gate = it.gates.next();
    let mut waits = patient(&it.ctx);
    assert!(is_pending(&mut waits));
    it.pass(SECOND / 2);
    now(waits).unwrap();
    let mut others = [patient(&it.ctx), bounded(&it.ctx)];
    assert!(others.iter_mut().all(is_pending), "they join that run");
    it.pass(SECOND / 2);
    for other in others {
        assert_eq!(now(other).unwrap(), 1);
    }
    gate.open();
    it.runtime.run_until_idle();
    assert_eq!((it.runs(), it.ctx.stats().dropped), (2, 0));
}

/// The soft bound is none then.
#[test]
fn who_finds_nothing_old_waits_on_or_for_nothing() {
    let it = Behind::new(|builder| builder.stale_if_error(5 * SECOND));
    let gate = it.gates.next();
    let (mut soft, mut hard) = (patient(&it.ctx), bounded(&it.ctx));
    assert!(is_pending(&mut soft) && is_pending(&mut hard));
    it.pass(SECOND);
    assert!(is_pending(&mut soft));
    assert_eq!(now(hard).unwrap_err().kind(), ErrorKind::DeadlineExceeded);
    gate.open();
    it.runtime.run_until_idle();
    assert_eq!(now(soft).unwrap(), 1);
}

/// What is remembered, and not over: by then, and not when he asked.
#[test]
fn who_waits_too_long_for_what_is_old_waits_on_or_for_nothing() {
    let it = late();
    it.pass(5 * SECOND - SECOND / 2);
    let gate = it.gates.next();
    let (mut soft, mut hard) = (patient(&it.ctx), bounded(&it.ctx));
    assert!(is_pending(&mut soft) && is_pending(&mut hard));
    it.pass(SECOND / 2);
    assert!(is_pending(&mut soft));
    assert_eq!(now(hard).unwrap_err().kind(), ErrorKind::DeadlineExceeded);
    gate.open();
    it.runtime.run_until_idle();
    assert_eq!(now(soft).unwrap(), 2);
}

#[test]
fn law_invalidate_in_flight_leaves_nothing_old() {
    let it = late();
    let _gate = it.gates.next();
    let (mut soft, mut hard) = (patient(&it.ctx), bounded(&it.ctx));
    assert!(is_pending(&mut soft) && is_pending(&mut hard));
    assert!(it.ctx.invalidate(&key(1)));
    it.pass(SECOND);
    assert!(is_pending(&mut soft));
    assert_eq!(now(hard).unwrap_err().kind(), ErrorKind::DeadlineExceeded);
}

#[test]
fn law_cancelled_serves_nothing_to_the_impatient() {
    let it = late();
    let _gate = it.gates.next();
    let mut callers = [patient(&it.ctx), bounded(&it.ctx)];
    assert!(callers.iter_mut().all(is_pending));
    it.pass(SECOND / 2);
    it.ctx.cancel();
    for caller in callers {
        assert_eq!(now(caller).unwrap_err().kind(), ErrorKind::Cancelled);
    }
}

/// Who refreshes wants what is new; only who says so takes what was there.
#[test]
fn who_refreshes_is_served_what_is_old_if_he_says_so() {
    for fresh in [true, false] {
        let it = Behind::new(|builder| builder.stale_if_error(5 * SECOND));
        assert_eq!(it.ask(), 1);
        it.pass(if fresh { SECOND / 4 } else { SECOND });
        let gate = it.gates.next();
        let ctx = it.ctx.clone();
        let mut soft: Caller =
            Box::pin(async move { ctx.refresh(key(1)).or_stale_after(SECOND / 2).await });
        let ctx = it.ctx.clone();
        let mut hard: Caller =
            Box::pin(async move { ctx.refresh(key(1)).within(SECOND / 2).await });
        assert!(is_pending(&mut soft) && is_pending(&mut hard));
        it.pass(SECOND / 2);
        assert_eq!(now(soft).unwrap(), 1);
        assert_eq!(it.ctx.stats().stale, usize::from(!fresh));
        assert_eq!(now(hard).unwrap_err().kind(), ErrorKind::DeadlineExceeded);
        gate.open();
        it.runtime.run_until_idle();
        assert_eq!((it.ask(), it.runs()), (2, 2));
    }
}

/// What is remembered for ever is not stale, and has no time.
#[test]
fn who_refreshes_what_is_remembered_for_ever_is_served_that() {
    let (app, gates) = counted();
    let clock = ManualClock::new();
    let ctx = Ctx::builder(app).timer(clock.clone()).build();
    assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
    let _gate = gates.next();
    let mut refresh = ctx.refresh(key(1)).or_stale_after(SECOND);
    assert!(finish(&mut refresh).is_none());
    clock.advance(SECOND);
    assert_eq!(now(refresh).unwrap(), 1);
    assert_eq!((ctx.stats().stale, ctx.stats().dropped), (0, 1));
}

/// Fails, and is slow from then on.
#[runce::task]
async fn fails_once(ctx: &Ctx<()>) -> Result<u64, &'static str> {
    match ctx.stats().runs {
        1 => Err("down"),
        _ => pending().await,
    }
}

/// An error is not a value.
#[test]
fn what_is_old_is_never_an_error() {
    let clock = ManualClock::new();
    let ctx = Ctx::builder(()).timer(clock.clone()).build();
    assert!(now(ctx.run(fails_once())).is_err());
    let refresh = ctx.refresh(fails_once());
    let mut refresh = refresh.or_stale_after(SECOND).within(2 * SECOND);
    assert!(finish(&mut refresh).is_none());
    clock.advance(SECOND);
    assert!(finish(&mut refresh).is_none());
    clock.advance(SECOND);
    let error = now(refresh).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
}

/// Without an executor nobody goes on with it.
#[test]
fn law_last_caller_out_who_is_served_what_is_old() {
    for caller in [patient, bounded] {
        let (app, gates) = counted();
        let clock = ManualClock::new();
        let builder = Ctx::builder(app).timer(clock.clone()).ttl(SECOND);
        let ctx = builder.stale_if_error(5 * SECOND).build();
        assert_eq!(now(ctx.run(key(1))).unwrap(), 1);
        clock.advance(SECOND);
        let gate = gates.next();
        let mut waits = caller(&ctx);
        assert!(is_pending(&mut waits));
        clock.advance(SECOND / 2);
        assert_eq!(now(waits).unwrap(), 1);
        assert_eq!((ctx.state().live(), ctx.stats().dropped), (0, 1));
        gate.open();
        assert_eq!(now(ctx.run(key(1))).unwrap(), 3);
    }
}

/// What a task lets go of is dropped, but not what it was too impatient for: it would never be
/// renewed where it takes longer each time.
#[test]
fn what_a_task_is_too_impatient_for_is_finished_too() {
    let gates = counted().1;
    let app = app_with(&gates, |ctx, k, gates| {
        Box::pin(async move {
            if k == 2 {
                return ctx.run(key(1)).or_stale_after(SECOND / 2).await;
            }
            let number = ctx.state().runs(k) as u64;
            gates.current().wait().await;
            Ok(number)
        })
    });
    let it = Behind::over(app, gates, |builder| builder.stale_if_error(5 * SECOND));
    assert_eq!(it.ask(), 1);
    it.pass(SECOND);
    let gate = it.gates.next();
    let ctx = it.ctx.clone();
    let mut task: Caller = Box::pin(async move { ctx.run(key(2)).await });
    assert!(is_pending(&mut task));
    it.pass(SECOND / 2);
    assert_eq!(now(task).unwrap(), 1);
    gate.open();
    it.runtime.run_until_idle();
    assert_eq!((it.ask(), it.runs(), it.ctx.stats().dropped), (2, 2, 0));
}

#[test]
fn law_clock_is_injected_who_is_impatient_needs_a_timer() {
    let (ctx, _, _) = alone(|builder| builder.stale_if_error(5 * SECOND));
    let error = now(ctx.run(key(1)).or_stale_after(SECOND)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

/// Returns once, and is slow from then on. The output's `Clone` calls the hook.
#[runce::task]
async fn returns_once(ctx: &Ctx<Hook>) -> Hooked {
    match ctx.stats().runs {
        1 => Hooked((), ctx.state().clone()),
        _ => pending().await,
    }
}

#[test]
fn law_panics_are_outcomes_where_what_is_old_is_cloned() {
    let clock = ManualClock::new();
    let builder = Ctx::builder(Hook::default()).timer(clock.clone());
    let ctx = builder.ttl(SECOND).stale_if_error(5 * SECOND).build();
    assert!(now(ctx.run(returns_once())).is_ok());
    clock.advance(SECOND);
    let mut waits = ctx.run(returns_once()).or_stale_after(SECOND);
    assert!(finish(&mut waits).is_none());
    clock.advance(SECOND);
    ctx.state().put(Box::new(|| panic!("as it was told")));
    let error = now(waits).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Panicked);
}
