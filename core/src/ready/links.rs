//! The slots of a set's links, by the set that each leads into. Most have one link, or none.
use alloc::boxed::Box;
use hashbrown::HashMap;

pub(super) struct Links {
    /// The address of the set, and the slot.
    first: Option<(usize, usize)>,
    rest: Option<Box<HashMap<usize, usize>>>,
}

impl Links {
    pub(super) const fn new() -> Self {
        Self {
            first: None,
            rest: None,
        }
    }

    pub(super) fn get(&self, into: usize) -> Option<usize> {
        match self.first {
            Some((first, slot)) if first == into => Some(slot),
            _ => self.rest.as_ref()?.get(&into).copied(),
        }
    }

    /// Of one that is not among them.
    pub(super) fn insert(&mut self, into: usize, slot: usize) {
        if self.first.is_none() {
            self.first = Some((into, slot));
        } else {
            let _ = self.rest.get_or_insert_default().insert(into, slot);
        }
    }

    pub(super) fn remove(&mut self, into: usize) {
        match self.first {
            Some((first, _)) if first == into => self.first = None,
            _ => {
                let _ = self.rest.as_mut().map(|rest| rest.remove(&into));
            }
        }
    }
}
