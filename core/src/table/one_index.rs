//! The index where there is no `std`: one table. Where memory is small, so are tables, and the code
//! that splits them would cost more than it saves.
use alloc::vec::Vec;
use hashbrown::HashTable;

/// A table with so many places is kept when it is empty.
const SPARE: usize = 64;

pub(super) struct Index<T>(HashTable<T>);

impl<T> Index<T> {
    pub(super) const fn new() -> Self {
        Self(HashTable::new())
    }

    /// Memory counts for more than a step of growth.
    pub(super) const fn of_some() -> Self {
        Self::new()
    }

    pub(super) fn find(&self, hash: u64, is: impl FnMut(&T) -> bool) -> Option<&T> {
        self.0.find(hash, is)
    }

    pub(super) fn find_mut(&mut self, hash: u64, is: impl FnMut(&T) -> bool) -> Option<&mut T> {
        self.0.find_mut(hash, is)
    }

    /// `hash_of` is asked about what is moved.
    pub(super) fn insert(&mut self, hash: u64, value: T, hash_of: impl Fn(&T) -> u64) {
        let _ = self.0.insert_unique(hash, value, hash_of);
    }

    pub(super) fn remove(
        &mut self,
        hash: u64,
        is: impl FnMut(&T) -> bool,
        hash_of: impl Fn(&T) -> u64,
    ) -> Option<T> {
        let found = self.0.find_entry(hash, is).ok()?;
        let (removed, _) = found.remove();
        self.shrink(hash_of);
        Some(removed)
    }

    /// Takes out all that are meant.
    pub(super) fn remove_where(
        &mut self,
        is: impl Fn(&T) -> bool,
        hash_of: impl Fn(&T) -> u64,
    ) -> Vec<T> {
        let removed = self.0.extract_if(|value| is(value)).collect();
        self.shrink(hash_of);
        removed
    }

    fn shrink(&mut self, hash_of: impl Fn(&T) -> u64) {
        let table = &mut self.0;
        if table.num_buckets() > SPARE && table.len() < table.num_buckets() / 8 {
            table.shrink_to(2 * table.len(), hash_of);
        }
    }

    pub(super) fn take_all(&mut self) -> impl Iterator<Item = T> + use<T> {
        core::mem::take(&mut self.0).into_iter()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_of(key: &u64) -> u64 {
        key.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    #[test]
    fn law_nothing_leaks_memory_comes_back_from_one_table() {
        let mut index = Index::of_some();
        (0..5_000).for_each(|key| index.insert(hash_of(&key), key, hash_of));
        assert_eq!((index.len(), index.iter().count()), (5_000, 5_000));
        assert_eq!(
            index.remove_where(|key| *key >= 4_000, hash_of).len(),
            1_000
        );
        for key in 0..4_000_u64 {
            let hash = hash_of(&key);
            assert_eq!(index.find(hash, |other| *other == key), Some(&key));
            assert_eq!(
                index.find_mut(hash, |other| *other == key),
                Some(&mut { key })
            );
            assert_eq!(
                index.remove(hash, |other| *other == key, hash_of),
                Some(key)
            );
            assert_eq!(index.remove(hash, |other| *other == key, hash_of), None);
            let most = SPARE.max(16 * index.len());
            assert!(index.0.num_buckets() <= most, "after {key}");
        }
        assert!(index.is_empty() && index.take_all().next().is_none());
    }
}
