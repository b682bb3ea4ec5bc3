// Says which bound `Input` misses, at the input's type.
#[derive(Clone, PartialEq, Eq)]
struct Id;

#[runce::task]
async fn one(id: Id) -> u64 {
    std::future::ready(id).await;
    1
}

#[runce::task]
fn several(id: Id, n: u64) -> u64 {
    drop(id);
    n
}

fn main() {
    let _ = (one(Id), several(Id, 1));
}
