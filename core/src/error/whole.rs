//! Errors of type `anyhow::Error`: known with the feature `anyhow` only.
#[cfg(feature = "anyhow")]
#[path = "whole/anyhow.rs"]
mod imp;
#[cfg(not(feature = "anyhow"))]
#[path = "whole/none.rs"]
mod imp;

pub(super) use imp::{head, keep};
