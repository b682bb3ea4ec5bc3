//! `no_deadlock`, for a thread that blocks inside a run's poll: it drives what it waits
//! for, and nothing else. (Tasks should not block; those that do must not hang.)
#![allow(missing_docs, clippy::unwrap_used)]

use runce::{Ctx, ErrorKind};
use runce_tests::{
    App, Gate, Slot, app, app_with, caller, counter, finish, key, now, poll, yields,
};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

#[test]
fn law_no_deadlock_blocked_on_a_call_of_its_own_handle() {
    let ctx = Ctx::new(app(|ctx, k| {
        Box::pin(async move {
            if k == 1 {
                return pollster::block_on(ctx.run(key(0)));
            }
            yields(5).await;
            Ok(7)
        })
    }));
    assert_eq!(now(caller(&ctx, 1)).unwrap(), 7);
}

/// What it waits for waits through a clone of its handle, which is no edge of the graph.
#[test]
fn law_no_deadlock_blocked_on_a_run_that_waits_through_a_detached_handle() {
    let ctx = Ctx::new(app(|ctx, k| {
        Box::pin(async move {
            match k {
                2 => pollster::block_on(ctx.run(key(1))),
                1 => Ok(ctx.clone().run(key(0)).await? + 1),
                _ => {
                    yields(5).await;
                    Ok(7)
                }
            }
        })
    }));
    assert_eq!(now(caller(&ctx, 2)).unwrap(), 8);
}

/// The same, joined: the run below was begun by another caller, who is stalled.
#[test]
fn law_no_deadlock_blocked_on_a_run_that_joined_through_a_detached_handle() {
    let gate = Gate::new();
    let g = gate.clone();
    let ctx = Ctx::new(app(move |ctx, k| {
        let gate = g.clone();
        Box::pin(async move {
            match k {
                3 => {
                    gate.open();
                    pollster::block_on(ctx.run(key(1)))
                }
                1 => Ok(ctx.clone().run(key(0)).await? + 1),
                _ => {
                    gate.wait().await;
                    yields(5).await;
                    Ok(7)
                }
            }
        })
    }));
    let mut stalled = caller(&ctx, 0);
    assert!(finish(&mut stalled).is_none());
    assert_eq!(now(caller(&ctx, 3)).unwrap(), 8);
    drop(stalled);
}

#[test]
fn law_no_deadlock_blocked_on_itself_is_a_cycle() {
    let ctx = Ctx::new(app(|ctx, k| {
        Box::pin(async move {
            if k == 2 {
                return pollster::block_on(ctx.run(key(3)));
            }
            yields(1).await;
            ctx.run(key(2)).await
        })
    }));
    assert_eq!(now(caller(&ctx, 2)).unwrap_err().kind(), ErrorKind::Cycle);
}

/// First a combinator, which returned; then, for the same call, a thread that blocks: in a
/// later poll of the run, or in the same.
#[test]
fn law_no_deadlock_blocked_on_what_a_combinator_let_go_of() {
    for same_poll in [true, false] {
        let gate = Gate::new();
        let g = gate.clone();
        let ctx = Ctx::new(app(move |ctx, k| {
            let gate = g.clone();
            Box::pin(async move {
                if k == 0 {
                    gate.wait().await;
                    yields(5).await;
                    return Ok(7);
                }
                let (mut call, (_, waker)) = (Box::pin(ctx.run(key(0))), counter());
                for _ in 0..2 {
                    assert!(poll(&mut call, &waker).is_pending());
                    yields(1).await;
                }
                if same_poll {
                    assert!(poll(&mut call, &waker).is_pending());
                }
                gate.open();
                pollster::block_on(call)
            })
        }));
        assert_eq!(now(caller(&ctx, 1)).unwrap(), 7);
    }
}

/// Through a handle that no run was given, on top of a run's poll: what it waits for joined
/// another, which is woken again after it was polled there. Its set has told of it before, to
/// those whose turn comes only when the thread goes on.
#[test]
fn law_no_lost_wakeup_blocked_on_top_of_a_run_told_of_what_is_woken_again() {
    let (gates, outside) = ([Gate::new(), Gate::new()], Slot::default());
    let data = (gates.clone(), outside.clone());
    let ctx = Ctx::new(app_with(&data, |ctx, k, (gates, outside)| {
        Box::pin(async move {
            match k {
                0 => {
                    gates[0].wait().await;
                    gates[1].wait().await;
                    Ok(0)
                }
                1 => ctx.run(key(0)).await,
                _ => {
                    let (count, waker) = counter();
                    let outside: Ctx<App> = outside.take().expect("put there");
                    let mut call = Box::pin(outside.run(key(1)));
                    assert!(poll(&mut call, &waker).is_pending());
                    let before = count.get();
                    gates[1].open();
                    assert!(count.get() > before, "it is not told");
                    pollster::block_on(call)
                }
            }
        })
    }));
    outside.put(ctx.clone());
    let mut stalled = [caller(&ctx, 0), caller(&ctx, 1)];
    for stalled in &mut stalled {
        assert!(finish(stalled).is_none());
    }
    gates[0].open();
    assert_eq!(now(caller(&ctx, 2)).unwrap(), 0);
}

/// A call through a clone of a run's handle, which that run polls once and leaves to another.
struct Moved {
    ctx: Ctx<App>,
    gate: Arc<Gate>,
    outside: Slot<Ctx<App>>,
}

/// 1 begins to wait for 0, 2 goes on with it. 3 asks for one, then for the other; 4 blocks its
/// thread until 2 is there.
fn moved() -> Moved {
    let (gate, outside) = (Gate::new(), Slot::<Ctx<App>>::default());
    let data = (gate.clone(), outside.clone(), Slot::default());
    let ctx = Ctx::new(app_with(&data, |ctx, k, (gate, outside, moved)| {
        Box::pin(async move {
            match k {
                0 => {
                    gate.wait().await;
                    Ok(7)
                }
                1 => {
                    let mut call = caller(ctx, 0);
                    poll_fn(|cx| Poll::Ready(poll(&mut call, cx.waker()).is_pending())).await;
                    moved.put(call);
                    Ok(1)
                }
                2 => moved.take().expect("put there").await,
                3 => {
                    ctx.run(key(1)).await?;
                    ctx.run(key(2)).await
                }
                _ => pollster::block_on(outside.take().expect("put there").run(key(2))),
            }
        })
    }));
    Moved { ctx, gate, outside }
}

#[test]
fn law_no_lost_wakeup_of_a_call_that_moved_to_another_run() {
    let Moved { ctx, gate, .. } = moved();
    assert_eq!(now(caller(&ctx, 1)).unwrap(), 1);
    let mut second = caller(&ctx, 2);
    assert!(finish(&mut second).is_none());
    gate.open();
    assert_eq!(finish(&mut second).expect("it hangs").0.unwrap(), 7);
}

/// The two runs are of the same set.
#[test]
fn law_no_deadlock_blocked_on_a_run_to_which_a_call_moved() {
    let Moved { ctx, gate, outside } = moved();
    outside.put(ctx.clone());
    let mut above = caller(&ctx, 3);
    assert!(finish(&mut above).is_none());
    gate.open();
    assert_eq!(now(caller(&ctx, 4)).unwrap(), 7);
}
