//! Two scopes: a context for the process, and one for each request over it.
//!
//! Requests share what is global, and each loads its own. One that hangs up takes what is
//! its own with it, and harms nobody. The end of the process's context is that of all.
//!
//! Read `global.rs` and `request.rs` first; this file plays a day of the server.
#![forbid(unsafe_code)]

mod bank;
mod global;
mod report;
mod request;
#[cfg(test)]
mod tests;

use global::rate;
use report::Report;
use request::page;
use runce::Error;
use runce::testing::ManualClock;
use runce_tokio::Tokio;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use tokio::runtime::Runtime;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = Runtime::new()?;
    let executor = Tokio::new(runtime.handle().clone());
    let report = runtime.block_on(day(executor, ManualClock::new()))?;
    print!("{report}");
    Ok(())
}

/// A server would spawn each request as a future that owns its context, and drop that when
/// the client hangs up. Here they are polled by hand, and the clock is moved by hand, so that every
/// day is the same.
async fn day(executor: Tokio, clock: ManualClock) -> Result<Report, Error> {
    let global = global::open(executor, clock.clone());
    let bank = &global.state().bank;
    let mut report = Report::default();

    // Bob and Ann want the same rate. Tim looks at one, and needs no context of his own.
    let [bob, ann] = ["Bob", "Ann"].map(|visitor| request::open(&global, visitor));
    let mut for_bob = bob.run(page("EUR"));
    let mut for_ann = ann.run(page("EUR"));
    let mut for_tim = global.run(rate("SEK"));
    begin(&mut for_bob).await;
    begin(&mut for_ann).await;
    begin(&mut for_tim).await;

    // The bank is slow. Two hang up, Bob, who was the first to ask for euros, among them.
    drop(for_bob);
    drop(for_tim);
    report.add("Bob", "hung up", Some(bob.stats()));
    report.add("Tim", "hung up", None);

    // The bank answers: Ann, whom Bob has left alone; Emil, about the rate that Tim did not
    // wait for; and Dora, who is the first to ask for hers.
    bank.set_open(true);
    report.add("Ann", for_ann.await?, Some(ann.stats()));
    for (visitor, currency) in [("Emil", "SEK"), ("Dora", "USD")] {
        let request = request::open(&global, visitor);
        let page = request.run(page(currency)).await?;
        report.add(visitor, page, Some(request.stats()));
    }
    report.add("global", bank, Some(global.stats()));

    // An hour later the rates are old. Hal is the first to notice: the bank is asked again, for
    // him and for Ida.
    clock.advance(global::RATES_HOLD);
    for visitor in ["Hal", "Ida"] {
        let request = request::open(&global, visitor);
        report.add(
            visitor,
            request.run(page("EUR")).await?,
            Some(request.stats()),
        );
    }
    report.add("global", bank, Some(global.stats()));

    // The server shuts down while Fay waits. Gus comes too late.
    bank.set_open(false);
    let fay = request::open(&global, "Fay");
    let mut for_fay = fay.run(page("GBP"));
    begin(&mut for_fay).await;
    global.cancel();
    report.add("Fay", outcome(for_fay.await), Some(fay.stats()));
    let gus = request::open(&global, "Gus");
    let for_gus = gus.run(page("EUR"));
    report.add("Gus", outcome(for_gus.await), Some(gus.stats()));
    Ok(report)
}

fn outcome(page: Result<String, Error>) -> String {
    page.unwrap_or_else(|error| format!("{error:#}"))
}

/// Polls a request once: it is under way, and waits.
async fn begin(request: &mut (impl Future + Unpin)) {
    poll_fn(|cx| {
        assert!(Pin::new(&mut *request).poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
}
