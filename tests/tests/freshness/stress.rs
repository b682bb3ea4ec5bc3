//! Threads that run, refresh and hang up, while what is remembered is over, and evicted: no key
//! is ever run twice at once. Bounded in number; nothing depends on who is faster.
use crate::clocks::SECOND;
use runce::testing::ManualClock;
use runce::{Ctx, Error};
use runce_tests::{Rng, block_on, finish, yields};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;

const KEYS: usize = 8;
const THREADS: u64 = 4;
const ROUNDS: usize = 4_000;

#[derive(Default)]
struct Busy {
    keys: [AtomicBool; KEYS],
    runs: AtomicUsize,
}

struct Alone<'a>(&'a AtomicBool);

impl<'a> Alone<'a> {
    fn new(busy: &'a Busy, key: usize) -> Self {
        busy.runs.fetch_add(1, SeqCst);
        let flag = &busy.keys[key];
        assert!(!flag.swap(true, SeqCst), "key {key} runs twice at once");
        Self(flag)
    }
}

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        self.0.store(false, SeqCst);
    }
}

/// Most need another key, below.
#[runce::task]
async fn work(ctx: &Ctx<Busy>, key: usize) -> Result<usize, Error> {
    let _alone = Alone::new(ctx.state(), key);
    yields(key % 3).await;
    let below = match key {
        0 | 1 => 0,
        key => Box::pin(ctx.run(work(key / 2))).await?,
    };
    Ok(below + 1)
}

fn one_thread(ctx: &Ctx<Busy>, clock: &ManualClock, seed: u64) {
    let mut rng = Rng(seed);
    for _ in 0..ROUNDS {
        let key = rng.below(KEYS as u64) as usize;
        match rng.below(8) {
            0 => clock.advance(SECOND / 4),
            1 => drop(finish(&mut Box::pin(ctx.refresh(work(key))))),
            2 => {
                let refreshed = block_on(ctx.refresh(work(key)));
                assert_eq!(refreshed.unwrap(), depth(key));
            }
            3 => {
                // It hangs up where it would have to wait.
                let mut call = Box::pin(ctx.run(work(key)));
                let _ = runce_tests::poll(&mut call, std::task::Waker::noop());
            }
            4 => {
                let known = ctx.peek(&work(key));
                assert!(known.is_none_or(|known| known.unwrap() == depth(key)));
            }
            _ => assert_eq!(block_on(ctx.run(work(key))).unwrap(), depth(key)),
        }
    }
}

fn depth(key: usize) -> usize {
    if key < 2 { 1 } else { depth(key / 2) + 1 }
}

#[test]
fn law_once_under_threads_that_forget() {
    for seed in 1..4 {
        let clock = ManualClock::new();
        let builder = Ctx::builder(Busy::default()).clock(clock.clone());
        let ctx = builder.ttl(SECOND).capacity(5).build();
        thread::scope(|scope| {
            for thread in 1..=THREADS {
                let (ctx, clock) = (&ctx, &clock);
                scope.spawn(move || one_thread(ctx, clock, 100 * seed + thread));
            }
        });
        let stats = ctx.stats();
        assert_eq!(stats.runs, ctx.state().runs.load(SeqCst));
        assert_eq!((stats.in_flight, stats.panicked), (0, 0));
        assert!(ctx.len() <= 5 && stats.expired > 0 && stats.evicted > 0);
    }
}
