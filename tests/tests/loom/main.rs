//! The whole engine under loom: every order in which at most three threads take its
//! locks, with at most three preemptions. A hang is a deadlock that loom reports.
//!
//! ```text
//! RUSTFLAGS="--cfg runce_loom" cargo test --release -p runce-tests --test loom
//! ```
//!
//! Not modelled: the counts of `Arc`, which are std's, and the values of once-cells.
//! The number of runs is counted with std's atomics, since it orders nothing; who is in
//! being is counted with loom's, so that loom explores how two runs could overlap.
//!
//! Which transition or race each is for, and what was broken to see it fail, stands in
//! `core/PROTOCOL.md` under "Proof".
#![allow(missing_docs, clippy::unwrap_used)]
#![cfg(runce_loom)]

use loom as checker;

mod abandon;
mod bench;
mod blocked;
mod blocking;
mod counts;
mod deadline;
mod ends;
mod forget;
mod groups;
mod jobs;
mod limits;
mod links;
mod liveness;
mod once;
#[path = "../modelled/parts.rs"]
mod parts;
mod refresh;
mod revival;
mod scopes;
mod stale;
mod time;
mod turns;
mod world;
