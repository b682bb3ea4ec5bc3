//! What there is of a call.
use super::rare::Rare;
use super::{Managed, Slot, print, spread};
use crate::entry::Node;
use crate::freshness::Moment;
use crate::sync::Arc;
use crate::table::{Hit, Life};

impl Managed {
    /// `is` is asked of what has that hash.
    #[inline]
    pub(in crate::table) fn find(
        &self,
        hash: u64,
        mut is: impl FnMut(&Arc<dyn Node>) -> bool,
    ) -> Option<u32> {
        self.find_slot(hash, |slot| slot.node.head().hash == hash && is(&slot.node))
    }

    /// Of an entry, or of the run that is to take its place.
    pub(in crate::table) fn place_of(&self, node: &Arc<dyn Node>) -> Option<u32> {
        let same = |other: &Arc<dyn Node>| Arc::ptr_eq(other, node);
        self.find_slot(node.head().hash, |slot| {
            same(&slot.node)
                || (self.rare_of(slot)).is_some_and(|rare| rare.refresh().is_some_and(same))
        })
    }

    #[inline]
    fn find_slot(&self, hash: u64, mut is: impl FnMut(&Slot) -> bool) -> Option<u32> {
        let print = print(hash);
        let found = self.index.find(spread(print), |place| {
            let slot = &self.slots[*place];
            slot.print == print && is(slot)
        });
        found.copied()
    }

    pub(in crate::table) fn node(&self, place: u32) -> &Arc<dyn Node> {
        &self.slots[place].node
    }

    /// What there is of a call, and whether that is settled: if so, it was asked for, and lives so.
    #[inline(never)]
    pub(in crate::table) fn hit(
        &mut self,
        hash: u64,
        is: impl FnMut(&Arc<dyn Node>) -> bool,
        life: &mut Option<Life>,
    ) -> Option<(&Arc<dyn Node>, bool)> {
        let place = self.find(hash, is)?;
        let slot = &self.slots[place];
        if !slot.node.is_settled() {
            return Some((&slot.node, false));
        }
        if let Some(eviction) = &mut self.eviction {
            eviction.touch(place);
        }
        *life = self.life(slot);
        Some((&slot.node, true))
    }

    /// The same, for those who only look.
    pub(in crate::table) fn peek(
        &self,
        hash: u64,
        is: impl FnMut(&Arc<dyn Node>) -> bool,
    ) -> Option<Hit> {
        let slot = &self.slots[self.find(hash, is)?];
        slot.node.is_settled().then(|| Hit {
            node: slot.node.clone(),
            life: self.life(slot),
        })
    }

    /// `None`: as long as the context.
    #[inline]
    fn life(&self, slot: &Slot) -> Option<Life> {
        let (until, rare) = (slot.timer.until(), self.rare_of(slot));
        let ages = rare.and_then(Rare::ages);
        (until != Moment::NEVER || ages.is_some()).then(|| Life {
            born: slot.born,
            until,
            ages,
            renewing: rare.is_some_and(|rare| rare.refresh().is_some()),
            due: self.wheel.due(),
        })
    }
}
