// Says of each qualifier that it has to go, and why.
#[runce::task]
const fn constant() -> u64 {
    1
}

#[runce::task]
unsafe fn unchecked() -> u64 {
    1
}

#[runce::task]
extern "C" fn foreign() -> u64 {
    1
}

fn main() {}
