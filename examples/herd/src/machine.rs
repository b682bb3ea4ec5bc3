//! A machine that serves callers: a context for the process, and what it is told.
use crate::random::Random;
use crate::upstream::{Down, Rate, Upstream};
use runce::testing::Seeded;
use runce::{Ctx, task};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub(crate) const TTL: Duration = Duration::from_secs(60);
/// A run that takes longer is given up. Where there is no context, callers hang up by then.
pub(crate) const LIMIT: Duration = Duration::from_secs(5);
/// A plain TTL remembers errors, but not for as long.
const ERROR_TTL: Duration = Duration::from_secs(5);

/// What a context is told besides the TTL.
#[derive(Clone, Copy)]
pub(crate) struct Freshness {
    pub(crate) refresh_ahead: f64,
    pub(crate) stale_while_revalidate: Duration,
    pub(crate) stale_if_error: Duration,
    pub(crate) retry_after: Duration,
    pub(crate) jitter: f64,
}

/// A short window, and a long one for errors.
pub(crate) const FRESH: Freshness = Freshness {
    refresh_ahead: 0.8,
    stale_while_revalidate: Duration::from_secs(30),
    stale_if_error: Duration::from_secs(3600),
    retry_after: Duration::from_secs(10),
    jitter: 0.1,
};

/// What a task can reach.
pub(crate) struct Machine {
    number: usize,
    upstream: Arc<Upstream>,
}

#[task]
pub(crate) async fn rate(ctx: &Ctx<Machine>, currency: usize) -> Result<Rate, Down> {
    let Machine { number, upstream } = ctx.state();
    upstream.ask(*number, currency).await
}

/// `None`: a plain TTL.
pub(crate) fn open(
    number: usize,
    upstream: Arc<Upstream>,
    executor: Seeded,
    freshness: Option<Freshness>,
) -> Ctx<Machine> {
    let builder = Ctx::builder(Machine { number, upstream })
        .runtime(executor)
        .ttl(TTL)
        .limit(LIMIT);
    let Some(freshness) = freshness else {
        return builder.error_ttl(ERROR_TTL).build();
    };
    let random = Mutex::new(Random::new(number as u64 + 1));
    let random = move || {
        let mut random = random.lock().unwrap_or_else(PoisonError::into_inner);
        random.next()
    };
    builder
        .refresh_ahead(freshness.refresh_ahead)
        .stale_while_revalidate(freshness.stale_while_revalidate)
        .stale_if_error(freshness.stale_if_error)
        .retry_after(freshness.retry_after)
        .jitter(freshness.jitter, random)
        .build()
}
