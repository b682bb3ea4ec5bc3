// Says to name the type or to make it a generic of the function.
#[runce::task]
fn show(part: impl std::fmt::Display) -> String {
    part.to_string()
}

fn main() {}
