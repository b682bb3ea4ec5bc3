// E0733, naming both functions and showing only code of the user.
use runce::{Ctx, task};

#[task]
async fn a(ctx: &Ctx, n: u64) -> Result<u64, runce::Error> {
    ctx.run(b(&n.to_string())).await
}

#[task]
async fn b(ctx: &Ctx, text: &str) -> Result<u64, runce::Error> {
    ctx.run(a(text.len() as u64)).await
}

fn main() {}
