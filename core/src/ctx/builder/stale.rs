//! Settings about what is older than its TTL, or soon will be: whom a slow or failing upstream
//! concerns.
use super::{Builder, Timed, WithExecutor};
use crate::ctx::terms::Jitter;
use crate::freshness::{Share, Windows};
use alloc::boxed::Box;
use core::time::Duration;

impl<S: Send + Sync + 'static, X, T: Timed> Builder<S, X, T> {
    /// Values that are older than their TTL are served for that long while newer ones come: the
    /// first call that finds one has it run anew behind it, by the executor. Without an executor
    /// that call waits for the new run, and only the others are served what is stale.
    ///
    /// If the new run fails, what is stale is served until this time is over.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::testing::Seeded;
    /// # use runce::{Ctx, task};
    /// # use std::sync::atomic::{AtomicU64, Ordering};
    /// # use std::time::Duration;
    /// #[task]
    /// async fn version(ctx: &Ctx<AtomicU64>) -> u64 {
    ///     ctx.state().fetch_add(1, Ordering::Relaxed)
    /// }
    ///
    /// let runtime = Seeded::new(1);
    /// let ctx = Ctx::builder(AtomicU64::new(1))
    ///     .runtime(runtime.clone())
    ///     .ttl(Duration::from_secs(60))
    ///     .stale_while_revalidate(Duration::from_secs(600))
    ///     .build();
    /// let ask = || runtime.block_on(ctx.run(version())).unwrap();
    /// assert_eq!(ask()?, 1);
    /// runtime.clock().advance(Duration::from_secs(61));
    /// assert_eq!(ask()?, 1); // at once
    /// runtime.run_until_idle();
    /// assert_eq!(ask()?, 2);
    /// # Ok::<(), runce::Error>(())
    /// ```
    pub fn stale_while_revalidate(mut self, time: Duration) -> Self {
        self.windows().stale = time;
        self
    }

    /// Values that are older than their TTL are served for that long where a newer one cannot be
    /// had: to those whose own run fails, panics or takes longer than its
    /// [limit](Builder::limit), and for a [while](Builder::retry_after) after that to all, at
    /// once. What failed is not remembered then. It counts from the TTL's end.
    ///
    /// A call of [`refresh`](crate::Ctx::refresh) gets the error; who waits no longer than
    /// [`within`](crate::Run::within) some time, or would rather have [what is
    /// stale](crate::Run::or_stale_after) after that, is served it then. A context past its deadline serves it too, one that was cancelled nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::{Ctx, task};
    /// # use runce::testing::ManualClock;
    /// # use std::sync::atomic::{AtomicBool, Ordering};
    /// # use std::time::Duration;
    /// #[task]
    /// async fn rate(bank: &Ctx<AtomicBool>) -> Result<f64, &'static str> {
    ///     match bank.state().load(Ordering::Relaxed) {
    ///         true => Ok(1.09),
    ///         false => Err("no connection"),
    ///     }
    /// }
    ///
    /// # fn main() { pollster::block_on(async {
    /// let clock = ManualClock::new();
    /// let ctx = Ctx::builder(AtomicBool::new(true))
    ///     .clock(clock.clone())
    ///     .ttl(Duration::from_secs(60))
    ///     .stale_if_error(Duration::from_secs(3600))
    ///     .build();
    /// assert_eq!(ctx.run(rate()).await?, 1.09);
    ///
    /// ctx.state().store(false, Ordering::Relaxed);
    /// clock.advance(Duration::from_secs(61));
    /// assert_eq!(ctx.run(rate()).await?, 1.09); // tried, and failed
    /// clock.advance(Duration::from_secs(3600));
    /// assert!(ctx.run(rate()).await.is_err());
    /// # Ok::<(), runce::Error>(()) }).unwrap() }
    /// ```
    pub fn stale_if_error(mut self, time: Duration) -> Self {
        self.windows().if_error = time;
        self
    }

    /// Where a run failed, nobody tries again for that long: an upstream in trouble is not asked
    /// by every call. Meanwhile all are served what is stale. If not set, it is the
    /// [`error_ttl`](Builder::error_ttl), or a second.
    ///
    /// Where there is nothing stale, there is only the error to serve, if that is remembered: for as
    /// long as `error_ttl` says, else for this time if it is set, else as long as a value. What is
    /// [never remembered](crate::ErrorKind), such as a limit, is not, and the next one tries.
    pub fn retry_after(mut self, time: Duration) -> Self {
        self.options.terms().pause = Some(time);
        self
    }

    /// TTLs, and the times after which somebody [tries again](Builder::retry_after), are shorter by
    /// a random part of that share of them, from 0 to 1, so that what was fetched, or failed, at
    /// once is not fetched anew at once, by this process and all others of a fleet.
    /// `random` is asked for each outcome; its bits should be random, and differ from process to
    /// process: of a crate for that, or of std's `RandomState::new().build_hasher().finish()`; on
    /// a microcontroller of its generator, or of its serial number and a counter.
    ///
    /// A share below 0, or none at all (NaN), is 0; one above 1 is 1.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # fn random() -> u64 { 4 }
    /// let ctx = runce::Ctx::builder(())
    ///     .ttl(Duration::from_secs(300))
    ///     .jitter(0.1, random) // between 270 and 300
    ///     .build();
    /// # let _ = ctx;
    /// ```
    pub fn jitter(mut self, share: f64, random: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        self.options.terms().jitter = Some(Jitter {
            share: Share::new(share),
            random: Box::new(random),
        });
        self
    }

    fn windows(&mut self) -> &mut Windows {
        let windows = &mut self.options.terms().windows;
        windows.get_or_insert_with(Windows::default)
    }
}

impl<S: Send + Sync + 'static, T: Timed> Builder<S, WithExecutor, T> {
    /// A value that is older than that share of its TTL, from 0 to 1, is run anew by the executor,
    /// behind the first call that finds it so: who asks often never waits. Until the new value is
    /// there the old one is served; if the run fails, for as long as without it. The TTL is the
    /// one that [varies](Builder::jitter). A share above 1 is 1; of 0, or of none (NaN), nothing is
    /// run ahead.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::testing::Seeded;
    /// # use runce::{Ctx, task};
    /// # use std::time::Duration;
    /// #[task]
    /// async fn config() -> u64 { 7 }
    ///
    /// let runtime = Seeded::new(1);
    /// let ctx = Ctx::builder(())
    ///     .runtime(runtime.clone())
    ///     .ttl(Duration::from_secs(100))
    ///     .refresh_ahead(0.8)
    ///     .build();
    /// for _ in 0..50 {
    ///     runtime.block_on(ctx.run(config())).unwrap()?;
    ///     runtime.run_until_idle();
    ///     runtime.clock().advance(Duration::from_secs(10));
    /// }
    /// // Once in 80 seconds, and nobody waited but the first.
    /// assert_eq!(ctx.stats().runs, 7);
    /// # Ok::<(), runce::Error>(())
    /// ```
    pub fn refresh_ahead(mut self, share: f64) -> Self {
        self.windows().ahead = (share > 0.0).then(|| Share::new(share));
        self
    }
}
