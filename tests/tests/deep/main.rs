//! `stack_safe`: a chain of 100,000 tasks on a 2 MiB stack, at the same cost per level as
//! one of 1,000. Costs are counted: polls of bodies, allocations, bytes.
#![allow(missing_docs, clippy::unwrap_used)]

mod chain;
mod costs;
mod counting;
mod stack;
