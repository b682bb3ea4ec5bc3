//! A server's shape: a context for each request, with a deadline, which ends when the client goes
//! away or the server shuts down; and a driver that takes tokio's own token.
//!
//! ```sh
//! cargo run -p runce-tokio --features cancellation --example shutdown
//! ```
use runce::{Ctx, Error, ErrorKind, task};
use runce_tokio::Tokio;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

#[task]
async fn user(id: u64) -> String {
    tokio::time::sleep(Duration::from_millis(10)).await; // a database
    format!("user {id}")
}

#[task(blocking)]
fn template() -> Result<String, std::io::Error> {
    std::fs::read_to_string("Cargo.toml") // any file will do
}

#[task]
async fn report(ctx: &Ctx) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let token = runce_tokio::token(ctx)?;
    // A driver with work of its own, which goes on until it is told.
    let driver = tokio::spawn(async move {
        token.cancelled().await;
        println!("the driver lets go of its connection");
    });
    driver.await?;
    Ok("never".to_owned())
}

#[task]
async fn page(ctx: &Ctx, id: u64) -> Result<String, Error> {
    let (user, template) = ctx.run_parallel((user(id), template())).await?;
    Ok(format!("{user}, {} bytes", template.len()))
}

/// The context of a request.
fn request(server: &CancellationToken) -> Result<Ctx, runce_tokio::NoRuntime> {
    let ctx = Ctx::builder(())
        .runtime(Tokio::current()?)
        .deadline(Duration::from_secs(5))
        .build();
    runce_tokio::cancel_with(&ctx, server.clone())?;
    Ok(ctx)
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = CancellationToken::new();
    for id in 1..=3 {
        println!("{}", request(&server)?.run(page(id)).await?);
    }
    let ctx = request(&server)?;
    let last = tokio::spawn(async move { ctx.run(report()).await });
    tokio::time::sleep(Duration::from_millis(20)).await; // until somebody stops the server
    server.cancel();
    let error = last.await?.expect_err("it waits for ever");
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    println!("{error}");
    Ok(())
}
