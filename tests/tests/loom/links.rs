//! Sets that are linked: what one hears of, the other drives.
use crate::world::{
    above_a_gate, assert_over, block_on, call, caller, model, model_bound, stall, yields,
};
use loom::thread;
use runce::Ctx;
use std::sync::atomic::Ordering::SeqCst;

/// Above 0, in sets of their own.
fn waits_for_0() -> (
    Ctx<crate::world::App>,
    std::sync::Arc<crate::world::Seen>,
    std::sync::Arc<crate::world::Gate>,
) {
    let (app, seen, gate) =
        above_a_gate(|ctx, k| Box::pin(async move { Ok(ctx.run(call(0)).await? + k) }));
    (Ctx::new(app), seen, gate)
}

/// The creator of 0 is stalled, so that those above it drive it. One of them leaves, and with
/// it a link that may be told by then; the other is served.
#[test]
fn model_link_removed_while_told() {
    model(|| {
        let (ctx, seen, gate) = waits_for_0();
        let mut all = [caller(&ctx, 0), caller(&ctx, 1), caller(&ctx, 2)];
        for caller in &mut all {
            assert!(!stall(caller));
        }
        let [stalled, leaver, other] = all;
        let leaver = thread::spawn(move || drop(leaver));
        let opener = thread::spawn(move || gate.open());
        assert_eq!(block_on(other).unwrap(), 2);
        leaver.join().unwrap();
        opener.join().unwrap();
        assert_eq!(seen.runs.load(SeqCst), 3);
        drop(stalled);
        assert_over(&ctx, &seen);
    });
}

/// One leaves while another comes to wait for the same: a link is removed as one is made.
#[test]
fn model_link_removed_while_made() {
    model(|| {
        let (ctx, seen, gate) = waits_for_0();
        let (mut stalled, mut leaver) = (caller(&ctx, 0), caller(&ctx, 1));
        assert!(!stall(&mut stalled) && !stall(&mut leaver));
        let leaver = thread::spawn(move || drop(leaver));
        let opener = thread::spawn(move || gate.open());
        assert_eq!(block_on(ctx.run(call(2))).unwrap(), 2);
        leaver.join().unwrap();
        opener.join().unwrap();
        assert_eq!(seen.runs.load(SeqCst), 3);
        drop(stalled);
        assert_over(&ctx, &seen);
    });
}

/// Two runs of one set wait for 0: one link for both, which stays when one of them goes.
#[test]
fn model_one_link_for_two_waits() {
    model(|| {
        let (app, seen, gate) = above_a_gate(|ctx, k| {
            Box::pin(async move {
                match k {
                    1 => Ok(ctx.run_parallel((call(2), call(3))).await?.0),
                    _ => Ok(ctx.run(call(0)).await? + k),
                }
            })
        });
        let ctx = Ctx::new(app);
        let (mut stalled, mut top) = (caller(&ctx, 0), caller(&ctx, 1));
        assert!(!stall(&mut stalled) && !stall(&mut top));
        let mut below = caller(&ctx, 3);
        assert!(!stall(&mut below));
        // 2 and 3 are in the set of 1, and 3 has a caller besides.
        let leaver = thread::spawn(move || drop(top));
        let opener = thread::spawn(move || gate.open());
        assert_eq!(block_on(below).unwrap(), 3);
        leaver.join().unwrap();
        opener.join().unwrap();
        drop(stalled);
        assert_over(&ctx, &seen);
    });
}

/// Two drain the same sets, through links both ways, what wakes itself again and again.
#[test]
fn model_two_drain_linked_sets() {
    model_bound(2, || {
        let (app, seen) = crate::world::app(|ctx, k| {
            Box::pin(async move {
                if k > 0 {
                    yields(1).await;
                    return Ok(ctx.run(call(0)).await? + k);
                }
                yields(2).await;
                Ok(0)
            })
        });
        let ctx = Ctx::builder(app).poll_budget(1).build();
        let other = caller(&ctx, 1);
        let other = thread::spawn(move || block_on(other).unwrap());
        assert_eq!(block_on(ctx.run(call(2))).unwrap(), 2);
        assert_eq!(other.join().unwrap(), 1);
        assert_eq!(seen.runs.load(SeqCst), 3);
        assert_over(&ctx, &seen);
    });
}
