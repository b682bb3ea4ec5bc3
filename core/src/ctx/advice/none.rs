//! Nobody listens.
use crate::entry::{Flight, Node};
use crate::sync::Arc;
use crate::table::Table;

pub(in crate::ctx) fn outside_call(_: &Table, _: &Arc<Flight>, _: &Arc<dyn Node>) {}
