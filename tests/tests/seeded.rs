//! The engine under the seeded executor: random graphs, random sleeps, several callers;
//! each key runs once, and the values are those of a naive oracle.
#![allow(missing_docs, clippy::unwrap_used)]

use runce::testing::{ManualClock, Seeded};
use runce::{Ctx, Error};
use runce_tests::{App, Rng, app, key};
use std::sync::Arc;
use std::time::Duration;

/// What each key asks for, and how long it takes.
struct Graph {
    edges: Vec<Vec<u32>>,
    seconds: Vec<u64>,
}

fn graph(seed: u64, size: u64) -> Graph {
    let mut rng = Rng(seed | 1);
    let mut edges = Vec::new();
    for node in 0..size {
        let count = if node == 0 { 0 } else { rng.below(4) };
        edges.push(
            (0..count)
                .map(|_| u32::try_from(rng.below(node)).unwrap())
                .collect(),
        );
    }
    let seconds = (0..size).map(|_| rng.below(5)).collect();
    Graph { edges, seconds }
}

fn value(graph: &Graph, node: u32) -> u64 {
    1 + graph.edges[node as usize]
        .iter()
        .map(|below| value(graph, *below))
        .sum::<u64>()
}

async fn visit(
    ctx: &Ctx<App>,
    graph: &Graph,
    clock: &ManualClock,
    node: u32,
) -> Result<u64, Error> {
    clock
        .sleep(Duration::from_secs(graph.seconds[node as usize]))
        .await;
    let below = graph.edges[node as usize].iter().copied();
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
    let graph = Arc::new(graph(seed.wrapping_mul(0x9E37_79B9), 12));
    let seeded = Seeded::new(seed);
    let (inner, clock) = (graph.clone(), seeded.clock());
    let state = app(move |ctx, node| {
        let (graph, clock) = (inner.clone(), clock.clone());
        Box::pin(async move { visit(ctx, &graph, &clock, node).await })
    });
    let builder = Ctx::builder(state).inline_depth(depth).poll_budget(budget);
    let ctx = if executor {
        builder.executor(seeded.clone()).build()
    } else {
        builder.build()
    };
    let callers = [11, 10, 11, 9].map(|node| (node, Box::pin(ctx.run(key(node)))));
    for (node, caller) in callers {
        let outcome = seeded.block_on(caller).expect("hangs").unwrap();
        assert_eq!(outcome, value(&graph, node), "seed {seed}");
    }
    for node in 0..12 {
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
