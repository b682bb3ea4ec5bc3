//! Drives tasks in tests: a seeded executor and a clock that moves by hand.
//!
//! Under [`Seeded`] a test is the same each time: the seed decides which of the jobs that
//! are woken is polled next, and time passes only when all are asleep.
//!
//! # Examples
//!
//! ```
//! use runce::testing::{ManualClock, Seeded};
//! use runce::{Ctx, task};
//! use std::time::Duration;
//!
//! #[task]
//! async fn slow(ctx: &Ctx<ManualClock>, seconds: u64) -> u64 {
//!     ctx.state().sleep(Duration::from_secs(seconds)).await;
//!     seconds
//! }
//!
//! for seed in 0..10 {
//!     let executor = Seeded::new(seed);
//!     let clock = executor.clock();
//!     let ctx = Ctx::builder(clock.clone()).executor(executor.clone()).build();
//!     let group = ctx.run_parallel([slow(3600), slow(60), slow(3600)]);
//!     assert_eq!(executor.block_on(group).unwrap().unwrap(), [3600, 60, 3600]);
//!     assert_eq!(clock.now(), Duration::from_secs(3600)); // in no time
//! }
//! ```
mod clock;
mod seeded;

pub use clock::ManualClock;
pub use seeded::Seeded;
