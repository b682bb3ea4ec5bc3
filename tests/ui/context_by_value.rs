// Says to take the context by reference.
use runce::{Ctx, task};

#[task]
fn user(ctx: Ctx, id: u64) -> u64 {
    drop(ctx);
    id
}

fn main() {}
