#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod crew;
mod jobs;

use core::cell::Cell;
use core::fmt;
use core::num::NonZero;
use core::time::Duration;
use crew::Crew;
use jobs::Jobs;
use runce::{Clock, Executor, Job, Sleep, Timer, Work};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

/// So many pieces of blocking work are done at once, if nothing else was said.
const BLOCKING: usize = 512;

thread_local! {
    /// Others may be waiting for this thread: it does not wait for them.
    static HELD: Cell<bool> = const { Cell::new(false) };
    /// This thread is there to be blocked.
    static MAY_BLOCK: Cell<bool> = const { Cell::new(false) };
}

/// While a run is polled, also if that unwinds; what was before comes back.
struct Held(bool);

impl Drop for Held {
    fn drop(&mut self) {
        HELD.set(self.0);
    }
}

/// A pool of threads, as the executor and the timer of a context.
///
/// Clones are handles of one pool. It lives as long as one of them does, those in contexts
/// included, or until [`shut_down`](Self::shut_down).
#[derive(Clone)]
pub struct Threads(Arc<Pool>);

struct Pool {
    jobs: Jobs,
    blocking: Arc<Crew<Work>>,
    start: Instant,
}

impl Threads {
    /// As many workers as the system can run at once. Threads are started when there is something
    /// to do for them.
    #[must_use]
    pub fn new() -> Self {
        Self::with_workers(thread::available_parallelism().map_or(1, NonZero::get))
    }

    /// At most so many workers; 0 counts as 1. At most 512 pieces of blocking work at once.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::{Ctx, task};
    /// # use runce_threads::Threads;
    /// #[task]
    /// async fn double(n: u64) -> u64 { 2 * n }
    ///
    /// let ctx = Ctx::builder(()).runtime(Threads::with_workers(2)).build();
    /// assert_eq!(ctx.run_blocking(double(4))?, 8);
    /// # Ok::<(), runce::Error>(())
    /// ```
    #[must_use]
    pub fn with_workers(workers: usize) -> Self {
        Self::with_limits(workers, BLOCKING)
    }

    /// At most so many workers (0 counts as 1), and so many pieces of blocking work at once.
    ///
    /// Further blocking work waits in a queue; what comes from a thread that does such work is
    /// done right there instead, since that thread is likely to wait for it. With 0 all of it is
    /// done by whoever waits for it.
    ///
    /// # Deadlocks
    ///
    /// If all threads for blocking work are held by work that waits for what is in the queue
    /// already: allow for more than ever wait for others at once.
    #[must_use]
    pub fn with_limits(workers: usize, blocking: usize) -> Self {
        let work = |work: Work| {
            MAY_BLOCK.set(true);
            work.run();
        };
        Self(Arc::new(Pool {
            jobs: Jobs::new(workers),
            blocking: Crew::new("runce-blocking", blocking, work),
            start: Instant::now(),
        }))
    }

    /// Stops the pool, for all handles and for ever, and waits until its threads have left.
    ///
    /// Jobs are dropped, and blocking work that was not begun: those who wait are woken and go on
    /// by themselves; what nobody waits for is dropped. What cannot be interrupted is waited for:
    /// blocking work that was begun, polls that are going on. Contexts stay usable.
    ///
    /// On a thread that others may be waiting for, one of the pool's own or one that is polling a
    /// run, it waits for nobody: the threads leave later.
    ///
    /// # Deadlocks
    ///
    /// If what it waits for waits for the caller, in a way that the pool cannot see: for a lock
    /// that is held, or a thread that is joined.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::{Ctx, task};
    /// # use runce_threads::Threads;
    /// #[task(blocking)]
    /// fn double(n: u64) -> u64 { 2 * n }
    ///
    /// let threads = Threads::new();
    /// let ctx = Ctx::builder(()).runtime(threads.clone()).build();
    /// threads.shut_down();
    /// assert_eq!(ctx.run_blocking(double(4))?, 8); // done here
    /// # Ok::<(), runce::Error>(())
    /// ```
    pub fn shut_down(&self) {
        self.0.close();
        if !HELD.get() {
            self.0.jobs.wait();
            self.0.blocking.wait();
        }
    }
}

/// Blocks the thread until the future is ready: for groups of calls, and for waits bounded in
/// time. For one call there is [`run_blocking`](runce::Ctx::run_blocking) too.
///
/// Any thread will do, as long as it polls no other futures: nothing has to run around it.
///
/// # Examples
///
/// ```
/// # use runce::{Ctx, task};
/// # use runce_threads::{Threads, block_on};
/// #[task]
/// async fn double(n: u64) -> u64 { 2 * n }
///
/// let ctx = Ctx::builder(()).runtime(Threads::new()).build();
/// assert_eq!(block_on(ctx.run_parallel((double(1), double(2))))?, (2, 4));
/// # Ok::<(), runce::Error>(())
/// ```
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    futures_lite::future::block_on(future)
}

impl Pool {
    fn close(&self) {
        self.jobs.close();
        self.blocking.close();
    }
}

impl Drop for Pool {
    /// Waits for nobody: there is no job, nor any work of a context, without a handle.
    fn drop(&mut self) {
        self.close();
    }
}

impl Default for Threads {
    fn default() -> Self {
        Self::new()
    }
}

impl Executor for Threads {
    fn spawn(&self, job: Job) {
        self.0.jobs.spawn(job);
    }

    fn spawn_blocking(&self, work: Work) {
        self.0.blocking.give(work, MAY_BLOCK.get());
    }

    fn enter(&self, work: &mut dyn FnMut()) {
        let _held = Held(HELD.replace(true));
        work();
    }
}

impl Clock for Threads {
    fn now(&self) -> Duration {
        self.0.start.elapsed()
    }
}

impl Timer for Threads {
    fn sleep(&self, duration: Duration) -> Sleep {
        let timer = async_io::Timer::after(duration);
        Sleep::new(async {
            timer.await;
        })
    }
}

impl fmt::Debug for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Threads").finish_non_exhaustive()
    }
}
