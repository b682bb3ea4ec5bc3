//! What is known of few entries: kept apart, so that the others are smaller.
use super::{Managed, Slot};
use crate::entry::Node;
use crate::freshness::Ages;
use crate::sync::Arc;

/// Of an entry of which nothing rare is known.
pub(super) const NONE: u32 = u32::MAX;

pub(super) struct Rare {
    /// Where the entry is.
    of: u32,
    /// A run in flight, whose outcome takes the place of what is remembered.
    refresh: Option<Arc<dyn Node>>,
    /// Of what may be served when it is stale, or renewed before it is.
    ages: Option<Ages>,
}

impl Managed {
    /// The run that is to take its place.
    pub(in crate::table) fn refresh(&self, place: u32) -> Option<&Arc<dyn Node>> {
        self.rare_of(&self.slots[place])?.refresh()
    }

    pub(in crate::table) fn ages(&self, place: u32) -> Option<Ages> {
        self.rare_of(&self.slots[place])?.ages()
    }

    #[inline]
    pub(super) fn rare_of(&self, slot: &Slot) -> Option<&Rare> {
        match slot.rare {
            NONE => None,
            at => self.rares.get(at),
        }
    }

    pub(in crate::table) fn set_refresh(&mut self, place: u32, run: Arc<dyn Node>) {
        self.rare_mut(place).refresh = Some(run);
    }

    /// If it is that run.
    pub(in crate::table) fn take_refresh(
        &mut self,
        place: u32,
        run: &Arc<dyn Node>,
    ) -> Option<Arc<dyn Node>> {
        let rare = self.rares.get_mut(self.slots[place].rare)?;
        let run = (rare.refresh).take_if(|refresh| Arc::ptr_eq(refresh, run))?;
        if rare.ages.is_none() {
            let _ = self.take_rare(place);
        }
        Some(run)
    }

    pub(super) fn set_ages(&mut self, place: u32, ages: Option<Ages>) {
        if ages.is_some() {
            self.rare_mut(place).ages = ages;
        } else if self.refresh(place).is_none() {
            let _ = self.take_rare(place);
        } else {
            self.rare_mut(place).ages = None;
        }
    }

    /// All that is rare; the run comes out.
    pub(super) fn take_rare(&mut self, place: u32) -> Option<Arc<dyn Node>> {
        let at = core::mem::replace(&mut self.slots[place].rare, NONE);
        if at == NONE {
            return None;
        }
        let gone = self.rares.swap_remove(at);
        if let Some(moved) = self.rares.get(at) {
            self.slots[moved.of].rare = at;
        }
        gone.refresh
    }

    /// An entry has moved there.
    pub(super) fn moved_rare(&mut self, to: u32) {
        if let Some(rare) = self.rares.get_mut(self.slots[to].rare) {
            rare.of = to;
        }
    }

    pub(super) fn refreshes(&self) -> impl Iterator<Item = &Arc<dyn Node>> {
        self.rares.iter().filter_map(|rare| rare.refresh.as_ref())
    }

    fn rare_mut(&mut self, place: u32) -> &mut Rare {
        let slot = &mut self.slots[place];
        if slot.rare == NONE {
            slot.rare = self.rares.len() as u32;
            self.rares.push(Rare {
                of: place,
                refresh: None,
                ages: None,
            });
        }
        &mut self.rares[slot.rare]
    }
}

impl Rare {
    pub(super) fn refresh(&self) -> Option<&Arc<dyn Node>> {
        self.refresh.as_ref()
    }

    pub(super) fn ages(&self) -> Option<Ages> {
        self.ages
    }

    pub(super) fn into_refresh(self) -> Option<Arc<dyn Node>> {
        self.refresh
    }
}
