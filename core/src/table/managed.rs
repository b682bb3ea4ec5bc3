//! The store of a context that forgets: what has lasted long enough, and what there is no
//! room for.
//!
//! An entry has a place, which is another's when the entry goes: the last one moves there. What is
//! known of it is kept by place: with it, for the wheel, when it is over; in the eviction how much
//! it is used. Both know it only once its run has an outcome: a run in flight is never over, and
//! never evicted.
mod look;
mod rare;

use super::evict::Eviction;
use super::index::Index;
use super::places::Places;
use super::wheel::{Timer, Timers, Turn, Wheel};
use super::{Failure, Keep};
use crate::entry::Node;
use crate::freshness::Moment;
use crate::sync::Arc;
use alloc::boxed::Box;
use alloc::vec::Vec;
use rare::Rare;

/// So many turns of the wheel are made at once: as many entries at most are removed.
const TURNS: usize = 32;
/// There are no more places.
const MOST: usize = 1 << 31;

pub(super) struct Managed {
    slots: Places<Slot>,
    index: Index<u32>,
    rares: Places<Rare>,
    wheel: Wheel,
    eviction: Option<Box<Eviction>>,
    pub(super) expired: usize,
    pub(super) evicted: usize,
}

struct Slot {
    node: Arc<dyn Node>,
    /// When its run was over, if it does not last as long as the context.
    born: Moment,
    timer: Timer,
    /// Stands for the hash, so that nobody has to ask the entry.
    print: u32,
    rare: u32,
}

impl Managed {
    pub(super) fn new(capacity: Option<usize>) -> Self {
        Self {
            slots: Places::new(),
            index: Index::new(),
            rares: Places::new(),
            wheel: Wheel::new(),
            eviction: capacity.map(|capacity| Box::new(Eviction::new(capacity))),
            expired: 0,
            evicted: 0,
        }
    }

    pub(super) fn insert(&mut self, node: Arc<dyn Node>) -> u32 {
        assert!(self.slots.len() < MOST, "fewer than 2^31 entries");
        let (place, print) = (self.slots.len() as u32, print(node.head().hash));
        self.slots.push(Slot {
            node,
            born: Moment::NEVER,
            timer: Timer::NONE,
            print,
            rare: rare::NONE,
        });
        let slots = &self.slots;
        (self.index).insert(spread(print), place, |place| slots.hash_of(*place));
        place
    }

    /// An entry, and the run that was to take its place.
    pub(super) fn remove(&mut self, place: u32) -> (Arc<dyn Node>, Option<Arc<dyn Node>>) {
        self.forget(place);
        let refresh = self.take_rare(place);
        let (slots, last) = (&self.slots, self.slots.len() as u32 - 1);
        let hash_of = |place: &u32| slots.hash_of(*place);
        let _ = (self.index).remove(hash_of(&place), |other| *other == place, hash_of);
        if place != last {
            // The last one takes its place.
            let found = (self.index).find_mut(hash_of(&last), |other| *other == last);
            *found.expect("it is in the index") = place;
        }
        let slot = self.slots.swap_remove(place);
        if place != last {
            self.moved(last, place);
        }
        if let Some(eviction) = &mut self.eviction {
            eviction.shrink_to(last as usize);
        }
        (slot.node, refresh)
    }

    /// What is remembered goes; a run that was to take its place has it from now on.
    pub(super) fn retire(&mut self, place: u32) -> Arc<dyn Node> {
        match self.take_rare(place) {
            Some(refresh) => {
                self.forget(place);
                core::mem::replace(&mut self.slots[place].node, refresh)
            }
            None => self.remove(place).0,
        }
    }

