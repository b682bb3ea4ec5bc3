//! One run: what is remembered of it (`Entry`), and what it needs in flight (`Flight`).
//!
//! This room applies the transitions of `state` under the flight's lock and hands
//! out what they set free: futures to drop, waiters to wake. It never polls, drops or
//! wakes itself; `drive` does.
use crate::error::{Error, Label};
use crate::executor::Host;
use crate::notify::{Caller, Notify, Told};
use crate::ready::ReadySet;
use crate::slots::Slots;
use crate::state::{Claim, Doom, Join, Kill, Leave, Phase, Release, State, Wake};
use crate::sync::{self, Arc, AtomicUsize, Lock, OnceCell, Ordering};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::{Any, TypeId};
use core::future::Future;
use core::pin::Pin;
use core::task::Waker;

/// A run's future, with all that its task holds. It writes its outcome into the entry.
pub(crate) type Body = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What is remembered of a call.
pub(crate) struct Entry<I, O> {
    head: Head,
    pub(crate) input: I,
    pub(crate) outcome: OnceCell<Result<O, Error>>,
    label: Label<I>,
}

/// The part of an entry that is the same for all.
pub(crate) struct Head {
    pub(crate) hash: u64,
    pub(crate) task: TypeId,
    flight: Lock<Option<Arc<Flight>>>,
}

/// An entry of whatever types.
pub(crate) trait Node: Any + Send + Sync {
    fn head(&self) -> &Head;
    fn as_any(&self) -> &dyn Any;
    fn is_settled(&self) -> bool;
    /// Completes the run, unless it is complete.
    fn panicked(&self, message: crate::guard::Message);
    /// The call, for people: `user(7)`. Foreign.
    fn label(&self) -> Box<str>;
}

impl<I, O> Entry<I, O> {
    pub(crate) fn new(
        hash: u64,
        task: TypeId,
        input: I,
        label: Label<I>,
        flight: Arc<Flight>,
    ) -> Self {
        let head = Head {
            hash,
            task,
            flight: Lock::new(Some(flight)),
        };
        Self {
            head,
            input,
            outcome: OnceCell::new(),
            label,
        }
    }
}

impl<I, O> Entry<I, O> {
    /// One that was never run.
    pub(crate) fn settled(hash: u64, task: TypeId, input: I, label: Label<I>, output: O) -> Self {
        let head = Head {
            hash,
            task,
            flight: Lock::new(None),
        };
        let outcome = OnceCell::new();
        let set = outcome.set(Ok(output));
        debug_assert!(set.is_ok());
        Self {
            head,
            input,
            outcome,
            label,
        }
    }
}

