// E0733 as in `cycle.rs`: tasks that cannot fail show no code but the user's either.
use runce::{Ctx, task};

#[task]
async fn a(ctx: &Ctx, n: u64) -> u64 {
    ctx.run(b(n)).await.unwrap_or(0)
}

#[task]
async fn b(ctx: &Ctx, n: u64) -> u64 {
    ctx.run(a(n)).await.unwrap_or(0)
}

fn main() {}
