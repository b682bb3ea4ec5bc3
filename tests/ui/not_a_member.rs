// A group is made of calls, not of futures.
use runce::{Ctx, task};

#[task]
async fn one(n: u64) -> u64 {
    n
}

fn main() {
    let ctx = Ctx::new(());
    drop(ctx.run_parallel((one(1), ctx.run(one(2)))));
}
