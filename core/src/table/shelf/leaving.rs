//! Large shelves that are in use no more: dropped by and by.
use super::{Place, Shelf};
use crate::sync::Arc;
use alloc::vec::Vec;

/// So many places are dropped at once.
pub(super) const SOME: usize = 64;

#[derive(Default)]
pub(super) struct Leaving {
    shelves: Vec<Arc<Shelf>>,
    /// Which of them is looked at next.
    turn: usize,
    /// What is left of a piece of one.
    rest: Vec<Place>,
}

impl Leaving {
    pub(super) const fn new() -> Self {
        Self {
            shelves: Vec::new(),
            turn: 0,
            rest: Vec::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.shelves.is_empty() && self.rest.is_empty()
    }

    /// If it is in pieces: another is dropped at once.
    pub(super) fn push(&mut self, shelf: Arc<Shelf>) {
        if shelf.is_in_pieces() {
            self.shelves.push(shelf);
        }
    }

    /// Drops some, where nobody sits. Nothing foreign: what has a destructor is not held.
    pub(super) fn drop_some(&mut self) {
        if !self.rest.is_empty() {
            let rest = self.rest.len().saturating_sub(SOME);
            // Some allocators postpone part of their work until they are asked for as much.
            drop(self.rest.split_off(rest));
            return;
        }
        if self.shelves.is_empty() {
            return;
        }
        // One at a time, however many there are.
        self.turn = (self.turn + 1) % self.shelves.len();
        let Some(shelf) = Arc::get_mut(&mut self.shelves[self.turn]) else {
            return;
        };
        match shelf.take_piece() {
            Some(piece) => self.rest = piece.into_vec(),
            None => {
                let _ = self.shelves.swap_remove(self.turn);
                self.rest = Vec::new();
            }
        }
    }
}
