//! `no_deadlock`, for a thread that blocks inside a run's poll: it drives what it waits
//! for, and nothing else. (Tasks should not block; those that do must not hang.)
#![allow(missing_docs, clippy::unwrap_used)]

use runce::{Ctx, ErrorKind};
use runce_tests::{Gate, app, caller, counter, finish, key, now, poll, yields};

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
