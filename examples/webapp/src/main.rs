//! A web application over SQLite: `cargo run -p webapp`, and click.
//!
//! Each request has a context of its own; the settings live in one for the process. Read
//! `tasks.rs` first, then `pages.rs`.
#![forbid(unsafe_code)]

mod alive;
mod args;
mod db;
mod pages;
mod seed;
mod site;
mod slow;
mod tasks;
#[cfg(test)]
mod tests;
mod view;
mod visit;

use args::{Args, Command};
use db::Db;
use runce_tokio::Tokio;
use site::Site;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// No page takes longer.
const DEADLINE: Duration = Duration::from_secs(10);

/// How many queries run at the same time, at most.
const BLOCKING_THREADS: usize = 8;

fn main() -> ExitCode {
    let words = std::env::args_os().skip(1);
    match args::parse(words.map(|word| word.to_string_lossy().into_owned())) {
        Ok(Command::Help) => {
            println!("{}", args::HELP);
            ExitCode::SUCCESS
        }
        Ok(Command::Serve(args)) => match serve(&args) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
        },
        Err(problem) => {
            eprintln!("error: {problem}\n\n{}", args::HELP);
            ExitCode::from(2)
        }
    }
}

fn serve(args: &Args) -> Result<(), Box<dyn Error + Send + Sync>> {
    let db = Db::open(&args.db)?;
    runtime()?.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", args.port)).await;
        let listener =
            listener.map_err(|error| format!("cannot listen on port {}: {error}", args.port))?;
        println!("http://{}/ (Ctrl-C ends it)", listener.local_addr()?);
        let site = site::open(db, Tokio::current()?);
        let pages = pages::router(&site, Tokio::current()?, DEADLINE);
        let server = axum::serve(listener, pages).with_graceful_shutdown(stop(site));
        Ok(server.await?)
    })
}

fn runtime() -> std::io::Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    builder.max_blocking_threads(BLOCKING_THREADS);
    builder.enable_all().build()
}

/// Waits until the server is to end, and ends all that its requests have in flight.
async fn stop(site: runce::Ctx<Site>) {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await; // no signals here: it is ended otherwise
    }
    site.cancel();
}
