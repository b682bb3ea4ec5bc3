//! What a table holds: a few entries in place, or many in a hash table.
use super::Lookup;
use crate::entry::{Flight, Node};
use crate::sync::Arc;
use alloc::vec::Vec;
use hashbrown::HashTable;

const FEW: usize = 4;

pub(super) struct Books {
    pub(super) few: [Option<Arc<dyn Node>>; FEW],
    /// In use once there are more than a few; then it holds all.
    pub(super) many: HashTable<Arc<dyn Node>>,
    /// Runs in flight that were taken out of the table.
    pub(super) detached: Vec<Arc<Flight>>,
    /// When to look which of those are over.
    pub(super) tidy_at: usize,
    pub(super) closed: bool,
    /// Nothing is begun or waited for any more; what is remembered is served.
    pub(super) expired: bool,
    pub(super) hits: usize,
    pub(super) joins: usize,
}

impl Books {
    pub(super) fn new() -> Self {
        Self {
            few: [const { None }; FEW],
            many: HashTable::new(),
            detached: Vec::new(),
            tidy_at: 8,
            closed: false,
            expired: false,
            hits: 0,
            joins: 0,
        }
    }

    #[inline]
    pub(super) fn find(
        &self,
        hash: u64,
        mut is: impl FnMut(&Arc<dyn Node>) -> bool,
    ) -> Option<&Arc<dyn Node>> {
        if self.many.is_empty() {
            return self.few.iter().flatten().find(|node| is(node));
        }
        self.many.find(hash, is)
    }

    pub(super) fn count(&mut self, found: Option<Arc<dyn Node>>) -> Lookup {
        match found {
            Some(node) if node.is_settled() => {
                self.hits = self.hits.wrapping_add(1);
                Lookup::Hit(node)
            }
            _ if self.expired => Lookup::Expired,
            None => Lookup::Vacant,
            Some(node) => {
                self.joins = self.joins.wrapping_add(1);
                Lookup::InFlight(node)
            }
        }
    }

    pub(super) fn insert(&mut self, entry: Arc<dyn Node>) {
        if self.many.is_empty() {
            if let Some(vacant) = self.few.iter_mut().find(|place| place.is_none()) {
                *vacant = Some(entry);
                return;
            }
            let few = self.few.iter_mut().filter_map(Option::take);
            few.for_each(|entry| insert_unique(&mut self.many, entry));
        }
        insert_unique(&mut self.many, entry);
    }

    pub(super) fn remove(
        &mut self,
        hash: u64,
        mut is: impl FnMut(&Arc<dyn Node>) -> bool,
    ) -> Option<Arc<dyn Node>> {
        if self.many.is_empty() {
            let place = (self.few.iter_mut()).find(|place| place.as_ref().is_some_and(&mut is));
            return place.and_then(Option::take);
        }
        let found = self.many.find_entry(hash, is).ok();
        found.map(|occupied| occupied.remove().0)
    }

    pub(super) fn remove_where(
        &mut self,
        is: impl Fn(&Arc<dyn Node>) -> bool,
    ) -> Vec<Arc<dyn Node>> {
        let meant = |place: &mut Option<_>| place.take_if(|node| is(node));
        let few = self.few.iter_mut().filter_map(meant);
        few.chain(self.many.extract_if(|node| is(node))).collect()
    }

    pub(super) fn take_all(&mut self) -> Vec<Arc<dyn Node>> {
        let few = self.few.iter_mut().filter_map(Option::take);
        few.chain(core::mem::take(&mut self.many)).collect()
    }

    pub(super) fn detach(&mut self, node: &Arc<dyn Node>) {
        let Some(flight) = node.head().flight() else {
            return;
        };
        if self.detached.len() >= self.tidy_at {
            self.detached.retain(|flight| !flight.is_over());
            self.tidy_at = 8.max(2 * self.detached.len());
        }
        self.detached.push(flight);
    }
}

/// The hash is stored: growth never calls `Hash`.
fn insert_unique(many: &mut HashTable<Arc<dyn Node>>, entry: Arc<dyn Node>) {
    many.insert_unique(entry.head().hash, entry, |node| node.head().hash);
}
