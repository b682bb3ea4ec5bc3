//! Without `std` there is none: locks cost little there, and memory much.
use super::Life;
use crate::entry::Node;
use crate::freshness::Moment;
use crate::sync::Arc;
use core::any::Any;

pub(super) const SMALL: usize = 0;

pub(super) struct Stock;

pub(super) struct Seat;

#[expect(dead_code, reason = "nobody looks")]
pub(super) struct Asked {
    pub(super) hits: usize,
    pub(super) entries: usize,
}

pub(super) struct Found<'a> {
    pub(super) item: &'a (dyn Any + Send + Sync),
    pub(super) seat: &'a Seat,
}

impl Found<'_> {
    pub(super) fn is_fresh_for_ever(&self) -> bool {
        false
    }

    pub(super) fn is_fresh(&self, _: Moment) -> bool {
        false
    }
}

impl Stock {
    pub(super) const fn is_hot(_: usize) -> bool {
        false
    }

    pub(super) fn new() -> Self {
        Self
    }

    pub(super) fn at(&self) -> usize {
        0
    }

    pub(super) fn hits(&self) -> usize {
        0
    }

    pub(super) fn seat(&mut self) -> Option<()> {
        None
    }

    pub(super) fn put(&mut self, _: Asked, _: &Arc<dyn Node>, _: Option<Life>, _: bool) {}

    pub(super) fn forget(&mut self, _: &[Arc<dyn Node>]) {}

    pub(super) fn close(&mut self) {}
}

impl Seat {
    pub(super) fn take((): ()) {}

    pub(super) fn find(&self, _: u64, _: &mut dyn FnMut(Found<'_>) -> bool) {}

    pub(super) fn count(&self) {}

    pub(super) fn is_to_ask(&self, _: Moment) -> bool {
        true
    }

    pub(super) fn asks(&self, _: Moment) -> bool {
        true
    }
}

pub(super) fn seated<R>(_: usize, _: impl FnOnce(&Seat) -> R) -> Option<R> {
    None
}

pub(super) fn wants_seat(_: usize) -> bool {
    false
}

pub(super) fn leave() {}

pub(super) fn look_round() {}

pub(super) fn glance<R>(
    _: usize,
    _: u64,
    _: bool,
    _: impl FnOnce(Found<'_>) -> Option<R>,
) -> Option<R> {
    None
}
