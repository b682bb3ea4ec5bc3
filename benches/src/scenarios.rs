//! The scenarios, each in a module; they are set up when it is their turn.
mod expiry;
mod fan;
mod graph;
pub mod herd;
pub mod hit;
pub mod managed;
mod million;
mod request;
mod text;
mod threads;
mod tokio;

use crate::harness::{Contestant, Effort, Work, race};
use crate::row::{Role, Row};
use hashbrown::HashMap;
use runce::task;

pub use self::tokio::{context, on_worker, runtime};

pub struct Scenario {
    pub name: &'static str,
    measure: Measure,
}

enum Measure {
    Race(fn() -> Vec<Contestant>),
    /// One that sees to its samples, and has more than one row.
    Rows(fn(Effort) -> Vec<Row>),
}

impl Scenario {
    pub fn rows(&self, effort: Effort) -> Vec<Row> {
        match self.measure {
            Measure::Race(contestants) => vec![Row::new(self.name, race(effort, contestants()))],
            Measure::Rows(rows) => rows(effort),
        }
    }
}

pub fn all() -> Vec<Scenario> {
    let race = |name, contestants: fn() -> Vec<Contestant>| Scenario {
        name,
        measure: Measure::Race(contestants),
    };
    let rows = |name, rows| Scenario {
        name,
        measure: Measure::Rows(rows),
    };
    vec![
        race("plain hit, u64, 1 key", || hit::contestants(1)),
        race("plain hit, u64, 1,024 keys", || hit::contestants(1_024)),
        race("plain hit, String to Arc", text::contestants),
        race("managed hit, TTL", managed::contestants),
        race("plain hit, 2 threads", threads::plain),
        race("managed hit, 2 threads", threads::managed),
        race("request: 1 + 3 hits", || request::contestants(1)),
        race("request: 5 + 15 hits", || request::contestants(5)),
        race("request: 20 + 60 hits", || request::contestants(20)),
        race("chain of 3, fresh", graph::chain),
        race("diamond, fresh", graph::diamond),
        race("fan-out of 10, joined, fresh", fan::joined),
        race("fan-out of 20, spawned", fan::spawned),
        rows("herd of 10,000", herd::rows),
        rows("1M entries with TTL", million::rows),
        rows("expiry of 1M entries", expiry::rows),
    ]
}

/// What most scenarios run: next to nothing.
#[task]
pub async fn double(n: u64) -> u64 {
    2 * n
}

/// The same for the peers.
pub async fn doubled(n: u64) -> u64 {
    2 * n
}

pub type Bare<V> = HashMap<u64, V, crate::peers::Hasher>;

pub fn limit(name: &str, work: Work) -> Contestant {
    Contestant::new(Role::Limit, name, work)
}

pub fn runce(work: Work) -> Contestant {
    Contestant::new(Role::Runce, "runce", work)
}

pub fn peer(name: &str, work: Work) -> Contestant {
    Contestant::new(Role::Peer, name, work)
}

/// One of so many keys, scattered.
pub fn pick(number: u64, keys: u64) -> u64 {
    let scattered = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    (scattered * keys) >> 32
}
