//! Random programs against a naive oracle.
#![allow(missing_docs, clippy::unwrap_used)]

use runce_tests::Rng;
use runce_tests::program::{Program, check, shrink};

fn bytes(seed: u64) -> Vec<u8> {
    let mut rng = Rng(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let length = 20 + rng.below(180);
    (0..length)
        .map(|_| u8::try_from(rng.below(256)).unwrap())
        .collect()
}

#[test]
fn law_random_programs() {
    let count: u64 = std::env::var("PROGRAMS").map_or(2000, |n| n.parse().unwrap());
    let from: u64 = std::env::var("FROM").map_or(0, |n| n.parse().unwrap());
    for seed in from..count {
        if std::env::var("SHOW").is_ok() {
            eprintln!("{seed}");
        }
        if std::env::var("TEXT").is_ok() {
            eprintln!("{:?}", Program::decode(&bytes(seed)));
        }
        let program = Program::decode(&bytes(seed));
        if let Err(broken) = check(&program) {
            let least = shrink(program, 5000, &mut |program| check(program).is_err());
            panic!("seed {seed}: {broken:#?}\n{least:?}\n{:?}", check(&least));
        }
    }
}
