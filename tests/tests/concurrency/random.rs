//! Graphs of tasks of which few go on at once, with callers that come, stall and go.
use runce::testing::Seeded;
use runce::{Ctx, Error};
use runce_tests::{App, BoxFuture, Graph, Rng, Way, app_with, block_on, few, finish, yields};
use runce_threads::Threads;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

const AT_ONCE: usize = 2;

/// What the runs do, and how many are inside.
struct House {
    graph: Graph,
    seed: u64,
    /// Its runs block threads of their own.
    blocks: bool,
    inside: AtomicUsize,
    most: AtomicUsize,
}

/// Inside as long as it lives.
struct Inside<'a>(&'a House);

impl<'a> Inside<'a> {
    fn new(house: &'a House) -> Self {
        let inside = house.inside.fetch_add(1, SeqCst) + 1;
        house.most.fetch_max(inside, SeqCst);
        Self(house)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, SeqCst);
    }
}

impl House {
    fn new(seed: u64) -> (Arc<Self>, App) {
        Self::of(seed, false)
    }

    fn of(seed: u64, blocks: bool) -> (Arc<Self>, App) {
        let mut rng = Rng(seed | 1);
        let nodes = 4 + u32::try_from(rng.below(20)).unwrap();
        let house = Arc::new(Self {
            graph: Graph::acyclic(&mut rng, nodes),
            seed,
            blocks,
            inside: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        });
        let app = app_with(&house, |ctx, k, house| {
            Box::pin(async move {
                if !house.blocks {
                    return house.run(ctx, k).await;
                }
                let house = house.clone();
                runce::blocking(ctx, move |ctx| house.work(ctx, k)).await
            })
        });
        (house, app)
    }

    fn nodes(&self) -> u32 {
        u32::try_from(self.graph.0.len()).unwrap()
    }

    async fn run(&self, ctx: &Ctx<App>, k: u32) -> Result<u64, Error> {
        let mut rng = Rng((self.seed ^ u64::from(k) << 20) | 1);
        let mut inside = Inside::new(self);
        let mut below = self.graph.below(k);
        let mut sum = 1;
        while !below.is_empty() {
            yields(rng.below(3) as usize).await;
            let (now, later) = below.split_at(1 + rng.below(below.len() as u64) as usize);
            below = later;
            drop(inside);
            sum += match now {
                [one] => ctx.run(few::<AT_ONCE>(*one)).await?,
                some => {
                    let calls = some.iter().map(|k| few::<AT_ONCE>(*k));
                    ctx.run_each(calls).await?.into_iter().sum()
                }
            };
            inside = Inside::new(self);
        }
        yields(rng.below(3) as usize).await;
        drop(inside);
        Ok(sum)
    }

    /// The same on a thread of its own.
    fn work(&self, ctx: &Ctx<App>, k: u32) -> Result<u64, Error> {
        let mut inside = Inside::new(self);
        let mut sum = 1;
        for below in self.graph.below(k) {
            std::thread::yield_now();
            drop(inside);
            sum += ctx.run_blocking(few::<AT_ONCE>(*below))?;
            inside = Inside::new(self);
        }
        std::thread::yield_now();
        drop(inside);
        Ok(sum)
    }

    fn check(&self, k: u32, outcome: &Result<u64, Error>) {
        let value = outcome.as_ref().unwrap();
        assert_eq!(*value, self.graph.value(k), "seed {}", self.seed);
    }
}

fn caller(ctx: &Ctx<App>, k: u32) -> BoxFuture<'static> {
    let ctx = ctx.clone();
    Box::pin(async move { ctx.run(few::<AT_ONCE>(k)).await })
}

/// Callers that come, are polled now and then, and go.
fn callers(way: &Way, seed: u64) {
    let (house, app) = House::new(seed);
    let ctx = way.ctx(app);
    let mut rng = Rng(seed.wrapping_mul(0x9E37_79B9) | 1);
    let mut stalled = Vec::new();
    for _ in 0..rng.below(12) {
        let k = u32::try_from(rng.below(u64::from(house.nodes()))).unwrap();
        let mut future = caller(&ctx, k);
        match rng.below(3) {
            0 => {
                let waker = std::task::Waker::noop();
                if runce_tests::poll(&mut future, waker).is_pending() {
                    stalled.push(future);
                }
            }
            1 if !stalled.is_empty() => drop(stalled.swap_remove(0)),
            _ => {
                let outcome = way.finish(&mut future);
                house.check(k, &outcome.unwrap_or_else(|| panic!("seed {seed} hangs")));
            }
        }
    }
    for k in 0..house.nodes() {
        let outcome = way.finish(&mut caller(&ctx, k));
        house.check(k, &outcome.unwrap_or_else(|| panic!("seed {seed} hangs")));
    }
    drop(stalled);
    assert!(house.most.load(SeqCst) <= AT_ONCE, "seed {seed}");
    assert_eq!(house.inside.load(SeqCst), 0, "seed {seed}");
    assert_eq!((ctx.state().live(), ctx.stats().in_flight), (0, 0));
}

#[test]
fn at_most_so_many_in_random_graphs() {
    for seed in 0..2_000 {
        for way in Way::all() {
            callers(&way, seed);
        }
    }
}

#[test]
fn at_most_so_many_on_an_executor_that_draws() {
    for seed in 0..1_000 {
        let (house, app) = House::new(seed);
        let executor = Seeded::new(seed);
        let ctx = Ctx::builder(app).executor(executor.clone()).build();
        let all = (0..house.nodes()).map(few::<AT_ONCE>);
        let outcomes = executor.block_on(ctx.run_each(all));
        let outcomes = outcomes
            .unwrap_or_else(|| panic!("seed {seed} hangs"))
            .unwrap();
        for (k, value) in outcomes.into_iter().enumerate() {
            house.check(u32::try_from(k).unwrap(), &Ok(value));
        }
        assert!(house.most.load(SeqCst) <= AT_ONCE, "seed {seed}");
    }
}

#[test]
fn at_most_so_many_on_threads() {
    for seed in 0..300 {
        let (house, app) = House::of(seed, seed % 3 == 2);
        let builder = Ctx::builder(app);
        let ctx = match seed % 3 {
            0 | 2 => builder.executor(Threads::with_workers(2)).build(),
            _ => builder.build(),
        };
        std::thread::scope(|scope| {
            for thread in 0..3 {
                let (house, ctx) = (&house, &ctx);
                scope.spawn(move || {
                    let mut rng = Rng((seed * 3 + thread) | 1);
                    for _ in 0..10 {
                        let k = u32::try_from(rng.below(u64::from(house.nodes()))).unwrap();
                        let mut future = caller(ctx, k);
                        if rng.below(4) == 0 {
                            let _ = finish(&mut future);
                        } else {
                            house.check(k, &block_on(future));
                        }
                    }
                });
            }
        });
        assert!(house.most.load(SeqCst) <= AT_ONCE, "seed {seed}");
    }
}
