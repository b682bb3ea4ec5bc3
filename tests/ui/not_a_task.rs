// What needs a task takes its fn: not a call of it, not any other fn.
use runce::{AnyTask, Ctx, task};

#[task]
async fn one(n: u64) -> u64 {
    n
}

fn two(n: u64) -> u64 {
    n
}

fn main() {
    let ctx = Ctx::new(());
    ctx.invalidate_all(one(1));
    let _: AnyTask = AnyTask::new(two);
}
