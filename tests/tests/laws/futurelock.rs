//! **Liveness**: `no_futurelock`. Whoever stalls stays alive to the end of the test.
use runce::{Ctx, Error};
use runce_tests::*;

#[test]
fn law_no_futurelock_on_one_run() {
    let gate = Gate::new();
    let ctx = Ctx::new(gated(&gate));
    let stalled = waiting(&ctx, 1);
    let mut other = waiting(&ctx, 1);
    gate.open();
    assert!(other.woken() > 0);
    assert_eq!(other.outcome().unwrap(), 1);
    drop(stalled);
}

/// Two trees meet in 9: below 1 at once, below 2 through `between`. The caller of 1, who
/// started 9, stalls, and so does the first caller of 2.
fn two_trees(between: u32) {
    let gate = Gate::new();
    let ctx = Ctx::new(app_with(&gate, move |ctx, k, gate| {
        Box::pin(async move {
            match k {
                9 => {
                    gate.wait().await;
                    yields(3).await;
                    Ok(9)
                }
                2 => Ok(ctx.run(key(between)).await? + 2),
                k => Ok(ctx.run(key(9)).await? + u64::from(k % 4)),
            }
        })
    }));
    let (starter, stalled) = (waiting(&ctx, 1), waiting(&ctx, 2));
    let mut last = waiting(&ctx, 2);
    gate.open();
    assert_eq!((stalled.woken(), last.woken()), (1, 1));
    assert_eq!(last.outcome().unwrap(), 11);
    drop((starter, stalled));
}

#[test]
fn law_no_futurelock_across_sets() {
    two_trees(9);
}

#[test]
fn law_no_futurelock_across_sets_at_a_distance() {
    two_trees(4);
}

/// A root beside 1, with the same children.
const OTHER_ROOT: u32 = 100;

/// A binary tree whose inner nodes poll each child with a waker of its own.
async fn tree(ctx: &Ctx<App>, k: u32, gate: &Gate) -> Result<u64, Error> {
    let child = |k| Box::pin(ctx.run(key(k))) as BoxFuture<'_>;
    if k == OTHER_ROOT {
        return Each::new([child(2), child(3)]).await;
    }
    if k >= 32 {
        yields(3).await;
        gate.wait().await;
        yields(3).await;
        return Ok(u64::from(k));
    }
    Each::new([child(2 * k), child(2 * k + 1)]).await
}

/// The caller of the root stalls; one of another node does not, for that sum of leaves.
fn combinators_with_wakers_of_their_own(executor: bool, node: u32, sum: u64) {
    let gate = Gate::new();
    let state = app_with(&gate, |ctx, k, gate| {
        Box::pin(async move { tree(ctx, k, &gate).await })
    });
    let (ctx, hand) = driven(state, executor);
    let (mut stalled, mut other) = (caller(&ctx, 1), caller(&ctx, node));
    assert!(finish(&mut stalled).is_none());
    assert!(finish(&mut other).is_none());
    let (told, waker) = counter();
    assert!(poll(&mut other, &waker).is_pending());
    gate.open();
    hand.go();
    assert!(told.get() > 0);
    assert_eq!(now(other).unwrap(), sum);
    hand.go();
    drop(stalled);
}

#[test]
fn law_no_futurelock_combinators_with_wakers_of_their_own() {
    combinators_with_wakers_of_their_own(false, 2, (32..48).sum());
}

#[test]
fn law_no_futurelock_combinators_across_sets() {
    combinators_with_wakers_of_their_own(false, OTHER_ROOT, (32..64).sum());
}

#[test]
fn law_no_futurelock_combinators_with_an_executor() {
    combinators_with_wakers_of_their_own(true, 2, (32..48).sum());
}
