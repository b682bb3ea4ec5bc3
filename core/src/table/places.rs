//! A vector that grows and shrinks a piece at a time: no call moves more than a piece.
//!
//! It has no gaps: what is removed leaves its place to the last one, so its memory is that of what
//! is here, whatever there was before.
use alloc::vec::Vec;
use core::ops::{Index, IndexMut};

/// So many make a piece. Some allocators postpone part of their work until something as large is
/// given back: then that is not too much.
const PIECE: usize = 2_048;
/// So many places are kept, whether in use or not.
const SPARE: usize = 64;

pub(super) struct Places<T> {
    /// The first piece grows as vectors do: few have more.
    first: Vec<T>,
    more: Vec<Vec<T>>,
    len: usize,
}

impl<T> Places<T> {
    pub(super) const fn new() -> Self {
        Self {
            first: Vec::new(),
            more: Vec::new(),
            len: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(super) fn get(&self, place: u32) -> Option<&T> {
        let (piece, place) = parts(place);
        match piece.checked_sub(1) {
            None => self.first.get(place),
            Some(piece) => self.more.get(piece)?.get(place),
        }
    }

    #[inline]
    pub(super) fn get_mut(&mut self, place: u32) -> Option<&mut T> {
        let (piece, place) = parts(place);
        match piece.checked_sub(1) {
            None => self.first.get_mut(place),
            Some(piece) => self.more.get_mut(piece)?.get_mut(place),
        }
    }

    pub(super) fn push(&mut self, value: T) {
        match (self.len / PIECE).checked_sub(1) {
            None => self.first.push(value),
            Some(piece) => {
                if self.more.len() == piece {
                    self.more.push(Vec::with_capacity(PIECE));
                }
                self.more[piece].push(value);
            }
        }
        self.len += 1;
    }

    /// The last one moves to its place.
    pub(super) fn swap_remove(&mut self, place: u32) -> T {
        assert!((place as usize) < self.len, "it is in use");
        let last = self.pop().expect("there is one");
        match self.get_mut(place) {
            Some(here) => core::mem::replace(here, last),
            None => last,
        }
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        let last = self.len.checked_sub(1)?;
        self.len = last;
        let value = match (last / PIECE).checked_sub(1) {
            None => self.first.pop(),
            Some(piece) => self.more[piece].pop(),
        };
        self.give_back();
        value
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.first.iter().chain(self.more.iter().flatten())
    }

    pub(super) fn into_values(self) -> impl Iterator<Item = T> {
        let more = self.more.into_iter().flatten();
        self.first.into_iter().chain(more)
    }

    #[inline]
    fn give_back(&mut self) {
        // What is half a piece ahead stays.
        if self.more.len() > (self.len + PIECE / 2) / PIECE {
            let _ = self.more.pop();
            shrink(&mut self.more);
        }
        if self.more.is_empty() {
            shrink(&mut self.first);
        }
    }
}

#[inline]
fn parts(place: u32) -> (usize, usize) {
    (place as usize / PIECE, place as usize % PIECE)
}

#[inline]
fn shrink<T>(values: &mut Vec<T>) {
    if values.capacity() > SPARE && values.len() < values.capacity() / 4 {
        values.shrink_to(2 * values.len());
    }
}

impl<T> Index<u32> for Places<T> {
    type Output = T;

    #[inline]
    fn index(&self, place: u32) -> &T {
        self.get(place).expect("it is in use")
    }
}

impl<T> IndexMut<u32> for Places<T> {
    #[inline]
    fn index_mut(&mut self, place: u32) -> &mut T {
        self.get_mut(place).expect("it is in use")
    }
}

#[cfg(test)]
impl<T> Places<T> {
    /// How many there is memory for.
    pub(super) fn capacity(&self) -> usize {
        self.first.capacity() + self.more.iter().map(Vec::capacity).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_what_a_vector_does() {
        let (mut places, mut model) = (Places::new(), Vec::new());
        let mut random = 1_u32;
        for step in 0..60_000_u32 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // It grows to some thousands, and shrinks to nothing.
            let grows = if step % 20_000 < 10_000 { 3 } else { 1 };
            if random >> 30 < grows || model.is_empty() {
                places.push(step);
                model.push(step);
            } else {
                let place = (random >> 8) % model.len() as u32;
                assert_eq!(places.swap_remove(place), model.swap_remove(place as usize));
            }
            assert_eq!(places.len(), model.len());
            let place = (random >> 9) % (model.len() as u32 + 1);
            assert_eq!(places.get(place), model.get(place as usize));
        }
        assert!(places.iter().eq(&model));
        assert!(places.into_values().eq(model));
    }

    /// No value is moved but those of the first piece.
    #[test]
    fn law_bounded_cleanup_growth_moves_no_more_than_a_piece() {
        let mut places = Places::new();
        for n in 0..PIECE {
            places.push(n);
        }
        let address = |places: &Places<usize>, place| core::ptr::from_ref(&places[place]).addr();
        let mut addresses: Vec<usize> = (0..PIECE as u32).map(|n| address(&places, n)).collect();
        for n in PIECE as u32..5 * PIECE as u32 {
            places.push(n as usize);
            addresses.push(address(&places, n));
        }
        assert!(
            (0..)
                .zip(&addresses)
                .all(|(n, was)| address(&places, n) == *was)
        );
    }

    #[test]
    fn law_nothing_leaks_memory_comes_back_piece_by_piece() {
        let mut places = Places::new();
        (0..10 * PIECE).for_each(|n| places.push(n));
        while places.pop().is_some() {
            let most = (places.len() + PIECE + PIECE / 2).min(PIECE.max(4 * places.len()) + PIECE);
            assert!(
                places.capacity() <= most,
                "{} of {}",
                places.capacity(),
                places.len()
            );
        }
        assert!(places.capacity() <= SPARE && places.more.capacity() <= SPARE);
    }
}
