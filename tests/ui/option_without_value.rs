// Says how `name` is written.
#[runce::task(name)]
fn user(id: u64) -> u64 {
    id
}

fn main() {}
