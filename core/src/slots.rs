//! A slab, and a queue, whose first place costs no allocation: most have one entry.
use alloc::collections::VecDeque;
use slab::Slab;

pub(crate) struct Slots<T> {
    first: Option<T>,
    rest: Slab<T>,
}

impl<T> Slots<T> {
    pub(crate) const fn new() -> Self {
        Self {
            first: None,
            rest: Slab::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Has it held nothing since the last `take`, but in its first slot perhaps, which is free?
    pub(crate) fn is_unused(&self) -> bool {
        self.first.is_none() && self.rest.capacity() == 0
    }

    /// What is in the first slot, if no other was used since the last `take`.
    pub(crate) fn only(&self) -> Option<&T> {
        self.first.as_ref().filter(|_| self.rest.capacity() == 0)
    }

    /// The slot that it was put into; the first one, 0, if that is free.
    pub(crate) fn insert(&mut self, value: T) -> usize {
        if self.first.is_none() {
            self.first = Some(value);
            return 0;
        }
        self.rest.insert(value) + 1
    }

    pub(crate) fn get(&self, slot: usize) -> Option<&T> {
        match slot.checked_sub(1) {
            None => self.first.as_ref(),
            Some(slot) => self.rest.get(slot),
        }
    }

    pub(crate) fn get_mut(&mut self, slot: usize) -> Option<&mut T> {
        match slot.checked_sub(1) {
            None => self.first.as_mut(),
            Some(slot) => self.rest.get_mut(slot),
        }
    }

    pub(crate) fn remove(&mut self, slot: usize) -> Option<T> {
        match slot.checked_sub(1) {
            None => self.first.take(),
            Some(slot) => self.rest.try_remove(slot),
        }
    }

    /// No slot at or above this one was ever in use since the last `take`.
    pub(crate) fn bound(&self) -> usize {
        // A slab does not tell how far it was filled, only how far it may be.
        1 + self.rest.capacity()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.first
            .iter()
            .chain(self.rest.iter().map(|(_, value)| value))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (usize, &mut T)> {
        let rest = self.rest.iter_mut().map(|(slot, value)| (slot + 1, value));
        self.first.iter_mut().map(|value| (0, value)).chain(rest)
    }

    pub(crate) fn take(&mut self) -> Self {
        core::mem::replace(self, Self::new())
    }

    /// Takes all out. Most have one entry, or none.
    #[inline]
    pub(crate) fn take_each(&mut self, mut each: impl FnMut(T)) {
        if let Some(first) = self.first.take() {
            each(first);
        }
        if self.rest.capacity() > 0 {
            let rest = core::mem::take(&mut self.rest);
            rest.into_iter().for_each(|(_, value)| each(value));
        }
    }

    pub(crate) fn into_values(self) -> impl Iterator<Item = T> {
        let rest = self.rest.into_iter().map(|(_, value)| value);
        self.first.into_iter().chain(rest)
    }
}

/// First in, first out.
pub(crate) struct Queue<T> {
    /// `None`: there is nothing, or all of it is in `rest`.
    first: Option<T>,
    rest: VecDeque<T>,
}

impl<T> Queue<T> {
    pub(crate) const fn new() -> Self {
        Self {
            first: None,
            rest: VecDeque::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.len()
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none() && self.rest.is_empty()
    }

    #[inline]
    pub(crate) fn push(&mut self, value: T) {
        if self.is_empty() {
            self.first = Some(value);
        } else {
            self.rest.push_back(value);
        }
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<T> {
        self.first.take().or_else(|| self.rest.pop_front())
    }

    /// Takes all out, and keeps the room.
    #[inline]
    pub(crate) fn take_each(&mut self, each: impl FnMut(T)) {
        self.first
            .take()
            .into_iter()
            .chain(self.rest.drain(..))
            .for_each(each);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_in_is_first_out() {
        let mut queue = Queue::new();
        let (mut put, mut got) = (0, 0);
        for pushes in [1, 3, 0, 2, 4] {
            (0..pushes).for_each(|_| {
                queue.push(put);
                put += 1;
            });
            for _ in 0..2 {
                if let Some(value) = queue.pop() {
                    assert_eq!(value, got);
                    got += 1;
                }
            }
            assert_eq!((queue.len(), queue.is_empty()), (put - got, put == got));
        }
        queue.take_each(|value| {
            assert_eq!(value, got);
            got += 1;
        });
        assert_eq!((put, got), (10, 10));
        assert!(queue.is_empty());
    }

    #[test]
    fn each_value_is_in_its_slot_and_below_the_bound() {
        let mut slots = Slots::new();
        loop {
            let slot = slots.insert(0);
            *slots.get_mut(slot).expect("it was put there") = slot;
            assert!(slot < slots.bound());
            // The slot behind the last that needs no more memory.
            if slot > 1 && slots.rest.len() == slots.rest.capacity() {
                break;
            }
        }
        for (slot, value) in slots.iter_mut() {
            assert_eq!(slot, *value);
        }
        let len = slots.len();
        assert!((0..len).all(|slot| slots.get(slot) == Some(&slot)));
        let mut taken = 0;
        slots.take_each(|_| taken += 1);
        assert_eq!((taken, slots.len()), (len, 0));
    }
}
