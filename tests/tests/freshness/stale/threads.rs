//! Threads that ask, refresh and hang up, while the clock goes on and the upstream is down for
//! long now and then. Whoever is faster: no key has two runs at once, nothing is served that is older than it
//! may be, and no error while there is a value that may be.
use crate::clocks::SECOND;
use runce::testing::ManualClock;
use runce::{Clock, Ctx};
use runce_tests::{Rng, block_on, yields};
use runce_threads::Threads;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

const KEYS: usize = 3;
const THREADS: u64 = 4;
const CALLS: usize = 3_000;
const TTL: Duration = SECOND;
const IF_ERROR: Duration = Duration::from_secs(4);
/// So many runs fail in turn: until nothing may be served any more.
const OUTAGE: usize = 64;
/// Values may be served until they are so old.
const OLDEST: Duration = Duration::from_secs(5);

#[derive(Default)]
struct Upstream {
    keys: [Known; KEYS],
    asked: AtomicUsize,
}

#[derive(Default)]
struct Known {
    runs: AtomicBool,
    values: AtomicUsize,
    /// Until then something may be served that somebody was served, in nanoseconds.
    until: AtomicU64,
}

/// When its age began, on the clock.
#[derive(Clone, Default)]
struct Value(Arc<AtomicU64>);

thread_local! {
    static IS_BORN: RefCell<Option<Value>> = const { RefCell::new(None) };
}

/// What is read first by whoever ends a run is when its value was born.
#[derive(Clone)]
struct Midwife(ManualClock);

impl Clock for Midwife {
    fn now(&self) -> Duration {
        let now = self.0.now();
        if let Some(value) = IS_BORN.take() {
            value.0.store(nanos(now), SeqCst);
        }
        now
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap()
}

struct Alone<'a>(&'a AtomicBool);

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        self.0.store(false, SeqCst);
    }
}

#[runce::task]
async fn fetch(ctx: &Ctx<Upstream>, key: usize) -> Result<Value, &'static str> {
    let (upstream, known) = (ctx.state(), &ctx.state().keys[key]);
    assert!(
        !known.runs.swap(true, SeqCst),
        "key {key} runs twice at once"
    );
    let _alone = Alone(&known.runs);
    let asked = upstream.asked.fetch_add(1, SeqCst);
    yields(asked % 3).await;
    if asked / OUTAGE % 2 == 1 {
        return Err("down");
    }
    known.values.fetch_add(1, SeqCst);
    let value = Value::default();
    IS_BORN.set(Some(value.clone()));
    Ok(value)
}

fn ask(ctx: &Ctx<Upstream>, clock: &ManualClock, key: usize) {
    let known = &ctx.state().keys[key];
    let (until, values) = (known.until.load(SeqCst), known.values.load(SeqCst));
    let before = nanos(clock.now());
    match block_on(ctx.run(fetch(key))) {
        Ok(value) => {
            let until = value.0.load(SeqCst) + nanos(OLDEST);
            assert!(before < until, "served at {before}, for until {until}");
            known.until.fetch_max(until, SeqCst);
        }
        Err(error) => {
            // Who tries while another replaces what there is has the error of its own run.
            let is_over = until <= nanos(clock.now());
            let replaced = known.values.load(SeqCst) > values;
            assert!(is_over || replaced, "{error} at {before}, until {until}");
        }
    }
}

fn one_thread(ctx: &Ctx<Upstream>, clock: &ManualClock, seed: u64) {
    let mut rng = Rng(seed);
    for _ in 0..CALLS {
        let key = rng.below(KEYS as u64) as usize;
        match rng.below(16) {
            0 => clock.advance(SECOND / 2),
            1 => drop(block_on(ctx.refresh(fetch(key)))),
            2 => {
                // It hangs up where it would have to wait.
                let mut call = Box::pin(ctx.run(fetch(key)));
                let _ = runce_tests::poll(&mut call, std::task::Waker::noop());
            }
            _ => ask(ctx, clock, key),
        }
    }
}

/// Plays it in that context.
fn play(ctx: &Ctx<Upstream>, clock: &ManualClock, seed: u64) {
    thread::scope(|scope| {
        for thread in 1..=THREADS {
            scope.spawn(move || one_thread(ctx, clock, 100 * seed + thread));
        }
    });
    while ctx.stats().in_flight > 0 {
        // The executor's threads are at it.
        thread::yield_now();
    }
    let stats = ctx.stats();
    assert!(stats.failed > 0 && stats.hits > stats.runs, "{stats:?}");
    assert_eq!((ctx.len(), stats.panicked), (KEYS, 0));
}

#[test]
fn law_once_under_threads_that_renew() {
    for seed in 1..4 {
        let clock = ManualClock::new();
        let builder = Ctx::builder(Upstream::default()).clock(Midwife(clock.clone()));
        let builder = builder.ttl(TTL).stale_while_revalidate(SECOND);
        let builder = builder.stale_if_error(IF_ERROR).retry_after(SECOND / 2);
        play(&builder.build(), &clock, seed);
    }
}

#[test]
fn law_once_under_threads_with_renewals_behind_them() {
    for seed in 1..4 {
        let (clock, threads) = (ManualClock::new(), Threads::with_workers(2));
        let builder = Ctx::builder(Upstream::default()).clock(Midwife(clock.clone()));
        let builder = builder.ttl(TTL).stale_while_revalidate(SECOND);
        let builder = builder.stale_if_error(IF_ERROR).retry_after(SECOND / 2);
        let builder = builder.executor(threads.clone()).refresh_ahead(0.5);
        play(&builder.build(), &clock, seed);
        threads.shut_down();
    }
}
