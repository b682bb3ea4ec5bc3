//! Members of a group that the executor begins. One that is ready at once needs no set and no
//! job of its own.
use super::drain::helper;
use super::{Polled, bury, poll, set_of};
use crate::entry::{Body, Flight};
use crate::executor::Host;
use crate::guard::{Finally, catch};
use crate::ready::{Item, ReadySet, Subscribed};
use crate::state::Release;
use crate::sync::{Arc, Lock};
use alloc::collections::VecDeque;

type Set = Arc<ReadySet<Flight>>;

/// Those that are still to be begun, by helpers: jobs of which each takes one after the other.
/// While any are left, a helper that has not begun yet is with the executor, so that as many
/// threads take them as there are.
pub(crate) struct Crew {
    host: Host,
    books: Lock<Books>,
}

struct Books {
    fresh: VecDeque<Arc<Flight>>,
    /// A helper is on its way.
    called: bool,
}

/// A fresh run that the executor is to begin: it is put into its flight, and in nobody's queue; but
/// if somebody waits for it by now who may be blocked, he is told of it.
pub(crate) fn put_by(flight: &Arc<Flight>, body: Body) {
    match flight.put_by(body) {
        (Release::Bury, _) => bury(flight.clone()),
        (_, Some(set)) => ReadySet::push(&set, Item::Run(flight.clone())),
        (_, None) => {}
    }
}

/// No executor begins it: whoever waits for it does.
pub(crate) fn give_back(flight: &Arc<Flight>) {
    Flight::push(flight);
    flight.undriven().ring();
}

impl Crew {
    pub(crate) fn new(host: Host) -> Arc<Self> {
        let books = Lock::new(Books {
            fresh: VecDeque::with_capacity(16),
            called: false,
        });
        Arc::new(Self { host, books })
    }

    /// One member more, which was put by.
    pub(crate) fn add(this: &Arc<Self>, flight: Arc<Flight>) {
        let call = this.books.with(|books| {
            books.fresh.push_back(flight);
            books.call()
        });
        Self::call_if(this, call);
    }

    fn take(this: &Arc<Self>) -> Option<Arc<Flight>> {
        let pick = this.host.executor.as_ref();
        let pick = pick.map_or(0, |executor| catch(|| executor.pick()).unwrap_or(0));
        let (next, call) = this.books.with(|books| {
            let next = pick % books.fresh.len().max(1);
            let next = books.fresh.remove(next);
            (next, books.call())
        });
        // Without `std`, an executor that panics unwinds through us.
        let unwound = Finally::new(|| next.iter().for_each(give_back));
        Self::call_if(this, call);
        unwound.defuse();
        next
    }

    fn call_if(this: &Arc<Self>, call: bool) {
        if let (true, Some(executor)) = (call, &this.host.executor) {
            let helper = helper(this.clone());
            // An executor that panics has dropped it.
            let _ = catch(|| executor.spawn(helper));
        }
    }

    /// What a helper does. A member that is not ready at once becomes its own from then on, and
    /// others do the rest.
    pub(super) fn work(this: &Arc<Self>) -> Option<Set> {
        this.books.with(|books| books.called = false);
        for _ in 0..this.host.limits.budget.max(1) {
            let flight = Self::take(this)?;
            if let Some(set) = begin(&flight) {
                return Some(set);
            }
        }
        None
    }

    /// A helper was dropped before it began: no executor.
    pub(super) fn lost(&self) {
        let fresh = self.books.with(|books| {
            books.called = false;
            core::mem::take(&mut books.fresh)
        });
        fresh.iter().for_each(give_back);
    }
}

impl Books {
    fn call(&mut self) -> bool {
        !self.fresh.is_empty() && !core::mem::replace(&mut self.called, true)
    }
}

/// The set that whoever begins this is the job of from now on.
fn begin(flight: &Arc<Flight>) -> Option<Set> {
    let over = match flight.claim() {
        Some(body) => poll(flight, body, 0) == Polled::Over,
        None => flight.is_over(),
    };
    if over {
        return None;
    }
    let set = set_of(flight);
    let Some(subscribed) = set.drive(flight, true) else {
        give_back(flight);
        return None;
    };
    let (Subscribed::As(slot) | Subscribed::Spawn(slot)) = subscribed;
    if !flight.driven_by(slot) {
        set.undrive(slot);
    }
    matches!(subscribed, Subscribed::Spawn(_)).then_some(set)
}

/// A caller comes to wait for a run of a set that has a job: from then on its callers rely on
/// that, and need not subscribe. `false`: there is no job, or it is lost.
pub(crate) fn rely_on_job(flight: &Arc<Flight>, set: &Set) -> bool {
    if !set.is_relied_on() {
        return false;
    }
    if !flight.promise_job() {
        return true;
    }
    let Some(Subscribed::As(slot) | Subscribed::Spawn(slot)) = set.drive(flight, false) else {
        flight.undriven().ring();
        return false;
    };
    if !flight.driven_by(slot) {
        set.undrive(slot);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{Origin, Settled};
    use crate::notify::Notify;
    use crate::ready::Guest;
    use crate::state::{Join, Leave};
    use alloc::boxed::Box;
    use core::sync::atomic::{AtomicUsize, Ordering};
    use core::task::Waker;

    fn apart() -> Arc<Flight> {
        let origin = Origin {
            context: 0,
            creator: None,
            outside: true,
            set: None,
            apart: true,
        };
        Flight::new(&Host::bare(), origin)
    }

    /// Somebody polls it to its end before whoever revived it can queue it.
    #[test]
    fn law_nothing_leaks_of_a_run_that_is_revived_as_it_ends() {
        let flight = apart();
        put_by(&flight, Box::pin(async {}));
        assert_eq!(flight.leave(0, false), Leave::Bury);
        assert_eq!(flight.join(None, true).0, Join::Revived);
        drop(flight.claim().expect("it is wanted again"));
        match flight.settle() {
            Settled::Alone(trifle) => trifle.settle(),
            Settled::Shared(remains) => drop(remains.settle()),
        }
        Flight::push(&flight);
        give_back(&flight);
        assert_eq!(Arc::strong_count(&flight), 1);
    }

    struct Counts(AtomicUsize);

    impl alloc::task::Wake for Counts {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// A thread that is blocked waits for a member that is not put by yet.
    #[test]
    fn law_no_lost_wakeup_of_who_is_blocked_on_a_member() {
        let flight = apart();
        let wakes = Arc::new(Counts(AtomicUsize::new(0)));
        let notify = Notify::Waker(Waker::from(wakes.clone()));
        let _ = set_of(&flight).invite(Guest::on_top(notify, false));
        put_by(&flight, Box::pin(async {}));
        assert_eq!(wakes.0.load(Ordering::SeqCst), 1);
        drop(flight.claim());
    }
}
