//! A hash table that grows and shrinks a part at a time: extendible hashing (Fagin, Nievergelt,
//! Pippenger, Strong, ACM TODS 1979).
//!
//! What there is in it lies in segments, tables of bounded size. A full one splits in two; two that
//! have become small enough are merged. Either moves what is in them and nothing else, so no call
//! moves more than a segment, however much there is. Up to a certain size one table holds all.
mod segments;
#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::vec::Vec;
use hashbrown::HashTable;
use segments::Segments;

/// A table with so many places that is full makes way for segments.
const MOST: usize = 2_048;
/// All that sixteen places take.
const SOME: usize = 14;
/// A table with so many places is kept when it is empty.
const SPARE: usize = 64;

pub(super) enum Index<T> {
    One(HashTable<T>),
    Many(Box<Segments<T>>),
}

impl<T> Index<T> {
    pub(super) const fn new() -> Self {
        Self::One(HashTable::new())
    }

    /// With room for some: a step of growth less, for who outgrew a few.
    pub(super) fn of_some() -> Self {
        Self::One(HashTable::with_capacity(SOME))
    }

    #[inline]
    pub(super) fn find(&self, hash: u64, is: impl FnMut(&T) -> bool) -> Option<&T> {
        let table = match self {
            Self::One(table) => table,
            Self::Many(segments) => segments.table(hash),
        };
        table.find(hash, is)
    }

    pub(super) fn find_mut(&mut self, hash: u64, is: impl FnMut(&T) -> bool) -> Option<&mut T> {
        let table = match self {
            Self::One(table) => table,
            Self::Many(segments) => segments.table_mut(hash),
        };
        table.find_mut(hash, is)
    }

    /// `hash_of` is asked about what is moved.
    #[inline]
    pub(super) fn insert(&mut self, hash: u64, value: T, hash_of: impl Fn(&T) -> u64) {
        match self {
            Self::One(table) if !is_full(table, MOST) => {
                let _ = table.insert_unique(hash, value, hash_of);
            }
            _ => self.insert_into_many(hash, value, &hash_of),
        }
    }

    #[inline(never)]
    fn insert_into_many(&mut self, hash: u64, value: T, hash_of: &impl Fn(&T) -> u64) {
        if let Self::One(table) = self {
            if clean(table, hash_of) {
                let _ = table.insert_unique(hash, value, hash_of);
                return;
            }
            let segments = Segments::of(core::mem::take(table), hash_of);
            *self = Self::Many(Box::new(segments));
        }
        if let Self::Many(segments) = self {
            segments.insert(hash, value, hash_of);
        }
    }

    pub(super) fn remove(
        &mut self,
        hash: u64,
        is: impl FnMut(&T) -> bool,
        hash_of: impl Fn(&T) -> u64,
    ) -> Option<T> {
        match self {
            Self::One(table) => {
                let removed = take(table, hash, is)?;
                if table.is_empty() && table.num_buckets() > SPARE {
                    *table = HashTable::new();
                }
                Some(removed)
            }
            Self::Many(segments) => {
                let removed = segments.remove(hash, is, &hash_of)?;
                if let Some(rest) = segments.take_if_few(&hash_of) {
                    *self = Self::One(rest);
                }
                Some(removed)
            }
        }
    }

    /// Takes out all that are meant.
    pub(super) fn remove_where(
        &mut self,
        is: impl Fn(&T) -> bool,
        hash_of: impl Fn(&T) -> u64,
    ) -> Vec<T> {
        let removed: Vec<T> = match self {
            Self::One(table) => table.extract_if(|value| is(value)).collect(),
            Self::Many(segments) => segments.remove_where(is),
        };
        if removed.len() > self.len() {
            // Most of it: what is left takes less room.
            let rest = self.take_all();
            rest.for_each(|value| self.insert(hash_of(&value), value, &hash_of));
        }
        removed
    }

    pub(super) fn take_all(&mut self) -> impl Iterator<Item = T> + use<T> {
        let (one, many) = match core::mem::replace(self, Self::new()) {
            Self::One(table) => (table, None),
            Self::Many(segments) => (HashTable::new(), Some(segments)),
        };
        let many = many.into_iter().flat_map(|segments| segments.into_values());
        one.into_iter().chain(many)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        let (one, many) = match self {
            Self::One(table) => (Some(table), None),
            Self::Many(segments) => (None, Some(segments)),
        };
        let one = one.into_iter().flatten();
        one.chain(many.into_iter().flat_map(|segments| segments.iter()))
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::One(table) => table.is_empty(),
            // Few of them would be in one table.
            Self::Many(_) => false,
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::One(table) => table.len(),
            Self::Many(segments) => segments.len(),
        }
    }
}

/// It has so many places, and would have more if there were one more in it.
#[inline]
fn is_full<T>(table: &HashTable<T>, places: usize) -> bool {
    table.len() == table.capacity() && table.num_buckets() >= places
}

/// A full table with room for what was removed from it, and has left marks. `false`: there is little.
fn clean<T>(table: &mut HashTable<T>, hash_of: &impl Fn(&T) -> u64) -> bool {
    if table.len() >= table.num_buckets() / 8 * 5 {
        return false;
    }
    let mut clean = HashTable::with_capacity(table.num_buckets() / 8 * 7);
    pour(core::mem::take(table), &mut clean, hash_of);
    *table = clean;
    true
}

fn pour<T>(from: HashTable<T>, into: &mut HashTable<T>, hash_of: &impl Fn(&T) -> u64) {
    into.reserve(from.len(), hash_of);
    for value in from {
        let _ = into.insert_unique(hash_of(&value), value, hash_of);
    }
}

fn take<T>(table: &mut HashTable<T>, hash: u64, is: impl FnMut(&T) -> bool) -> Option<T> {
    let found = table.find_entry(hash, is).ok()?;
    Some(found.remove().0)
}
