//! A page that takes its time, to hang up on.
use crate::visit::Visit;
use runce::{Ctx, Error, task};
use std::time::Duration;

/// Asks three slow services at the same time.
#[task]
pub(crate) async fn report(ctx: &Ctx<Visit>, seconds: u64) -> Result<[String; 3], Error> {
    let parts = ["figures", "prices", "weather"];
    ctx.run_parallel(parts.map(|name| part(name, seconds)))
        .await
}

/// Nothing in it is about clients that hang up: it is dropped in the middle, guard and all.
#[task]
async fn part(ctx: &Ctx<Visit>, name: &str, seconds: u64) -> String {
    let alive = &ctx.state().site.state().alive;
    alive.add(|counts| &mut counts.begun);
    let _working = alive.enter(|counts| &mut counts.parts);
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    alive.add(|counts| &mut counts.finished);
    format!("The {name} took {seconds} s.")
}
