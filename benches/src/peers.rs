//! What a Rust user would write or take instead. Where a hasher can be chosen, all have the one
//! that hashbrown has by default, as runce does.
mod cells;
mod crates;
mod owned;

pub use cells::{DashCells, LockedCells, PapayaCells};
pub use crates::{Moka, Quick};
pub use owned::{Foyer, SharedFutures};

use crate::poll::wait;
use crate::scenarios::doubled;
use std::future::Future;

pub type Hasher = hashbrown::DefaultHashBuilder;

/// What remembers numbers by numbers.
pub trait Peer: Send + Sync + 'static {
    const NAME: &'static str;

    /// With room for so many keys, where that has to be said.
    fn new(keys: usize) -> Self;

    /// The value of the key if it is there, where that needs no future.
    fn peek(&self, key: u64) -> Option<u64>;

    /// The value of the key, which the body makes if there is none.
    fn get<F>(&self, key: u64, body: impl FnOnce() -> F + Send) -> impl Future<Output = u64> + Send
    where
        F: Future<Output = u64> + Send + 'static;
}

/// One whose body may borrow, so that it can ask for other keys.
pub trait Nesting: Send + Sync + 'static {
    const NAME: &'static str;

    fn new(keys: usize) -> Self;

    fn peek(&self, key: u64) -> Option<u64>;

    fn get<F: Future<Output = u64> + Send>(
        &self,
        key: u64,
        body: impl FnOnce() -> F + Send,
    ) -> impl Future<Output = u64> + Send;
}

impl<N: Nesting> Peer for N {
    const NAME: &'static str = N::NAME;

    fn new(keys: usize) -> Self {
        N::new(keys)
    }

    fn peek(&self, key: u64) -> Option<u64> {
        N::peek(self, key)
    }

    fn get<F>(&self, key: u64, body: impl FnOnce() -> F + Send) -> impl Future<Output = u64> + Send
    where
        F: Future<Output = u64> + Send + 'static,
    {
        N::get(self, key, body)
    }
}

/// As one would ask, who does not want to wait where that can be avoided.
pub fn ask<P: Peer>(peer: &P, key: u64) -> u64 {
    peer.peek(key)
        .unwrap_or_else(|| wait(peer.get(key, || doubled(key))))
}

/// That function made for each of them: `peers!(hit(1_024))`.
macro_rules! peers {
    ($make:ident($($argument:expr),*)) => {{
        let mut contestants = $crate::peers::nesting!($make($($argument),*));
        contestants.push($make::<$crate::peers::Foyer>($($argument),*));
        contestants.push($make::<$crate::peers::SharedFutures>($($argument),*));
        contestants
    }};
}
macro_rules! nesting {
    ($make:ident($($argument:expr),*)) => {
        vec![
            $make::<$crate::peers::LockedCells>($($argument),*),
            $make::<$crate::peers::DashCells>($($argument),*),
            $make::<$crate::peers::PapayaCells>($($argument),*),
            $make::<$crate::peers::Quick>($($argument),*),
            $make::<$crate::peers::Moka>($($argument),*),
        ]
    };
}
pub(crate) use {nesting, peers};
