//! The store of a context that forgets: what has lasted long enough, and what there is no
//! room for.
//!
//! An entry has a place that stays the same while it is here; what is known of it besides is
//! kept by place: in the wheel when it is over, in the eviction how much it is used. Both know
//! it only once its run has an outcome: a run in flight is never over, and never evicted.
use super::evict::Eviction;
use super::wheel::{Turn, Wheel};
use super::{Failure, Keep};
use crate::entry::Node;
use crate::freshness::{Ages, Moment};
use crate::sync::Arc;
use alloc::boxed::Box;
use alloc::vec::Vec;
use hashbrown::HashTable;
use slab::Slab;

/// So many turns of the wheel are made at once: as many entries at most are removed.
const TURNS: usize = 32;
/// So many places are kept, whether in use or not.
const SPARE: usize = 64;

pub(super) struct Managed {
    slots: Slab<Slot>,
    places: HashTable<u32>,
    wheel: Wheel,
    eviction: Option<Box<Eviction>>,
    pub(super) expired: usize,
    pub(super) evicted: usize,
}

pub(super) struct Slot {
    pub(super) node: Arc<dyn Node>,
    /// A run in flight, whose outcome takes the place of what is remembered.
    pub(super) refresh: Option<Arc<dyn Node>>,
    /// When its run was over, if it does not last as long as the context.
    pub(super) born: Moment,
    /// Only of what may be served when it is stale, or renewed before it is.
    pub(super) ages: Option<Box<Ages>>,
}

impl Managed {
    pub(super) fn new(capacity: Option<usize>) -> Self {
        Self {
            slots: Slab::new(),
            places: HashTable::new(),
            wheel: Wheel::new(),
            eviction: capacity.map(|capacity| Box::new(Eviction::new(capacity))),
            expired: 0,
            evicted: 0,
        }
    }

    #[inline]
    pub(super) fn find(
        &self,
        hash: u64,
        mut is: impl FnMut(&Arc<dyn Node>) -> bool,
    ) -> Option<u32> {
        self.find_slot(hash, |slot| is(&slot.node))
    }

    /// Of an entry, or of the run that is to take its place.
    pub(super) fn place_of(&self, node: &Arc<dyn Node>) -> Option<u32> {
        let same = |other: &Arc<dyn Node>| Arc::ptr_eq(other, node);
        self.find_slot(node.head().hash, |slot| {
            same(&slot.node) || slot.refresh.as_ref().is_some_and(same)
        })
    }

    fn find_slot(&self, hash: u64, mut is: impl FnMut(&Slot) -> bool) -> Option<u32> {
        let found = self
            .places
            .find(hash, |place| is(&self.slots[*place as usize]));
        found.copied()
    }

    pub(super) fn slot(&self, place: u32) -> &Slot {
        &self.slots[place as usize]
    }

    pub(super) fn slot_mut(&mut self, place: u32) -> &mut Slot {
        &mut self.slots[place as usize]
    }

    pub(super) fn until(&self, place: u32) -> Moment {
        self.wheel.until(place)
    }

    /// Before that moment there is nothing to sweep.
    pub(super) fn due(&self) -> Moment {
        self.wheel.due()
    }

    /// It was asked for, and is remembered.
    #[inline]
    pub(super) fn touch(&mut self, place: u32) {
        if let Some(eviction) = &mut self.eviction {
            eviction.touch(place);
        }
    }

    pub(super) fn insert(&mut self, node: Arc<dyn Node>) -> u32 {
        let hash = node.head().hash;
        let (refresh, ages) = (None, None);
        let place = self.slots.insert(Slot {
            node,
            refresh,
            born: Moment::NEVER,
            ages,
        });
        let place = u32::try_from(place).expect("fewer than 2^32 entries");
        let slots = &self.slots;
        let hash_of = |place: &u32| slots[*place as usize].node.head().hash;
        self.places.insert_unique(hash, place, hash_of);
        place
    }

    pub(super) fn remove(&mut self, place: u32) -> Slot {
        self.forget(place);
        let slot = self.slots.remove(place as usize);
        let hash = slot.node.head().hash;
        if let Ok(found) = self.places.find_entry(hash, |other| *other == place) {
            let _ = found.remove();
        }
        slot
    }

