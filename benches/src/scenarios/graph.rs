//! Tasks that ask for each other, in a context of their own.
use super::{Bare, limit, peer, runce};
use crate::harness::{Contestant, each};
use crate::peers::{Nesting, nesting};
use crate::poll::now;
use ::runce::{Ctx, Error, task};
use std::cell::RefCell;

/// What the peers and the limit know the tasks by.
const BASE: u64 = 1 << 32;
const LEFT: u64 = 2 << 32;
const RIGHT: u64 = 3 << 32;
const TOP: u64 = 4 << 32;

#[task]
async fn base(n: u64) -> u64 {
    n
}

#[task]
async fn left(ctx: &Ctx, n: u64) -> Result<u64, Error> {
    Ok(ctx.run(base(n)).await? + 1)
}

#[task]
async fn right(ctx: &Ctx, n: u64) -> Result<u64, Error> {
    Ok(ctx.run(base(n)).await? + 2)
}

#[task]
async fn joined(ctx: &Ctx, n: u64) -> Result<u64, Error> {
    let (left, right) = ctx.run_parallel((left(n), right(n))).await?;
    Ok(left + right)
}

#[task]
async fn above(ctx: &Ctx, n: u64) -> Result<u64, Error> {
    Ok(ctx.run(left(n)).await? + 1)
}

pub fn chain() -> Vec<Contestant> {
    let bare = |n| {
        let map = RefCell::default();
        once(&map, TOP + n, || bare_left(&map, n) + 1)
    };
    let of_runce = |n| now(Ctx::new(()).run(above(n)));
    let mut contestants = vec![limit("RefCell<HashMap>", each(bare)), runce(each(of_runce))];
    contestants.extend(nesting!(chained()));
    contestants
}

pub fn diamond() -> Vec<Contestant> {
    let bare = |n| {
        let map = RefCell::default();
        let right = || once(&map, RIGHT + n, || bare_base(&map, n) + 2);
        once(&map, TOP + n, || bare_left(&map, n) + right())
    };
    let of_runce = |n| now(Ctx::new(()).run(joined(n)));
    let mut contestants = vec![limit("RefCell<HashMap>", each(bare)), runce(each(of_runce))];
    contestants.extend(nesting!(diamonds()));
    contestants
}

fn once(map: &RefCell<Bare<u64>>, key: u64, body: impl FnOnce() -> u64) -> u64 {
    if let Some(value) = map.borrow().get(&key) {
        return *value;
    }
    let value = body();
    map.borrow_mut().insert(key, value);
    value
}

fn bare_base(map: &RefCell<Bare<u64>>, n: u64) -> u64 {
    once(map, BASE + n, || n)
}

fn bare_left(map: &RefCell<Bare<u64>>, n: u64) -> u64 {
    once(map, LEFT + n, || bare_base(map, n) + 1)
}

async fn peer_base<P: Nesting>(cache: &P, n: u64) -> u64 {
    Nesting::get(cache, BASE + n, || async { n }).await
}

async fn peer_left<P: Nesting>(cache: &P, n: u64) -> u64 {
    Nesting::get(cache, LEFT + n, || async { peer_base(cache, n).await + 1 }).await
}

async fn peer_right<P: Nesting>(cache: &P, n: u64) -> u64 {
    Nesting::get(cache, RIGHT + n, || async { peer_base(cache, n).await + 2 }).await
}

fn chained<P: Nesting>() -> Contestant {
    let run = |n| {
        let cache = P::new(3);
        let top = || async { peer_left(&cache, n).await + 1 };
        now(Nesting::get(&cache, TOP + n, top))
    };
    peer(<P as Nesting>::NAME, each(run))
}

fn diamonds<P: Nesting>() -> Contestant {
    let run = |n| {
        let cache = P::new(4);
        let top = || async {
            let (left, right) = futures::join!(peer_left(&cache, n), peer_right(&cache, n));
            left + right
        };
        now(Nesting::get(&cache, TOP + n, top))
    };
    peer(<P as Nesting>::NAME, each(run))
}
