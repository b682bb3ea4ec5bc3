//! What the tests of the laws are driven with: counted wakers, gates, an executor
//! driven by hand, and one task whose body is a closure over its key.
#![forbid(unsafe_code)]
#![allow(missing_docs, clippy::unwrap_used)]

pub mod program;

use runce::{Call, Ctx, Error, Executor, Job, Task};
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

pub type BoxFuture<'a> = Pin<Box<dyn Future<Output = Result<u64, Error>> + Send + 'a>>;
type Body = Box<dyn for<'a> Fn(&'a Ctx<App>, u32) -> BoxFuture<'a> + Send + Sync>;

/// What every key does.
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

/// Counts the futures that are alive.
pub struct Live(Arc<AtomicUsize>);

impl Live {
    pub fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, SeqCst);
        Self(count.clone())
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

/// The task of key `k`.
pub struct Key;

impl Task<App> for Key {
    type Input = u32;
    type Output = u64;
    type Error = Error;

    async fn run(ctx: &Ctx<App>, key: u32) -> Result<u64, Error> {
        let _live = Live::new(&ctx.state().live);
        *ctx.state().runs.lock().unwrap().entry(key).or_default() += 1;
        (ctx.state().body)(ctx, key).await
    }

    fn label(key: &u32, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "key({key})")
    }
}

pub fn key(key: u32) -> Call<Key, u32> {
    Call::new(key)
}

/// A caller that owns its handle.
pub fn caller(ctx: &Ctx<App>, k: u32) -> BoxFuture<'static> {
    let ctx = ctx.clone();
    Box::pin(async move { ctx.run(key(k)).await })
}

/// A waker that counts.
#[derive(Default)]
pub struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

impl Count {
    pub fn get(&self) -> usize {
        self.0.load(SeqCst)
    }
}

pub fn counter() -> (Arc<Count>, Waker) {
    let count = Arc::new(Count::default());
    (count.clone(), count.into())
}

pub fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// Polls as long as it is woken. `None`: it would hang. Also the number of polls.
pub fn finish<F: Future + Unpin>(future: &mut F) -> Option<(F::Output, usize)> {
    let (count, waker) = counter();
    for polls in 1.. {
        let before = count.get();
        if let Poll::Ready(output) = poll(future, &waker) {
            return Some((output, polls));
        }
        if count.get() == before {
            return None;
        }
    }
    None
}

/// Polls until ready or hung.
pub fn now<F: Future>(future: F) -> F::Output {
    finish(&mut Box::pin(future)).expect("it hangs").0
}

/// Something to wait for.
#[derive(Default)]
pub struct Gate {
    open: AtomicBool,
    wakers: Mutex<Vec<Waker>>,
}

impl Gate {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub fn open(&self) {
        self.open.store(true, SeqCst);
        self.pulse();
    }

    pub fn is_open(&self) -> bool {
        self.open.load(SeqCst)
    }

    /// Wakes those who wait, without opening.
    pub fn pulse(&self) {
        let wakers = std::mem::take(&mut *self.wakers.lock().unwrap());
        wakers.into_iter().for_each(Waker::wake);
    }

    pub async fn wait(&self) {
        poll_fn(|cx| {
            if self.open.load(SeqCst) {
                return Poll::Ready(());
            }
            self.wakers.lock().unwrap().push(cx.waker().clone());
            if self.open.load(SeqCst) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}

/// Yields so many times.
pub async fn yields(mut times: usize) {
    poll_fn(|cx| {
        if times == 0 {
            return Poll::Ready(());
        }
        times -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Numbers from a seed (xorshift*, Vigna 2016).
pub struct Rng(pub u64);

impl Rng {
    fn draw(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.draw() % bound.max(1)
    }
}

/// An executor driven by hand.
#[derive(Default, Clone)]
pub struct Hand(Arc<Jobs>);

#[derive(Default)]
struct Jobs {
    jobs: Mutex<Vec<(Job, Arc<Count>, usize)>>,
    spawned: AtomicUsize,
    entered: AtomicUsize,
}

impl Executor for Hand {
    fn spawn(&self, job: Job) {
        self.0.spawned.fetch_add(1, SeqCst);
        let woken = Arc::new(Count(AtomicUsize::new(1)));
        self.0.jobs.lock().unwrap().push((job, woken, 0));
    }

    fn enter(&self, work: &mut dyn FnMut()) {
        self.0.entered.fetch_add(1, SeqCst);
        work();
    }
}

impl Hand {
    /// Polls every woken job until none is; how many polls.
    pub fn go(&self) -> usize {
        let mut polls = 0;
        while let Some((mut job, woken)) = self.next() {
            polls += 1;
            let seen = woken.get();
            if poll(&mut job, &woken.clone().into()).is_pending() {
                self.0.jobs.lock().unwrap().push((job, woken, seen));
            }
        }
        polls
    }

    fn next(&self) -> Option<(Job, Arc<Count>)> {
        let mut jobs = self.0.jobs.lock().unwrap();
        let index = jobs
            .iter()
            .position(|(_, woken, seen)| woken.get() > *seen)?;
        let (job, woken, _) = jobs.swap_remove(index);
        Some((job, woken))
    }

    pub fn jobs(&self) -> usize {
        self.0.jobs.lock().unwrap().len()
    }

    pub fn spawned(&self) -> usize {
        self.0.spawned.load(SeqCst)
    }

    pub fn entered(&self) -> usize {
        self.0.entered.load(SeqCst)
    }

    /// Shuts down: drops all jobs.
    pub fn shut_down(&self) {
        let jobs = std::mem::take(&mut *self.0.jobs.lock().unwrap());
        drop(jobs);
    }
}
