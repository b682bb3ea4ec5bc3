//! A list of tasks at once, in a context of its own.
use super::{double, doubled, limit, on_worker, peer, runce};
use crate::harness::{Contestant, Work, each};
use crate::peers::{Nesting, Peer, nesting, peers};
use crate::poll::now;
use ::runce::Ctx;
use futures::future::join_all;
use std::future::Future;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;
use tokio::task::JoinSet;

const JOINED: u64 = 10;
const SPAWNED: u64 = 20;

pub fn joined() -> Vec<Contestant> {
    let bare = |n| now(join_all((0..JOINED).map(|key| doubled(n + key))));
    let of_runce = |n| {
        let ctx = Ctx::new(());
        now(ctx.run_each((0..JOINED).map(|key| double(n + key))))
    };
    let mut contestants = vec![limit("bare join_all", each(bare)), runce(each(of_runce))];
    contestants.extend(nesting!(join_of()));
    contestants
}

fn join_of<P: Nesting>() -> Contestant {
    let run = |n| {
        let cache = P::new(JOINED as usize);
        let calls = (n..n + JOINED).map(|key| Nesting::get(&cache, key, move || doubled(key)));
        now(join_all(calls))
    };
    peer(<P as Nesting>::NAME, each(run))
}

pub fn spawned() -> Vec<Contestant> {
    let bare = |n| spawn_all((n..n + SPAWNED).map(doubled));
    let of_runce = |n| async move {
        let ctx = super::context();
        let outcomes = ctx.run_each((n..n + SPAWNED).map(double)).await;
        outcomes.expect("they do not fail").into_iter().sum()
    };
    let mut contestants = vec![
        limit("bare JoinSet", each_on_worker(bare)),
        runce(each_on_worker(of_runce)),
    ];
    contestants.extend(peers!(spawn_of()));
    contestants
}

fn spawn_of<P: Peer>() -> Contestant {
    let run = |n| async move {
        let cache = Arc::new(P::new(SPAWNED as usize));
        let ask = |key| {
            let cache = cache.clone();
            async move { cache.get(key, || doubled(key)).await }
        };
        spawn_all((n..n + SPAWNED).map(ask)).await
    };
    peer(P::NAME, each_on_worker(run))
}

async fn spawn_all<F>(calls: impl Iterator<Item = F>) -> u64
where
    F: Future<Output = u64> + Send + 'static,
{
    let mut set = JoinSet::new();
    for call in calls {
        set.spawn(call);
    }
    let mut sum = 0;
    while let Some(value) = set.join_next().await {
        sum += value.expect("it does not panic");
    }
    sum
}

fn each_on_worker<F>(run: impl Fn(u64) -> F + Copy + Send + 'static) -> Work
where
    F: Future<Output = u64> + Send + 'static,
{
    Box::new(move |operations| {
        on_worker(async move {
            let start = Instant::now();
            for number in 0..operations {
                black_box(run(number * SPAWNED).await);
            }
            start.elapsed()
        })
    })
}
