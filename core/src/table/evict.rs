//! A stand-in: first in, first out.
use alloc::collections::VecDeque;

pub(super) struct Eviction {
    capacity: usize,
    weight: usize,
    queue: VecDeque<(u32, usize)>,
}

impl Eviction {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            weight: 0,
            queue: VecDeque::new(),
        }
    }
    pub(super) fn enter(&mut self, place: u32, _hash: u64, weight: usize) {
        self.leave(place);
        self.queue.push_back((place, weight));
        self.weight += weight;
    }
    pub(super) fn touch(&mut self, _place: u32) {}
    pub(super) fn leave(&mut self, place: u32) {
        if let Some(at) = self.queue.iter().position(|(other, _)| *other == place) {
            let (_, weight) = self.queue.remove(at).unwrap_or_default();
            self.weight -= weight;
        }
    }
    pub(super) fn victim(&mut self) -> Option<u32> {
        if self.weight <= self.capacity {
            return None;
        }
        let (place, weight) = self.queue.pop_front()?;
        self.weight -= weight;
        Some(place)
    }
    pub(super) fn relocate(&mut self, from: u32, to: u32) {
        for entry in &mut self.queue {
            if entry.0 == from {
                entry.0 = to;
            }
        }
    }
    pub(super) fn shrink_to(&mut self, _places: usize) {}
}
