// Names the option that is not known, and those that are.
#[runce::task(memo)]
fn user(id: u64) -> u64 {
    id
}

fn main() {
    let _ = user(1);
}
