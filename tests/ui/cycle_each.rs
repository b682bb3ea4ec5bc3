// E0733 as in `cycle.rs`: through `run_each`.
use runce::{Ctx, task};

#[task]
async fn a(ctx: &Ctx, n: u64) -> Result<u64, runce::Error> {
    Ok(ctx.run_each((0..n).map(b)).await?.into_iter().sum())
}

#[task]
async fn b(ctx: &Ctx, n: u64) -> Result<u64, runce::Error> {
    ctx.run(a(n)).await
}

fn main() {}
