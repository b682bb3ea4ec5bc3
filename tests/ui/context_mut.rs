// Says that the context is shared, without `mut`.
use runce::{Ctx, task};

#[task]
fn user(ctx: &mut Ctx, id: u64) -> u64 {
    drop(ctx.clone());
    id
}

fn main() {}
