// E0733 as in `cycle.rs`: through calls by what an input lends.
use runce::{Ctx, task};

#[task]
async fn a(ctx: &Ctx, name: String) -> Result<u64, runce::Error> {
    ctx.run_by(b, name.as_str()).await
}

#[task]
async fn b(ctx: &Ctx, name: String) -> Result<u64, runce::Error> {
    ctx.run_by(a, name.as_str()).await
}

fn main() {}