impl<I, O> Node for Entry<I, O>
where
    I: Send + Sync + 'static,
    O: Send + Sync + 'static,
{
    fn head(&self) -> &Head {
        &self.head
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn is_settled(&self) -> bool {
        self.outcome.get().is_some()
    }

    fn panicked(&self, message: crate::guard::Message) {
        let _ = self
            .outcome
            .set(Err(Error::panicked(self.label(), message)));
    }

    fn label(&self) -> Box<str> {
        self.label.of(&self.input)
    }
}

impl Head {
    /// The run in flight, if it is not over.
    pub(crate) fn flight(&self) -> Option<Arc<Flight>> {
        self.flight.with(|flight| flight.clone())
    }

    fn land(&self) {
        let gone = self.flight.with(Option::take);
        drop(gone);
    }
}

/// A run in flight. It is the target of the run's waker, so it must not keep alive
/// what the run was about: the end of the run empties it.
pub(crate) struct Flight {
    /// What its context's runs run on.
    pub(crate) host: Host,
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
    /// Guests of other sets, from the poll in progress.
    guests: Slots<Guest>,
    /// Counts polls, to tell one from the next.
    polls: usize,
    /// Runs whose last caller lived in our body while that was dropped.
    orphans: Vec<Arc<Flight>>,
    keeper: Option<Keeper>,
    /// Somebody who is no run has asked for it: only then is it finished if abandoned.
    outside: bool,
    /// The search that was here last, and on which side.
    mark: usize,
}

/// A run that another one waits for.
struct Ask {
    target: Arc<Flight>,
    /// Through a handle that may leave the run: no edge of the graph.
    detached: bool,
}

/// Somebody who is interested in a run. `run` is an edge of the graph, upward.
struct Waiter {
    notify: Option<Notify>,
    run: Option<Arc<Flight>>,
}

/// The executor's interest in a run, and the handle that keeps the context alive.
pub(crate) struct Keeper {
    pub(crate) set: Arc<ReadySet<Flight>>,
    pub(crate) slot: usize,
    pub(crate) handle: Box<dyn Any + Send>,
}

type Guest = (Arc<ReadySet<Flight>>, usize);

/// What was in a flight when its run was over. To be dropped and woken with no lock
/// held.
pub(crate) struct Remains {
    pub(crate) told: Told,
    pub(crate) orphans: Vec<Arc<Flight>>,
    entry: Option<Arc<dyn Node>>,
    guests: Vec<Guest>,
    keeper: Option<Keeper>,
    _set: Option<Arc<ReadySet<Flight>>>,
    _edges: Vec<Arc<Flight>>,
}

/// One step of a search: what is in a slot of a flight's edges.
pub(crate) enum Edge {
    To(Arc<Flight>),
    Empty,
    End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Towards those who wait for it.
    Up,
    /// Towards what it waits for.
    Down,
}

#[must_use]
#[derive(PartialEq, Eq, Clone, Copy)]
pub(crate) enum Mark {
    New,
    Again,
    /// The other side was here.
    Met,
}

impl Flight {
    pub(crate) fn new(host: Host) -> Arc<Self> {
        Arc::new(Self {
            host,
            depth: AtomicUsize::new(0),
            inner: Lock::new(Inner::new()),
        })
    }

    /// Makes a flight that nobody else points to as good as new. `false`: somebody does.
    pub(crate) fn renew(self: &mut Arc<Self>) -> bool {
        let Some(flight) = Arc::get_mut(self) else {
            return false;
        };
        let inner = flight.inner.get_mut();
        debug_assert!(inner.body.is_none() && inner.entry.is_none());
        inner.state = State::claimed();
        true
    }

    /// Before it is published: its creator is its first waiter.
    pub(crate) fn begin(
        &self,
        entry: Arc<dyn Node>,
        creator: Option<Arc<Flight>>,
        outside: bool,
        set: Option<Arc<ReadySet<Flight>>>,
    ) {
        self.inner.with(|inner| {
            inner.entry = Some(entry);
            inner.outside = outside;
            inner.set = set;
            let slot = inner.waiters.insert(Waiter {
                notify: None,
                run: creator,
            });
            debug_assert_eq!(slot, 0);
        });
    }

    /// Takes `begin` back: somebody else was faster.
    pub(crate) fn abort(&self) {
        let remains = self.inner.with(|inner| {
            inner.state = State::claimed();
            inner.empty()
        });
        remains.settle();
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
    pub(crate) fn is_target(self: &Arc<Self>, waker: &Waker) -> bool {
        core::ptr::eq(waker.data(), Arc::as_ptr(self).cast())
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
    pub(crate) fn settle(&self) -> Remains {
        self.inner.with(|inner| {
            inner.state.settle();
            inner.empty()
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

    pub(crate) fn is_queued(&self) -> bool {
        self.inner
            .with(|inner| inner.state.phase() == Phase::Queued)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.inner.with(|inner| inner.state.is_over())
    }

    /// One caller more, and its slot. `run`: the run that it asks from; `outside`: it asks
    /// from no run, known or not. `Revived`: it is to
    /// be [pushed](Self::push) once no lock is held.
    pub(crate) fn join(&self, run: Option<Arc<Self>>, outside: bool) -> (Join, usize) {
        let waiter = Waiter { notify: None, run };
        let (found, slot, unused) = self.inner.with(|inner| match inner.state.join() {
            found @ (Join::Joined | Join::Revived) => {
                inner.outside |= outside;
                (found, inner.waiters.insert(waiter), None)
            }
            other => (other, 0, Some(waiter)),
        });
        drop(unused);
        (found, slot)
    }

    /// Queues it in its set.
    pub(crate) fn push(self: &Arc<Self>) {
        if let Some(set) = self.inner.with(|inner| inner.set.clone()) {
            set.push(crate::ready::Item::Run(self.clone()));
        }
    }

    /// Makes sure that a caller that has joined is woken at the end.
    pub(crate) fn register(&self, slot: usize, caller: Caller<'_>) -> Join {
        let mut fresh = None;
        loop {
            let done = self
                .inner
                .with(|inner| inner.register(slot, caller, &mut fresh));
            match done {
                Some((found, stale)) => {
                    drop(stale);
                    return found;
                }
                None => fresh = Some(caller.to_notify()),
            }
        }
    }

    /// One caller less.
    pub(crate) fn leave(&self, slot: usize, finish: bool) -> Leave {
        let (waiter, leave) = self.inner.with(|inner| {
            if inner.state.is_over() {
                return (None, Leave::Nothing);
            }
            let waiter = inner.waiters.remove(slot);
            (waiter, inner.state.leave(finish && inner.outside))
        });
        drop(waiter);
        leave
    }

    /// The executor is interested no more.
    pub(crate) fn let_go(&self) -> Leave {
        let (keeper, leave) = self
            .inner
            .with(|inner| (inner.keeper.take(), inner.state.leave(false)));
        drop(keeper);
        leave
    }

    /// Its end lets the keeper go. Gives it back if the run is over.
    pub(crate) fn keep(&self, keeper: Keeper) -> Option<Keeper> {
        self.inner.with(|inner| {
            if inner.state.is_over() {
                return Some(keeper);
            }
            inner.keeper.replace(keeper)
        })
    }

    /// The context was cancelled. All callers are to be told.
    pub(crate) fn kill(&self) -> (Kill, Told) {
        self.inner.with(|inner| {
            let mut told = Told::default();
            let kill = inner.state.kill();
            if kill != Kill::Over {
                for (_, waiter) in inner.waiters.iter_mut() {
                    told.extend(waiter.notify.take());
                }
            }
            (kill, told)
        })
    }

    /// Leaves a run to whoever drops our body, if somebody does.
    pub(crate) fn adopt(&self, orphan: Arc<Self>) -> Option<Arc<Self>> {
        self.inner.with(|inner| {
            if inner.state.phase() != Phase::Dropping {
                return Some(orphan);
            }
            inner.orphans.push(orphan);
            None
        })
    }

    /// Adds an edge downward: we wait for that.
    pub(crate) fn ask(&self, target: Arc<Self>) -> usize {
        self.insert_ask(target, false)
    }

    /// We wait for that through a detached handle: known to who helps a blocked thread,
    /// and no edge of the graph.
    pub(crate) fn ask_detached(&self, target: Arc<Self>) -> usize {
        self.insert_ask(target, true)
    }

    fn insert_ask(&self, target: Arc<Self>, detached: bool) -> usize {
        let ask = Ask { target, detached };
        self.inner.with(|inner| inner.asks.insert(ask))
    }

    pub(crate) fn asked(&self, slot: usize) {
        let gone = self.inner.with(|inner| inner.asks.remove(slot));
        drop(gone);
    }

    /// What is in a slot of its edges.
    pub(crate) fn edge(&self, side: Side, slot: usize) -> Edge {
        self.inner.with(|inner| inner.edge(side, slot))
    }

    /// All that it waits for, through whatever handle.
    pub(crate) fn waits_for(&self) -> Vec<Arc<Self>> {
        self.inner
            .with(|inner| inner.asks.iter().map(|ask| ask.target.clone()).collect())
    }

    /// For a search; under the graph lock.
    pub(crate) fn mark(&self, search: usize, side: Side) -> Mark {
        let ours = search
            .wrapping_mul(2)
            .wrapping_add(usize::from(side == Side::Up));
        let theirs = ours ^ 1;
        self.inner.with(|inner| match inner.mark {
            mark if mark == ours => Mark::Again,
            mark if mark == theirs => Mark::Met,
            _ => {
                inner.mark = ours;
                Mark::New
            }
        })
    }

    pub(crate) fn entry(&self) -> Option<Arc<dyn Node>> {
        self.inner.with(|inner| inner.entry.clone())
    }

    /// Its set, or else the run that created it.
    pub(crate) fn set_or_creator(&self) -> (Option<Arc<ReadySet<Self>>>, Option<Arc<Self>>) {
        self.inner.with(|inner| match &inner.set {
            Some(set) => (Some(set.clone()), None),
            None => (None, inner.waiters.get(0).and_then(|w| w.run.clone())),
        })
    }

    /// Its set: that one, unless it has got one meanwhile.
    pub(crate) fn set_or(&self, set: Arc<ReadySet<Self>>) -> Arc<ReadySet<Self>> {
        self.inner
            .with(|inner| inner.set.get_or_insert(set).clone())
    }

    /// The number of the poll in progress.
    pub(crate) fn polls(&self) -> usize {
        self.inner.with(|inner| inner.polls)
    }

    /// A guest of another set, until the poll in progress is over.
    pub(crate) fn invited(&self, set: Arc<ReadySet<Self>>, guest: usize) -> usize {
        self.inner.with(|inner| inner.guests.insert((set, guest)))
    }

    pub(crate) fn dismiss(&self, slot: usize) {
        let guest = self.inner.with(|inner| inner.guests.remove(slot));
        if let Some((set, guest)) = guest {
            set.dismiss(guest);
        }
    }
}

/// A run after a pending poll.
#[must_use]
pub(crate) struct Released {
    next: Release,
    set: Option<Arc<ReadySet<Flight>>>,
    guests: Slots<Guest>,
}

impl Released {
    /// What is to be done, and the set to push the run to.
    pub(crate) fn next(self) -> (Release, Option<Arc<ReadySet<Flight>>>) {
        for (set, guest) in self.guests.into_values() {
            set.dismiss(guest);
        }
        (self.next, self.set)
    }
}

impl Keeper {
    /// Foreign: the handle may be the context's last.
    pub(crate) fn let_go(self) {
        self.set.unsubscribe(self.slot);
        crate::guard::drop_quietly(self.handle);
    }
}

impl Remains {
    /// Cuts all ties and wakes those who waited. What is left is to be buried.
    pub(crate) fn settle(self) -> Vec<Arc<Flight>> {
        if let Some(entry) = &self.entry {
            entry.head().land();
        }
        for (set, guest) in self.guests {
            set.dismiss(guest);
        }
        if let Some(keeper) = self.keeper {
            keeper.let_go();
        }
        crate::guard::drop_quietly(self.entry);
        self.told.ring();
        self.orphans
    }
}

impl Inner {
    fn new() -> Self {
        Self {
            state: State::claimed(),
            body: None,
            entry: None,
            waiters: Slots::new(),
            asks: Slots::new(),
            set: None,
            guests: Slots::new(),
            polls: 0,
            orphans: Vec::new(),
            keeper: None,
            outside: false,
            mark: 0,
        }
    }

    /// Takes out all that a run in flight needs.
    fn empty(&mut self) -> Remains {
        let mut remains = Remains {
            told: Told::default(),
            orphans: core::mem::take(&mut self.orphans),
            entry: self.entry.take(),
            guests: self.guests.take().into_values().collect(),
            keeper: self.keeper.take(),
            _set: self.set.take(),
            _edges: Vec::new(),
        };
        let asks = self.asks.take().into_values();
        remains._edges.extend(asks.map(|ask| ask.target));
        for waiter in self.waiters.take().into_values() {
            remains.told.extend(waiter.notify);
            remains._edges.extend(waiter.run);
        }
        remains
    }

    /// `None`: come back with a fresh notify, made without the lock.
    fn register(
        &mut self,
        slot: usize,
        caller: Caller<'_>,
        fresh: &mut Option<Notify>,
    ) -> Option<(Join, Option<Notify>)> {
        let found = self.state.look();
        if found != Join::Joined {
            return Some((found, None));
        }
        let waiter = self
            .waiters
            .get_mut(slot)
            .expect("a caller's slot is its own");
        if waiter
            .notify
            .as_ref()
            .is_some_and(|notify| caller.is(notify))
        {
            return Some((found, None));
        }
        let stale = waiter.notify.replace(fresh.take()?);
        Some((found, stale))
    }

    fn edge(&self, side: Side, slot: usize) -> Edge {
        let (bound, edge) = match side {
            Side::Up => {
                let waiter = self.waiters.get(slot);
                (self.waiters.bound(), waiter.and_then(|w| w.run.clone()))
            }
            // A run that is being dropped waits for nothing any more.
            Side::Down if self.state.phase() == Phase::Dropping => (0, None),
            Side::Down => {
                let ask = self.asks.get(slot).filter(|ask| !ask.detached);
                (self.asks.bound(), ask.map(|ask| ask.target.clone()))
            }
        };
        match edge {
            Some(flight) => Edge::To(flight),
            None if slot < bound => Edge::Empty,
            None => Edge::End,
        }
    }
}

impl sync::Wake for Flight {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let set = self.inner.with(|inner| match inner.state.wake() {
            Wake::Enqueue => inner.set.clone(),
            Wake::Nothing => None,
        });
        if let Some(set) = set {
            set.push(crate::ready::Item::Run(self.clone()));
        }
    }
}
