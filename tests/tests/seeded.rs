//! The engine under the seeded executor: random graphs, random sleeps, several callers;
//! each key runs once, and the values are those of a naive oracle.
#![allow(missing_docs, clippy::unwrap_used)]

use runce::testing::{ManualClock, Seeded};
use runce::{Ctx, Error};
use runce_tests::{App, Graph, Rng, app_with, key};
use std::sync::Arc;
use std::time::Duration;

const NODES: u32 = 12;

/// What each key asks for, and how long it takes.
struct Case {
    graph: Graph,
    seconds: Vec<u64>,
}

fn case(seed: u64) -> Case {
    let mut rng = Rng(seed | 1);
    let graph = Graph::acyclic(&mut rng, NODES);
    let seconds = (0..NODES).map(|_| rng.below(5)).collect();
    Case { graph, seconds }
}

async fn visit(ctx: &Ctx<App>, node: u32, case: &Case, clock: &ManualClock) -> Result<u64, Error> {
    let seconds = case.seconds[node as usize];
    clock.sleep(Duration::from_secs(seconds)).await;
    let below = case.graph.below(node).iter().copied();
    if node % 2 == 0 {
        let all = ctx.run_parallel(below.map(key).collect::<Vec<_>>()).await?;
        return Ok(1 + all.into_iter().sum::<u64>());
    }
    let mut sum = 1;
    for below in below {
        sum += ctx.run(key(below)).await?;
    }
    Ok(sum)
}

fn simulate(seed: u64, depth: usize, budget: usize, executor: bool) {
    let case = Arc::new(case(seed.wrapping_mul(0x9E37_79B9)));
    let seeded = Seeded::new(seed);
    let state = app_with(
        &(case.clone(), seeded.clock()),
        |ctx, node, (case, clock)| Box::pin(async move { visit(ctx, node, &case, &clock).await }),
    );
    let builder = Ctx::builder(state).inline_depth(depth).poll_budget(budget);
    let ctx = if executor {
        builder.executor(seeded.clone()).build()
    } else {
        builder.build()
    };
    let callers = [11, 10, 11, 9].map(|node| (node, Box::pin(ctx.run(key(node)))));
    for (node, caller) in callers {
        let outcome = seeded.block_on(caller).expect("hangs").unwrap();
        assert_eq!(outcome, case.graph.value(node), "seed {seed}");
    }
    for node in 0..NODES {
        assert!(ctx.state().runs(node) <= 1, "seed {seed}: {node} ran twice");
    }
    assert_eq!(ctx.state().live(), 0);
}

/// Small limits find what large ones hide.
#[test]
fn law_once_random_graphs_under_small_limits() {
    for seed in 0..300 {
        for limit in [1, 2, 3, 64] {
            simulate(seed, limit, limit, seed % 2 == 0);
        }
    }
}
