//! Would this wait close a cycle?
//!
//! A two-sided breadth-first search over the wait-for graph: down from the target
//! along what it waits for, up from the asker along those who wait for it, one edge of
//! each in turn. It stops when either side is exhausted, so it costs no more than
//! twice the smaller side: joining a run that waits for nothing costs nothing, however
//! many wait for the asker. (Bidirectional incremental cycle detection: Bender,
//! Fineman, Gilbert, Tarjan, "A New Approach to Incremental Cycle Detection", 2015.)
use crate::entry::{Edge, Flight, Mark, Node, Side};
use crate::sync::Arc;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The entries along a cycle, asker first. To be dropped with no lock held.
pub(crate) struct Cycle(Vec<Option<Arc<dyn Node>>>);

/// Everything that a search touched. It must outlive the graph lock: what it drops
/// may be the last of its kind.
pub(crate) struct Search {
    up: Frontier,
    down: Frontier,
}

struct Frontier {
    side: Side,
    /// Those seen, each with the place of the one it was reached from.
    seen: Vec<(Arc<Flight>, usize)>,
    /// The one whose edges are being followed, and the next of them.
    at: usize,
    slot: usize,
    /// Met and left aside; kept, since nothing is dropped under the lock.
    unfollowed: Vec<Arc<Flight>>,
}

enum Step {
    Going,
    Exhausted,
    /// They met: there, reached from that place.
    Met(Arc<Flight>, usize),
}

impl Search {
    pub(crate) fn new(asker: &Arc<Flight>, target: &Arc<Flight>) -> Self {
        Self {
            up: Frontier::new(Side::Up, asker),
            down: Frontier::new(Side::Down, target),
        }
    }

    /// Under the graph lock, with a number never used before in this context.
    pub(crate) fn run(&mut self, number: usize) -> Option<Cycle> {
        let (asker, target) = (self.up.seen[0].0.clone(), self.down.seen[0].0.clone());
        let _ = asker.mark(number, Side::Up);
        if target.mark(number, Side::Down) == Mark::Met {
            return Some(Cycle(alloc::vec![asker.entry()]));
        }
        loop {
            for down in [true, false] {
                let frontier = if down { &mut self.down } else { &mut self.up };
                match frontier.step(number) {
                    Step::Going => {}
                    Step::Exhausted => return None,
                    Step::Met(at, from) => return Some(self.path(down, &at, from)),
                }
            }
        }
    }

    fn path(&self, down: bool, at: &Arc<Flight>, from: usize) -> Cycle {
        let (near, far) = if down {
            (&self.down, &self.up)
        } else {
            (&self.up, &self.down)
        };
        let mut near = near.trail(from);
        let mut far = far.trail(far.place(at));
        if !down {
            core::mem::swap(&mut near, &mut far);
        }
        // `near` now leads from the target to the meeting, `far` from the asker.
        let asker = far.pop();
        near.reverse();
        let path = asker.into_iter().chain(near).chain(far);
        Cycle(path.map(|flight| flight.entry()).collect())
    }
}

impl Frontier {
    fn new(side: Side, start: &Arc<Flight>) -> Self {
        Self {
            side,
            seen: alloc::vec![(start.clone(), usize::MAX)],
            at: 0,
            slot: 0,
            unfollowed: Vec::new(),
        }
    }

    fn step(&mut self, number: usize) -> Step {
        let Some((flight, _)) = self.seen.get(self.at) else {
            return Step::Exhausted;
        };
        match flight.edge(self.side, self.slot) {
            Edge::End => {
                self.at += 1;
                self.slot = 0;
                if self.at == self.seen.len() {
                    return Step::Exhausted;
                }
            }
            Edge::Empty => self.slot += 1,
            Edge::To(next) => {
                self.slot += 1;
                if self.side == Side::Up && next.is_dropping() {
                    // What is being dropped waits for nothing any more.
                    self.unfollowed.push(next);
                    return Step::Going;
                }
                match next.mark(number, self.side) {
                    Mark::New => self.seen.push((next, self.at)),
                    Mark::Again => self.unfollowed.push(next),
                    Mark::Met => return Step::Met(next, self.at),
                }
            }
        }
        Step::Going
    }

    /// From that place back to the start.
    fn trail(&self, mut place: usize) -> Vec<Arc<Flight>> {
        let mut trail = Vec::new();
        while let Some((flight, from)) = self.seen.get(place) {
            trail.push(flight.clone());
            place = *from;
        }
        trail
    }

    fn place(&self, at: &Arc<Flight>) -> usize {
        let place = self
            .seen
            .iter()
            .position(|(flight, _)| Arc::ptr_eq(flight, at));
        place.unwrap_or(usize::MAX)
    }
}

impl Cycle {
    /// Foreign: asks the inputs for their labels.
    pub(crate) fn labels(self) -> Vec<Box<str>> {
        let label = |node: Arc<dyn Node>| node.label();
        self.0.into_iter().flatten().map(label).collect()
    }
}
