//! What the table is told, and what it answers.
use super::Gone;
use crate::entry::{Flight, Node};
use crate::freshness::{Ages, Moment};
use crate::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

/// What is remembered of a call.
pub(crate) struct Hit {
    pub(crate) node: Arc<dyn Node>,
    /// `None`: it lasts as long as the context, and ages not.
    pub(crate) life: Option<Life>,
}

/// How long something lasts, and what is done about it.
#[derive(Clone, Copy)]
pub(crate) struct Life {
    /// When its run was over.
    pub(crate) born: Moment,
    pub(crate) until: Moment,
    /// How it ages meanwhile, where that matters.
    pub(crate) ages: Option<Ages>,
    /// A run is in flight whose outcome is to take its place.
    pub(crate) renewing: bool,
    /// From then on there is something to [sweep](super::Table::sweep).
    pub(crate) due: Moment,
}

impl Life {
    pub(crate) const FOR_EVER: Self = Self {
        born: Moment::NEVER,
        until: Moment::NEVER,
        ages: None,
        renewing: false,
        due: Moment::NEVER,
    };

    pub(crate) fn is_stale(&self, now: Moment) -> bool {
        self.ages.is_some_and(|ages| ages.stale.is_past(now))
    }
}

/// What somebody finds who would run a call.
#[derive(Default)]
pub(crate) enum Lookup {
    /// It is remembered by now.
    Settled,
    InFlight(Arc<dyn Node>),
    #[default]
    Vacant,
    /// The context was cancelled.
    Closed,
    /// Its deadline has passed, and nothing is remembered of the call.
    Expired,
}

/// What a look that may hit says besides. Written where it is wanted, since it is large, and most say
/// nothing.
#[derive(Default)]
pub(crate) struct Sight {
    /// That of what was hit: as that of a [`Hit`].
    pub(crate) life: Option<Life>,
    /// What there is that is no hit: never [`Lookup::Settled`]. [`Lookup::Vacant`] before.
    pub(crate) found: Lookup,
}

/// How an outcome is remembered.
#[derive(Clone, Copy)]
pub(crate) struct Keep {
    pub(crate) until: Moment,
    pub(crate) ages: Option<Ages>,
    /// The time by now, if somebody asked.
    pub(crate) now: Option<Moment>,
    pub(crate) weight: usize,
}

/// When a run failed, and how long nobody tries again.
#[derive(Clone, Copy)]
pub(crate) struct Failure {
    /// `None`: there is no clock that tells.
    pub(crate) now: Option<Moment>,
    pub(crate) pause: Duration,
}

/// What whoever looks for a run would have.
#[derive(Clone, Copy)]
pub(crate) enum Want<'n> {
    /// Whatever is remembered.
    Any,
    /// A new one, whatever is remembered.
    Anew,
    /// A newer one than that, which aged like that when it was found: if it has been replaced, or
    /// another failed to renew it, it is to be looked at again.
    Newer(&'n Arc<dyn Node>, Option<Ages>),
}

/// What was in the table when it was closed.
pub(crate) struct Cleared {
    pub(crate) entries: Gone,
    pub(crate) detached: Vec<Arc<Flight>>,
}

/// Runs started; calls answered from memory; what was forgotten.
pub(crate) struct Counts {
    pub(crate) runs: usize,
    pub(crate) hits: usize,
    pub(crate) expired: usize,
    pub(crate) evicted: usize,
}
