//! Without `std` there is none: locks cost little there, and memory much.
use crate::entry::Node;
use crate::sync::{Arc, Weak};

pub(super) struct Shelf;

#[expect(dead_code, reason = "nothing is ever shelved")]
pub(super) enum Shelved {
    Kept(Arc<dyn Node>),
    Seen(Weak<dyn Node>),
}

pub(super) const SMALL: usize = 0;

pub(super) const fn is_hot(_: usize) -> bool {
    false
}

impl Shelf {
    pub(super) fn new() -> Self {
        Self
    }

    pub(super) fn find<R>(&self, _: u64, _: impl FnMut(&Arc<dyn Node>) -> Option<R>) -> Option<R> {
        None
    }

    pub(super) fn count(&self) {}

    pub(super) fn hits(&self) -> usize {
        0
    }

    pub(super) fn put(&self, _: u64, _: Shelved) {}

    pub(super) fn close(&self) {}
}
