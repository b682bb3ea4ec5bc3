//! The laws **Time**, and all else that a context may be told about time and room: on a clock
//! that moves by hand. Nothing here sleeps.
#![allow(missing_docs, clippy::unwrap_used)]

mod capacity;
mod cleanup;
mod clocks;
#[path = "../deep/counting.rs"]
#[allow(dead_code)]
mod counting;
mod ending;
mod limits;
mod refresh;
mod retention;
mod shipped;
mod simulation;
mod ttl;
mod upstream;
