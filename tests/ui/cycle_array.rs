// E0733 as in `cycle.rs`: through an array.
use runce::{Ctx, task};

#[task]
async fn a(ctx: &Ctx, n: u64) -> Result<u64, runce::Error> {
    Ok(ctx.run_parallel([b(n)]).await?[0])
}

#[task]
async fn b(ctx: &Ctx, n: u64) -> Result<u64, runce::Error> {
    ctx.run(a(n)).await
}

fn main() {}
