//! Two threads ask for one key: what one of them pays for each hit.
use super::{double, runce};
use crate::harness::{Contestant, Work};
use crate::peers::{Peer, ask, peers};
use crate::poll::now;
use crate::row::Role;
use ::runce::Ctx;
use std::hint::{black_box, spin_loop};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread::scope;
use std::time::{Duration, Instant};

const KEY: u64 = 42;

pub fn plain() -> Vec<Contestant> {
    let context = || Ctx::new(());
    contestants(context)
}

pub fn managed() -> Vec<Contestant> {
    contestants(super::managed::context)
}

fn contestants(context: impl Fn() -> Ctx) -> Vec<Contestant> {
    let mut contestants = vec![
        super::limit("itself, 1 thread", on(1, of_runce(context()))),
        runce(on(2, of_runce(context()))),
    ];
    contestants.extend(peers!(contestant(2)));
    // For comparison, as the limit is for runce.
    contestants.extend(peers!(contestant(1)));
    contestants
}

fn of_runce(ctx: Ctx) -> impl Fn() + Sync + 'static {
    now(ctx.run(double(KEY))).expect("it does not fail");
    move || {
        let outcome = now(ctx.run(double(black_box(KEY))));
        black_box(outcome.expect("it is there"));
    }
}

fn contestant<P: Peer>(threads: usize) -> Contestant {
    let cache = P::new(1);
    ask(&cache, KEY);
    let hit = move || {
        black_box(ask(&cache, black_box(KEY)));
    };
    match threads {
        1 => Contestant::new(Role::Aside, format!("{}, 1 thread", P::NAME), on(1, hit)),
        _ => Contestant::new(Role::Peer, P::NAME, on(threads, hit)),
    }
}

/// So many threads do it at once, as often each; the slowest counts. They start when all are
/// there, without sleep, and who is done goes on until all are.
fn on(threads: usize, hit: impl Fn() + Sync + 'static) -> Work {
    Box::new(move |operations| {
        let (there, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let lap = || {
            let _inside = super::runtime().enter();
            there.fetch_add(1, SeqCst);
            until_all(&there, threads, spin_loop);
            let start = Instant::now();
            for _ in 0..operations {
                hit();
            }
            let time = start.elapsed();
            done.fetch_add(1, SeqCst);
            until_all(&done, threads, &hit);
            time
        };
        scope(|scope| {
            let laps: Vec<_> = (0..threads).map(|_| scope.spawn(lap)).collect();
            let times = laps.into_iter().map(|lap| lap.join().expect("no panic"));
            times.max().unwrap_or(Duration::ZERO)
        })
    })
}

fn until_all(count: &AtomicUsize, threads: usize, meanwhile: impl Fn()) {
    while count.load(SeqCst) < threads {
        meanwhile();
    }
}
