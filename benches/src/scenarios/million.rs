//! A million numbers are remembered for a while.
use super::{Bare, double, doubled, managed};
use crate::alloc::count;
use crate::harness::{Effort, median};
use crate::peers::{Hasher, Peer};
use crate::poll::now;
use crate::row::{Figure, Role, Row, Unit};
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::time::{Duration, Instant};

pub const KEYS: u64 = 1_000_000;

/// Inserts one into what it is.
pub type Insert = Box<dyn FnMut(u64)>;

struct Lane {
    role: Role,
    name: &'static str,
    fresh: fn() -> Insert,
    times: Vec<f64>,
    worst: f64,
}

pub fn rows(effort: Effort) -> Vec<Row> {
    let samples = if effort.samples < 50 { 3 } else { 9 };
    let mut lanes = lanes();
    for _ in 0..samples {
        for lane in &mut lanes {
            lane.times.push(lane.nanoseconds());
            // Others on the machine can only make it longer.
            lane.worst = lane.worst.min(longest(&mut (lane.fresh)(), 0..KEYS));
        }
    }
    let (mut times, mut bytes, mut worst) = (Vec::new(), Vec::new(), Vec::new());
    for mut lane in lanes {
        let (allocations, held) = lane.memory();
        let mut time = Figure::new(lane.role, lane.name, median(&mut lane.times));
        time.samples = samples;
        time.allocations = Some(allocations);
        times.push(time);
        bytes.push(Figure::new(lane.role, lane.name, held));
        worst.push(Figure::new(lane.role, lane.name, lane.worst));
    }
    vec![
        Row::new("1M entries with TTL, per insert", times),
        Row::new("1M entries with TTL: bytes of one", bytes).unit(Unit::Bytes),
        Row::new("1M entries with TTL: worst insert", worst),
    ]
}

fn lanes() -> Vec<Lane> {
    let lane = |role, name, fresh| Lane {
        role,
        name,
        fresh,
        times: Vec::new(),
        worst: f64::INFINITY,
    };
    vec![
        lane(Role::Limit, "bare hashbrown, no TTL", bare),
        lane(Role::Runce, "runce", of_runce),
        lane(
            Role::Peer,
            "quick_cache, no TTL",
            without_ttl::<crate::peers::Quick>,
        ),
        lane(
            Role::Peer,
            "dashmap + OnceCell, no TTL",
            without_ttl::<crate::peers::DashCells>,
        ),
        lane(Role::Peer, "foyer, no TTL, insert", foyer),
        lane(Role::Peer, "moka", moka),
    ]
}

fn bare() -> Insert {
    let mut map = Bare::<u64>::default();
    Box::new(move |key| {
        map.insert(key, 2 * key);
    })
}

fn of_runce() -> Insert {
    let ctx = managed::context();
    Box::new(move |key| {
        black_box(now(ctx.run(double(key)))).expect("it does not fail");
    })
}

fn without_ttl<P: Peer>() -> Insert {
    let cache = P::new(KEYS as usize);
    Box::new(move |key| {
        black_box(now(cache.get(key, || doubled(key))));
    })
}

/// Put in by hand: what it fetches, it spawns.
fn foyer() -> Insert {
    let builder = foyer_memory::CacheBuilder::new(2 * KEYS as usize);
    let cache: foyer_memory::Cache<u64, u64, Hasher> =
        builder.with_hash_builder(Hasher::default()).build();
    Box::new(move |key| {
        black_box(cache.insert(key, 2 * key));
    })
}

fn moka() -> Insert {
    let cache: moka::future::Cache<u64, u64, Hasher> = moka::future::Cache::builder()
        .time_to_live(managed::TTL)
        .build_with_hasher(Hasher::default());
    Box::new(move |key| {
        black_box(now(cache.get_with(key, doubled(key))));
    })
}

impl Lane {
    /// For each insert.
    fn nanoseconds(&self) -> f64 {
        let mut insert = (self.fresh)();
        let start = Instant::now();
        (0..KEYS).for_each(&mut insert);
        start.elapsed().as_nanos() as f64 / KEYS as f64
    }

    /// Allocations, and bytes held, for each entry.
    fn memory(&self) -> (f64, f64) {
        let fill = || {
            let mut insert = (self.fresh)();
            (0..KEYS).for_each(&mut insert);
            insert
        };
        let (filled, count) = count(fill);
        drop(filled);
        let keys = KEYS as f64;
        (count.allocations / keys, count.held / keys)
    }
}

/// The longest of these calls, in nanoseconds that this thread was at work: what else runs on
/// the machine is not in it.
pub fn longest(call: &mut Insert, keys: impl Iterator<Item = u64>) -> f64 {
    let mut longest = Duration::ZERO;
    let mut before = worked();
    for key in keys {
        call(key);
        let after = worked();
        longest = longest.max(after.saturating_sub(before));
        before = after;
    }
    longest.as_nanos() as f64
}

fn worked() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
