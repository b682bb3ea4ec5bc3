//! What lives as long as the process: slow to get, and the same for everyone.
use crate::bank::{Bank, NoRate};
use runce::{Clock, Ctx, task};
use runce_tokio::Tokio;
use std::time::Duration;

/// So long the bank stands by its rates.
pub(crate) const RATES_HOLD: Duration = Duration::from_secs(3600);
const NO_RATE_HOLDS: Duration = Duration::from_secs(10);

/// What the tasks of the process can reach.
pub(crate) struct Global {
    pub(crate) bank: Bank,
}

#[derive(Clone)]
pub(crate) struct Config {
    /// In the shop's own currency.
    pub(crate) cents_per_tea: u64,
}

/// Over an executor, so that what requests share depends on none of them. A run that a
/// handler asks for, in no task, is finished even if the handler is gone; one that only
/// tasks of requests have asked for is dropped with the last of them.
///
/// A server leaves the clock out, and has that of the machine.
pub(crate) fn open(executor: Tokio, clock: impl Clock) -> Ctx<Global> {
    let global = Global {
        bank: Bank::default(),
    };
    Ctx::builder(global)
        .executor(executor)
        .finish_abandoned()
        .clock(clock)
        .error_ttl(NO_RATE_HOLDS)
        .ttl(RATES_HOLD)
        .build()
}

// The type of its state says in which scope a task lives.
#[task]
pub(crate) async fn config(_ctx: &Ctx<Global>) -> Config {
    Config { cents_per_tea: 450 }
}

/// Of that currency for 100 of the shop's. It is remembered for an hour; that there is none,
/// for some seconds, as the context says.
#[task]
pub(crate) async fn rate(ctx: &Ctx<Global>, currency: &str) -> Result<u64, NoRate> {
    ctx.state().bank.rate(currency).await
}
