//! Runs that wait for their turn, one at a time.
use crate::world::{
    App, BoxFut, Gate, Seen, app, assert_over, block_on, call, join_all, model, model_bound,
    single, stall, yields,
};
use loom::thread;
use runce::{Ctx, Error};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

fn caller(ctx: &Ctx<App>, k: u32) -> BoxFut<'static> {
    let ctx = ctx.clone();
    Box::pin(async move { ctx.run(single(k)).await })
}

/// 0 waits for the gate; the others yield.
fn behind_a_gate() -> (Ctx<App>, Arc<Seen>, Arc<Gate>) {
    let gate = Arc::<Gate>::default();
    let opened = gate.clone();
    let (app, seen) = app(move |_, k| {
        let gate = opened.clone();
        Box::pin(async move {
            match k {
                0 => gate.wait().await,
                _ => yields(1).await,
            }
            Ok(k)
        })
    });
    (Ctx::new(app), seen, gate)
}

/// Two come at once, and each has his turn: never both.
#[test]
fn model_one_at_a_time() {
    model(|| {
        let (app, seen) = app(|_, k| {
            Box::pin(async move {
                yields(1).await;
                Ok(k)
            })
        });
        let ctx = Ctx::new(app);
        let other = ctx.clone();
        let other = thread::spawn(move || block_on(other.run(single(2))).unwrap());
        assert_eq!(block_on(ctx.run(single(1))).unwrap(), 1);
        assert_eq!(other.join().unwrap(), 2);
        assert_eq!(seen.most_live.load(SeqCst), 1);
        assert_over(&ctx, &seen);
    });
}

/// Who is inside leaves as another comes: it is his turn.
#[test]
fn model_who_is_inside_leaves_while_another_comes() {
    model(|| {
        let (ctx, seen, _gate) = behind_a_gate();
        let mut leaver = caller(&ctx, 0);
        assert!(!stall(&mut leaver));
        let leaver = thread::spawn(move || drop(leaver));
        assert_eq!(block_on(ctx.run(single(1))).unwrap(), 1);
        leaver.join().unwrap();
        assert_over(&ctx, &seen);
    });
}

/// Who is inside has a caller that does nothing: who comes meanwhile drives him.
#[test]
fn model_no_futurelock_behind_a_stalled_caller() {
    model(|| {
        let (ctx, seen, gate) = behind_a_gate();
        let mut stalled = caller(&ctx, 0);
        assert!(!stall(&mut stalled));
        let opener = thread::spawn(move || gate.open());
        assert_eq!(block_on(ctx.run(single(1))).unwrap(), 1);
        opener.join().unwrap();
        drop(stalled);
        assert_over(&ctx, &seen);
    });
}

/// Whose turn it is goes away; the one behind him comes instead, whoever saw to it.
#[test]
fn model_whose_turn_it_is_leaves() {
    model_bound(2, || {
        let (ctx, seen, gate) = behind_a_gate();
        let (mut inside, mut leaver) = (caller(&ctx, 0), caller(&ctx, 1));
        assert!(!stall(&mut inside) && !stall(&mut leaver));
        let threads = [
            thread::spawn(move || {
                gate.open();
                drop(inside);
            }),
            thread::spawn(move || drop(leaver)),
        ];
        assert_eq!(block_on(ctx.run(single(2))).unwrap(), 2);
        join_all(threads);
        assert_over(&ctx, &seen);
    });
}

/// 1 steps aside for 0, which wants its turn too, while 2 comes: no order of them hangs.
#[test]
fn model_no_deadlock_of_who_steps_aside() {
    model_bound(2, || {
        let (app, seen) = app(|ctx, k| {
            Box::pin(async move {
                match k {
                    1 => Ok(ctx.run(single(0)).await? + 1),
                    _ => {
                        yields(1).await;
                        Ok(k)
                    }
                }
            })
        });
        let ctx = Ctx::new(app);
        let other = ctx.clone();
        let other = thread::spawn(move || block_on(other.run(single(2))).unwrap());
        assert_eq!(block_on(ctx.run(single(1))).unwrap(), 1);
        assert_eq!(other.join().unwrap(), 2);
        assert_over(&ctx, &seen);
    });
}

/// That key blocks its thread on a call; all others wait for the gate.
fn blocks(
    key: u32,
    on: impl Fn(&Ctx<App>) -> Result<u32, Error> + Send + Sync + 'static,
) -> (Ctx<App>, Arc<Seen>, Arc<Gate>) {
    let gate = Arc::<Gate>::default();
    let opened = gate.clone();
    let (app, seen) = app(move |ctx, k| {
        let (blocked, gate) = ((k == key).then(|| on(ctx)), opened.clone());
        Box::pin(async move {
            match blocked {
                Some(outcome) => return outcome,
                None => gate.wait().await,
            }
            Ok(k)
        })
    });
    (Ctx::new(app), seen, gate)
}

/// A thread blocks, in a run, on one that waits behind two whose callers do nothing: it drives
/// the one, and hears when it is the other's turn.
#[test]
fn model_no_futurelock_of_a_blocked_thread() {
    model_bound(2, || {
        let (ctx, seen, gate) = blocks(9, |ctx| block_on(ctx.run(single(2))));
        let mut stalled = [caller(&ctx, 0), caller(&ctx, 1)];
        assert!(stalled.iter_mut().all(|stalled| !stall(stalled)));
        let opener = thread::spawn(move || {
            gate.open();
            // The one is done by others, and the other's turn: nobody else hears of that.
            let _ = stall(&mut stalled[0]);
            stalled
        });
        assert_eq!(block_on(ctx.run(call(9))).unwrap(), 2);
        drop(opener.join().unwrap());
        assert_over(&ctx, &seen);
    });
}

/// A run blocks its thread on another and steps aside, for one whose caller does nothing: when it
/// is to come back, it drives that one.
#[test]
fn model_no_futurelock_of_who_comes_back() {
    model_bound(2, || {
        let (ctx, seen, gate) = blocks(0, |ctx| block_on(ctx.run(call(9))));
        let mut other = caller(&ctx, 1);
        let other = thread::spawn(move || {
            let _ = stall(&mut other);
            gate.open();
            other
        });
        assert_eq!(block_on(ctx.run(single(0))).unwrap(), 9);
        drop(other.join().unwrap());
        assert_over(&ctx, &seen);
    });
}

/// The context ends while one comes.
#[test]
fn model_the_end_while_one_waits() {
    model(|| {
        let (ctx, seen, _gate) = behind_a_gate();
        let mut inside = caller(&ctx, 0);
        assert!(!stall(&mut inside));
        let ender = ctx.clone();
        let ender = thread::spawn(move || ender.cancel());
        assert!(block_on(ctx.run(single(1))).is_err());
        ender.join().unwrap();
        drop(inside);
        let stats = ctx.stats();
        assert_eq!((stats.in_flight, seen.live.load(SeqCst)), (0, 0));
    });
}
