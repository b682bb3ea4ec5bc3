//! What a table holds, and what it counts.
use super::managed::{Gone, Managed};
use super::plain::Plain;
use super::shelf::{Asked, Stock};
use super::{Failure, Hit, Keep, Life, Lookup, Sight, Want};
use crate::entry::{Flight, Node};
use crate::freshness::Moment;
use crate::sync::Arc;
use alloc::boxed::Box;
use alloc::vec::Vec;

pub(super) struct Books {
    store: Store,
    /// Runs in flight that were taken out of the table.
    pub(super) detached: Vec<Arc<Flight>>,
    /// When to look which of those are over.
    tidy_at: usize,
    pub(super) closed: bool,
    /// Nothing is begun or waited for any more; what is remembered is served.
    pub(super) expired: bool,
    pub(super) hits: usize,
    /// Each use counts, for whoever has to make room.
    has_capacity: bool,
    /// What is found without the lock: made when there is first need.
    pub(super) stock: Option<Box<Stock>>,
    pub(super) runs: usize,
}

enum Store {
    Plain(Plain),
    Managed(Box<Managed>),
}

impl Books {
    pub(super) fn new() -> Self {
        Self {
            store: Store::Plain(Plain::new()),
            detached: Vec::new(),
            tidy_at: 8,
            closed: false,
            expired: false,
            hits: 0,
            has_capacity: false,
            stock: None,
            runs: 0,
        }
    }

    /// From now on it forgets: for a capacity at once, else when there is first need.
    pub(super) fn manage(&mut self, capacity: Option<usize>) -> &mut Managed {
        if let Store::Plain(plain) = &mut self.store {
            self.has_capacity = capacity.is_some();
            let mut managed = Managed::new(capacity);
            for node in plain.take_all() {
                let _ = managed.insert(node);
            }
            self.store = Store::Managed(Box::new(managed));
        }
        match &mut self.store {
            Store::Managed(managed) => managed,
            Store::Plain(_) => unreachable!("it was replaced"),
        }
    }

    /// What is hit; `sight` says what else there is.
    #[inline]
    pub(super) fn hit(
        &mut self,
        hash: u64,
        is: impl FnMut(&Arc<dyn Node>) -> bool,
        sight: &mut Sight,
    ) -> Option<Arc<dyn Node>> {
        let found = match &mut self.store {
            Store::Plain(plain) => plain.find(hash, is).map(|node| (node, node.is_settled())),
            Store::Managed(managed) => managed.hit(hash, is, &mut sight.life),
        };
        match found {
            Some((node, true)) => {
                self.hits = self.hits.wrapping_add(1);
                return Some(node.clone());
            }
            _ if self.expired => sight.found = Lookup::Expired,
            Some((node, false)) => sight.found = Lookup::InFlight(node.clone()),
            None => {}
        }
        None
    }

    /// Is it time to put what is hit where it is found without the lock?
    pub(super) fn is_hot(&self) -> bool {
        Stock::is_hot(self.hits) && !self.has_capacity
    }

    /// `kept`: nobody can tell when it is dropped.
    #[cold]
    pub(super) fn shelve(&mut self, node: &Arc<dyn Node>, life: Option<Life>, kept: bool) {
        let (hits, entries) = (self.hits, self.len());
        let asked = Asked { hits, entries };
        let stock = self.stock.get_or_insert_with(|| Box::new(Stock::new()));
        stock.put(asked, node, life, kept);
    }

    /// Those are remembered no more: before anybody can be told so.
    pub(super) fn off_shelf(&mut self, gone: &[Arc<dyn Node>]) {
        if let Some(stock) = &mut self.stock {
            stock.forget(gone);
        }
    }

    /// The same, for those who only look: nothing is counted.
    pub(super) fn peek(&self, hash: u64, is: impl FnMut(&Arc<dyn Node>) -> bool) -> Option<Hit> {
        match &self.store {
            Store::Plain(plain) => {
                let node = plain.find(hash, is)?;
                node.is_settled().then(|| for_ever(node))
            }
            Store::Managed(managed) => managed.peek(hash, is),
        }
    }

