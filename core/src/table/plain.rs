//! The store of a context that removes nothing by itself: a few entries in place, or many in
//! a hash table.
use super::index::Index;
use crate::entry::Node;
use crate::sync::Arc;
use alloc::vec::Vec;

const FEW: usize = 5;

pub(super) enum Plain {
    Few([Option<Arc<dyn Node>>; FEW]),
    /// More than a few, once.
    Many(Index<Arc<dyn Node>>),
}

impl Plain {
    pub(super) fn new() -> Self {
        Self::Few([const { None }; FEW])
    }

    /// `is` is asked of what has that hash.
    #[inline]
    pub(super) fn find(
        &self,
        hash: u64,
        mut is: impl FnMut(&Arc<dyn Node>) -> bool,
    ) -> Option<&Arc<dyn Node>> {
        let mut is = |node: &Arc<dyn Node>| hash_of(node) == hash && is(node);
        match self {
            Self::Few(few) => few.iter().flatten().find(|node| is(node)),
            Self::Many(many) => many.find(hash, is),
        }
    }

    pub(super) fn insert(&mut self, entry: Arc<dyn Node>) {
        if let Self::Few(few) = self {
            if let Some(vacant) = few.iter_mut().find(|place| place.is_none()) {
                *vacant = Some(entry);
                return;
            }
            let mut many = Index::of_some();
            let few = few.iter_mut().filter_map(Option::take);
            few.for_each(|entry| many.insert(hash_of(&entry), entry, hash_of));
            *self = Self::Many(many);
        }
        if let Self::Many(many) = self {
            many.insert(hash_of(&entry), entry, hash_of);
        }
    }

    /// `is` is asked of what has that hash.
    pub(super) fn remove(
        &mut self,
        hash: u64,
        mut is: impl FnMut(&Arc<dyn Node>) -> bool,
    ) -> Option<Arc<dyn Node>> {
        let mut is = |node: &Arc<dyn Node>| hash_of(node) == hash && is(node);
        match self {
            Self::Few(few) => {
                let place = few
                    .iter_mut()
                    .find(|place| place.as_ref().is_some_and(&mut is));
                place.and_then(Option::take)
            }
            Self::Many(many) => {
                let removed = many.remove(hash, is, hash_of);
                if many.is_empty() {
                    *self = Self::new();
                }
                removed
            }
        }
    }

    pub(super) fn remove_where(&mut self, is: impl Fn(&dyn Node) -> bool) -> Vec<Arc<dyn Node>> {
        match self {
            Self::Few(few) => {
                let meant = |place: &mut Option<Arc<dyn Node>>| place.take_if(|node| is(&**node));
                few.iter_mut().filter_map(meant).collect()
            }
            Self::Many(many) => many.remove_where(|node| is(&**node), hash_of),
        }
    }

    /// Takes all out, one by one.
    #[inline]
    pub(super) fn empty(&mut self, each: impl FnMut(Arc<dyn Node>)) {
        match self {
            Self::Few(few) => few.iter_mut().filter_map(Option::take).for_each(each),
            Self::Many(many) => many.take_all().for_each(each),
        }
    }

    pub(super) fn take_all(&mut self) -> Vec<Arc<dyn Node>> {
        let mut all = Vec::new();
        self.empty(|entry| all.push(entry));
        all
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<dyn Node>> {
        let (few, many) = match self {
            Self::Few(few) => (Some(few), None),
            Self::Many(many) => (None, Some(many)),
        };
        let few = few.into_iter().flatten().flatten();
        few.chain(many.into_iter().flat_map(Index::iter))
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Few(few) => few.iter().flatten().count(),
            Self::Many(many) => many.len(),
        }
    }
}

/// It is stored: growth never calls `Hash`.
fn hash_of(node: &Arc<dyn Node>) -> u64 {
    node.head().hash
}