    /// A run is about to have its outcome. Out come those that have to make room for it.
    pub(super) fn settle(&mut self, place: u32, node: &Arc<dyn Node>, keep: Keep) -> Gone {
        let mut gone = Gone::new();
        let fits = (self.eviction.as_ref()).is_none_or(|all| all.could_hold(keep.weight));
        if let Some(refresh) = self.take_refresh(place, node) {
            if !fits {
                // It leaves what is there.
                self.evicted = self.evicted.wrapping_add(1);
                gone.push(refresh);
                return gone;
            }
            gone.push(core::mem::replace(&mut self.slots[place].node, refresh));
            self.forget(place);
        }
        self.set_ages(place, keep.ages);
        self.slots[place].born = keep.now.unwrap_or(Moment::NEVER);
        self.wheel.insert(&mut self.slots, place, keep.until);
        if let Some(eviction) = &mut self.eviction {
            eviction.enter(place, node.head().hash, keep.weight);
        }
        while let Some(victim) = self.eviction.as_mut().and_then(|all| all.victim()) {
            self.evicted = self.evicted.wrapping_add(1);
            gone.push(self.retire(victim));
        }
        gone
    }

    /// A run has failed that was to take the place of a value. If that is not over, it stays,
    /// and the run goes.
    pub(super) fn fail(&mut self, node: &Arc<dyn Node>, failure: Failure) -> Option<Arc<dyn Node>> {
        let place = self.place_of(node)?;
        let slot = &self.slots[place];
        let until = slot.timer.until();
        let is_over = match failure.now {
            Some(now) => until.is_past(now),
            None => until != Moment::NEVER,
        };
        if is_over || !slot.node.is_value() {
            return None;
        }
        let refresh = self.take_refresh(place, node)?;
        if let (Some(ages), Some(now)) = (self.ages(place), failure.now) {
            self.set_ages(place, Some(ages.after_failure(now, failure.pause, until)));
        }
        Some(refresh)
    }

    /// Removes some of what is over.
    pub(super) fn sweep(&mut self, now: Moment, gone: &mut Gone) {
        for _ in 0..TURNS {
            match self.wheel.turn(&mut self.slots, now) {
                Turn::Over(place) => {
                    self.expired = self.expired.wrapping_add(1);
                    gone.push(self.retire(place));
                }
                Turn::Moved => {}
                Turn::Rest => break,
            }
        }
    }

    pub(super) fn remove_where(&mut self, is: impl Fn(&dyn Node) -> bool) -> Gone {
        let mut gone = Gone::new();
        // What takes the place of another was looked at.
        for place in (0..self.slots.len() as u32).rev() {
            if is(&**self.node(place)) {
                let (node, refresh) = self.remove(place);
                gone.push(node);
                gone.extend(refresh);
            }
        }
        gone.reverse();
        gone
    }

    /// Nothing will be put here again.
    pub(super) fn take_all(&mut self) -> Gone {
        let Self {
            slots,
            rares,
            expired,
            evicted,
            ..
        } = core::mem::replace(self, Self::new(None));
        (self.expired, self.evicted) = (expired, evicted);
        let nodes = slots.into_values().map(|slot| slot.node);
        let refreshes = rares.into_values().filter_map(Rare::into_refresh);
        nodes.chain(refreshes).collect()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<dyn Node>> {
        let nodes = self.slots.iter().map(|slot| &slot.node);
        nodes.chain(self.refreshes())
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    fn moved(&mut self, from: u32, to: u32) {
        self.moved_rare(to);
        self.wheel.moved(&mut self.slots, to);
        if let Some(eviction) = &mut self.eviction {
            eviction.relocate(from, to);
        }
    }

    /// Neither over nor evicted any more.
    fn forget(&mut self, place: u32) {
        self.wheel.remove(&mut self.slots, place);
        if let Some(eviction) = &mut self.eviction {
            eviction.leave(place);
        }
    }
}

impl Places<Slot> {
    fn hash_of(&self, place: u32) -> u64 {
        spread(self[place].print)
    }
}

impl Timers for Places<Slot> {
    #[inline]
    fn timer(&self, place: u32) -> &Timer {
        &self[place].timer
    }

    #[inline]
    fn timer_mut(&mut self, place: u32) -> &mut Timer {
        &mut self[place].timer
    }
}

fn print(hash: u64) -> u32 {
    (hash ^ (hash >> 32)) as u32
}

/// Its bits, all over a hash.
#[inline]
fn spread(print: u32) -> u64 {
    u64::from(print).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// What was removed: to be dropped with no lock held.
pub(crate) type Gone = Vec<Arc<dyn Node>>;
