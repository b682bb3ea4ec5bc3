//! What the crate promises, over an application's own router and tasks.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;
mod failures;
mod hang_up;
mod requests;
