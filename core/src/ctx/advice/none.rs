//! Nobody listens.
use crate::entry::{Flight, Node};
use crate::sync::Arc;

pub(in crate::ctx) fn outside_call(_: &Arc<Flight>, _: &Flight, _: &Arc<dyn Node>) {}
