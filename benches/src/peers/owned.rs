//! Those that own the body, which they spawn or box.
use super::{Hasher, Peer};
use foyer_memory::CacheBuilder;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use hashbrown::HashMap;
use parking_lot::Mutex;
use std::convert::Infallible;
use std::future::Future;

pub struct Foyer(foyer_memory::Cache<u64, u64, Hasher>);

impl Peer for Foyer {
    const NAME: &'static str = "foyer";

    fn new(keys: usize) -> Self {
        let builder = CacheBuilder::new(2 * keys + 64).with_hash_builder(Hasher::default());
        Self(builder.build())
    }

    fn peek(&self, key: u64) -> Option<u64> {
        Some(*self.0.get(&key)?.value())
    }

    async fn get<F>(&self, key: u64, body: impl FnOnce() -> F + Send) -> u64
    where
        F: Future<Output = u64> + Send + 'static,
    {
        let fetch = || {
            let body = body();
            async { Ok::<_, Infallible>(body.await) }
        };
        let entry = self.0.get_or_fetch(&key, fetch).await;
        *entry.expect("it does not fail").value()
    }
}

type Running = Shared<BoxFuture<'static, u64>>;

pub struct SharedFutures(Mutex<HashMap<u64, Running, Hasher>>);

impl SharedFutures {
    fn running<F>(&self, key: u64, body: impl FnOnce() -> F) -> Running
    where
        F: Future<Output = u64> + Send + 'static,
    {
        let mut map = self.0.lock();
        map.entry(key)
            .or_insert_with(|| body().boxed().shared())
            .clone()
    }
}

impl Peer for SharedFutures {
    const NAME: &'static str = "Mutex + Shared";

    fn new(_keys: usize) -> Self {
        Self(Mutex::default())
    }

    fn peek(&self, key: u64) -> Option<u64> {
        self.0.lock().get(&key)?.peek().copied()
    }

    async fn get<F>(&self, key: u64, body: impl FnOnce() -> F + Send) -> u64
    where
        F: Future<Output = u64> + Send + 'static,
    {
        self.running(key, body).await
    }
}
