//! Traps that others fell into, of those that plain contexts could: callers that go away,
//! results in the wrong place. Others are in `traps_driving`.
//!
//! | trap | |
//! |---|---|
//! | a retry cap on dropped leaders | `trap_300_dropped_leaders…` |
//! | the clone of a shared future that polls is dropped, or panics | `trap_shared_…` |
//! | removal by key; an old result over a newer one | `trap_removal_by_identity`, `trap_old_result…` |
//! | a result published before the books are kept | `trap_result_published…` |
use runce::{Ctx, ErrorKind};
use runce_tests::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

#[test]
fn trap_300_dropped_leaders_of_one_run() {
    let gate = Gate::new();
    let ctx = Ctx::new(gated(&gate));
    let mut callers: Vec<_> = (0..301).map(|_| waiting(&ctx, 1)).collect();
    let mut last = callers.pop().unwrap();
    callers.into_iter().for_each(drop);
    gate.open();
    assert_eq!(last.outcome().unwrap(), 1);
    assert_eq!(ctx.state().runs(1), 1);
}

/// Each leader is dropped while its successor waits for the end of its destructor.
#[test]
fn trap_300_dropped_leaders_each_with_a_run() {
    let (gate, next) = (Gate::new(), Slot::<Waiting>::default());
    let data = (gate.clone(), next.clone(), Arc::new(AtomicUsize::new(0)));
    let ctx = Ctx::new(app_with(&data, |ctx, k, (gate, next, ended)| {
        let handle = ctx.clone();
        Box::pin(async move {
            let _end = OnDrop::new(move || {
                if ended.fetch_add(1, SeqCst) < 300 {
                    next.put(waiting(&handle, 1));
                }
            });
            gate.wait().await;
            Ok(u64::from(k))
        })
    }));
    drop(waiting(&ctx, 1));
    for nth in 1..300 {
        let mut leader = next.take().unwrap();
        assert!(leader.poll().is_pending());
        assert_eq!(ctx.state().runs(1), nth + 1);
        drop(leader);
    }
    gate.open();
    assert_eq!(next.take().unwrap().outcome().unwrap(), 1);
}

/// Whoever was told drops out: the others were told too.
#[test]
fn trap_shared_polling_clone_dropped() {
    let gate = Gate::new();
    let ctx = Ctx::new(gated(&gate));
    let polls = waiting(&ctx, 1);
    let others = [waiting(&ctx, 1), waiting(&ctx, 1)];
    gate.open();
    drop(polls);
    assert_eq!(others.each_ref().map(Waiting::woken), [1, 1]);
    for mut other in others {
        assert_eq!(other.outcome().unwrap(), 1);
    }
}

/// Whoever has polled it most of the way drops out.
#[test]
fn trap_shared_polling_clone_dropped_with_work_left() {
    let gate = Gate::new();
    let ctx = Ctx::new(app_with(&gate, |_, k, gate| {
        Box::pin(async move {
            gate.wait().await;
            yields(10).await;
            Ok(u64::from(k))
        })
    }));
    let mut polls = waiting(&ctx, 1);
    let mut other = waiting(&ctx, 1);
    gate.open();
    assert!(polls.poll().is_pending());
    let before = other.woken();
    assert!(other.poll().is_pending());
    assert!(other.woken() > before, "it left work");
    assert!(polls.poll().is_pending());
    drop(polls);
    assert_eq!(other.outcome().unwrap(), 1);
}

#[test]
fn trap_shared_panic_wakes_the_others() {
    let gate = Gate::new();
    let ctx = Ctx::new(app_with(&gate, |_, _, gate| {
        Box::pin(async move {
            gate.wait().await;
            yields(1).await;
            panic!("while one of them polls");
        })
    }));
    let mut polls = waiting(&ctx, 1);
    let mut other = waiting(&ctx, 1);
    gate.open();
    let before = other.woken();
    polls.outcome().unwrap_err();
    assert_eq!(other.woken(), before + 1, "by the outcome");
    assert_eq!(other.outcome().unwrap_err().kind(), ErrorKind::Panicked);
}

