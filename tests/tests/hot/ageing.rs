//! What has an end is found there until then, to the nanosecond, and not beyond.
use crate::{OFTEN, Runs, and, plain};
use runce::testing::{ManualClock, Seeded};
use runce::{Clock, Ctx, Outcome, Retention, Source, Task};
use runce_tests::{Rng, now};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

const TTL: Duration = Duration::from_secs(60);
const NANOSECOND: Duration = Duration::from_nanos(1);

fn ageing() -> (ManualClock, Ctx<Runs>) {
    let clock = ManualClock::new();
    let builder = Ctx::builder(Runs::default()).clock(clock.clone());
    (clock, builder.ttl(TTL).build())
}

fn often(ctx: &Ctx<Runs>, run: u64) {
    for _ in 0..OFTEN {
        assert_eq!(now(ctx.run(plain(0))).unwrap(), run);
    }
}

#[test]
fn law_ttl_from_completion_to_the_nanosecond_when_hot() {
    let (clock, ctx) = ageing();
    for run in 1..10 {
        often(&ctx, run);
        clock.advance(TTL - NANOSECOND);
        often(&ctx, run);
        clock.advance(NANOSECOND);
    }
    often(&ctx, 10);
    let stats = ctx.stats();
    assert_eq!((stats.runs, stats.expired), (10, 9));
    assert_eq!(stats.hits as u64, 18 * OFTEN + OFTEN - 10);
}

/// It counts how often it is read.
#[derive(Clone, Default)]
struct Counted(ManualClock, Arc<AtomicUsize>);

impl Clock for Counted {
    fn now(&self) -> Duration {
        self.1.fetch_add(1, SeqCst);
        self.0.now()
    }
}

#[test]
fn law_clock_is_injected_a_hit_reads_it_once_when_hot() {
    let clock = Counted::default();
    let executor = Seeded::new(1);
    let builder = Ctx::builder(Runs::default()).executor(executor.clone());
    let builder = builder.clock(clock.clone()).ttl(TTL);
    let ctx = builder.refresh_ahead(0.5).build();
    often(&ctx, 1);
    // Fresh, in many ticks; then a newer one is due, which does not come.
    for step in 0..4_000 {
        let before = clock.1.load(SeqCst);
        assert_eq!(now(ctx.run(plain(0))).unwrap(), 1);
        assert_eq!(now(ctx.run_by(plain, &0)).unwrap(), 1);
        assert_eq!(clock.1.load(SeqCst) - before, 2, "at step {step}");
        clock.0.advance(TTL / 4_001);
    }
}

#[test]
fn law_clock_is_injected_a_hit_reads_none_without_a_ttl_when_hot() {
    let clock = Counted::default();
    let ctx = Ctx::builder(Runs::default()).clock(clock.clone()).build();
    often(&ctx, 1);
    assert_eq!(clock.1.load(SeqCst), 0);
}

#[test]
fn who_asks_is_told_the_age_when_hot() {
    let (clock, ctx) = ageing();
    often(&ctx, 1);
    for age in 0..50 {
        let detail = now(ctx.run(plain(0)).detailed()).unwrap();
        assert_eq!(detail.age, Some(Duration::from_secs(age)));
        assert_eq!(
            (detail.source, detail.from_memory, detail.stale),
            (Source::Hit, true, false)
        );
        often(&ctx, 1);
        clock.advance(Duration::from_secs(1));
    }
}

/// Served while a newer one comes, each time counted as stale, and then that.
#[test]
fn what_is_stale_is_served_and_counted_when_hot() {
    let runtime = Seeded::new(1);
    let ctx = Ctx::builder(Runs::default())
        .runtime(runtime.clone())
        .ttl(TTL)
        .stale_while_revalidate(TTL)
        .build();
    let mut stale = 0;
    for run in 1..5 {
        often(&ctx, run);
        runtime.clock().advance(TTL);
        for _ in 0..OFTEN {
            assert_eq!(now(ctx.run(plain(0))).unwrap(), run);
            stale += 1;
        }
        assert_eq!(ctx.stats().stale, stale);
        runtime.run_until_idle();
    }
    often(&ctx, 5);
    assert_eq!(ctx.stats().runs, 5);
    assert_eq!(ctx.stats().hits as u64, 9 * OFTEN - 1);
}

