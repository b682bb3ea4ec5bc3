//! What is remembered is asked for again.
use super::{Bare, double, limit, peer, pick, runce};
use crate::harness::{Contestant, Work, each};
use crate::peers::{Peer, ask, peers};
use crate::poll::now;
use ::runce::Ctx;
use async_graphql::dataloader::{DataLoader, HashMapCache, Loader};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

pub fn contestants(keys: u64) -> Vec<Contestant> {
    let mut contestants = vec![
        limit("bare hashbrown", bare(keys)),
        runce(filled(Ctx::new(()), keys)),
    ];
    contestants.extend(peers!(contestant(keys)));
    contestants.push(peer("cached by_key", cached(keys)));
    contestants.push(peer("DataLoader", loader(keys)));
    contestants
}

pub fn bare(keys: u64) -> Work {
    let map: Bare<u64> = (0..keys).map(|key| (key, 2 * key)).collect();
    each(move |number| map.get(&pick(number, keys)).copied())
}

/// So often a context is asked for each key before: then it has found out what is worth a place where
/// it is found without a lock.
const ASKED: u64 = 10;

pub fn filled(ctx: Ctx, keys: u64) -> Work {
    for key in (0..ASKED).flat_map(|_| 0..keys) {
        now(ctx.run(double(key))).expect("it does not fail");
    }
    each(move |number| now(ctx.run(double(pick(number, keys)))))
}

fn contestant<P: Peer>(keys: u64) -> Contestant {
    let cache = P::new(keys as usize);
    for key in 0..keys {
        ask(&cache, key);
    }
    peer(P::NAME, each(move |number| ask(&cache, pick(number, keys))))
}

fn cached(keys: u64) -> Work {
    #[cached::macros::cached(sync_writes = "by_key")]
    async fn remembered(key: u64) -> u64 {
        2 * key
    }
    for key in 0..keys {
        now(remembered(key));
    }
    each(move |number| now(remembered(pick(number, keys))))
}

struct Double;

impl Loader<u64> for Double {
    type Value = u64;
    type Error = Infallible;

    async fn load(&self, keys: &[u64]) -> Result<HashMap<u64, u64>, Infallible> {
        Ok(keys.iter().map(|key| (*key, 2 * key)).collect())
    }
}

fn loader(keys: u64) -> Work {
    let handle = super::runtime().handle().clone();
    let spawner = move |job| handle.spawn(job);
    let loader = Arc::new(DataLoader::with_cache(
        Double,
        spawner,
        HashMapCache::<hashbrown::DefaultHashBuilder>::new(),
    ));
    let fed: HashMap<u64, u64> = (0..keys).map(|key| (key, 2 * key)).collect();
    now(loader.feed_many(fed));
    each(move |number| now(loader.load_one(pick(number, keys))))
}
