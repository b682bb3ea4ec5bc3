// Says that the error must become a boxed error, at the return type.
struct Failure;

#[runce::task]
fn user() -> Result<u64, Failure> {
    Err(Failure)
}

fn main() {}