    pub(super) fn remembers(&self, node: &Arc<dyn Node>) -> bool {
        let is = |other: &Arc<dyn Node>| Arc::ptr_eq(other, node);
        let hash = node.head().hash;
        match &self.store {
            Store::Plain(plain) => plain.find(hash, is).is_some(),
            Store::Managed(managed) => managed.find(hash, is).is_some(),
        }
    }

    /// What there is of a call, for those who would run it.
    pub(super) fn look(
        &self,
        hash: u64,
        is: impl FnMut(&Arc<dyn Node>) -> bool,
        want: Want<'_>,
    ) -> Lookup {
        let mut anew = matches!(want, Want::Anew);
        let found = match &self.store {
            Store::Plain(plain) => plain.find(hash, is),
            Store::Managed(managed) => {
                let place = managed.find(hash, is);
                if let (Want::Newer(old, ages), Some(place)) = (want, place) {
                    anew = Arc::ptr_eq(managed.node(place), old) && managed.ages(place) == ages;
                }
                // Its outcome may be there by now; it takes its place in a moment.
                let newer = place
                    .filter(|_| anew)
                    .and_then(|place| managed.refresh(place));
                if let (Some(newer), false) = (newer, self.expired) {
                    return Lookup::InFlight(newer.clone());
                }
                place.map(|place| managed.node(place))
            }
        };
        // Asked once: it may be published at any time, also under our lock.
        match found.map(|node| (node, node.is_settled())) {
            Some((_, true)) if !anew => Lookup::Settled,
            _ if self.expired => Lookup::Expired,
            Some((node, false)) => Lookup::InFlight(node.clone()),
            _ => Lookup::Vacant,
        }
    }

    /// A run in flight, where [`look`](Self::look) has found nothing.
    pub(super) fn enter(
        &mut self,
        entry: Arc<dyn Node>,
        is: impl FnMut(&Arc<dyn Node>) -> bool,
        refresh: bool,
    ) {
        if !refresh {
            return self.enter_first(entry);
        }
        let hash = entry.head().hash;
        // Compares, which may panic: nothing is counted before.
        let found = self.manage(None).find(hash, is);
        self.runs = self.runs.wrapping_add(1);
        let managed = self.manage(None);
        match found {
            Some(place) => managed.set_refresh(place, entry),
            None => {
                let _ = managed.insert(entry);
            }
        }
    }

    /// The same, where nothing is to be replaced.
    pub(super) fn enter_first(&mut self, entry: Arc<dyn Node>) {
        self.runs = self.runs.wrapping_add(1);
        self.insert(entry);
    }

    fn insert(&mut self, entry: Arc<dyn Node>) {
        match &mut self.store {
            Store::Plain(plain) => plain.insert(entry),
            Store::Managed(managed) => {
                let _ = managed.insert(entry);
            }
        }
    }

    /// Remembers an outcome, in the place of whatever there is.
    pub(super) fn replace(
        &mut self,
        entry: Arc<dyn Node>,
        is: impl FnMut(&Arc<dyn Node>) -> bool,
        keep: Keep,
    ) -> Gone {
        let mut gone = self.take(entry.head().hash, is);
        let for_ever = keep.until == Moment::NEVER && keep.ages.is_none();
        if let (Store::Plain(plain), true) = (&mut self.store, for_ever) {
            plain.insert(entry);
            return gone;
        }
        let managed = self.manage(None);
        let place = managed.insert(entry.clone());
        gone.extend(managed.settle(place, &entry, keep));
        gone
    }

    /// An outcome is there. Of a run that was detached it is not remembered.
    pub(super) fn settle(&mut self, node: &Arc<dyn Node>, keep: Keep) -> Gone {
        let managed = self.manage(None);
        match managed.place_of(node) {
            Some(place) => managed.settle(place, node, keep),
            None => Gone::new(),
        }
    }

    /// A run has failed.
    pub(super) fn fail(
        &mut self,
        node: &Arc<dyn Node>,
        keep: Option<Keep>,
        failure: Failure,
    ) -> Gone {
        if let Store::Managed(managed) = &mut self.store {
            if let Some(refresh) = managed.fail(node, failure) {
                return alloc::vec![refresh];
            }
        }
        match keep {
            Some(keep) => self.settle(node, keep),
            None => self.remove(node).into_iter().collect(),
        }
    }

