//! One task for all tests: its body is a closure over its key.
use crate::{Gate, Live};
use runce::{Call, Concurrency, Ctx, Error, Task};
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

pub type BoxFuture<'a> = Pin<Box<dyn Future<Output = Result<u64, Error>> + Send + 'a>>;
type Body = Box<dyn for<'a> Fn(&'a Ctx<App>, u32) -> BoxFuture<'a> + Send + Sync>;

/// What every key does, and what is counted of it.
pub struct App {
    pub body: Body,
    pub runs: Mutex<HashMap<u32, usize>>,
    pub live: Arc<AtomicUsize>,
}

pub fn app<F>(body: F) -> App
where
    F: for<'a> Fn(&'a Ctx<App>, u32) -> BoxFuture<'a> + Send + Sync + 'static,
{
    App {
        body: Box::new(body),
        runs: Mutex::default(),
        live: Arc::default(),
    }
}

/// The same with data, of which each run gets a clone.
pub fn app_with<D, F>(data: &D, body: F) -> App
where
    D: Clone + Send + Sync + 'static,
    F: for<'a> Fn(&'a Ctx<App>, u32, D) -> BoxFuture<'a> + Send + Sync + 'static,
{
    let data = data.clone();
    app(move |ctx, k| body(ctx, k, data.clone()))
}

/// Every key waits at the gate, then returns itself.
pub fn gated(gate: &Arc<Gate>) -> App {
    app_with(gate, |_, k, gate| {
        Box::pin(async move {
            gate.wait().await;
            Ok(u64::from(k))
        })
    })
}

impl App {
    /// How often that key was run.
    pub fn runs(&self, key: u32) -> usize {
        self.runs.lock().unwrap().get(&key).copied().unwrap_or(0)
    }

    pub fn all_runs(&self) -> usize {
        self.runs.lock().unwrap().values().sum()
    }

    /// Runs whose future exists.
    pub fn live(&self) -> usize {
        self.live.load(SeqCst)
    }
}

/// The task of key `k`: so many at once, and so many in the queue.
pub struct Few<const RUNS: usize, const QUEUE: usize>;

/// As many as like.
pub type Key = Few<{ usize::MAX }, { usize::MAX }>;

impl<const RUNS: usize, const QUEUE: usize> Task<App> for Few<RUNS, QUEUE> {
    type Input = u32;
    type Output = u64;
    type Error = Error;

    async fn run(ctx: &Ctx<App>, key: u32) -> Result<u64, Error> {
        let _live = Live::new(&ctx.state().live);
        *ctx.state().runs.lock().unwrap().entry(key).or_default() += 1;
        (ctx.state().body)(ctx, key).await
    }

    fn concurrency() -> Option<Concurrency> {
        (RUNS < usize::MAX).then(|| Concurrency::at_most(RUNS).queue(QUEUE))
    }

    fn label(key: &u32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key({key})")
    }
}

pub fn key(key: u32) -> Call<Key, u32> {
    Call::new(key)
}

/// As many wait as like.
pub fn few<const RUNS: usize>(key: u32) -> Call<Few<RUNS, { usize::MAX }>, u32> {
    Call::new(key)
}

/// A caller that owns its handle.
pub fn caller(ctx: &Ctx<App>, k: u32) -> BoxFuture<'static> {
    let ctx = ctx.clone();
    Box::pin(async move { ctx.run(key(k)).await })
}
