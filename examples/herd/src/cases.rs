//! What is compared.
use crate::callers::{self, Load, STEP};
use crate::direct;
use crate::machine::{FRESH, Freshness};
use crate::measured::Measured;
use std::iter;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

pub(crate) const FLEET: usize = 100;

#[derive(Clone, Copy)]
pub(crate) enum Memo {
    Nothing,
    Ttl,
    Fresh(Freshness),
}

/// A setting, and what came of it.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) machines: usize,
    pub(crate) memo: Memo,
    pub(crate) measured: Measured,
}

/// Stale values may be served at once for longer than the trouble lasts.
pub(crate) const PATIENT: Freshness = Freshness {
    stale_while_revalidate: Duration::from_secs(30 * 60),
    ..FRESH
};

const NO_JITTER: Freshness = Freshness {
    jitter: 0.0,
    ..FRESH
};

const CASES: [(&str, usize, Memo); 8] = [
    ("no memo", 1, Memo::Nothing),
    ("ttl", 1, Memo::Ttl),
    ("fresh", 1, Memo::Fresh(FRESH)),
    ("patient", 1, Memo::Fresh(PATIENT)),
    ("no memo", FLEET, Memo::Nothing),
    ("ttl", FLEET, Memo::Ttl),
    ("no jitter", FLEET, Memo::Fresh(NO_JITTER)),
    ("fresh", FLEET, Memo::Fresh(FRESH)),
];

/// All of them. Each is a world of its own, so they may be played side by side.
pub(crate) fn play(length: Duration, callers_a_second: usize, seed: u64) -> Vec<Case> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let play_next = || {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let (name, machines, memo) = *CASES.get(at)?;
        let load = Load {
            length,
            machines,
            callers_each_step: callers_a_second * STEP.as_millis() as usize / 1000,
            seed,
        };
        let case = Case {
            name,
            machines,
            memo,
            measured: measure(load, memo),
        };
        Some((at, case))
    };
    let mut cases: Vec<_> = thread::scope(|scope| {
        let spawn = |_| scope.spawn(|| iter::from_fn(play_next).collect::<Vec<_>>());
        let threads: Vec<_> = (0..threads).map(spawn).collect();
        let join = |thread: thread::ScopedJoinHandle<'_, _>| thread.join().expect("it is played");
        threads.into_iter().flat_map(join).collect()
    });
    cases.sort_by_key(|(at, _)| *at);
    cases.into_iter().map(|(_, case)| case).collect()
}

pub(crate) fn measure(load: Load, memo: Memo) -> Measured {
    match memo {
        Memo::Nothing => direct::simulate(load),
        Memo::Ttl => callers::simulate(load, None),
        Memo::Fresh(freshness) => callers::simulate(load, Some(freshness)),
    }
}
