//! A virtual hour of traffic from a seed, or `MINUTES`: no key is ever run twice at once.
use crate::clocks::SECOND;
use runce::testing::ManualClock;
use runce::{Ctx, Error, ErrorKind};
use runce_tests::Rng;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

const MILLISECOND: Duration = Duration::from_millis(1);
const KEYS: u64 = 200;
const TTL: Duration = Duration::from_secs(20);
const ERROR_TTL: Duration = Duration::from_secs(1);
const LIMIT: Duration = Duration::from_secs(2);

/// An upstream whose answers take up to 300 milliseconds; one in 50 fails, one in 200 hangs.
struct Upstream {
    clock: ManualClock,
    rng: Mutex<Rng>,
    /// Runs of each key that are under way.
    under_way: Mutex<HashMap<u64, usize>>,
    begun: AtomicUsize,
    /// When each key was last answered, and how.
    answered: Mutex<HashMap<u64, (Duration, bool)>>,
}

impl Upstream {
    fn draw(&self, below: u64) -> u64 {
        self.rng.lock().unwrap().below(below)
    }
}

struct UnderWay<'a>(&'a Upstream, u64);

impl<'a> UnderWay<'a> {
    fn begin(upstream: &'a Upstream, key: u64) -> Self {
        upstream.begun.fetch_add(1, SeqCst);
        let mut under_way = upstream.under_way.lock().unwrap();
        let count = under_way.entry(key).or_default();
        *count += 1;
        assert_eq!(*count, 1, "key {key} runs twice at once");
        let answered = upstream.answered.lock().unwrap().get(&key).copied();
        if let Some((at, good)) = answered {
            let age = upstream.clock.now() - at;
            let ttl = if good { TTL } else { ERROR_TTL };
            assert!(age >= ttl, "key {key} is run again after {age:?}");
        }
        Self(upstream, key)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        *self.0.under_way.lock().unwrap().get_mut(&self.1).unwrap() -= 1;
    }
}

#[runce::task]
async fn ask(ctx: &Ctx<Upstream>, key: u64) -> Result<u64, Error> {
    let upstream = ctx.state();
    let _under_way = UnderWay::begin(upstream, key);
    if upstream.draw(200) == 0 {
        std::future::pending::<()>().await;
    }
    upstream
        .clock
        .sleep(MILLISECOND * upstream.draw(300) as u32)
        .await;
    let good = upstream.draw(50) > 0;
    let now = upstream.clock.now();
    upstream.answered.lock().unwrap().insert(key, (now, good));
    if good { Ok(key) } else { ctx.run(fail()).await }
}

#[runce::task]
async fn fail() -> Result<u64, &'static str> {
    Err("as one in fifty")
}

/// Those who wait, and whether one of them was woken.
#[derive(Default)]
struct Flag(AtomicUsize);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(1, SeqCst);
    }
}

type Caller<'a> = Pin<Box<dyn Future<Output = Result<u64, Error>> + Unpin + 'a>>;

struct Waiting<'a> {
    key: u64,
    since: Duration,
    caller: Caller<'a>,
}

/// 10,000 callers a second; hot keys are asked for most. One in a hundred hangs up where it
/// would have to wait.
fn simulate(seed: u64, seconds: u32) {
    let clock = ManualClock::new();
    let ctx = Ctx::builder(Upstream {
        clock: clock.clone(),
        rng: Mutex::new(Rng(seed | 1)),
        under_way: Mutex::default(),
        begun: AtomicUsize::new(0),
        answered: Mutex::default(),
    });
    let ctx = ctx
        .timer(clock.clone())
        .ttl(TTL)
        .error_ttl(ERROR_TTL)
        .limit(LIMIT);
    let ctx = ctx.build();
    let mut rng = Rng(seed.wrapping_mul(0x9E37_79B9) | 1);
    let flag = Arc::new(Flag::default());
    let waker = Waker::from(flag.clone());
    let mut cx = Context::from_waker(&waker);
    let mut waiting: Vec<Waiting<'_>> = Vec::new();
    for _ in 0..seconds * 1_000 {
        for _ in 0..10 {
            let key = rng.below(KEYS).min(rng.below(KEYS)).min(rng.below(KEYS));
            let mut caller = ctx.run(ask(key));
            match Pin::new(&mut caller).poll(&mut cx) {
                Poll::Ready(outcome) => check(key, outcome, Duration::ZERO),
                Poll::Pending if rng.below(100) > 0 => waiting.push(Waiting {
                    key,
                    since: clock.now(),
                    caller: Box::pin(caller),
                }),
                Poll::Pending => {}
            }
        }
        clock.advance(MILLISECOND);
        while flag.0.swap(0, SeqCst) == 1 {
            waiting.retain_mut(|one| match one.caller.as_mut().poll(&mut cx) {
                Poll::Ready(outcome) => {
                    check(one.key, outcome, clock.now() - one.since);
                    false
                }
                Poll::Pending => true,
            });
        }
    }
    let begun = ctx.state().begun.load(SeqCst);
    assert!(begun < 40 * KEYS as usize * seconds.div_ceil(20) as usize);
    assert!(ctx.stats().hits > 9_000 * seconds as usize);
    assert!(ctx.len() <= 2 * KEYS as usize);
}

fn check(key: u64, outcome: Result<u64, Error>, waited: Duration) {
    assert!(
        waited <= 2 * LIMIT + SECOND,
        "key {key} waited for {waited:?}"
    );
    match outcome {
        Ok(value) => assert_eq!(value, key),
        Err(error) => {
            let kind = error.root_kind();
            assert!(
                matches!(kind, ErrorKind::Failed | ErrorKind::TimedOut),
                "{error:#}"
            );
        }
    }
}

#[test]
fn law_once_an_hour_of_ten_thousand_callers_a_second() {
    let minutes = std::env::var("MINUTES").ok();
    let minutes = minutes.and_then(|n| n.parse().ok()).unwrap_or(60);
    simulate(1, 60 * minutes);
}
