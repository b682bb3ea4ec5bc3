//! Hit ratios beside those of other caches.

mod cache;
mod mix;
mod runce;

use cache::{Cache, Moka, Quick};
use mix::Mix;
use runce::Runce;
use std::process::ExitCode;
use std::thread::{available_parallelism, scope};

const CAPACITIES: [usize; 3] = [100, 1_000, 10_000];
/// So many points below the better peer are one too many. Of a hundred entries more are let
/// pass: hashes, which are seeded anew in each process, decide there.
fn tolerance(capacity: usize) -> f64 {
    if capacity < 1_000 { 3.0 } else { 2.0 }
}

struct Row {
    name: String,
    capacity: usize,
    runce: f64,
    moka: f64,
    quick_cache: f64,
}

fn main() -> ExitCode {
    let rows = measure_all();
    print(&rows);
    if !std::env::args().any(|argument| argument == "--check") {
        return ExitCode::SUCCESS;
    }
    check(&rows)
}

fn print(rows: &[Row]) {
    println!("| hits in percent, of capacity | runce | moka | quick_cache |");
    println!("|---|---|---|---|");
    for row in rows {
        let (runce, moka, quick_cache) = (row.runce, row.moka, row.quick_cache);
        println!(
            "| {} | {runce:.1} | {moka:.1} | {quick_cache:.1} |",
            row.name
        );
    }
}

fn check(rows: &[Row]) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for row in rows {
        let below = row.moka.max(row.quick_cache) - row.runce;
        if below > tolerance(row.capacity) {
            eprintln!("{}: {below:.1} points below the better peer", row.name);
            code = ExitCode::FAILURE;
        }
    }
    code
}

fn measure_all() -> Vec<Row> {
    let mixes = mix::all();
    let cases = mixes
        .iter()
        .flat_map(|mix| CAPACITIES.map(|capacity| (mix, capacity)));
    let cases: Vec<_> = cases.collect();
    let threads = available_parallelism().map_or(1, usize::from);
    scope(|scope| {
        let parts = cases.chunks(cases.len().div_ceil(threads));
        let measured = |part| move || Vec::from_iter(<[_]>::iter(part).map(measure));
        let workers: Vec<_> = parts.map(|part| scope.spawn(measured(part))).collect();
        let rows = workers
            .into_iter()
            .map(|worker| worker.join().expect("no cache panics"));
        rows.flatten().collect()
    })
}

fn measure(&(mix, capacity): &(&Mix, usize)) -> Row {
    let keys = mix.keys(capacity);
    Row {
        name: format!("{}, {capacity}", mix.name),
        capacity,
        runce: hits(Runce::new(capacity), &keys),
        moka: hits(Moka::new(capacity), &keys),
        quick_cache: hits(Quick::new(capacity), &keys),
    }
}

/// In percent.
fn hits(mut cache: impl Cache, keys: &[u64]) -> f64 {
    let hits = keys.iter().filter(|key| cache.access(**key)).count();
    100.0 * hits as f64 / keys.len() as f64
}
