//! Plays a program, and checks after each operation.
use super::memory::TTL;
use super::world::World;
use super::{Act, End, GATES, Gate, Key, Op, Outcome, Program, Waking, Way};
use runce::Stats;
use std::sync::Arc;

/// More rounds than any program needs until all is quiet.
const ROUNDS: usize = 20_000;

/// What happened in a program.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// What callers got.
    pub outcomes: Vec<Outcome>,
    /// When there was a handle last.
    pub stats: Stats,
}

/// Runs the program. `Err`: the laws that were broken, first come first.
///
/// # Errors
///
/// When the engine does not do what the oracle says.
pub fn check(program: &Program) -> Result<Seen, Vec<String>> {
    let world = World::new(program);
    let mut broken = Vec::new();
    for (at, op) in world.program.ops.iter().enumerate() {
        world.op(op);
        world.hold(&format!("operation {at}"));
        broken = world.broken();
        if !broken.is_empty() {
            break;
        }
    }
    if broken.is_empty() {
        world.end();
        broken = world.broken();
    }
    world.take_down();
    broken.extend(world.broken());
    let seen = std::mem::take(&mut *world.seen.lock().unwrap());
    broken.extend(left_over(world));
    if broken.is_empty() {
        Ok(seen)
    } else {
        Err(broken)
    }
}

/// `nothing_leaks`.
fn left_over(world: Arc<World>) -> Vec<String> {
    let mut broken = Vec::new();
    let alive = Arc::strong_count(&world.token) - 1;
    if alive > 0 {
        broken.push(format!("nothing_leaks: {alive} of states, outputs, runs"));
    }
    let signals = world.signals();
    world.callers.lock().unwrap().clear();
    let wakers = signals.iter().filter(|it| it.strong_count() > 0).count();
    if wakers > 0 {
        broken.push(format!("nothing_leaks: {wakers} of the callers' wakers"));
    }
    broken
}

impl World {
    fn broken(&self) -> Vec<String> {
        self.books(|books| std::mem::take(&mut books.broken))
    }

    fn op(self: &Arc<Self>, op: &Op) {
        self.next_turn();
        match op {
            Op::Start(keys, waking) => self.start(keys.clone(), Way::Plain, *waking, true),
            Op::Ask(keys, way, waking) => self.start(keys.clone(), *way, *waking, true),
            Op::Lazy(key) => self.lazy(*key),
            Op::Turn(nth) => self.turn(usize::from(*nth)),
            Op::Fresh(caller) => self.nth(*caller, |caller| self.refresh(caller)),
            Op::Stall(caller) => self.nth(*caller, |caller| {
                self.callers.lock().unwrap()[caller].stalled = true;
            }),
            Op::Close(gate) => self.door(*gate).set(false),
            Op::Refuse(refuse) => self.jobs.refuse(*refuse),
            Op::OnClone(act) => self.on_clone(*act),
            Op::Settle => self.settle(),
            Op::Do(act) => {
                let waiting = self.asleep();
                self.perform(*act);
                if *act == Act::Cancel {
                    self.told(&waiting);
                }
            }
        }
    }

    /// `lazy`: a future that is not polled reserves nothing.
    fn lazy(self: &Arc<Self>, key: Key) {
        let before = self.handle().map(|ctx| (ctx.stats(), ctx.len()));
        self.start(vec![key], Way::Plain, Waking::Notes, false);
        let after = self.handle().map(|ctx| (ctx.stats(), ctx.len()));
        self.law(before == after, || "lazy".to_string());
    }

    /// Polls one of the callers and jobs that are woken.
    fn turn(self: &Arc<Self>, nth: usize) {
        let callers = self.callers.lock().unwrap();
        let mut woken: Vec<usize> = (0..callers.len()).collect();
        woken.retain(|caller| callers[*caller].is_woken());
        drop(callers);
        let jobs = self.jobs.woken();
        if woken.len() + jobs == 0 {
            return;
        }
        self.next_turn();
        let choice = nth % (woken.len() + jobs);
        match woken.get(choice) {
            Some(caller) => self.poll(*caller),
            None => self.jobs.poll(choice - woken.len()),
        }
    }

    /// Polls all that is woken, each in its turn, until nothing is.
    fn settle(self: &Arc<Self>) {
        for _ in 0..ROUNDS {
            let mut polled = false;
            let callers = self.callers.lock().unwrap().len();
            for caller in 0..callers {
                if self.callers.lock().unwrap()[caller].is_woken() {
                    polled = true;
                    self.next_turn();
                    self.poll(caller);
                }
            }
            for _ in 0..self.jobs.woken() {
                polled = true;
                self.next_turn();
                self.jobs.poll(0);
            }
            if !polled {
                return self.quiet();
            }
        }
        self.law(false, || "it never settles".to_string());
    }

    /// After the last operation.
    fn end(self: &Arc<Self>) {
        match self.program.config.end {
            End::Finish => self.finish(),
            End::ShutDown => {
                self.jobs.shut_down();
                self.finish();
            }
            End::Cancel => {
                let waiting = self.asleep();
                self.cancel();
                self.told(&waiting);
                self.finish();
            }
            End::Drop => {}
        }
        self.hold("the end");
    }

    /// All gates open: all callers finish, those who are polled only when woken first.
    fn finish(self: &Arc<Self>) {
        for gate in 0..GATES as Gate {
            self.perform(Act::Open(gate));
        }
        self.settle();
        self.hold("all gates opened");
        let callers = self.callers.lock().unwrap().len();
        for caller in 0..callers {
            if std::mem::take(&mut self.callers.lock().unwrap()[caller].stalled) {
                self.poll(caller);
            }
        }
        self.settle();
        let left = self
            .callers
            .lock()
            .unwrap()
            .iter()
            .any(|it| it.is_waiting());
        self.law(!left, || "no_futurelock: a caller is left".to_string());
    }

    /// Drops all; checks that it is gone.
    fn take_down(self: &Arc<Self>) {
        let callers = self.callers.lock().unwrap().len();
        // A destructor may start one more.
        for caller in 0..callers + 64 {
            if caller < self.callers.lock().unwrap().len() {
                self.leave(caller);
            }
        }
        self.hold("all callers are gone");
        for gate in 0..GATES as Gate {
            self.perform(Act::Open(gate));
        }
        self.settle();
        self.drop_handle();
        self.settle();
        // The clock lets go of the wakers that it keeps.
        self.clock.advance(2 * TTL);
        self.law(self.jobs.len() == 0, || {
            format!("nothing_leaks: {} jobs are left", self.jobs.len())
        });
        let alive = self.books(|books| books.alive());
        self.law(alive == 0, || format!("nothing_leaks: {alive} runs"));
    }
}
