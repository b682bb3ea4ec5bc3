//! Sets that are linked: what one hears of, the other drives.
use crate::world::{
    App, Gate, Seen, above_a_gate, app, assert_over, block_on, call, caller, context, join_all,
    model, model_bound, poll_once, stall, yields,
};
use loom::thread;
use runce::Ctx;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

/// Above 0, in sets of their own.
fn waits_for_0() -> (Ctx<App>, Arc<Seen>, Arc<Gate>) {
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
        let (app, seen) = app(|ctx, k| {
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

/// 0 wakes twice, for two events: the link is told of both.
#[test]
fn model_link_is_told_again() {
    model(|| {
        let gates: [Arc<Gate>; 2] = Default::default();
        let theirs = gates.clone();
        let (ctx, seen) = context(move |ctx, k| {
            let [one, two] = theirs.clone();
            Box::pin(async move {
                if k > 0 {
                    return Ok(ctx.run(call(0)).await? + k);
                }
                one.wait().await;
                two.wait().await;
                Ok(0)
            })
        });
        let mut stalled = caller(&ctx, 0);
        assert!(!stall(&mut stalled));
        let openers = gates.map(|gate| thread::spawn(move || gate.open()));
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 1);
        join_all(openers);
        drop(stalled);
        assert_over(&ctx, &seen);
    });
}

/// 3 and 0 are ready in a set of stalled callers; who comes to it through a link polls one of
/// them at a time, and finds the way back for the other.
#[test]
fn model_link_is_given_back() {
    model(|| {
        let gate = Arc::<Gate>::default();
        let theirs = gate.clone();
        let (app, seen) = app(move |ctx, k| {
            let gate = theirs.clone();
            Box::pin(async move {
                match k {
                    1 => return Ok(ctx.run(call(0)).await? + 1),
                    2 => return Ok(ctx.run_parallel((call(3), call(0))).await?.0),
                    _ => gate.wait().await,
                }
                Ok(k)
            })
        });
        let ctx = Ctx::builder(app).poll_budget(1).build();
        let mut stalled = caller(&ctx, 2);
        assert!(!stall(&mut stalled));
        let opener = thread::spawn(move || gate.open());
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 1);
        opener.join().unwrap();
        drop(stalled);
        assert_over(&ctx, &seen);
    });
}

/// 1 lets go of 0, and asks for it again, while another comes and takes the link's place.
#[test]
fn model_link_made_again() {
    model_bound(2, || {
        let (app, seen, gate) = above_a_gate(|ctx, _| {
            Box::pin(async move {
                let mut first = Box::pin(ctx.run(call(0)));
                poll_once(first.as_mut()).await;
                drop(first);
                yields(1).await;
                ctx.run(call(0)).await
            })
        });
        let ctx = Ctx::new(app);
        let mut stalled = caller(&ctx, 0);
        assert!(!stall(&mut stalled));
        let other = caller(&ctx, 0);
        let other = thread::spawn(move || block_on(other).unwrap());
        let opener = thread::spawn(move || gate.open());
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 0);
        assert_eq!(other.join().unwrap(), 0);
        opener.join().unwrap();
        drop(stalled);
        assert_over(&ctx, &seen);
    });
}
