//! Tasks that do next to nothing, so that what is counted is what runs them.
use crate::gate::Gate;
use runce::{Ctx, Error, task};

#[task]
pub(crate) async fn number(n: u64) -> u64 {
    n + 1
}

#[task]
pub(crate) async fn text(name: &str) -> usize {
    name.len()
}

#[task]
pub(crate) async fn waits(ctx: &Ctx<Gate>, n: u64) -> u64 {
    ctx.state().pass().await;
    n + 1
}

/// Two sides, and what both need.
#[task]
pub(crate) async fn diamond(ctx: &Ctx, n: u64) -> Result<u64, Error> {
    let (left, right) = ctx.run_parallel((left(n), right(n))).await?;
    Ok(left + right)
}

#[task]
async fn left(ctx: &Ctx, n: u64) -> Result<u64, Error> {
    Ok(ctx.run(number(n)).await? + 1)
}

#[task]
async fn right(ctx: &Ctx, n: u64) -> Result<u64, Error> {
    Ok(ctx.run(number(n)).await? + 2)
}

macro_rules! levels {
    ($state:ty: $($name:ident asks $below:ident,)*) => {$(
        #[task]
        pub(crate) async fn $name(ctx: &Ctx<$state>, n: u64) -> Result<u64, Error> {
            Ok(ctx.run($below(n)).await? + 1)
        }
    )*};
}

levels! { ():
    fourth asks number, third asks fourth, second asks third, chain asks second,
}

levels! { Gate:
    waiting_fourth asks waits, waiting_third asks waiting_fourth,
    waiting_second asks waiting_third, waiting_chain asks waiting_second,
}
