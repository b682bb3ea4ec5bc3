//! Traps that others fell into, of those that plain contexts could: locks, leaks, costs.
//!
//! | trap | |
//! |---|---|
//! | locks held across a run, a spawn | `trap_striped_locks`, `trap_lock_held_across_spawn` |
//! | a run holds its context | `trap_run_holding_its_context` |
//! | a drain that spins with a budget that is spent | `trap_cooperative_budget…` |
//! | futures that grow with each level | `trap_future_sizes…` |
use runce::{Call, Ctx, Error, Executor, Job, Task, task};
use runce_tests::*;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;

/// Drops its jobs inside `spawn`, as a runtime does that is shut down.
struct ShutDown;

impl Executor for ShutDown {
    fn spawn(&self, job: Job) {
        drop(job);
    }
}

/// With the job an abandoned run is dropped, whose destructor calls the context.
#[test]
fn trap_lock_held_across_spawn() {
    let seen = Slot::default();
    let builder = Ctx::builder(app_with(&seen, |ctx, k, seen| {
        let handle = ctx.clone();
        Box::pin(async move {
            if k > 1 {
                return Ok(u64::from(k));
            }
            let _end = OnDrop::new(move || {
                let other = now(caller(&handle, 2)).unwrap();
                seen.put((handle.len(), other));
            });
            std::future::pending().await
        })
    }));
    let ctx = builder.executor(ShutDown).finish_abandoned().build();
    drop(waiting(&ctx, 1));
    assert_eq!(seen.take(), Some((2, 2)), "1, whose end it is, and 2");
    assert_eq!((ctx.state().live(), ctx.len()), (0, 1));
}

/// A thousand keys, one below the other, and each asks for two that are in flight.
#[test]
fn trap_striped_locks() {
    let ctx = Ctx::new(app(|ctx, k| {
        Box::pin(async move {
            if k == 0 {
                yields(1).await;
                return Ok(0);
            }
            let (below, far) = ctx.run_parallel((key(k - 1), key(k / 2))).await?;
            Ok(1 + below.max(far))
        })
    }));
    assert_eq!(now(caller(&ctx, 1000)).unwrap(), 1000);
    assert_eq!((ctx.state().all_runs(), ctx.len()), (1001, 1001));
}

/// A detached handle in its run keeps the context no longer than the run.
#[test]
fn trap_run_holding_its_context() {
    let ctx = Ctx::new(app(|ctx, k| {
        let handle = ctx.clone();
        Box::pin(async move {
            yields(1).await;
            if k == 1 {
                return Ok(1);
            }
            std::future::pending::<()>().await;
            Ok(handle.len() as u64)
        })
    }));
    let live = ctx.state().live.clone();
    let mut ends = caller(&ctx, 1);
    let never = waiting(&ctx, 2);
    assert!(finish(&mut ends).is_some());
    drop((ends, ctx));
    assert_eq!(live.load(SeqCst), 1);
    drop(never);
    assert_eq!((live.load(SeqCst), Arc::strong_count(&live)), (0, 1));
}

/// A run that wakes itself in each of a hundred polls: the polls of it, and those of who
/// drives.
fn polls_of_a_spent_budget(executor: bool) -> (usize, usize) {
    let polls = Arc::new(AtomicUsize::new(0));
    let state = app_with(&polls, |_, _, polls| {
        Box::pin(async move {
            counting(&polls, yields(100)).await;
            Ok(1)
        })
    });
    let (ctx, hand) = driven(state, executor);
    if !executor {
        let (_, driven) = finish(&mut caller(&ctx, 1)).unwrap();
        return (polls.load(SeqCst), driven);
    }
    let callers = [waiting(&ctx, 1), waiting(&ctx, 1)];
    let before = polls.load(SeqCst);
    let driven = hand.go();
    drop(callers);
    (polls.load(SeqCst) - before, driven)
}

/// The first poll of a caller begins the run, and finds it in the queue.
#[test]
fn trap_cooperative_budget_one_poll_a_drain() {
    let (polls, driven) = polls_of_a_spent_budget(false);
    assert_eq!((polls, driven), (101, 100));
}

/// All but the two polls of the first caller.
#[test]
fn trap_cooperative_budget_one_poll_a_drain_of_the_executor() {
    let (polls, driven) = polls_of_a_spent_budget(true);
    assert_eq!((polls, driven), (99, 99));
}

/// Each asks for the one below; whether that had begun when the call was first polled.
#[test]
fn law_stack_safe_a_run_begins_on_the_spot_up_to_the_depth_and_no_deeper() {
    let begun = Arc::new(std::sync::Mutex::new(Vec::new()));
    let state = app_with(&begun, |ctx, k, begun| {
        Box::pin(async move {
            let Some(below) = k.checked_sub(1) else {
                return Ok(0);
            };
            let mut call = Box::pin(ctx.run(key(below)));
            let first = poll_fn(|cx| Poll::Ready(poll(&mut call, cx.waker()))).await;
            begun.lock().unwrap().push(ctx.state().runs(below) == 1);
            match first {
                Poll::Ready(output) => output,
                Poll::Pending => call.await,
            }
        })
    });
    let ctx = Ctx::builder(state).inline_depth(2).build();
    assert_eq!(now(caller(&ctx, 2)).unwrap(), 0);
    assert_eq!(*begun.lock().unwrap(), [false, true], "innermost first");
}

/// Ten runs are woken at once.
#[test]
fn one_poll_of_a_caller_polls_no_more_runs_than_its_budget() {
    let gate = Gate::new();
    let polls = Arc::new(AtomicUsize::new(0));
    let state = app_with(&(gate.clone(), polls.clone()), |ctx, k, (gate, polls)| {
        Box::pin(async move {
            if k == 0 {
                return Ok(ctx.run_each((1..=10).map(key)).await?.iter().sum());
            }
            counting(&polls, gate.wait()).await;
            Ok(1)
        })
    });
    let ctx = Ctx::builder(state).poll_budget(3).build();
    let mut root = waiting(&ctx, 0);
    let before = polls.load(SeqCst);
    gate.open();
    assert!(root.poll().is_pending());
    assert_eq!(polls.load(SeqCst) - before, 3);
    assert_eq!(root.outcome().unwrap(), 10);
}

#[task]
async fn leaf(n: u64) -> u64 {
    let held = [n; 16];
    yields(1).await;
    held.iter().sum()
}

macro_rules! levels {
    ($($name:ident asks $below:ident,)*) => {$(
        #[task]
        async fn $name(ctx: &Ctx, n: u64) -> Result<u64, Error> {
            let held = [n; 16];
            Ok(ctx.run($below(n)).await? + held.iter().sum::<u64>())
        }
    )*};
}

levels! {
    one asks leaf, two asks one, three asks two, four asks three, five asks four,
}

/// What is stored of a run, and what its caller holds.
fn sizes<T: Task<(), Input = u64>>(task: fn(u64) -> Call<T, u64>) -> (usize, usize) {
    let ctx = Ctx::new(());
    let caller = size_of_val(&ctx.run(task(1)));
    (size_of_val(&T::run(&ctx, 1)), caller)
}

#[test]
fn trap_future_sizes_are_the_same_at_every_level() {
    let first = sizes(one);
    let others = [sizes(two), sizes(three), sizes(four), sizes(five)];
    assert_eq!(others, [first; 4]);
    let (stored, caller) = first;
    assert!(stored <= 16 * size_of::<u64>() + caller + 64, "{stored}");
}
