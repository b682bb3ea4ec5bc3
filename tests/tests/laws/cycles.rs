//! **Liveness**: `no_deadlock`. Random graphs are in `graphs`.
//!
//! | circle | |
//! |---|---|
//! | of one, of three | ready at once, yielding; one after the other, in parallel |
//! | across threads, through a blocked thread | |
//! | none | a lattice, a task that blocks on another, a handle that left its task |
use runce::{Ctx, ErrorKind};
use runce_tests::*;
use std::sync::Barrier;
use std::task::Waker;

fn assert_cycle(outcome: &Result<u64, runce::Error>) {
    let kind = outcome.as_ref().map_err(runce::Error::kind);
    assert_eq!(kind, Err(ErrorKind::Cycle));
}

#[test]
fn law_no_deadlock_of_one() {
    let ctx = Ctx::new(app(|ctx, k| Box::pin(async move { ctx.run(key(k)).await })));
    let error = now(caller(&ctx, 1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "task `key(1)` would wait for itself: key(1) → key(1)"
    );
}

/// Every caller gets the error, and nothing is remembered.
fn assert_all_fail(ctx: &Ctx<App>) {
    let mut callers: Vec<_> = (0..3).map(|k| caller(ctx, k)).collect();
    for caller in &mut callers {
        assert_cycle(&finish(caller).expect("it hangs").0);
    }
    assert_eq!(ctx.len(), 0);
}

#[test]
fn law_no_deadlock_three_in_a_circle() {
    for times in [0, 1, 100] {
        assert_all_fail(&Ctx::new(app(move |ctx, k| {
            Box::pin(async move {
                yields(times).await;
                ctx.run(key((k + 1) % 3)).await
            })
        })));
    }
}

#[test]
fn law_no_deadlock_circles_through_parallel_branches() {
    for times in [0, 1, 100] {
        assert_all_fail(&Ctx::new(app(move |ctx, k| {
            Box::pin(async move {
                yields(times).await;
                let both = [key((k + 1) % 3), key((k + 2) % 3)];
                Ok(ctx.run_parallel(both).await?.iter().sum())
            })
        })));
    }
}

/// Entered from both ends, so that either thread may be the one to close it.
#[test]
fn law_no_deadlock_across_threads() {
    for round in 0..300 {
        let ctx = Ctx::new(app(move |ctx, k| {
            Box::pin(async move {
                yields(round % 5).await;
                ctx.run(key((k + 1) % 4)).await
            })
        }));
        let start = Barrier::new(2);
        std::thread::scope(|threads| {
            for k in [0, 2] {
                let (ctx, start) = (&ctx, &start);
                threads.spawn(move || {
                    start.wait();
                    assert_cycle(&block_on(caller(ctx, k)));
                });
            }
        });
        assert_eq!(ctx.state().live(), 0);
    }
}

/// A (blocking) task that blocks on a call of its own handle drives it itself.
#[test]
fn law_no_deadlock_block_on_inside_a_task() {
    let ctx = Ctx::new(app(|ctx, k| {
        Box::pin(async move {
            if k == 1 {
                return block_on(ctx.run(key(0)));
            }
            yields(3).await;
            Ok(7)
        })
    }));
    assert_eq!(now(caller(&ctx, 1)).unwrap(), 7);
}

#[test]
fn law_no_deadlock_circle_through_a_blocked_thread() {
    let ctx = Ctx::new(app(|ctx, k| {
        Box::pin(async move {
            if k == 2 {
                return block_on(ctx.run(key(3)));
            }
            yields(1).await;
            ctx.run(key(2)).await
        })
    }));
    assert_cycle(&now(caller(&ctx, 2)));
}

/// A clone of a task's handle is a handle like any other: what it waits for is not what the
/// task waits for.
#[test]
fn law_no_deadlock_blames_no_handle_that_left_its_task() {
    let (gate, left) = (Gate::new(), Slot::default());
    let data = (gate.clone(), left.clone());
    let ctx = Ctx::new(app_with(&data, |ctx, k, (gate, left)| {
        Box::pin(async move {
            left.put(ctx.clone());
            gate.wait().await;
            Ok(u64::from(k))
        })
    }));
    let first = waiting(&ctx, 1);
    let handle: Ctx<App> = left.take().unwrap();
    let mut second = Box::pin(handle.run(key(1)));
    assert!(finish(&mut second).is_none());
    gate.open();
    assert_eq!(now(second).unwrap(), 1);
    drop(first);
}

/// Two nodes a layer, each asking both of the next: 2^25 paths up from 50 and 51, which
/// then join a run in flight that has asked something.
#[test]
fn law_no_deadlock_lattice_is_searched_once() {
    let gates = (Gate::new(), Gate::new());
    let ctx = Ctx::new(app_with(&gates, |ctx, k, (up, down)| {
        Box::pin(async move {
            let next = (k / 2 + 1) * 2;
            match k {
                100 => {
                    down.wait().await;
                    return Ok(1);
                }
                99 => return ctx.run(key(100)).await,
                50 | 51 => {
                    up.wait().await;
                    return ctx.run(key(99)).await;
                }
                _ => {}
            }
            let both = [key(next), key(next + 1)];
            Ok(ctx.run_parallel(both).await?.iter().sum())
        })
    }));
    let (up, down) = gates;
    let (mut top, mut bottom) = (caller(&ctx, 0), caller(&ctx, 99));
    assert!(finish(&mut bottom).is_none());
    assert!(finish(&mut top).is_none());
    up.open();
    assert!(finish(&mut top).is_none());
    down.open();
    assert_eq!(now(top).unwrap(), 1 << 25);
}

/// The destructor of 0 begins 1, which asks for 2, which waits for the end of 0 and for others.
/// No circle: 0 waits for nothing any more.
#[test]
fn law_no_deadlock_a_destructor_begins_what_waits_for_its_end() {
    let (gate, hook, waits) = (Gate::new(), Hook::default(), Slot::default());
    let data = (gate.clone(), hook.clone(), waits.clone());
    let ctx = Ctx::new(app_with(&data, |ctx, k, (gate, hook, waits)| {
        Box::pin(async move {
            match k {
                0 => {
                    let _end = OnDrop::new(|| {
                        let Some(hook) = hook.take() else { return };
                        hook();
                        let mut call = Box::pin(ctx.run(key(1)));
                        waits.put(poll(&mut call, Waker::noop()).is_pending());
                    });
                    std::future::pending().await
                }
                1 => ctx.run(key(2)).await,
                2 => {
                    gate.wait().await;
                    Ok(ctx.run_each([0, 3, 4, 5, 6].map(key)).await?.iter().sum())
                }
                _ => std::future::pending().await,
            }
        })
    }));
    let mut two = waiting(&ctx, 2);
    hook.put(Box::new(move || {
        gate.open();
        assert!(two.poll().is_pending());
        std::mem::forget(two);
    }));
    drop(waiting(&ctx, 0));
    assert_eq!(waits.take(), Some(true));
}
