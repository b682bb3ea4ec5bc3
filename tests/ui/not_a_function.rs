// Says that `#[task]` goes on a function.
#[runce::task]
struct User;

fn main() {
    let _ = User;
}
