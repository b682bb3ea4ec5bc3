// Says that the future is not `Send`, and shows the value that is held.
use std::rc::Rc;

#[runce::task]
async fn fallible() -> Result<u64, String> {
    let n = Rc::new(1);
    std::future::ready(()).await;
    Ok(*n)
}

#[runce::task]
async fn plain() -> u64 {
    let n = Rc::new(1);
    std::future::ready(()).await;
    *n
}

fn main() {}
