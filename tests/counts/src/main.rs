//! Plays scenarios for `check.sh`, and holds their counts against their bounds.
mod bounds;
mod counting;
mod gate;
mod scenarios;
mod tasks;

use bounds::{BOUNDS, Bound};
use scenarios::MOST;
use std::process::ExitCode;
use std::{env, io};

/// What plays twice, so often and `MOST` times, costs the difference for so many rounds.
const FEW: u64 = 100;
const ROUNDS: u64 = MOST - FEW;

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["names"] => BOUNDS.iter().for_each(|bound| println!("{}", bound.name)),
        ["few", name] => rounds(named(name), FEW),
        ["most", name] => rounds(named(name), MOST),
        ["check"] => return check(),
        _ => panic!("`names`, `few NAME`, `most NAME`, or `check` of lines `NAME FEW MOST`"),
    }
    ExitCode::SUCCESS
}

/// By its name `check.sh --profile` knows where to begin and to end.
#[inline(never)]
fn rounds(bound: &Bound, rounds: u64) {
    (bound.play)(rounds);
}

fn named(name: &str) -> &'static Bound {
    let found = BOUNDS.iter().find(|bound| bound.name == name);
    found.unwrap_or_else(|| panic!("there is no scenario {name}"))
}

/// Each line: a name, and the instructions of the processes that played it few and most times.
fn check() -> ExitCode {
    println!(
        "{:<16}{:>24}{:>24}{:>30}",
        "a round of", "instructions", "allocations", "bytes"
    );
    let lines = io::stdin().lines().map(|line| line.expect("text"));
    let held = lines.map(|line| holds(&line)).filter(|held| *held).count();
    if held == BOUNDS.len() {
        return ExitCode::SUCCESS;
    }
    eprintln!(
        "{held} of {} scenarios are within their bounds",
        BOUNDS.len()
    );
    ExitCode::FAILURE
}

fn holds(line: &str) -> bool {
    let (name, counts) = line.split_once(' ').expect("a name");
    let (few, most) = counts.split_once(' ').expect("two counts");
    let [few, most] = [few, most].map(|count| count.parse::<u64>().expect("a count"));
    let bound = named(name);
    let [allocations, bytes] = allocated(bound);
    let instructions = (most - few) as f64 / ROUNDS as f64;
    let held = [
        (instructions.round(), bound.instructions as f64),
        (allocations, bound.allocations),
        (bytes, bound.bytes),
    ];
    let [instructions, allocations, bytes] =
        held.map(|(count, bound)| format!("{count} of {bound}"));
    let held = held.iter().all(|(count, bound)| count <= bound);
    let verdict = if held { "" } else { "  TOO MUCH" };
    println!("{name:<16}{instructions:>24}{allocations:>24}{bytes:>30}{verdict}");
    held
}

fn allocated(bound: &Bound) -> [f64; 2] {
    let [few, most] = [FEW, MOST].map(|rounds| counting::allocated(|| self::rounds(bound, rounds)));
    // Hashes decide a few of them, so more rounds may have less.
    [0, 1].map(|which| (most[which] as f64 - few[which] as f64) / ROUNDS as f64)
}
