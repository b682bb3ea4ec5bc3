// Says that an output must be owned.
#[runce::task]
fn first(text: &str) -> Option<&str> {
    text.lines().next()
}

fn main() {}
