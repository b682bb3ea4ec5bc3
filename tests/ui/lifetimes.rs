// Says that a task has no lifetimes, and what to take instead.
#[runce::task]
fn len<'a>(text: &'a str) -> usize {
    text.len()
}

fn main() {}
