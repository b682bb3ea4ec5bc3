//! What one element costs when there are more of them.
use crate::harness::{Contestant, Effort, Work, each, race};
use crate::poll::now;
use crate::row::{Curve, Line, Role};
use crate::scenarios::{Bare, double, doubled, herd, hit, managed};
use futures::future::join_all;
use runce::{Ctx, Error, task};
use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

/// The work for so many elements.
type OfSize = fn(u64) -> Work;

struct Sweep {
    name: &'static str,
    sizes: &'static [u64],
    limit: Option<(&'static str, OfSize)>,
    runce: OfSize,
    /// One operation has to do with all elements.
    whole: bool,
}

const KEYS: &[u64] = &[1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];
const DEEP: &[u64] = &[1, 10, 100, 1_000, 10_000, 100_000];
const WIDE: &[u64] = &[1, 10, 100, 1_000, 10_000];

const SWEEPS: [Sweep; 6] = [
    Sweep {
        name: "plain hit among so many keys",
        sizes: KEYS,
        limit: Some(("bare hashbrown", hit::bare)),
        runce: |keys| hit::filled(Ctx::new(()), keys),
        whole: false,
    },
    Sweep {
        name: "managed hit among so many keys",
        sizes: KEYS,
        limit: Some(("tick + bare hashbrown", managed::bare)),
        runce: |keys| hit::filled(managed::context(), keys),
        whole: false,
    },
    Sweep {
        name: "insert of so many keys",
        sizes: KEYS,
        limit: Some(("bare hashbrown", bare_inserts)),
        runce: inserts,
        whole: true,
    },
    Sweep {
        name: "waiters on one key",
        sizes: DEEP,
        limit: Some(("spawn and yield", herd::bare)),
        runce: herd::of_runce,
        whole: true,
    },
    Sweep {
        name: "chain so deep",
        sizes: DEEP,
        limit: None,
        runce: chain,
        whole: true,
    },
    Sweep {
        name: "fan-out so wide",
        sizes: WIDE,
        limit: Some(("bare join_all", bare_join)),
        runce: fan_out,
        whole: true,
    },
];

pub fn curves(effort: Effort, filter: &str) -> impl Iterator<Item = Curve> {
    let wanted = SWEEPS
        .iter()
        .filter(move |sweep| sweep.name.contains(filter));
    wanted.map(move |sweep| sweep.curve(effort))
}

impl Sweep {
    fn curve(&self, effort: Effort) -> Curve {
        let limit = self.limit.map(|(name, work)| (Role::Limit, name, work));
        let lines: Vec<_> = limit
            .into_iter()
            .chain([(Role::Runce, "runce", self.runce)])
            .collect();
        let contestants = lines.iter().flat_map(|(role, name, work)| {
            let contestant = |size: &u64| {
                let parts = if self.whole { *size } else { 1 };
                Contestant::new(*role, *name, work(*size)).parts(parts)
            };
            self.sizes.iter().map(contestant)
        });
        let figures = race(effort, contestants.collect());
        let costs = figures.chunks(self.sizes.len()).map(|figures| {
            let costs = figures.iter().map(|figure| figure.value);
            self.sizes.iter().copied().zip(costs).collect()
        });
        let line = |((role, name, _), points): (&(Role, &str, _), _)| Line {
            name: (*name).to_owned(),
            role: *role,
            points,
        };
        Curve {
            name: self.name.to_owned(),
            lines: lines.iter().zip(costs).map(line).collect(),
        }
    }
}

fn bare_inserts(keys: u64) -> Work {
    each(move |_| {
        let mut map = Bare::<u64>::default();
        for key in 0..keys {
            map.insert(key, 2 * key);
        }
        map
    })
}

fn inserts(keys: u64) -> Work {
    each(move |_| {
        let ctx = Ctx::new(());
        for key in 0..keys {
            black_box(now(ctx.run(double(key)))).expect("it does not fail");
        }
        ctx
    })
}

#[task]
async fn deep(ctx: &Ctx, n: u64) -> Result<u64, Error> {
    match n {
        0 => Ok(0),
        n => Ok(Box::pin(ctx.run(deep(n - 1))).await? + 1),
    }
}

/// On a stack of 2 MiB. The caller may have to come back for what was too deep for it.
fn chain(depth: u64) -> Work {
    let lap = move |operations| {
        let start = Instant::now();
        for _ in 0..operations {
            let outcome = futures::executor::block_on(Ctx::new(()).run(deep(depth - 1)));
            assert_eq!(outcome.expect("it does not fail"), depth - 1);
        }
        start.elapsed()
    };
    Box::new(move |operations| {
        let small = thread::Builder::new().stack_size(2 << 20);
        let lap = small.spawn(move || -> Duration { lap(operations) });
        lap.expect("a thread can be had").join().expect("no panic")
    })
}

fn bare_join(width: u64) -> Work {
    each(move |n| futures::executor::block_on(join_all((n..n + width).map(doubled))))
}

fn fan_out(width: u64) -> Work {
    each(move |n| {
        let ctx = Ctx::new(());
        futures::executor::block_on(ctx.run_each((n..n + width).map(double)))
    })
}
