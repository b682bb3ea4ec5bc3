//! Plain threads that ask at the same time: each file is read once, all at once, and nobody
//! waits longer than a second.
use runce::{Ctx, Error, task};
use runce_threads::{Threads, block_on};
use std::thread;
use std::time::Duration;

#[task(blocking)]
fn lines(path: &'static str) -> Result<usize, std::io::Error> {
    Ok(std::fs::read_to_string(path)?.lines().count())
}

#[task]
async fn total(ctx: &Ctx) -> Result<usize, Error> {
    let files = ["Cargo.toml", "README.md", "ARCHITECTURE.md"];
    let all = ctx.run_parallel(files.map(lines)).await?;
    Ok(all.into_iter().sum())
}

fn main() -> Result<(), Error> {
    let threads = Threads::new();
    let ctx = Ctx::builder(()).runtime(threads.clone()).build();
    thread::scope(|scope| {
        for name in ["one", "two", "three"] {
            let ctx = &ctx;
            scope.spawn(move || match ctx.run_blocking(total()) {
                Ok(lines) => println!("{name} counts {lines} lines"),
                Err(error) => println!("{name} fails: {error:#}"),
            });
        }
    });
    let again = block_on(ctx.run(total()).within(Duration::from_secs(1)))?;
    println!("{again} lines, {} runs", ctx.stats().runs);
    threads.shut_down();
    Ok(())
}
