//! A run in flight: its phase and its future.
mod callers;
mod driven;
mod graph;
mod remains;

use super::Node;
use crate::executor::Host;
use crate::gate::Gate;
use crate::ready::{Item, ReadySet};
use crate::slots::Slots;
use crate::state::{Claim, Doom, Phase, Release, State, Wake};
use crate::sync::{Arc, AtomicUsize, Lock, Ordering, wake_by};
use alloc::boxed::Box;
use alloc::vec::Vec;
use callers::Waiter;
use core::future::Future;
use core::pin::Pin;
use core::task::Waker;
use driven::Driver;
use graph::Ask;
use remains::Late;

pub(crate) use graph::{Asked, Edge, Mark, Side};
pub(crate) use remains::{Keeper, Released, Remains, Settled};

/// A run's future, with all that its task holds. It writes its outcome into the entry.
pub(crate) type Body = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A run in flight. It is the target of the run's waker, so it must not keep alive
/// what the run was about: the end of the run empties it.
pub(crate) struct Flight {
    /// What its context's runs run on.
    pub(crate) host: Host,
    /// That context, by its address.
    pub(crate) context: usize,
    /// How deep the poll in progress is nested; for that stack only.
    depth: AtomicUsize,
    inner: Lock<Inner>,
}

struct Inner {
    state: State,
    body: Option<Body>,
    entry: Option<Arc<dyn Node>>,
    /// Slot 0 is the creator's.
    waiters: Slots<Waiter>,
    /// What the run waits for: the edges of the wait-for graph, downward.
    asks: Slots<Ask>,
    set: Option<Arc<ReadySet<Flight>>>,
    /// Its set is its own, though it has a creator.
    apart: bool,
    driver: Driver,
    /// Guests of other sets, from the poll in progress.
    guests: Slots<Guest>,
    /// Counts polls, to tell one from the next.
    polls: usize,
    /// Runs whose last caller lived in our body while that was dropped.
    orphans: Vec<Arc<Flight>>,
    keeper: Option<Keeper>,
    late: Option<Box<Late>>,
    /// Where it has to wait for its turn.
    gate: Option<Arc<Gate<Flight>>>,
    /// Somebody who is no run has asked for it: only then is it finished if abandoned.
    outside: bool,
    /// It is finished if abandoned, whoever asked for it, and whatever its context says.
    finish: bool,
    /// The search that was here last, and on which side.
    mark: usize,
}

type Guest = (Arc<ReadySet<Flight>>, usize);

/// Where a run comes from.
pub(crate) struct Origin {
    /// By its address.
    pub(crate) context: usize,
    /// The run that asked for it first.
    pub(crate) creator: Option<Arc<Flight>>,
    /// Whoever asked for it first is no run.
    pub(crate) outside: bool,
    /// A set that it is born into.
    pub(crate) set: Option<Arc<ReadySet<Flight>>>,
    /// The executor begins it, in a set of its own.
    pub(crate) apart: bool,
}

impl Flight {
    /// Of a run that begins, with its creator for its first caller.
    #[inline(never)]
    pub(crate) fn new(host: &Host, origin: Origin) -> Arc<Self> {
        let mut inner = Inner::new();
        let context = origin.context;
        inner.begin(origin);
        Arc::new(Self {
            host: host.clone(),
            context,
            depth: AtomicUsize::new(0),
            inner: Lock::new(inner),
        })
    }

    /// Makes a flight that is over, and that nobody else points to, as good as new, but for its
    /// host. `false`: it is not.
    pub(crate) fn retire(this: &mut Arc<Self>) -> bool {
        let Some(flight) = Arc::get_mut(this) else {
            return false;
        };
        let inner = flight.inner.get_mut();
        if !inner.state.is_over() {
            return false;
        }
        debug_assert!(inner.body.is_none() && inner.entry.is_none());
        inner.state = State::claimed();
        inner.set = None;
        inner.mark = 0; // numbers of searches are a context's own
        flight.host.executor = None;
        true
    }

    /// The same as a new one, from one that [was](Self::retire) made as good.
    #[inline]
    pub(crate) fn renew(&mut self, host: &Host, origin: Origin) {
        self.host = host.clone();
        self.context = origin.context;
        self.inner.get_mut().begin(origin);
    }

    /// Before it is published.
    pub(crate) fn set_entry(&self, entry: Arc<dyn Node>) {
        self.inner.with(|inner| inner.entry = Some(entry));
    }

    /// It is not published: somebody else was faster.
    pub(crate) fn abort(&self) {
        let remains = self.inner.with(|inner| {
            inner.state = State::claimed();
            inner.empty()
        });
        remains.settle();
    }

    /// From now on it has to wait for its turn there.
    pub(crate) fn set_gate(&self, gate: Arc<Gate<Flight>>) {
        let gone = self.inner.with(|inner| inner.gate.replace(gate));
        drop(gone);
    }

    pub(crate) fn gate(&self) -> Option<Arc<Gate<Flight>>> {
        self.inner.with(|inner| inner.gate.clone())
    }

    pub(crate) fn depth(&self) -> usize {
        // ORDERING: written and read by the stack that polls; by others only as a hint.
        self.depth.load(Ordering::Relaxed)
    }

