// E0733 as in `cycle.rs`: through `run_settled`.
use runce::{Ctx, task};

#[task]
async fn a(ctx: &Ctx, n: u64) -> Result<u64, runce::Error> {
    ctx.run_settled((b(n), b(n + 1))).await.0
}

#[task]
async fn b(ctx: &Ctx, n: u64) -> Result<u64, runce::Error> {
    ctx.run(a(n)).await
}

fn main() {}