/// The first run of the key waits at the gate, and is then cancelled from elsewhere; the
/// second waits for the second gate.
fn first_is_cancelled(gates: &[Arc<Gate>; 2]) -> Ctx<App> {
    let elsewhere = Ctx::new(gated(&gates[0]));
    elsewhere.cancel();
    let data = (gates.clone(), elsewhere, Arc::new(AtomicUsize::new(0)));
    Ctx::new(app_with(&data, |_, k, (gates, elsewhere, next)| {
        let nth = next.fetch_add(1, SeqCst);
        Box::pin(async move {
            gates[nth].wait().await;
            if nth == 0 {
                return elsewhere.run(key(k)).await;
            }
            Ok(1)
        })
    }))
}

/// What must not be kept is taken out of the table: not what is there in its place.
#[test]
fn trap_removal_by_identity() {
    let gates = [Gate::new(), Gate::new()];
    let ctx = first_is_cancelled(&gates);
    let mut old = waiting(&ctx, 1);
    assert!(ctx.invalidate(&key(1)));
    let new = waiting(&ctx, 1);
    gates[0].open();
    assert_eq!(old.outcome().unwrap_err().kind(), ErrorKind::Cancelled);
    let mut third = waiting(&ctx, 1);
    assert_eq!(ctx.state().runs(1), 2, "the third joined the second");
    gates[1].open();
    assert_eq!(third.outcome().unwrap(), 1);
    drop(new);
}

/// Each run of the key comes to its number, when its own gate opens.
fn numbered(gates: &[Arc<Gate>; 2]) -> Ctx<App> {
    let data = (gates.clone(), Arc::new(AtomicUsize::new(0)));
    Ctx::new(app_with(&data, |_, _, (gates, next)| {
        let nth = next.fetch_add(1, SeqCst);
        Box::pin(async move {
            gates[nth].wait().await;
            Ok(nth as u64)
        })
    }))
}

#[test]
fn trap_old_result_after_invalidate() {
    let gates = [Gate::new(), Gate::new()];
    let ctx = numbered(&gates);
    let mut old = waiting(&ctx, 1);
    assert!(ctx.invalidate(&key(1)));
    let mut new = waiting(&ctx, 1);
    gates[1].open();
    assert_eq!(new.outcome().unwrap(), 1);
    gates[0].open();
    assert_eq!(old.outcome().unwrap(), 0);
    assert_eq!(now(caller(&ctx, 1)).unwrap(), 1);
}

#[test]
fn trap_old_result_before_the_new_one() {
    let gates = [Gate::new(), Gate::new()];
    let ctx = numbered(&gates);
    let mut old = waiting(&ctx, 1);
    ctx.clear();
    let mut new = waiting(&ctx, 1);
    gates[0].open();
    assert_eq!(old.outcome().unwrap(), 0);
    assert!(ctx.peek(&key(1)).is_none());
    gates[1].open();
    assert_eq!(new.outcome().unwrap(), 1);
}

/// 0 asks for 1 and 2. A caller of 2 drives both to their ends; nobody ever comes for the
/// outcome of 1.
#[test]
fn trap_result_published_and_bookkeeping_dropped() {
    let gate = Gate::new();
    let ctx = Ctx::new(app_with(&gate, |ctx, k, gate| {
        Box::pin(async move {
            if k == 0 {
                return Ok(ctx.run_parallel([key(1), key(2)]).await?.iter().sum());
            }
            gate.wait().await;
            Ok(u64::from(k))
        })
    }));
    let (both, mut other) = (waiting(&ctx, 0), waiting(&ctx, 2));
    gate.open();
    assert_eq!(other.outcome().unwrap(), 2);
    drop(both);
    let stats = ctx.stats();
    assert_eq!((stats.succeeded, stats.dropped, stats.in_flight), (2, 1, 0));
    assert_eq!((ctx.len(), ctx.state().live()), (2, 0));
    assert_eq!(ctx.peek(&key(1)).unwrap().unwrap(), 1);
}
