//! Which shelf there is, and what is on it: all this under the table's lock.
#[cfg(test)]
mod tests;

use super::leaving::Leaving;
use super::tally::{Counter, Tally};
use super::{FEW, Put, Shelf, seat};
use crate::entry::Node;
use crate::sync::Arc;
use crate::table::Life;

const MODEL: bool = cfg!(any(runce_loom, runce_shuttle));
/// So many hits, then what is hit is put here. Most contexts come to their end before.
const HOT: usize = if MODEL { 1 } else { 64 };
/// Half of the places are used at most; who needs more gets so many times as many, or, where there
/// are [not few](FEW), twice.
const SMALLEST: usize = if MODEL { 2 } else { 16 };
const GROWTH: usize = 4;
/// A megabyte: so much a thread that asks no more may keep from being freed, and what it holds.
const LARGEST: usize = if MODEL { 8 } else { 1 << 15 };
/// Entries were hit so often, on average, then they are all worth a place.
const WORTH: usize = 4;
/// So many times as many hits as it was tried for, then it is tried again.
const PATIENCE: usize = 64;

pub(in crate::table) struct Stock {
    shelf: Option<Arc<Shelf>>,
    /// Where threads sit at it.
    seat: usize,
    places: usize,
    largest: usize,
    used: usize,
    /// Of those in use, what was forgotten.
    gone: usize,
    /// So often there was no place for something.
    refused: usize,
    /// Hits that had been counted by the table when it began or was last judged, and by all shelves.
    begun: (usize, usize),
    /// It was seen to be of use.
    is_proved: bool,
    /// So many hits, then there is a shelf again.
    hot_at: usize,
    tally: Tally,
    leaving: Leaving,
}

/// What becomes of a shelf.
enum Verdict {
    Stays,
    /// An empty one of so many places takes its place.
    Anew(usize),
    /// There is none for so many hits.
    Goes(usize),
}

/// What the table counts.
#[derive(Clone, Copy)]
pub(in crate::table) struct Asked {
    pub(in crate::table) hits: usize,
    pub(in crate::table) entries: usize,
}

impl Stock {
    pub(in crate::table) const fn is_hot(hits: usize) -> bool {
        hits >= HOT
    }

    pub(in crate::table) fn new() -> Self {
        Self {
            shelf: None,
            seat: seat::next(),
            places: SMALLEST,
            largest: LARGEST,
            used: 0,
            gone: 0,
            refused: 0,
            begun: (0, 0),
            is_proved: false,
            hot_at: 0,
            tally: Tally::new(),
            leaving: Leaving::new(),
        }
    }

    /// By which it is known; 0: there is none.
    pub(in crate::table) fn at(&self) -> usize {
        (self.shelf.as_ref()).map_or(0, |shelf| seat::at(shelf, self.seat))
    }

    /// Hits that were counted here.
    pub(in crate::table) fn hits(&self) -> usize {
        self.tally.sum()
    }

    /// For a thread that asks often.
    pub(in crate::table) fn seat(&mut self) -> Option<(usize, Arc<Shelf>, Arc<Counter>)> {
        let (at, shelf) = (self.at(), self.shelf.clone()?);
        Some((at, shelf, self.tally.open()))
    }

    /// Something was hit. `kept`: nobody can tell when it is dropped.
    pub(in crate::table) fn put(
        &mut self,
        asked: Asked,
        node: &Arc<dyn Node>,
        life: Option<Life>,
        kept: bool,
    ) {
        self.leaving.drop_some();
        if asked.hits < self.hot_at {
            return;
        }
        let life = life.as_ref();
        if self.shelf.is_none() {
            self.begin(asked);
        }
        if self.place(node, life, kept) {
            return;
        }
        self.refused += 1;
        let bound = match self.places {
            // At once.
            places if places < FEW && 2 * (self.used + 1) > places => 0,
            // It is judged by whether it has those that are asked for: till then all may have been.
            places if places == self.largest => asked.entries.max(places / 8),
            places => places / 8,
        };
        if self.refused < bound {
            return;
        }
        match self.verdict(asked) {
            Verdict::Stays => {
                self.refused = 0;
                self.begun = (asked.hits, self.hits());
                self.is_proved = true;
            }
            Verdict::Anew(places) => {
                self.retire();
                self.places = places;
                self.begin(asked);
                let _ = self.place(node, life, kept);
            }
            Verdict::Goes(hits) => {
                self.retire();
                self.places = SMALLEST;
                self.hot_at = asked.hits.saturating_add(hits);
            }
        }
    }

