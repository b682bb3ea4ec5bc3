//! At most so many runs of a task at once: turns, stepping aside, and the laws where runs wait for
//! their turn.
//!
//! What was broken on purpose, and the tests that then failed:
//!
//! | broken | seen by |
//! |---|---|
//! | one more is inside, or more than may wait; who leaves, steps aside, frees nothing; nobody is woken | `turns`, `aside`, some by hanging |
//! | who leaves the queue, or goes in, counts still | `one_more_than_may_wait_…`, `the_queue_holds_no_less_…` |
//! | who comes back is a newcomer | `while_a_run_waits_for_another_…` |
//! | what is said later holds for newcomers only | `what_was_said_last_…` |
//! | no links to the hub, from it; a link is kept by who goes in, who leaves | `law_no_futurelock_…`; `law_nothing_leaks_no_job_…` |
//! | a blocked thread helps nobody before it; does not hear of those who come in later; not as it comes back | `law_no_futurelock_of_a_thread_…`; `model_no_futurelock_…` |
//! | nobody steps aside after a poll, elsewhere, as a guest | `law_no_deadlock_…`, by hanging |
//! | who stepped aside comes back unasked; goes on unasked | `what_a_run_does_beside_…`, `random`; |
//! | overload is remembered; begins a pause | `law_cancellation_…`; `stale_values_are_served_…` |
#![allow(missing_docs, clippy::unwrap_used)]

mod aside;
mod laws;
mod random;
mod turns;

use runce::{Call, Ctx, Error};
use runce_tests::{App, BoxFuture, Few, Gate, Way, app_with, few};
use std::sync::{Arc, Mutex};

/// Each key waits at a gate of its own. It is written down who begins.
#[derive(Clone)]
struct House(Arc<Inner>);

struct Inner {
    gates: Vec<Arc<Gate>>,
    begun: Mutex<Vec<u32>>,
}

impl House {
    fn of(keys: usize) -> Self {
        Self(Arc::new(Inner {
            gates: (0..keys).map(|_| Gate::new()).collect(),
            begun: Mutex::default(),
        }))
    }

    fn app(&self) -> App {
        app_with(self, |_, k, house| {
            Box::pin(async move {
                house.begins(k);
                house.wait(k).await;
                Ok(u64::from(k))
            })
        })
    }

    /// 0 does that before it waits at its gate.
    fn first(
        &self,
        first: impl for<'a> Fn(&'a Ctx<App>, Self) -> BoxFuture<'a> + Send + Sync + 'static,
    ) -> App {
        app_with(self, move |ctx, k, house| {
            let does = (k == 0).then(|| first(ctx, house.clone()));
            Box::pin(async move {
                house.begins(k);
                if let Some(does) = does {
                    does.await?;
                }
                house.wait(k).await;
                Ok(u64::from(k))
            })
        })
    }

    fn begins(&self, k: u32) {
        self.0.begun.lock().unwrap().push(k);
    }

    async fn wait(&self, k: u32) {
        self.0.gates[k as usize].wait().await;
    }

    fn open(&self, k: u32) {
        self.0.gates[k as usize].open();
    }

    fn begun(&self) -> Vec<u32> {
        self.0.begun.lock().unwrap().clone()
    }
}

/// A caller that was polled, and has to wait.
fn waits<const RUNS: usize, const QUEUE: usize>(
    way: &Way,
    ctx: &Ctx<App>,
    call: Call<Few<RUNS, QUEUE>, u32>,
) -> BoxFuture<'static> {
    let mut caller = asks(ctx, call);
    assert!(way.finish(&mut caller).is_none(), "it need not wait");
    caller
}

fn asks<const RUNS: usize, const QUEUE: usize>(
    ctx: &Ctx<App>,
    call: Call<Few<RUNS, QUEUE>, u32>,
) -> BoxFuture<'static> {
    let ctx = ctx.clone();
    Box::pin(async move { ctx.run(call).await })
}

/// One at once, and as many as like wait.
fn one(key: u32) -> Call<Few<1, { usize::MAX }>, u32> {
    few::<1>(key)
}

fn outcome(way: &Way, caller: &mut BoxFuture<'static>) -> Result<u64, Error> {
    way.finish(caller).expect("it hangs")
}
