//! The segments of an index, and the directory that says which one a hash belongs to.
use super::{clean, is_full, pour, take};
use crate::table::places::Places;
use alloc::vec::Vec;
use hashbrown::HashTable;

/// A segment has so many places; more only where hashes are the same.
const PLACES: usize = 256;
/// So many fit into them.
const FULL: usize = PLACES / 8 * 7;
/// Two segments with no more than this are merged.
const FEW: usize = FULL / 4;
/// All segments with no more than this become one table.
const ONE: usize = FULL;
/// So deep are the first ones.
const FIRST: usize = 4;
/// The directory doubles at most so often: there are no more bits of a hash that say nothing of
/// where in a table it belongs.
const DEPTH: usize = 24;
/// So many entries of the directory lead to a segment at most, on average: in one with twice as
/// many, chance would have it that hardly any hashes differ where they should.
const SPARSE: usize = 8;

pub(in crate::table) struct Segments<T> {
    /// By the last bits of what a hash says of it, `depth` of them: which segment.
    directory: Vec<u32>,
    segments: Places<Segment<T>>,
    depth: usize,
    /// How many segments are so deep.
    so_deep: [u32; DEPTH + 1],
    len: usize,
}

struct Segment<T> {
    table: HashTable<T>,
    /// Of what is in here so many bits are the same.
    depth: usize,
    /// Those bits.
    bits: usize,
}

impl<T> Segments<T> {
    /// Of a table that has become too large. They are half full, or chance would split some at once.
    pub(super) fn of(table: HashTable<T>, hash_of: &impl Fn(&T) -> u64) -> Self {
        let mut segments = Self {
            directory: alloc::vec![0; 1 << FIRST],
            segments: Places::new(),
            depth: FIRST,
            so_deep: [0; DEPTH + 1],
            len: 0,
        };
        for bits in 0..1 << FIRST {
            segments.add(Segment::new(FIRST, bits));
        }
        for value in table {
            segments.insert(hash_of(&value), value, hash_of);
        }
        segments
    }

    #[inline]
    pub(super) fn table(&self, hash: u64) -> &HashTable<T> {
        &self.segments[self.at(hash)].table
    }

    pub(super) fn table_mut(&mut self, hash: u64) -> &mut HashTable<T> {
        let at = self.at(hash);
        &mut self.segments[at].table
    }

    pub(super) fn insert(&mut self, hash: u64, value: T, hash_of: &impl Fn(&T) -> u64) {
        // What splits may do so into nothing and itself.
        while is_full(self.table(hash), PLACES) {
            if !self.make_room(self.at(hash), hash_of) {
                break;
            }
        }
        self.len += 1;
        let _ = (self.table_mut(hash)).insert_unique(hash, value, hash_of);
    }

    pub(super) fn remove(
        &mut self,
        hash: u64,
        is: impl FnMut(&T) -> bool,
        hash_of: &impl Fn(&T) -> u64,
    ) -> Option<T> {
        let at = self.at(hash);
        let segment = &mut self.segments[at];
        let removed = take(&mut segment.table, hash, is)?;
        self.len -= 1;
        if segment.table.len() <= FEW && !self.merge(at, hash_of) {
            self.shrink(at, hash_of);
        }
        Some(removed)
    }

    /// What is mostly empty gets smaller.
    fn shrink(&mut self, at: u32, hash_of: &impl Fn(&T) -> u64) {
        let table = &mut self.segments[at].table;
        if table.len() < table.num_buckets() / 8 {
            table.shrink_to(2 * table.len(), hash_of);
        }
    }

    pub(super) fn remove_where(&mut self, is: impl Fn(&T) -> bool) -> Vec<T> {
        let mut removed = Vec::new();
        for at in 0..self.segments.len() {
            let table = &mut self.segments[at as u32].table;
            removed.extend(table.extract_if(|value| is(value)));
        }
        self.len -= removed.len();
        removed
    }

    /// If few are left: all of them, in one table.
    pub(super) fn take_if_few(&mut self, hash_of: &impl Fn(&T) -> u64) -> Option<HashTable<T>> {
        if self.len > ONE {
            return None;
        }
        let mut one = HashTable::with_capacity(self.len);
        while let Some(segment) = self.segments.pop() {
            pour(segment.table, &mut one, hash_of);
        }
        Some(one)
    }

