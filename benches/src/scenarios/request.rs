//! So many tasks, each asked for four times, in a context of their own.
use super::{Bare, double, limit, peer, runce};
use crate::harness::{Contestant, Work, each};
use crate::peers::{self, Nesting, nesting};
use crate::poll::now;
use ::runce::Ctx;
use std::cell::RefCell;
use std::hint::black_box;

const TIMES: u64 = 4;

pub fn contestants(tasks: u64) -> Vec<Contestant> {
    let mut contestants = vec![
        limit("RefCell<HashMap>", bare(tasks)),
        runce(of_runce(tasks)),
    ];
    contestants.extend(nesting!(contestant(tasks)));
    contestants
}

fn keys(tasks: u64) -> impl Iterator<Item = u64> {
    (0..TIMES).flat_map(move |_| 0..tasks).map(black_box)
}

fn bare(tasks: u64) -> Work {
    each(move |number| {
        let map = black_box(RefCell::new(Bare::<u64>::default()));
        for key in keys(tasks) {
            black_box(ask(&map, number + key));
        }
    })
}

/// Borrowed twice, since what is run may ask for more.
pub fn ask(map: &RefCell<Bare<u64>>, key: u64) -> u64 {
    if let Some(value) = map.borrow().get(&key) {
        return *value;
    }
    let value = 2 * key;
    map.borrow_mut().insert(key, value);
    value
}

fn of_runce(tasks: u64) -> Work {
    each(move |number| {
        let ctx = Ctx::new(());
        for key in keys(tasks) {
            let outcome = now(ctx.run(double(number + key)));
            black_box(outcome.expect("it does not fail"));
        }
    })
}

fn contestant<P: Nesting>(tasks: u64) -> Contestant {
    let request = move |number| {
        let cache = <P as Nesting>::new(tasks as usize);
        for key in keys(tasks) {
            black_box(peers::ask(&cache, number + key));
        }
    };
    peer(<P as Nesting>::NAME, each(request))
}
