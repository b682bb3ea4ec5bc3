// Says that a name that ends in `Result` makes the task fallible, and what to write.
#[derive(Clone)]
struct SearchResult;

#[runce::task]
fn search() -> SearchResult {
    SearchResult
}

fn main() {}
