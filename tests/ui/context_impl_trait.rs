// Says to name the state's type, or to make it a generic of the function.
use runce::{Ctx, task};

#[task]
fn user(ctx: &Ctx<impl Clone + Send + Sync + 'static>, id: u64) -> u64 {
    drop(ctx.state().clone());
    id
}

fn main() {}
