// Says that `cfg` goes on the task.
#[runce::task]
fn user(#[cfg(all())] id: u64) -> u64 {
    id
}

fn main() {}
