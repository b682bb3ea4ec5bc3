//! A herd of callers, and an upstream in trouble: what the freshness settings are for.
//!
//! 10,000 callers a second ask for a few exchange rates. The bank that knows them is slow, then
//! down, then hangs, and recovers. This is played without a memo, with a plain TTL, and with what
//! `runce::guide` says about an upstream that is slow, or down; for one machine, and for a fleet
//! of a hundred. How often was upstream asked, who saw errors, who waited, and how old were the
//! values that were served?
//!
//! With those settings no caller sees an error. They wait only while the bank hangs, once what is
//! remembered may not be served untried; where it may be for as long as that (`patient`), nobody
//! waits. And the machines of a fleet do not ask at once.
//!
//! ```sh
//! cargo run --release -p herd              # an hour: a table, and a plot in target/herd.svg
//! cargo run -p herd -- --minutes 6 my.svg  # a shorter one, drawn elsewhere
//! ```
//!
//! Time is that of a manual clock, and what is random has a seed: each run is the same. Every
//! caller is a call of its own (36 million in an hour, for each setting), but where nobody
//! remembers anything: there they are counted. What the settings promise is checked, and if it is
//! not so, the program says what, and fails.
//!
//! Read `machine.rs` first, with the settings; `callers.rs` plays the time.
#![forbid(unsafe_code)]

mod callers;
mod cases;
mod checks;
mod direct;
mod machine;
mod measured;
mod plot;
mod random;
mod report;
#[cfg(test)]
mod tests;
mod upstream;

use report::Report;
use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use upstream::Plan;

const CALLERS_A_SECOND: usize = 10_000;
const SEED: u64 = 1;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let (minutes, path) = arguments(env::args().skip(1))?;
    let length = Duration::from_secs(minutes * 60);
    let plan = Plan::of(length);
    let cases = cases::play(length, CALLERS_A_SECOND, SEED);
    let report = Report {
        minutes,
        callers_a_second: CALLERS_A_SECOND,
        cases: &cases,
    };
    print!("{report}");
    write(&path, &plot::svg(&cases, &plan)?)?;
    println!("drawn in {}", path.display());

    let faults = checks::faults(&cases, &plan);
    for fault in &faults {
        eprintln!("{fault}");
    }
    Ok(if faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Minutes to be played, and the file to draw in.
fn arguments(
    mut arguments: impl Iterator<Item = String>,
) -> Result<(u64, PathBuf), Box<dyn Error>> {
    let (mut minutes, mut path) = (60, PathBuf::from("target/herd.svg"));
    while let Some(argument) = arguments.next() {
        if argument == "--minutes" {
            let given = arguments.next().unwrap_or_default();
            let given = given.parse().ok();
            let given = given.filter(|minutes| (6..=60).contains(minutes));
            minutes = given.ok_or("--minutes takes a number from 6 to 60")?;
        } else {
            path = argument.into();
        }
    }
    Ok((minutes, path))
}

fn write(path: &Path, svg: &str) -> Result<(), Box<dyn Error>> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, svg))
        .map_err(|error| format!("cannot write {}: {error}", path.display()).into())
}
