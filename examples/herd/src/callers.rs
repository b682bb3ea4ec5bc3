//! The callers: each is a call of its own, polled until it is ready.
use crate::machine::{self, Freshness, Machine, rate};
use crate::measured::Measured;
use crate::random::Random;
use crate::upstream::{CURRENCIES, Plan, Rate, Upstream};
use runce::testing::Seeded;
use runce::{Ctx, Error};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// Time goes in steps, and callers come at each.
pub(crate) const STEP: Duration = Duration::from_millis(10);

/// How much is simulated.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) length: Duration,
    pub(crate) machines: usize,
    /// To each of the machines in turn.
    pub(crate) callers_each_step: usize,
    pub(crate) seed: u64,
}

pub(crate) fn simulate(load: Load, freshness: Option<Freshness>) -> Measured {
    let executor = Seeded::new(load.seed);
    let clock = executor.clock();
    let plan = Plan::of(load.length);
    let end = plan.end();
    let upstream = Arc::new(Upstream::new(clock.clone(), plan));
    let open = |number| machine::open(number, upstream.clone(), executor.clone(), freshness);
    let machines: Vec<_> = (0..load.machines).map(open).collect();

    let mut random = Random::new(load.seed);
    let mut callers = Callers::new(Measured::new(load.machines, load.length));
    let mut next = (0..load.machines).cycle();
    while clock.now() < end {
        callers.settle(&executor);
        for number in next.by_ref().take(load.callers_each_step) {
            callers.come(&machines[number], number, random.below(CURRENCIES));
        }
        callers.settle(&executor);
        clock.advance(STEP);
        callers.now = clock.now();
    }
    drop(callers.waiting);
    callers.measured.close(&upstream.log())
}

/// Those that wait, and what all got.
struct Callers<'c> {
    now: Duration,
    /// By place, which are used again.
    waiting: Vec<Option<Caller<'c>>>,
    free: Vec<usize>,
    /// Of those that wait, who was woken.
    rung: Arc<Mutex<Vec<usize>>>,
    measured: Measured,
}

struct Caller<'c> {
    run: Pin<Box<dyn Future<Output = Result<Rate, Error>> + 'c>>,
    waker: Waker,
    came: Duration,
    line: usize,
}

/// Wakes the caller of a place. One that comes too late wakes another, which is polled for nothing.
struct Bell {
    place: usize,
    rung: Arc<Mutex<Vec<usize>>>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        rung.push(self.place);
    }
}

impl<'c> Callers<'c> {
    fn new(measured: Measured) -> Self {
        Self {
            now: Duration::ZERO,
            waiting: Vec::new(),
            free: Vec::new(),
            rung: Arc::default(),
            measured,
        }
    }

    /// A caller asks. Most are answered at once, and then need no waker.
    fn come(&mut self, ctx: &'c Ctx<Machine>, number: usize, currency: usize) {
        let line = number * CURRENCIES + currency;
        self.measured.callers += 1;
        let mut run = ctx.run(rate(currency));
        let mut cx = Context::from_waker(Waker::noop());
        if let Poll::Ready(outcome) = Pin::new(&mut run).poll(&mut cx) {
            self.measured.answered(line, self.now, outcome.ok());
            return;
        }
        self.measured.waits(line, self.now);
        let place = self.free.pop().unwrap_or_else(|| {
            self.waiting.push(None);
            self.waiting.len() - 1
        });
        let rung = self.rung.clone();
        self.waiting[place] = Some(Caller {
            run: Box::pin(run),
            waker: Arc::new(Bell { place, rung }).into(),
            came: self.now,
            line,
        });
        self.poll(place);
    }

    fn poll(&mut self, place: usize) {
        let Some(caller) = &mut self.waiting[place] else {
            return; // woken twice
        };
        let mut cx = Context::from_waker(&caller.waker);
        if let Poll::Ready(outcome) = caller.run.as_mut().poll(&mut cx) {
            self.measured.answered(caller.line, self.now, outcome.ok());
            self.measured.waited(caller.came, self.now);
            self.waiting[place] = None;
            self.free.push(place);
        }
    }

    /// Polls whoever is woken, jobs and callers, until all are asleep.
    fn settle(&mut self, executor: &Seeded) {
        loop {
            executor.run_until_idle();
            let rung = take(&self.rung);
            if rung.is_empty() {
                return;
            }
            rung.into_iter().for_each(|place| self.poll(place));
        }
    }
}

fn take(rung: &Mutex<Vec<usize>>) -> Vec<usize> {
    std::mem::take(&mut *rung.lock().unwrap_or_else(PoisonError::into_inner))
}
