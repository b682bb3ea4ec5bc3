#![doc = include_str!("../README.md")]

mod alloc;
mod harness;
mod options;
mod peers;
mod poll;
mod report;
mod row;
mod scenarios;
mod targets;

use options::Options;
use row::{Curve, Row};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: alloc::Counting = alloc::Counting;

fn main() -> ExitCode {
    let options = match Options::parse() {
        Ok(options) => options,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::FAILURE;
        }
    };
    // What spawns without being told where, does so there.
    let _inside = scenarios::runtime().enter();
    let rows = measure(&options);
    if !options.check {
        return ExitCode::SUCCESS;
    }
    check(&rows, &[])
}

/// Each is printed as soon as it is there.
fn measure(options: &Options) -> Vec<Row> {
    print!("{}", report::HEAD);
    let mut measured = Vec::new();
    for scenario in scenarios::all() {
        if !scenario.name.contains(&options.filter) {
            continue;
        }
        for row in scenario.rows(options.effort) {
            print!("{}", report::line(&row));
            measured.push(row);
        }
    }
    if options.all {
        measured
            .iter()
            .for_each(|row| print!("{}", report::all(row)));
    }
    measured
}

fn check(rows: &[Row], curves: &[Curve]) -> ExitCode {
    let missed = targets::missed(rows, curves);
    for sentence in &missed {
        eprintln!("{sentence}");
    }
    match missed.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
