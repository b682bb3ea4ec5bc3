//! A hit that looks whether it is still good.
use super::{Bare, doubled, limit, peer, pick, runce};
use crate::harness::{Contestant, Work, each};
use crate::peers::Hasher;
use crate::poll::now;
use crate::row::Role;
use ::runce::{Clock, CoarseClock, Ctx};
use std::time::Duration;

const KEYS: u64 = 1_024;
pub const TTL: Duration = Duration::from_secs(3_600);

pub fn contestants() -> Vec<Contestant> {
    let coarse = super::hit::filled(context(), KEYS);
    let precise = super::hit::filled(Ctx::builder(()).ttl(TTL).build(), KEYS);
    vec![
        limit("tick + bare hashbrown", bare(KEYS)),
        runce(coarse),
        Contestant::new(Role::Aside, "runce, default clock", precise),
        peer("moka", moka()),
        peer("cached by_key", cached()),
    ]
}

pub fn clock() -> CoarseClock {
    CoarseClock::start(Duration::from_millis(10)).expect("a thread can be had")
}

pub fn context() -> Ctx {
    Ctx::builder(()).clock(clock()).ttl(TTL).build()
}

/// By the same clock.
pub fn bare(keys: u64) -> Work {
    let clock = clock();
    let expiry = (clock.now() + TTL).as_millis() as u64;
    let map: Bare<(u64, u64)> = (0..keys).map(|key| (key, (2 * key, expiry))).collect();
    each(move |number| {
        let now = clock.now().as_millis() as u64;
        let (value, expiry) = map.get(&pick(number, keys))?;
        (now < *expiry).then_some(*value)
    })
}

fn moka() -> Work {
    let cache: moka::future::Cache<u64, u64, Hasher> = moka::future::Cache::builder()
        .time_to_live(TTL)
        .build_with_hasher(Hasher::default());
    for key in 0..KEYS {
        now(cache.get_with(key, doubled(key)));
    }
    each(move |number| {
        let key = pick(number, KEYS);
        now(cache.get_with(key, doubled(key)))
    })
}

fn cached() -> Work {
    #[cached::macros::cached(sync_writes = "by_key", ttl_secs = 3600)]
    async fn remembered(key: u64) -> u64 {
        2 * key
    }
    for key in 0..KEYS {
        now(remembered(key));
    }
    each(move |number| now(remembered(pick(number, KEYS))))
}
