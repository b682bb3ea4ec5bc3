//! One page from an SQLite file: without a context, and with one.
//!
//! Read `tasks.rs` first; `naive.rs` is the same page without runce.
mod args;
mod db;
mod model;
mod naive;
mod queries;
mod recorder;
mod report;
mod seed;
mod tasks;
#[cfg(test)]
mod tests;
mod timeline;

use args::{Args, Command};
use db::{App, DbError};
use report::Report;
use runce::Ctx;
use runce_tokio::Tokio;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    match args::parse(
        std::env::args_os()
            .skip(1)
            .map(|argument| argument.to_string_lossy().into_owned()),
    ) {
        Ok(Command::Help) => {
            println!("{}", args::HELP);
            ExitCode::SUCCESS
        }
        Ok(Command::Load(args)) => load(&args),
        Err(problem) => {
            eprintln!("error: {problem}\n\n{}", args::HELP);
            ExitCode::from(2)
        }
    }
}

fn load(args: &Args) -> ExitCode {
    match run(args) {
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {}", explain(&*error));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<Report, Box<dyn Error + Send + Sync>> {
    seed::ensure(&args.db)?;
    db::runtime()?.block_on(compare(args))
}

/// Loads the page both ways. Each has connections and a recorder of its own.
async fn compare(args: &Args) -> Result<Report, Box<dyn Error + Send + Sync>> {
    let app = Arc::new(App::new(&args.db));
    let ctx = Ctx::builder_shared(app.clone())
        .executor(Tokio::current()?)
        .build();
    let page = ctx.run(tasks::page(args.user, args.posts)).await?;
    // The page went without them. The failure is remembered: this runs nothing.
    let failure = ctx.run(tasks::recommendations(args.user)).await.err();

    let plain = App::new(&args.db);
    let plain_page = naive::page(&plain, args.user, args.posts).await?;

    Ok(Report {
        same: *page == plain_page,
        page,
        failure,
        stats: ctx.stats(),
        naive: plain.recorder.queries(),
        tasks: app.recorder.queries(),
    })
}

/// What our own queries say is for users, the path of tasks to it for programmers.
fn explain(error: &(dyn Error + Send + Sync + 'static)) -> String {
    let Some(error) = error.downcast_ref::<runce::Error>() else {
        return error.to_string();
    };
    match error.find::<DbError>() {
        Some(error) => error.to_string(),
        None => format!("{error:#}"),
    }
}