    /// Those are remembered no more.
    pub(in crate::table) fn forget(&mut self, gone: &[Arc<dyn Node>]) {
        self.leaving.drop_some();
        gone.iter().for_each(|node| self.forget_one(node));
    }

    fn forget_one(&mut self, node: &Arc<dyn Node>) {
        let Some(shelf) = &self.shelf else { return };
        if !shelf.forget(node) {
            return;
        }
        self.gone += 1;
        if 2 * self.gone > self.used && 8 * self.gone >= self.places.min(FEW) {
            // What it holds is given back; who is asked for comes back.
            if self.places > SMALLEST && 16 * (self.used - self.gone) < self.places {
                self.places /= GROWTH;
            }
            // In a large one a few would have a piece each.
            self.places = self.places.min(FEW);
            self.retire();
        }
    }

    /// Whoever comes has to ask the table.
    pub(in crate::table) fn retire(&mut self) {
        if let Some(shelf) = self.shelf.take() {
            shelf.retire();
            self.leaving.push(shelf);
        }
        (self.used, self.gone, self.refused) = (0, 0, 0);
    }

    /// There will be no other.
    pub(in crate::table) fn close(&mut self) {
        self.retire();
        self.leaving = Leaving::new();
    }

    fn begin(&mut self, asked: Asked) {
        self.shelf = Some(Arc::new(Shelf::new(self.places)));
        self.begun = (asked.hits, self.hits());
        self.is_proved = false;
    }

    /// `false`: there is no room.
    fn place(&mut self, node: &Arc<dyn Node>, life: Option<&Life>, kept: bool) -> bool {
        let Some(shelf) = &self.shelf else {
            return false;
        };
        match shelf.put(node, kept, life, 2 * (self.used + 1) <= self.places) {
            Some(Put::New) => self.used += 1,
            Some(Put::Found) => {}
            None => return false,
        }
        true
    }

    /// On a shelf that has no room.
    fn verdict(&self, asked: Asked) -> Verdict {
        let (places, live) = (self.places, self.used - self.gone);
        // Where little is gone, the same are refused again.
        let cleans = 8 * self.gone >= self.used;
        if cleans && (GROWTH * (live + 1) <= places || places >= FEW) {
            return Verdict::Anew(places);
        }
        if places < FEW {
            return Verdict::Anew((GROWTH * places).min(self.largest));
        }
        // Nearly all; of the largest it suffices if it answers some.
        let part = if places < self.largest { 7 } else { 1 };
        if self.answers(part, 8, asked) {
            return Verdict::Stays;
        }
        let tried = asked.hits.saturating_sub(self.begun.0);
        let tried = tried.saturating_mul(PATIENCE);
        if places == self.largest {
            // Others are asked for now, or too many.
            return match self.is_proved {
                true => Verdict::Anew(SMALLEST),
                false => Verdict::Goes(tried),
            };
        }
        let hits = asked.hits.saturating_add(self.hits());
        match asked.entries.saturating_mul(WORTH).saturating_sub(hits) {
            0 => Verdict::Anew(2 * places),
            _ if self.answers(1, 8, asked) => Verdict::Anew(2 * places),
            till_worth => Verdict::Goes(tried.min(till_worth)),
        }
    }

    /// Since it began, or was seen to: did it answer such a part of it?
    fn answers(&self, part: usize, of: usize, asked: Asked) -> bool {
        let missed = asked.hits.saturating_sub(self.begun.0);
        let served = self.hits().saturating_sub(self.begun.1);
        MODEL || served.saturating_mul(of - part) >= missed.saturating_mul(part)
    }
}
