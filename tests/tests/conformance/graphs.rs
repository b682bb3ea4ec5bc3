//! The same program comes to the same on every platform: to what a naive oracle says.
use crate::platform::Platform;
use crate::scene::Scene;
use runce::{Ctx, Error, task};
use runce_tests::{App, Graph, Rng, app_with, key, yields};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

const NODES: u32 = 16;

async fn visit(ctx: &Ctx<App>, node: u32, graph: &Graph) -> Result<u64, Error> {
    yields(node as usize % 4).await;
    let below = graph.below(node).iter().copied();
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

pub(crate) fn law_once_a_graph_comes_to_the_same_everywhere<P: Platform>() {
    for seed in 1..=20 {
        let graph = Arc::new(Graph::acyclic(&mut Rng(seed), NODES));
        let scene = Scene::<P, _>::new(app_with(&graph, |ctx, node, graph| {
            Box::pin(async move { visit(ctx, node, &graph).await })
        }));
        let all = (0..NODES).rev().map(key).collect::<Vec<_>>();
        let values = scene.block_on(scene.ctx.run_parallel(all)).unwrap();
        let expected = (0..NODES).rev().map(|node| graph.value(node));
        assert!(values.into_iter().eq(expected), "seed {seed}");
        assert_eq!(scene.ctx.state().all_runs(), NODES as usize, "seed {seed}");
        assert_eq!(scene.ctx.state().live(), 0);
        scene.end();
    }
}

#[derive(Default)]
struct Site {
    fetched: AtomicUsize,
}

#[task]
async fn user(ctx: &Ctx<Site>, id: u32) -> Result<Arc<str>, String> {
    ctx.state().fetched.fetch_add(1, SeqCst);
    yields(2).await;
    match id {
        0 => Err("no such user".to_owned()),
        id => Ok(format!("user {id}").into()),
    }
}

#[task(blocking)]
fn words(ctx: &Ctx<Site>, id: u32) -> Result<usize, Error> {
    Ok(ctx.run_blocking(user(id))?.split(' ').count())
}

#[task]
async fn greeting(ctx: &Ctx<Site>, id: u32) -> Result<String, Error> {
    Ok(format!("Hello, {}!", ctx.run(user(id)).await?))
}

#[task]
async fn page(ctx: &Ctx<Site>, id: u32) -> Result<String, Error> {
    let (greeting, words) = ctx.run_parallel((greeting(id), words(id))).await?;
    Ok(format!("{greeting} {words} words"))
}

pub(crate) fn law_once_a_page_comes_to_the_same_everywhere<P: Platform>() {
    let scene = Scene::<P, _>::new(Site::default());
    let text = scene.block_on(scene.ctx.run(page(7))).unwrap();
    assert_eq!(text, "Hello, user 7! 2 words");
    let error = scene.block_on(scene.ctx.run(page(0))).unwrap_err();
    assert!(format!("{error:#}").ends_with("task `user(0)` failed: no such user"));
    assert_eq!(scene.ctx.state().fetched.load(SeqCst), 2);
    scene.end();
}
