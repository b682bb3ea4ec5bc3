//! A text is asked for by a borrowed one, and what comes is shared.
use super::{limit, peer, runce};
use crate::harness::{Contestant, Work, each};
use crate::peers::Hasher;
use crate::poll::now;
use ::runce::{Ctx, task};
use hashbrown::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::OnceCell;

const KEYS: u64 = 64;

#[task]
async fn text(key: String) -> Arc<String> {
    Arc::new(key)
}

fn ask(ctx: &Ctx, key: &str) -> Arc<String> {
    now(ctx.run_by(text, key)).expect("it does not fail")
}

pub fn contestants() -> Vec<Contestant> {
    vec![
        limit("bare hashbrown", bare()),
        runce(of_runce()),
        peer("RwLock + OnceCell", locked()),
        peer("dashmap + OnceCell", dash()),
        peer("papaya + OnceCell", papaya()),
        peer("quick_cache", quick()),
        peer("moka", moka()),
    ]
}

fn keys() -> Vec<String> {
    (0..KEYS).map(|n| format!("article {n:08}")).collect()
}

/// They are asked for in turn.
fn each_key(mut hit: impl FnMut(&str) -> Option<Arc<String>> + 'static) -> Work {
    let keys = keys();
    each(move |number| hit(&keys[(number % KEYS) as usize]))
}

fn values() -> impl Iterator<Item = (String, Arc<String>)> {
    keys().into_iter().map(|key| (key.clone(), Arc::new(key)))
}

type Cell = Arc<OnceCell<Arc<String>>>;

fn cells() -> impl Iterator<Item = (String, Cell)> {
    values().map(|(key, value)| (key, Arc::new(OnceCell::new_with(Some(value)))))
}

fn bare() -> Work {
    let map: HashMap<String, Arc<String>, Hasher> = values().collect();
    each_key(move |key| map.get(key).cloned())
}

fn of_runce() -> Work {
    let ctx = Ctx::new(());
    for key in keys() {
        ask(&ctx, &key);
    }
    each_key(move |key| Some(ask(&ctx, key)))
}

fn locked() -> Work {
    let map: HashMap<String, Cell, Hasher> = cells().collect();
    let map = parking_lot::RwLock::new(map);
    each_key(move |key| map.read().get(key).and_then(|cell| cell.get().cloned()))
}

fn dash() -> Work {
    let map: dashmap::DashMap<String, Cell, Hasher> = cells().collect();
    each_key(move |key| map.get(key).and_then(|cell| cell.get().cloned()))
}

fn papaya() -> Work {
    let map: papaya::HashMap<String, Cell, Hasher> = cells().collect();
    each_key(move |key| map.pin().get(key).and_then(|cell| cell.get().cloned()))
}

fn quick() -> Work {
    let cache = quick_cache::sync::Cache::with(
        KEYS as usize,
        4 * KEYS,
        quick_cache::UnitWeighter,
        Hasher::default(),
        quick_cache::sync::DefaultLifecycle::default(),
    );
    for (key, value) in values() {
        cache.insert(key, value);
    }
    each_key(move |key| {
        let body = async { Ok::<_, Infallible>(Arc::new(key.to_owned())) };
        now(cache.get_or_insert_async(key, body)).ok()
    })
}

fn moka() -> Work {
    let cache: moka::future::Cache<String, Arc<String>, Hasher> =
        moka::future::Cache::builder().build_with_hasher(Hasher::default());
    for (key, value) in values() {
        now(cache.insert(key, value));
    }
    each_key(move |key| {
        let body = async { Arc::new(key.to_owned()) };
        Some(now(cache.get_with_by_ref(key, body)))
    })
}
