// Says that the return type is a `Result` behind an alias, and what to write.
type Found<T> = Result<T, std::fmt::Error>;

#[runce::task]
fn user(id: u64) -> Found<u64> {
    Ok(id)
}

#[runce::task]
async fn parse<T: Clone + Send + Sync + 'static>(id: u64) -> Found<Option<T>> {
    std::future::ready(id).await;
    Ok(None)
}

fn main() {}
