// Says that the context is known by the name of its type.
use runce::{Ctx, task};

type AppCtx = Ctx<u8>;

#[task]
fn user(ctx: &AppCtx, id: u64) -> u64 {
    id + u64::from(*ctx.state())
}

fn main() {}
