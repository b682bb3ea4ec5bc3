//! An executor whose choices come from a seed.
use super::ManualClock;
use crate::executor::{Clock, Executor, Job, Sleep, Timer};
use crate::sync::{Arc, AtomicUsize, Lock, Ordering, wake_by};
use alloc::vec::Vec;
use core::fmt;
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

/// A single-threaded executor that polls in an order decided by a seed. Clones are the same
/// executor. The [module](crate::testing) has an example.
#[derive(Clone)]
pub struct Seeded {
    inner: Arc<Lock<Inner>>,
    clock: ManualClock,
}

struct Inner {
    jobs: Vec<(Job, Arc<Flag>)>,
    random: u64,
}

struct Flag(AtomicUsize);

impl Flag {
    fn raised() -> Arc<Self> {
        Arc::new(Self(AtomicUsize::new(1)))
    }

    fn woken(this: &Arc<Self>) {
        // ORDERING: pairs with the load in `is_raised`.
        this.0.store(1, Ordering::Release);
    }

    fn is_raised(&self) -> bool {
        // ORDERING: pairs with the store in `woken`: what was done before is seen.
        self.0.load(Ordering::Acquire) == 1
    }

    fn lower(&self) {
        // ORDERING: the poll that follows sees more than a later wake could tell.
        self.0.store(0, Ordering::Release);
    }
}

wake_by!(Flag);

impl Seeded {
    /// An executor with a clock of its own.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            inner: Arc::new(Lock::new(Inner {
                jobs: Vec::new(),
                // The generator must not start at 0.
                random: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
            })),
            clock: ManualClock::new(),
        }
    }

    /// The clock that is moved when all are asleep.
    #[must_use]
    pub fn clock(&self) -> ManualClock {
        self.clock.clone()
    }

    /// Polls the future and the jobs until the future is ready. `None`: nobody is woken
    /// and nobody sleeps any more, so it would never be.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::testing::Seeded;
    /// let executor = Seeded::new(7);
    /// assert_eq!(executor.block_on(async { 7 }), Some(7));
    /// assert_eq!(executor.block_on(std::future::pending::<u64>()), None);
    /// ```
    pub fn block_on<F: Future>(&self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        let flag = Flag::raised();
        let waker = Waker::from(flag.clone());
        loop {
            let jobs = self.woken();
            let choices = jobs + usize::from(flag.is_raised());
            if choices == 0 {
                if !self.clock.skip() {
                    return None;
                }
                continue;
            }
            let choice = self.draw(choices);
            if choice < jobs {
                self.poll_job(choice);
                continue;
            }
            flag.lower();
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return Some(output);
            }
        }
    }

    /// Polls jobs until all are asleep; time stands still.
    pub fn run_until_idle(&self) {
        loop {
            let jobs = self.woken();
            if jobs == 0 {
                return;
            }
            self.poll_job(self.draw(jobs));
        }
    }

    fn woken(&self) -> usize {
        let woken = |inner: &mut Inner| {
            inner
                .jobs
                .iter()
                .filter(|(_, flag)| flag.is_raised())
                .count()
        };
        self.inner.with(woken)
    }

    /// Xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift
    /// generators, scrambled", 2016).
    fn draw(&self, below: usize) -> usize {
        self.inner.with(|inner| {
            inner.random ^= inner.random >> 12;
            inner.random ^= inner.random << 25;
            inner.random ^= inner.random >> 27;
            let drawn = inner.random.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
            usize::try_from(drawn).unwrap_or(0) % below
        })
    }

    /// Polls the nth of those that are woken.
    fn poll_job(&self, nth: usize) {
        let taken = self.inner.with(|inner| {
            let mut woken = (0..inner.jobs.len()).filter(|job| inner.jobs[*job].1.is_raised());
            let job = woken.nth(nth)?;
            drop(woken);
            Some(inner.jobs.swap_remove(job))
        });
        let Some((mut job, flag)) = taken else { return };
        flag.lower();
        let waker = Waker::from(flag.clone());
        if pin!(&mut job)
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
        {
            self.inner.with(|inner| inner.jobs.push((job, flag)));
        }
    }
}

impl Executor for Seeded {
    fn spawn(&self, job: Job) {
        self.inner
            .with(|inner| inner.jobs.push((job, Flag::raised())));
    }

    fn pick(&self) -> usize {
        self.draw(usize::MAX)
    }
}

impl Clock for Seeded {
    fn now(&self) -> Duration {
        self.clock.now()
    }
}

impl Timer for Seeded {
    fn sleep(&self, duration: Duration) -> Sleep {
        Timer::sleep(&self.clock, duration)
    }
}

impl fmt::Debug for Seeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let jobs = self.inner.with(|inner| inner.jobs.len());
        f.debug_struct("Seeded")
            .field("jobs", &jobs)
            .finish_non_exhaustive()
    }
}