    pub(super) fn into_values(self) -> impl Iterator<Item = T> {
        let segments = self.segments.into_values();
        segments.flat_map(|segment| segment.table)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.segments.iter().flat_map(|segment| &segment.table)
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    fn at(&self, hash: u64) -> u32 {
        self.directory[bits(hash) & (self.directory.len() - 1)]
    }

    /// `false`: there is no way to, but that the segment outgrows the others.
    #[cold]
    fn make_room(&mut self, at: u32, hash_of: &impl Fn(&T) -> u64) -> bool {
        clean(&mut self.segments[at].table, hash_of) || self.split(at, hash_of)
    }

    fn split(&mut self, at: u32, hash_of: &impl Fn(&T) -> u64) -> bool {
        let Segment { table, depth, .. } = &self.segments[at];
        let depth = *depth;
        // Looks at all at once, without a branch: memory is asked for the next meanwhile.
        let (any, all) = table.iter().fold((0, usize::MAX), |(any, all), value| {
            let bits = bits(hash_of(value));
            (any | bits, all & bits)
        });
        if (any & !all) >> depth & 1 == 0 || !self.deepen(depth) {
            return false;
        }
        let is_upper = |hash: u64| bits(hash) >> depth & 1 == 1;
        let segment = &mut self.segments[at];
        segment.depth += 1;
        let mut upper = Segment::new(depth + 1, segment.bits | 1 << depth);
        let mut lower = Segment::new(depth + 1, segment.bits);
        for value in core::mem::take(&mut segment.table) {
            let hash = hash_of(&value);
            let half = match is_upper(hash) {
                true => &mut upper,
                false => &mut lower,
            };
            let _ = half.table.insert_unique(hash, value, hash_of);
        }
        segment.table = lower.table;
        self.so_deep[depth] -= 1;
        self.so_deep[depth + 1] += 1;
        self.add(upper);
        true
    }

    /// Makes the directory tell more than so many bits apart.
    fn deepen(&mut self, depth: usize) -> bool {
        if depth < self.depth {
            return true;
        }
        let most = SPARSE / 2 * self.segments.len();
        if depth == DEPTH || self.directory.len() > most {
            return false;
        }
        self.directory.extend_from_within(..);
        self.depth += 1;
        true
    }

    /// With the other half of what was split, if both are small. `true`: it is gone, or the other.
    fn merge(&mut self, at: u32, hash_of: &impl Fn(&T) -> u64) -> bool {
        let Segment { depth, bits, .. } = self.segments[at];
        let Some(above) = depth.checked_sub(1) else {
            return false;
        };
        let other = self.directory[bits ^ 1 << above];
        let its = &self.segments[other];
        if its.depth != depth || its.table.len() > FEW {
            return false;
        }
        let gone = self.take_out(other);
        // The last one may have moved.
        let at = self.directory[bits];
        let segment = &mut self.segments[at];
        pour(gone.table, &mut segment.table, hash_of);
        (segment.depth, segment.bits) = (above, bits & !(1 << above));
        self.so_deep[above] += 1;
        self.so_deep[depth] -= 1;
        self.lead_to(at);
        self.flatten();
        true
    }

    /// Halves the directory while no segment is as deep.
    fn flatten(&mut self) {
        while self.so_deep[self.depth] == 0 {
            self.depth -= 1;
            self.directory.truncate(1 << self.depth);
        }
        if self.directory.len() < self.directory.capacity() / 4 {
            self.directory.shrink_to(2 * self.directory.len());
        }
    }

    fn add(&mut self, segment: Segment<T>) {
        self.so_deep[segment.depth] += 1;
        self.segments.push(segment);
        self.lead_to(self.segments.len() as u32 - 1);
    }

    /// The directory still leads there.
    fn take_out(&mut self, at: u32) -> Segment<T> {
        let gone = self.segments.swap_remove(at);
        self.so_deep[gone.depth] -= 1;
        if (at as usize) < self.segments.len() {
            self.lead_to(at);
        }
        gone
    }

    fn lead_to(&mut self, at: u32) {
        let Segment { depth, bits, .. } = self.segments[at];
        let leading = self.directory.iter_mut().skip(bits).step_by(1 << depth);
        leading.for_each(|entry| *entry = at);
    }
}

impl<T> Segment<T> {
    fn new(depth: usize, bits: usize) -> Self {
        Self {
            table: HashTable::with_capacity(FULL),
            depth,
            bits,
        }
    }
}

/// What a hash says of which segment it belongs to: bits that decide nothing within a table, on
/// targets of whatever width.
#[inline]
fn bits(hash: u64) -> usize {
    (hash >> 32) as usize & ((1 << DEPTH) - 1)
}

#[cfg(test)]
impl<T> Segments<T> {
    /// Each segment is where the directory says, and holds what belongs there. How many places
    /// there are in all of them.
    pub(super) fn check(&self, hash_of: &impl Fn(&T) -> u64) -> usize {
        assert_eq!(self.directory.len(), 1 << self.depth);
        let deepest = (0..=DEPTH).rfind(|depth| self.so_deep[*depth] > 0);
        assert_eq!(deepest, Some(self.depth));
        for (nth, at) in self.directory.iter().enumerate() {
            let segment = &self.segments[*at];
            assert_eq!(nth & ((1 << segment.depth) - 1), segment.bits);
        }
        let leading = |segment: &Segment<T>| 1 << (self.depth - segment.depth);
        let leading: usize = self.segments.iter().map(leading).sum();
        assert_eq!(leading, self.directory.len());
        for segment in self.segments.iter() {
            let is_here = |value| bits(hash_of(value)) & ((1 << segment.depth) - 1) == segment.bits;
            assert!(segment.table.iter().all(is_here));
        }
        let lens = self.segments.iter().map(|segment| segment.table.len());
        assert_eq!(lens.sum::<usize>(), self.len);
        let places = self
            .segments
            .iter()
            .map(|segment| segment.table.num_buckets());
        places.sum()
    }

    /// Of the directory.
    pub(super) fn entries(&self) -> usize {
        self.directory.len()
    }
}
