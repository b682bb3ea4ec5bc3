// Says to name the type.
#[runce::task]
fn show() -> impl std::fmt::Display {
    1
}

fn main() {}
