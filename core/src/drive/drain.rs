//! Draining: a caller or a job polls what is ready in a set and in those linked to it.
use super::{Crew, bury, poll_queued};
use crate::entry::Flight;
use crate::executor::Job;
use crate::guard::Finally;
use crate::notify::Caller;
use crate::ready::{Armed, Drainer, Item, Lost, ReadySet};
use crate::sync::Arc;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

type Set = Arc<ReadySet<Flight>>;

/// For a subscribed caller being polled: be told of what comes, then do what is there.
/// `until`: the run that it waits for.
pub(crate) fn drain(set: &Set, slot: usize, caller: Caller<'_>, until: &Flight, depth: usize) {
    if set.arm_to_drain(slot, caller) == Armed::Drain {
        Drain::new(set, Drainer::Caller(slot)).run(depth, || until.is_over());
    }
}

/// The future that an executor polls to drive a set, until nobody is interested.
pub(super) fn job(set: Set) -> Job {
    Job::new(Work(Stage::Set(set)))
}

/// The same for a set that is yet to be found.
pub(super) fn helper(crew: Arc<Crew>) -> Job {
    Job::new(Work(Stage::Crew(crew)))
}

struct Work(Stage);

enum Stage {
    /// Not begun yet.
    Crew(Arc<Crew>),
    Set(Set),
    Over,
}

impl Future for Work {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Stage::Crew(crew) = &self.0 {
            let crew = crew.clone();
            self.0 = Stage::Over;
            self.0 = Crew::work(&crew).map_or(Stage::Over, Stage::Set);
        }
        let Stage::Set(set) = &self.0 else {
            return Poll::Ready(());
        };
        if !set.arm_job(cx.waker()) {
            self.0 = Stage::Over;
            return Poll::Ready(());
        }
        Drain::new(set, Drainer::Job).run(0, || false);
        Poll::Pending
    }
}

/// The executor lets go of it.
impl Drop for Work {
    fn drop(&mut self) {
        match &self.0 {
            Stage::Crew(crew) => crew.lost(),
            Stage::Set(set) => lost(set),
            Stage::Over => {}
        }
    }
}

/// The callers drive again.
fn lost(set: &Set) {
    let Lost { driven, kept } = ReadySet::job_lost(set);
    for flight in driven {
        flight.undriven().ring();
    }
    for flight in kept {
        bury::let_go(&flight);
    }
}

struct Drain<'a> {
    set: &'a Set,
    who: Drainer,
    /// Linked sets whose turn it is, innermost last, with the link's slot there.
    links: RefCell<Vec<(Set, usize)>>,
    budget: usize,
    /// Those that were woken during their poll.
    again: Vec<usize>,
}

enum Next {
    Run(Set, Arc<Flight>),
    Again,
    Empty,
}

impl<'a> Drain<'a> {
    fn new(set: &'a Set, who: Drainer) -> Self {
        Self {
            set,
            who,
            links: RefCell::new(Vec::new()),
            budget: set.host.limits.budget.max(1),
            again: Vec::new(),
        }
    }

    fn run(mut self, depth: usize, over: impl Fn() -> bool) {
        let (set, who) = (self.set, self.who);
        let links = core::mem::take(&mut self.links);
        // Also if a poll unwinds (without `std`): what is in hand goes back.
        let stop = Finally::new(|| {
            give_back(set, &mut links.borrow_mut());
            set.stop(who);
        });
        loop {
            let next = next(set, who, &mut links.borrow_mut());
            match next {
                Next::Empty => return stop.defuse(),
                Next::Again => continue,
                Next::Run(from, flight) => {
                    if self.again.contains(&Arc::as_ptr(&flight).addr()) {
                        // It woke itself: polling it at once again would spin.
                        ReadySet::push(&from, Item::Run(flight));
                        return;
                    }
                    if poll_queued(&flight, depth) {
                        self.again.push(Arc::as_ptr(&flight).addr());
                    }
                }
            }
            self.budget -= 1;
            if over() {
                // Its subscription ends here: nobody has to tell it anything.
                stop.defuse();
                return give_back(set, &mut links.borrow_mut());
            }
            if self.budget == 0 {
                return;
            }
        }
    }
}

fn next(set: &Set, who: Drainer, links: &mut Vec<(Set, usize)>) -> Next {
    let (from, item) = match links.last() {
        None => (set.clone(), set.pop(who)),
        Some((linked, slot)) => (linked.clone(), linked.pop_link(*slot)),
    };
    match item {
        Some(Item::Run(flight)) => Next::Run(from, flight),
        Some(Item::Link(linked, slot)) => {
            links.extend(linked.upgrade().map(|linked| (linked, slot)));
            Next::Again
        }
        None if links.pop().is_some() => Next::Again,
        None => Next::Empty,
    }
}

/// Each link to the queue it came from: others rely on finding it there.
fn give_back(set: &Set, links: &mut Vec<(Set, usize)>) {
    while let Some((linked, slot)) = links.pop() {
        let from = links.last().map_or(set, |(set, _)| set).clone();
        if linked.retell(slot, &from) {
            ReadySet::push(&from, Item::Link(Arc::downgrade(&linked), slot));
        }
    }
}
