//! Caches that run an async body once.
use super::{Hasher, Nesting};
use quick_cache::UnitWeighter;
use quick_cache::sync::DefaultLifecycle;
use std::future::Future;

pub struct Moka(moka::future::Cache<u64, u64, Hasher>);

impl Nesting for Moka {
    const NAME: &'static str = "moka";

    fn new(_keys: usize) -> Self {
        Self(moka::future::Cache::builder().build_with_hasher(Hasher::default()))
    }

    /// Only its future does it.
    fn peek(&self, _key: u64) -> Option<u64> {
        None
    }

    async fn get<F>(&self, key: u64, body: impl FnOnce() -> F + Send) -> u64
    where
        F: Future<Output = u64> + Send,
    {
        self.0.get_with(key, body()).await
    }
}

type Lifecycle = DefaultLifecycle<u64, u64>;

pub struct Quick(quick_cache::sync::Cache<u64, u64, UnitWeighter, Hasher, Lifecycle>);

impl Nesting for Quick {
    const NAME: &'static str = "quick_cache";

    /// It has to be bounded: with room to spare, so that nothing is evicted.
    fn new(keys: usize) -> Self {
        Self(quick_cache::sync::Cache::with(
            keys,
            2 * keys as u64 + 64,
            UnitWeighter,
            Hasher::default(),
            Lifecycle::default(),
        ))
    }

    fn peek(&self, key: u64) -> Option<u64> {
        self.0.get(&key)
    }

    async fn get<F>(&self, key: u64, body: impl FnOnce() -> F + Send) -> u64
    where
        F: Future<Output = u64> + Send,
    {
        match self.0.get_value_or_guard_async(&key).await {
            Ok(value) => value,
            Err(guard) => {
                let value = body().await;
                let _ = guard.insert(value);
                value
            }
        }
    }
}
