// Says that the function is never used, as of any function.
#![deny(dead_code)]

#[runce::task]
fn user(id: u64) -> u64 {
    id
}

fn main() {}