/// What nobody asks for is forgotten, and dropped, while others ask for what is hot.
#[test]
fn law_bounded_cleanup_goes_on_when_hot() {
    struct Brief;
    impl Task<Runs> for Brief {
        type Input = ();
        type Output = Arc<u8>;
        type Error = Infallible;
        async fn run(ctx: &Ctx<Runs>, (): ()) -> Result<Arc<u8>, Infallible> {
            Ok(ctx.state().1.clone())
        }
        fn retention(_: Outcome<'_, Arc<u8>, Infallible>) -> Option<Retention> {
            Some(Retention::For(TTL / 60))
        }
    }
    let (clock, ctx) = ageing();
    often(&ctx, 1);
    for _ in 0..3 {
        drop(now(ctx.run(runce::Call::<Brief, _>::new(()))).unwrap());
    }
    assert_eq!((Arc::strong_count(&ctx.state().1), ctx.len()), (2, 2));
    clock.advance(TTL / 30);
    assert_eq!(now(ctx.run(plain(0))).unwrap(), 1);
    assert_eq!((Arc::strong_count(&ctx.state().1), ctx.len()), (1, 1));
}

/// It is over while somebody asks for others only.
#[test]
fn law_nothing_leaks_of_what_is_over_when_hot() {
    let (clock, ctx) = ageing();
    often(&ctx, 1);
    let (ctx, value) = and(ctx, "one");
    clock.advance(TTL + TTL);
    often(&ctx, 3);
    assert!(value.upgrade().is_none(), "it is dropped");
}

/// Against a map, over random calls, edits and leaps of the clock.
#[test]
fn law_once_as_a_map_has_it_when_hot() {
    for seed in 1..20 {
        let (clock, ctx) = ageing();
        let mut rng = Rng(seed);
        let mut known: HashMap<u64, (u64, Duration)> = HashMap::new();
        let (mut runs, mut hits) = (0, 0);
        // Some among few keys, others among more than there is room for at first.
        let keys = 2 << rng.below(9);
        for _ in 0..20_000 {
            let key = rng.below(keys).min(rng.below(keys));
            let remembered = known.get(&key).filter(|(_, until)| clock.now() < *until);
            match rng.below(400) {
                0 => {
                    // Also what is over is there to be forgotten.
                    assert!(ctx.invalidate(&plain(key)) || known.remove(&key).is_none());
                    let _ = known.remove(&key);
                }
                1 => {
                    ctx.insert(plain(key), 0);
                    let _ = known.insert(key, (0, clock.now() + TTL));
                }
                2 => {
                    runs += 1;
                    assert_eq!(now(ctx.refresh(plain(key))).unwrap(), runs);
                    let _ = known.insert(key, (runs, clock.now() + TTL));
                }
                3 if rng.below(20) == 0 => {
                    ctx.clear();
                    known.clear();
                }
                4 => {
                    clock.advance(TTL / 7);
                    known.retain(|_, (_, until)| clock.now() < *until);
                }
                _ => {
                    let expected = remembered.map_or(runs + 1, |(value, _)| *value);
                    assert_eq!(now(ctx.run(plain(key))).unwrap(), expected, "{seed}");
                    if remembered.is_some() {
                        hits += 1;
                    } else {
                        runs += 1;
                        let _ = known.insert(key, (runs, clock.now() + TTL));
                    }
                }
            }
        }
        let stats = ctx.stats();
        assert_eq!((stats.runs as u64, stats.hits), (runs, hits), "{seed}");
    }
}