    /// Takes out an entry that is over.
    pub(super) fn expire(&mut self, node: &Arc<dyn Node>) -> Option<Arc<dyn Node>> {
        self.hits = self.hits.wrapping_sub(1);
        let Store::Managed(managed) = &mut self.store else {
            return None;
        };
        let is = |other: &Arc<dyn Node>| Arc::ptr_eq(other, node);
        let place = managed.find(node.head().hash, is)?;
        managed.expired = managed.expired.wrapping_add(1);
        Some(managed.retire(place))
    }

    /// Where it is known, which time it is.
    pub(super) fn sweep(&mut self, now: Option<Moment>, gone: &mut Gone) {
        if let (Store::Managed(managed), Some(now)) = (&mut self.store, now) {
            managed.sweep(now, gone);
        }
    }

    /// Takes out a run without an outcome, by identity.
    pub(super) fn remove(&mut self, node: &Arc<dyn Node>) -> Option<Arc<dyn Node>> {
        let hash = node.head().hash;
        match &mut self.store {
            Store::Plain(plain) => plain.remove(hash, |other| Arc::ptr_eq(other, node)),
            Store::Managed(managed) => {
                let place = managed.place_of(node)?;
                let refresh = managed.take_refresh(place, node);
                Some(refresh.unwrap_or_else(|| managed.retire(place)))
            }
        }
    }

    /// Takes out a call; its runs in flight go on, detached.
    pub(super) fn take(&mut self, hash: u64, is: impl FnMut(&Arc<dyn Node>) -> bool) -> Gone {
        let gone: Gone = match &mut self.store {
            Store::Plain(plain) => plain.remove(hash, is).into_iter().collect(),
            Store::Managed(managed) => {
                let gone = managed.find(hash, is).map(|place| managed.remove(place));
                gone.into_iter()
                    .flat_map(|(node, refresh)| [node].into_iter().chain(refresh))
                    .collect()
            }
        };
        gone.iter().for_each(|node| self.detach(node));
        gone
    }

    /// The same with all that are meant.
    pub(super) fn take_where(&mut self, is: impl Fn(&dyn Node) -> bool) -> Gone {
        let gone = match &mut self.store {
            Store::Plain(plain) => plain.remove_where(is),
            Store::Managed(managed) => managed.remove_where(is),
        };
        gone.iter().for_each(|node| self.detach(node));
        gone
    }

    /// Everything, and the runs in flight that were detached.
    pub(super) fn take_all(&mut self) -> (Gone, Vec<Arc<Flight>>) {
        let gone = match &mut self.store {
            Store::Plain(plain) => plain.take_all(),
            Store::Managed(managed) => managed.take_all(),
        };
        (gone, core::mem::take(&mut self.detached))
    }

    /// Takes everything out.
    pub(super) fn empty(&mut self, each: impl FnMut(Arc<dyn Node>)) {
        match &mut self.store {
            Store::Plain(plain) => plain.empty(each),
            Store::Managed(_) => self.take_all().0.into_iter().for_each(each),
        }
    }

    pub(super) fn flights(&self) -> Vec<Arc<Flight>> {
        let flight = |node: &Arc<dyn Node>| node.head().flight();
        let mut flights: Vec<_> = match &self.store {
            Store::Plain(plain) => plain.iter().filter_map(flight).collect(),
            Store::Managed(managed) => managed.iter().filter_map(flight).collect(),
        };
        flights.extend(self.detached.iter().cloned());
        flights
    }

    pub(super) fn len(&self) -> usize {
        match &self.store {
            Store::Plain(plain) => plain.len(),
            Store::Managed(managed) => managed.len(),
        }
    }

    /// How many were forgotten because they were over, and for want of room.
    pub(super) fn forgotten(&self) -> (usize, usize) {
        match &self.store {
            Store::Plain(_) => (0, 0),
            Store::Managed(managed) => (managed.expired, managed.evicted),
        }
    }

    fn detach(&mut self, node: &Arc<dyn Node>) {
        let Some(flight) = node.head().flight() else {
            return;
        };
        if self.detached.len() >= self.tidy_at {
            self.detached.retain(|flight| !flight.is_over());
            self.tidy_at = 8.max(2 * self.detached.len());
        }
        self.detached.push(flight);
    }
}

fn for_ever(node: &Arc<dyn Node>) -> Hit {
    let (node, life) = (node.clone(), None);
    Hit { node, life }
}