    pub(crate) fn set_depth(&self, depth: usize) {
        // ORDERING: see `depth`.
        self.depth.store(depth, Ordering::Relaxed);
    }

    /// Is that waker this run's own?
    pub(crate) fn is_target(this: &Arc<Self>, waker: &Waker) -> bool {
        core::ptr::eq(waker.data(), Arc::as_ptr(this).cast())
    }

    pub(crate) fn claim(&self) -> Option<Body> {
        self.inner.with(|inner| match inner.state.claim() {
            Claim::Poll => {
                inner.polls = inner.polls.wrapping_add(1);
                inner.body.take()
            }
            Claim::Stale => None,
        })
    }

    /// After a pending poll. The set comes out where the run is to be pushed to it.
    pub(crate) fn release(&self, body: Body) -> Released {
        self.inner.with(|inner| {
            inner.body = Some(body);
            let guests = inner.guests.take();
            let next = inner.state.release();
            let push = next == Release::Enqueue;
            let set = if push { inner.set.clone() } else { None };
            Released { next, set, guests }
        })
    }

    /// It is its turn to be dropped, unless somebody wants it again.
    pub(crate) fn doom(&self) -> Option<Body> {
        self.inner.with(|inner| match inner.state.doom() {
            Doom::Drop => inner.body.take(),
            Doom::Spare => None,
        })
    }

    /// A fresh run that shall not be polled on the spot.
    pub(crate) fn postpone(&self) {
        let wake = self.inner.with(|inner| inner.state.wake());
        debug_assert_eq!(wake, Wake::Nothing);
    }

    /// The outcome is there, the body gone.
    pub(crate) fn settle(&self) -> Settled {
        self.inner.with(|inner| {
            inner.state.settle();
            match inner.trifle() {
                Some(trifle) => Settled::Alone(trifle),
                None => Settled::Shared(inner.empty()),
            }
        })
    }

    /// The body is dropped.
    pub(crate) fn buried(&self) -> Remains {
        self.inner.with(|inner| {
            inner.state.buried();
            inner.empty()
        })
    }

    pub(crate) fn is_dropping(&self) -> bool {
        self.inner
            .with(|inner| inner.state.phase() == Phase::Dropping)
    }

    /// Can it be claimed?
    pub(crate) fn is_queued(&self) -> bool {
        self.inner.with(|inner| inner.state.is_claimable())
    }

    pub(crate) fn is_over(&self) -> bool {
        self.inner.with(|inner| inner.state.is_over())
    }

    fn woken(this: &Arc<Self>) {
        let set = this.inner.with(|inner| match inner.state.wake() {
            Wake::Enqueue => inner.set.clone(),
            Wake::Nothing => None,
        });
        if let Some(set) = set {
            ReadySet::push(&set, Item::Run(this.clone()));
        }
    }

    /// Queues it in its set.
    pub(crate) fn push(this: &Arc<Self>) {
        let set = this.inner.with(|inner| {
            // One that is to be begun by the executor may have no set yet; one that is over gets none.
            let fresh = || ReadySet::new(this.host.clone());
            let queued = inner.state.is_claimable();
            queued.then(|| inner.set.get_or_insert_with(fresh).clone())
        });
        if let Some(set) = set {
            ReadySet::push(&set, Item::Run(this.clone()));
        }
    }

    /// Drops them when the outcome is there, and those who wait for it are told.
    pub(crate) fn drop_late(&self, nodes: Vec<Arc<dyn Node>>) {
        if !nodes.is_empty() {
            let late = Some(Box::new(Late(nodes)));
            self.inner.with(|inner| inner.late = late);
        }
    }

    pub(crate) fn entry(&self) -> Option<Arc<dyn Node>> {
        self.inner.with(|inner| inner.entry.clone())
    }

    /// Its set, or else the run that created it.
    pub(crate) fn set_or_creator(&self) -> (Option<Arc<ReadySet<Self>>>, Option<Arc<Self>>) {
        self.inner.with(|inner| match &inner.set {
            Some(set) => (Some(set.clone()), None),
            None if inner.apart => (None, None),
            None => (None, inner.waiters.get(0).and_then(|w| w.run.clone())),
        })
    }

    /// Its set: that one, unless it has got one meanwhile.
    pub(crate) fn set_or(&self, set: Arc<ReadySet<Self>>) -> Arc<ReadySet<Self>> {
        self.inner
            .with(|inner| inner.set.get_or_insert(set).clone())
    }
}

impl Inner {
    #[inline]
    fn begin(&mut self, origin: Origin) {
        self.outside = origin.outside;
        self.finish = false;
        self.set = origin.set;
        self.apart = origin.apart;
        if origin.apart {
            self.driver = Driver::Promised;
        }
        let slot = self.waiters.insert(Waiter {
            notify: None,
            run: origin.creator,
        });
        debug_assert_eq!(slot, 0);
    }

    fn new() -> Self {
        Self {
            state: State::claimed(),
            body: None,
            entry: None,
            waiters: Slots::new(),
            asks: Slots::new(),
            set: None,
            apart: false,
            driver: Driver::Subscribers,
            guests: Slots::new(),
            polls: 0,
            orphans: Vec::new(),
            keeper: None,
            late: None,
            outside: false,
            gate: None,
            finish: false,
            mark: 0,
        }
    }
}

wake_by!(Flight);
