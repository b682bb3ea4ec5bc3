// Says that the context comes first.
use runce::{Ctx, task};

#[task]
fn user(id: u64, ctx: &Ctx) -> u64 {
    drop(ctx.clone());
    id
}

fn main() {}