    /// What is remembered goes; a run that was to take its place has it from now on.
    pub(super) fn retire(&mut self, place: u32) -> Arc<dyn Node> {
        match self.slot_mut(place).refresh.take() {
            Some(refresh) => {
                self.forget(place);
                let slot = self.slot_mut(place);
                slot.ages = None;
                core::mem::replace(&mut slot.node, refresh)
            }
            None => self.remove(place).node,
        }
    }

    /// A run is about to have its outcome. Out come those that have to make room for it.
    pub(super) fn settle(&mut self, place: u32, node: &Arc<dyn Node>, keep: Keep) -> Gone {
        let mut gone = Gone::new();
        let fits = (self.eviction.as_ref()).is_none_or(|all| all.could_hold(keep.weight));
        let slot = self.slot_mut(place);
        if let Some(refresh) = (slot.refresh).take_if(|refresh| !fits && Arc::ptr_eq(refresh, node))
        {
            // It leaves what is there.
            self.evicted = self.evicted.wrapping_add(1);
            gone.push(refresh);
            return gone;
        }
        if let Some(refresh) = slot.refresh.take_if(|refresh| Arc::ptr_eq(refresh, node)) {
            gone.push(core::mem::replace(&mut slot.node, refresh));
            self.forget(place);
        }
        let slot = self.slot_mut(place);
        slot.ages = keep.ages.map(Box::new);
        slot.born = keep.now.unwrap_or(Moment::NEVER);
        self.wheel.insert(place, keep.until);
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
        let until = self.until(place);
        let is_over = match failure.now {
            Some(now) => until.is_past(now),
            None => until != Moment::NEVER,
        };
        let slot = self.slot_mut(place);
        if is_over || !slot.node.is_value() {
            return None;
        }
        let refresh = (slot.refresh).take_if(|refresh| Arc::ptr_eq(refresh, node))?;
        if let (Some(ages), Some(now)) = (&mut slot.ages, failure.now) {
            **ages = ages.after_failure(now, failure.pause, until);
        }
        Some(refresh)
    }

    /// Removes some of what is over.
    pub(super) fn sweep(&mut self, now: Moment, gone: &mut Gone) {
        for _ in 0..TURNS {
            match self.wheel.turn(now) {
                Turn::Over(place) => {
                    self.expired = self.expired.wrapping_add(1);
                    gone.push(self.retire(place));
                }
                Turn::Moved => {}
                Turn::Rest => break,
            }
        }
        self.tidy();
    }

    pub(super) fn remove_where(&mut self, is: impl Fn(&dyn Node) -> bool) -> Gone {
        let meant = self.slots.iter().filter(|(_, slot)| is(&*slot.node));
        let meant: Vec<u32> = meant.map(|(place, _)| place as u32).collect();
        let slots = meant.into_iter().map(|place| self.remove(place));
        let gone = slots.flat_map(Slot::into_nodes).collect();
        self.tidy();
        gone
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<dyn Node>> {
        let slots = self.slots.iter().map(|(_, slot)| slot);
        slots.flat_map(|slot| [&slot.node].into_iter().chain(&slot.refresh))
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Neither over nor evicted any more.
    fn forget(&mut self, place: u32) {
        self.wheel.remove(place);
        if let Some(eviction) = &mut self.eviction {
            eviction.leave(place);
        }
    }

    /// Gives memory back when most of it is unused: as costly as growth, and as rare.
    fn tidy(&mut self) {
        if self.slots.capacity() <= SPARE || self.slots.len() > self.slots.capacity() / 4 {
            return;
        }
        let Self {
            slots,
            places,
            wheel,
            eviction,
            ..
        } = self;
        slots.compact(|slot, from, to| {
            let (from, to) = (from as u32, to as u32);
            let hash = slot.node.head().hash;
            if let Some(place) = places.find_mut(hash, |place| *place == from) {
                *place = to;
            }
            wheel.relocate(from, to);
            if let Some(eviction) = eviction {
                eviction.relocate(from, to);
            }
            true
        });
        wheel.shrink_to(slots.len());
        if let Some(eviction) = eviction {
            eviction.shrink_to(slots.len());
        }
        places.shrink_to(slots.len(), |place| slots[*place as usize].node.head().hash);
    }
}

impl Slot {
    pub(super) fn into_nodes(self) -> impl Iterator<Item = Arc<dyn Node>> {
        [self.node].into_iter().chain(self.refresh)
    }
}

/// What was removed: to be dropped with no lock held.
pub(crate) type Gone = Vec<Arc<dyn Node>>;
