//! The store of a context that removes nothing by itself: a few entries in place, or many in
//! a hash table.
use crate::entry::Node;
use crate::sync::Arc;
use alloc::vec::Vec;
use hashbrown::HashTable;

const FEW: usize = 4;

pub(super) struct Plain {
    few: [Option<Arc<dyn Node>>; FEW],
    /// In use once there are more than a few; then it holds all.
    many: HashTable<Arc<dyn Node>>,
}

impl Plain {
    pub(super) fn new() -> Self {
        Self {
            few: [const { None }; FEW],
            many: HashTable::new(),
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

    pub(super) fn remove_where(&mut self, is: impl Fn(&dyn Node) -> bool) -> Vec<Arc<dyn Node>> {
        let meant = |place: &mut Option<Arc<dyn Node>>| place.take_if(|node| is(&**node));
        let few = self.few.iter_mut().filter_map(meant);
        few.chain(self.many.extract_if(|node| is(&**node)))
            .collect()
    }

    /// Takes all out, one by one.
    pub(super) fn empty(&mut self, each: impl FnMut(Arc<dyn Node>)) {
        let few = self.few.iter_mut().filter_map(Option::take);
        few.chain(core::mem::take(&mut self.many)).for_each(each);
    }

    pub(super) fn take_all(&mut self) -> Vec<Arc<dyn Node>> {
        let few = self.few.iter_mut().filter_map(Option::take);
        few.chain(core::mem::take(&mut self.many)).collect()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<dyn Node>> {
        self.few.iter().flatten().chain(self.many.iter())
    }

    pub(super) fn len(&self) -> usize {
        self.few.iter().flatten().count() + self.many.len()
    }
}

/// The hash is stored: growth never calls `Hash`.
fn insert_unique(many: &mut HashTable<Arc<dyn Node>>, entry: Arc<dyn Node>) {
    many.insert_unique(entry.head().hash, entry, |node| node.head().hash);
}
