//! Random lives of a context on a clock that leaps, against a naive model (`src/ageing`):
//! outcomes that last for a nanosecond or for more than there is, a clock that goes back, a
//! counter that wraps, more keys than there is room for; what is stale, renewed behind those who
//! ask or by them, and served where a run fails.
//!
//! `LIVES=1000000 cargo test --release -p runce-tests --test ageing` does more of it; `FROM` is
//! the first seed. A life that fails is made shorter as long as it fails.
//!
//! What was broken on purpose, each alone; all were seen by the first 100 lives:
//!
//! | broken | seen as |
//! |---|---|
//! | what is over is served: by a hit, by a peek; at the moment itself; a nanosecond too long | is served |
//! | what lies too far off wraps, is cut; zero is a TTL, or for ever | is served; evicted; len |
//! | errors, or panics, last as values | is served; not swept |
//! | all is swept at once; nothing; a tick early | one call removes; not swept; over |
//! | the wheel loses what it moves; who goes leaves his time | not swept; a panic |
//! | the clock is read twice; a hit is counted twice; what is over is one | readings; a hit; no hit |
//! | too few are evicted; too many; they are not counted | len; made room; evicted |
//! | `insert` leaves what is there, lasts for ever, keeps what is not to be kept | is served; len |
//! | a refresh is served from memory; does not replace; takes the old with it | no hit; is served |
//! | a late reading of a counter is a wrap; a wrap is none; half a turn is too much | a late reading; after ticks |
//! | ticks are rounded up; a frequency of zero divides | after ticks; a panic |
//!
//! | what is stale or too stale is served too long: windows that count from elsewhere, that errors have as well, that do not end | hits, runs, joins; is served |
//! | no pause; it is not served, or beyond its end; of another length | is not served; is served |
//! | nothing is due ahead; nobody renews behind, or all do; what renews is dropped | hits, runs, joins; in flight |
//! | a failure takes the place of a value; none is served instead; one that was forgotten is | in the place of; of its run |
//! | TTLs do not vary; what a renewal does not keep takes the old with it; who looks sees too much | is served; is not served |
//!
//! Not seen, since it makes no difference: the wheel is turned back with the clock (it has
//! nothing before the time that has elapsed); a place that is taken for ever keeps its time (it
//! was left before).
#![allow(missing_docs, clippy::unwrap_used)]

use runce_tests::Rng;
use runce_tests::ageing::{Life, Lived, live};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// So many, where nobody says how many.
const LIVES: u64 = 1_000;

fn bytes(seed: u64) -> Vec<u8> {
    let mut rng = Rng(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let length = 10 + rng.below(190);
    let byte = |_| u8::try_from(rng.below(256)).unwrap();
    (0..length).map(byte).collect()
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn fails(life: &Life) -> bool {
    catch_unwind(AssertUnwindSafe(|| live(life))).is_err()
}

fn holds(life: Life, origin: &str) {
    if fails(&life) {
        let least = life.least(&mut fails);
        println!("{origin} fails:\n{least:#?}\n{}", least.to_hex());
        let _ = live(&least);
    }
}

#[test]
fn law_ttl_from_completion_in_random_lives() {
    let from = setting("FROM").unwrap_or(0);
    for seed in from..from + setting("LIVES").unwrap_or(LIVES) {
        holds(Life::decode(&bytes(seed)), &format!("seed {seed}"));
    }
}

/// What the fuzzer kept.
#[test]
fn law_ttl_from_completion_in_the_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/freshness");
    let mut files = 0;
    for file in std::fs::read_dir(corpus).unwrap() {
        let path = file.unwrap().path();
        let life = Life::decode(&std::fs::read(&path).unwrap());
        holds(life, &path.display().to_string());
        files += 1;
    }
    assert!(files > 0, "the corpus is empty");
}

#[test]
fn lives_are_read_as_they_were_written() {
    for seed in 0..5_000 {
        let life = Life::decode(&bytes(seed));
        assert_eq!(Life::decode(&life.encode()), life, "seed {seed}");
    }
}

/// The generator makes all there is, and the lives come to something.
#[test]
fn lives_do_all_there_is_to_do() {
    let mut names = BTreeSet::new();
    let mut all = Lived::default();
    for seed in 0..1_000 {
        let life = Life::decode(&bytes(seed));
        let text = format!("{life:?}");
        let words = text.split(|letter: char| !letter.is_alphabetic());
        let words = words.filter(|word| word.starts_with(char::is_uppercase));
        names.extend(words.map(String::from));
        all += live(&life);
    }
    let names = names.into_iter().collect::<Vec<_>>().join(" ");
    let expected = "Back CallersOnly Clear Default Drive Due Edge Error Fill For Forever Insert \
        Invalidate Late Leaps Leave Life None On Over Panic Read Refresh Run Setting Share Some \
        Stale Ticks To Value Windows";
    assert_eq!(names, expected);
    let Lived { stats, .. } = all;
    for (what, count) in [
        ("hits", stats.hits),
        ("expired", stats.expired),
        ("evicted", stats.evicted),
        ("waited", all.waited),
    ] {
        assert!(count > 500, "{what}: {count}");
    }
    for (what, count) in [
        ("renewed", all.renewed),
        ("retried", all.retried),
        ("spared", all.spared),
    ] {
        assert!(count > 100, "{what}: {count}");
    }
    assert!(all.lapsed > stats.expired, "{all:?}");
}

/// A property that is false: nothing is ever over.
#[test]
fn the_shortest_failing_life_is_found() {
    let fails = &mut |life: &Life| live(life).lapsed > 0;
    let life = (0..)
        .map(|seed| Life::decode(&bytes(seed)))
        .find(|it| fails(it));
    let least = life.unwrap().least(fails);
    assert_eq!(least.acts.len(), 2, "{least:?}");
}
