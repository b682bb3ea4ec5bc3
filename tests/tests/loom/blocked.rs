//! Threads that block inside a run's poll, and handles that have left their run.
use crate::world::{
    App, Gate, Seen, above_a_gate, app, assert_over, block_on, call, caller, model, model_bound,
    stall, yields,
};
use loom::thread;
use runce::Ctx;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

/// 1 blocks its thread on 0, which waits for the gate.
fn blocks() -> (Ctx<App>, Arc<Seen>, Arc<Gate>) {
    let (app, seen, gate) = above_a_gate(|ctx, _| {
        let blocked = block_on(ctx.run(call(0)));
        Box::pin(async move { Ok(blocked? + 1) })
    });
    (Ctx::new(app), seen, gate)
}

/// Runs 1, while the creator of 0 goes and the gate opens.
fn creator_goes(ctx: &Ctx<App>, gate: Arc<Gate>) {
    let mut stalled = caller(ctx, 0);
    assert!(!stall(&mut stalled));
    let opener = thread::spawn(move || gate.open());
    let leaver = thread::spawn(move || drop(stalled));
    assert_eq!(block_on(ctx.run(call(1))).unwrap(), 1);
    opener.join().unwrap();
    leaver.join().unwrap();
}

/// 1 blocks its thread on 0, which is in its own set: it is told of the push.
#[test]
fn model_guest_of_its_own_set() {
    model(|| {
        let (ctx, seen, gate) = blocks();
        let opener = thread::spawn(move || gate.open());
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 1);
        opener.join().unwrap();
        assert_over(&ctx, &seen);
    });
}

/// 0 is in the set of a stalled caller, which goes: the link between the sets ends at the
/// blocked thread, so it has to hear of the push itself.
#[test]
fn model_guest_of_another_set() {
    model(|| {
        let (ctx, seen, gate) = blocks();
        creator_goes(&ctx, gate);
        assert_over(&ctx, &seen);
    });
}

/// 1 waits for 0 through a handle of nobody's, which is driven like its own; the creator of
/// 0 goes meanwhile.
#[test]
fn model_detached_handle() {
    model(|| {
        let (app, seen, gate) = above_a_gate(|ctx, _| {
            let detached = ctx.clone();
            Box::pin(async move { Ok(detached.run(call(0)).await? + 1) })
        });
        let ctx = Ctx::new(app);
        creator_goes(&ctx, gate);
        assert_eq!(seen.runs.load(SeqCst), 2 + ctx.stats().dropped);
        assert_over(&ctx, &seen);
    });
}

/// 1 blocks on 2, which somebody else polls just then, once, and leaves: it yields so often, and
/// begins 3 through a handle of nobody's, which queues itself in its first poll.
fn begins_a_detached_run(yielded: usize) {
    model_bound(2, move || {
        let (app, seen) = app(move |ctx, k| match k {
            1 => {
                let blocked = block_on(ctx.run(call(2)));
                Box::pin(async move { blocked })
            }
            2 => {
                let detached = ctx.clone();
                Box::pin(async move {
                    yields(yielded).await;
                    detached.run(call(3)).await
                })
            }
            _ => Box::pin(async move {
                yields(6).await;
                Ok(3)
            }),
        });
        // Whoever resumes 2 does nothing else.
        let ctx = Ctx::builder(app).poll_budget(1).build();
        let mut leaver = caller(&ctx, 2);
        let leaver = thread::spawn(move || {
            let _ = stall(&mut leaver);
            drop(leaver);
        });
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 3);
        leaver.join().unwrap();
        assert_over(&ctx, &seen);
    });
}

/// That 2 waits for 3 is known only after the first poll of 3: the blocked thread hears of it.
#[test]
fn model_guest_of_what_begins_a_detached_run() {
    begins_a_detached_run(1);
}

/// 2 is being dropped, and 3, which is queued, will be: the blocked thread waits, and does not
/// look again and again.
#[test]
fn model_guest_of_what_is_dropped() {
    begins_a_detached_run(0);
}

/// 1 blocks on 2, which somebody else polls just then: it begins to wait for 3, which is
/// queued in its own set, and whoever polled it goes. The blocked thread hears of that wait.
#[test]
fn model_guest_of_what_begins_to_wait() {
    model_bound(2, || {
        let (app, seen) = app(|ctx, k| match k {
            1 => {
                let blocked = block_on(ctx.run(call(2)));
                Box::pin(async move { blocked })
            }
            2 => Box::pin(async move {
                yields(2).await;
                ctx.run(call(3)).await
            }),
            3 => Box::pin(async move {
                yields(6).await;
                Ok(3)
            }),
            _ => Box::pin(async move { Ok(ctx.run_parallel((call(2), call(3))).await?.0) }),
        });
        let ctx = Ctx::builder(app).poll_budget(1).build();
        let mut leaver = caller(&ctx, 4);
        // Once more, and the next to be polled is 2.
        assert!(!stall(&mut leaver) && !stall(&mut leaver));
        let leaver = thread::spawn(move || {
            let _ = stall(&mut leaver);
            drop(leaver);
        });
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 3);
        leaver.join().unwrap();
        assert_over(&ctx, &seen);
    });
}
