//! Many tasks of a runtime ask for one key, which is there once all of them wait.
mod counted;
mod gate;

use super::{limit, on_worker, peer, runce, runtime};
use crate::harness::{Contestant, Effort, Work, race};
use crate::peers::{Peer, peers};
use crate::row::{Figure, Role, Row, Unit};
use ::runce::{Ctx, task};
use counted::{Counted, Tally};
use futures::FutureExt;
use futures::future::BoxFuture;
use gate::{Arriving, Gate};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

const CALLERS: u64 = 10_000;
const KEY: u64 = 7;

#[task]
async fn behind(ctx: &Ctx<Arc<Gate>>) -> u64 {
    ctx.state().opened().await;
    KEY
}

pub fn rows(effort: Effort) -> Vec<Row> {
    let tallies = tallies();
    let counts = |name, of: fn(&Tally) -> u64| {
        let per_caller = |tally| of(tally) as f64 / CALLERS as f64;
        let figures = tallies
            .iter()
            .map(|(role, name, tally)| Figure::new(*role, *name, per_caller(tally)));
        Row::new(name, figures.collect()).unit(Unit::Times)
    };
    vec![
        Row::new("herd of 10,000, per caller", race(effort, contestants())),
        counts("herd of 10,000: wakes per caller", Tally::wakes),
        counts("herd of 10,000: polls per caller", Tally::polls),
    ]
}

fn contestants() -> Vec<Contestant> {
    let mut contestants = vec![
        limit("spawn and yield", bare(CALLERS)).parts(CALLERS),
        runce(of_runce(CALLERS)).parts(CALLERS),
    ];
    contestants.extend(peers!(contestant()));
    contestants
}

fn contestant<P: Peer>() -> Contestant {
    peer(P::NAME, herds(timed_peer::<P>)).parts(CALLERS)
}

pub fn of_runce(callers: u64) -> Work {
    herds(move || {
        let gate = Gate::new(callers);
        timed(gate.clone(), asks_runce(gate))
    })
}

fn timed_peer<P: Peer>() -> impl Future<Output = Duration> + Send {
    let gate = Gate::new(CALLERS);
    timed(gate.clone(), asks_peer::<P>(gate))
}

pub fn bare(callers: u64) -> Work {
    let yields = || async {
        tokio::task::yield_now().await;
        KEY
    };
    // Boxed as the others are.
    herds(move || timed(Gate::new(callers), move || yields().boxed()))
}

fn asks_runce(gate: Arc<Gate>) -> impl Fn() -> BoxFuture<'static, u64> + Send {
    let tokio = runce_tokio::Tokio::new(runtime().handle().clone());
    let ctx = Ctx::builder(gate).executor(tokio).build();
    move || {
        let ctx = ctx.clone();
        async move { ctx.run(behind()).await.expect("it does not fail") }.boxed()
    }
}

fn asks_peer<P: Peer>(gate: Arc<Gate>) -> impl Fn() -> BoxFuture<'static, u64> + Send {
    let cache = Arc::new(P::new(1));
    move || {
        let (cache, gate) = (cache.clone(), gate.clone());
        let body = || async move {
            gate.opened().await;
            KEY
        };
        async move { cache.get(KEY, body).await }.boxed()
    }
}

fn herds<F>(mut herd: impl FnMut() -> F + 'static) -> Work
where
    F: Future<Output = Duration> + Send + 'static,
{
    Box::new(move |operations| (0..operations).map(|_| on_worker(herd())).sum())
}

/// From the first that is spawned till the last is done.
async fn timed<F>(gate: Arc<Gate>, ask: impl Fn() -> F + Send + 'static) -> Duration
where
    F: Future<Output = u64> + Send + Unpin + 'static,
{
    let start = Instant::now();
    let spawn = |_| tokio::spawn(Arriving::new(ask(), gate.clone()));
    let callers: Vec<_> = (0..gate.callers()).map(spawn).collect();
    for caller in callers {
        assert_eq!(caller.await.ok(), Some(KEY));
    }
    start.elapsed()
}

fn tallies() -> Vec<(Role, &'static str, Arc<Tally>)> {
    let gate = Gate::new(CALLERS);
    let tally = tally(gate.clone(), asks_runce(gate));
    let mut tallies = vec![(Role::Runce, "runce", tally)];
    tallies.extend(peers!(tally_of()));
    tallies
}

fn tally_of<P: Peer>() -> (Role, &'static str, Arc<Tally>) {
    let gate = Gate::new(CALLERS);
    (
        Role::Peer,
        P::NAME,
        tally(gate.clone(), asks_peer::<P>(gate)),
    )
}

fn tally(
    gate: Arc<Gate>,
    ask: impl Fn() -> BoxFuture<'static, u64> + Send + 'static,
) -> Arc<Tally> {
    let tally = Arc::<Tally>::default();
    let counted = tally.clone();
    let ask = move || Counted::new(ask(), counted.clone());
    on_worker(async move { timed(gate, ask).await });
    tally
}
