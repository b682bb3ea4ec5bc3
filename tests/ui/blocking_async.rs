// A blocking task has its own thread: it needs no `async`.
#[runce::task(blocking)]
async fn user(id: u64) -> u64 {
    id
}

fn main() {
    let _ = user(1);
}
