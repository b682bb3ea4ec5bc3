#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod body;
#[cfg(feature = "axum")]
mod extract;
#[cfg(feature = "axum")]
mod failure;
mod layer;

pub use body::CtxBody;
#[cfg(feature = "axum")]
pub use extract::{MissingCtx, RequestCtx};
#[cfg(feature = "axum")]
pub use failure::{Failure, map_failures};
pub use layer::{CtxFuture, CtxLayer, CtxService};
