//! A server's shape: a context for each request, which has a deadline.
use async_std::task::{block_on, sleep};
use runce::{Ctx, Error, task};
use runce_async_std::AsyncStd;
use std::time::Duration;

#[task]
async fn user(id: u64) -> String {
    sleep(Duration::from_millis(10)).await; // a database
    format!("user {id}")
}

#[task(blocking)]
fn template() -> Result<String, std::io::Error> {
    std::fs::read_to_string("Cargo.toml") // any file will do
}

#[task]
async fn page(ctx: &Ctx, id: u64) -> Result<String, Error> {
    let (user, template) = ctx.run_parallel((user(id), template())).await?;
    Ok(format!("{user}, {} bytes", template.len()))
}

fn main() -> Result<(), Error> {
    let runtime = AsyncStd::new();
    for id in 1..=3 {
        let request = Ctx::builder(())
            .runtime(runtime.clone())
            .deadline(Duration::from_secs(5))
            .build();
        println!("{}", block_on(request.run(page(id)))?);
    }
    Ok(())
}
