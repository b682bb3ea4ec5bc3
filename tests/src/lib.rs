//! What the tests of the laws are driven with: one task whose body is a closure over its
//! key, gates, counted wakers, an executor driven by hand. Nothing here sleeps or
//! measures time.
#![forbid(unsafe_code)]
#![allow(missing_docs, clippy::unwrap_used)]

pub mod ageing;
mod app;
mod callers;
mod drops;
mod each;
mod gate;
mod graph;
mod hand;
mod hooked;
pub mod program;
mod rng;
mod slot;
mod wakers;
mod way;

pub use app::{App, BoxFuture, Few, Key, app, app_with, caller, few, gated, key};
pub use callers::{Waiting, block_on, finish, now, poll, waiting};
pub use drops::{Live, OnDrop};
pub use each::Each;
pub use gate::{Gate, counting, yields};
pub use graph::Graph;
pub use hand::{Hand, driven};
pub use hooked::Hooked;
pub use rng::Rng;
pub use slot::{Hook, Slot};
pub use wakers::{Count, Inline, counter, panicking_waker};
pub use way::Way;
