//! A server's shape: an executor on two threads of our own, a context for each request, which
//! has a deadline.
use runce::{Ctx, Error, task};
use runce_smol::Smol;
use std::sync::Arc;
use std::time::Duration;

#[task]
async fn user(id: u64) -> String {
    smol::Timer::after(Duration::from_millis(10)).await; // a database
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
    let executor = Arc::new(smol::Executor::new());
    let (stop, stopped) = smol::channel::bounded::<()>(1);
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let (executor, stopped) = (executor.clone(), stopped.clone());
            std::thread::spawn(move || smol::block_on(executor.run(stopped.recv())))
        })
        .collect();

    let runtime = Smol::on(&executor);
    for id in 1..=3 {
        let request = Ctx::builder(())
            .runtime(runtime.clone())
            .deadline(Duration::from_secs(5))
            .build();
        println!("{}", smol::block_on(request.run(page(id)))?);
    }

    drop(stop); // the threads end, and with them the executor
    drop(executor);
    for thread in threads {
        let _ = thread.join();
    }
    println!("{runtime:?}");
    Ok(())
}
