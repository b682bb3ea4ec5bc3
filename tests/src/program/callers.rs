//! Callers: futures of calls from outside, and their wakers.
use super::node::Ground;
use super::node::{Value, node, outcome};
use super::wanted::Wanted;
use super::wants::{By, On};
use super::world::World;
use super::{Host, Key, Outcome, Waking, add};
use runce::{Ctx, Error, Stats};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Weak};
use std::task::{Poll, Wake};

type Pending = Pin<Box<dyn Future<Output = Result<Vec<Value>, Error>> + Send>>;

pub(super) struct Caller {
    keys: Vec<Key>,
    future: Option<Pending>,
    /// Somebody has the future on his stack.
    busy: bool,
    waking: Waking,
    signal: Arc<Signal>,
    pub(super) stalled: bool,
    polled: bool,
    /// With an executor: it joined, and nothing else happened; the epoch of its key then.
    joined: Option<usize>,
    /// How often it was woken before its last poll.
    wakes: usize,
}

/// A caller's waker.
pub(super) struct Signal {
    world: Weak<World>,
    caller: usize,
    waking: Waking,
    woken: AtomicBool,
    /// Since it was last polled.
    wakes: AtomicUsize,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, SeqCst);
        self.wakes.fetch_add(1, SeqCst);
        match self.waking {
            Waking::Notes => {}
            Waking::Panics => resume_unwind(Box::new("a waker")),
            Waking::Polls => {
                let world = self.world.upgrade();
                world.into_iter().for_each(|world| world.answer(&self));
            }
        }
    }
}

impl World {
    /// One of the callers that are not done.
    pub(super) fn nth(&self, nth: u8, work: impl FnOnce(usize)) {
        let callers = self.callers.lock().unwrap();
        let mut here: Vec<usize> = (0..callers.len()).collect();
        here.retain(|caller| callers[*caller].future.is_some());
        drop(callers);
        if !here.is_empty() {
            work(here[usize::from(nth) % here.len()]);
        }
    }

    pub(super) fn start(self: &Arc<Self>, keys: Vec<Key>, waking: Waking, poll: bool) {
        let Some(ctx) = self.handle() else { return };
        let mut callers = self.callers.lock().unwrap();
        let caller = callers.len();
        let on = On::Keys(keys.clone());
        let future = Wanted::new(self, By::Caller(caller), on, call(self, ctx, &keys));
        callers.push(Caller {
            keys,
            future: Some(Box::pin(future)),
            busy: false,
            waking,
            signal: self.signal(caller, waking),
            stalled: false,
            polled: false,
            joined: None,
            wakes: 0,
        });
        drop(callers);
        if poll {
            self.poll(caller);
        }
    }

    fn signal(self: &Arc<Self>, caller: usize, waking: Waking) -> Arc<Signal> {
        Arc::new(Signal {
            world: Arc::downgrade(self),
            caller,
            waking,
            woken: AtomicBool::new(true),
            wakes: AtomicUsize::new(0),
        })
    }

    /// With another waker from now on.
    pub(super) fn refresh(self: &Arc<Self>, caller: usize) {
        let mut callers = self.callers.lock().unwrap();
        let it = &mut callers[caller];
        let stale = std::mem::replace(&mut it.signal, self.signal(caller, it.waking));
        drop(callers);
        drop(stale);
        self.poll(caller);
    }

    /// A waker that polls.
    fn answer(self: &Arc<Self>, signal: &Arc<Signal>) {
        let callers = self.callers.lock().unwrap();
        let it = &callers[signal.caller];
        let ours = Arc::ptr_eq(&it.signal, signal) && !it.stalled;
        drop(callers);
        if ours {
            self.poll(signal.caller);
        }
    }

    pub(super) fn poll(self: &Arc<Self>, caller: usize) {
        let mut callers = self.callers.lock().unwrap();
        let it = &mut callers[caller];
        let Some(mut future) = it.future.take() else {
            return;
        };
        it.busy = true;
        let first = !std::mem::replace(&mut it.polled, true);
        let (keys, signal) = (it.keys.clone(), it.signal.clone());
        signal.woken.store(false, SeqCst);
        let wakes = signal.wakes.swap(0, SeqCst);
        it.wakes += wakes;
        drop(callers);
        self.law(wakes <= self.program.wakes(), || {
            format!("caller {caller} was woken {wakes} times")
        });
        let before = self.before(&keys, first);
        let waker = signal.into();
        let polled = catch_unwind(AssertUnwindSafe(|| crate::poll(&mut future, &waker)));
        match polled {
            Err(_) => self.law(false, || format!("a poll of caller {caller} unwinds")),
            Ok(Poll::Pending) => self.pending(caller, future, &before),
            Ok(Poll::Ready(result)) => {
                self.callers.lock().unwrap()[caller].busy = false;
                drop(future);
                self.woken_once(caller);
                self.verify(caller, &keys, &result, &before);
            }
        }
    }

    fn before(&self, keys: &[Key], first: bool) -> Before {
        Before {
            cancelled: self.is_cancelled(),
            hit: self.hit(keys).filter(|_| first),
            stats: self.stats().filter(|_| first),
        }
    }

    fn pending(&self, caller: usize, future: Pending, before: &Before) {
        self.law(before.hit.is_none(), || {
            format!("once: caller {caller} waits for what is remembered")
        });
        self.law(!before.cancelled, || {
            format!("cancelled_serves_nothing: caller {caller} waits")
        });
        let joined = before.stats.is_some_and(|then| self.has_joined(then));
        let mut callers = self.callers.lock().unwrap();
        let it = &mut callers[caller];
        (it.future, it.busy) = (Some(future), false);
        let epoch = || self.books(|books| books.keys[usize::from(it.keys[0])].epoch);
        it.joined = it.joined.or_else(|| joined.then(epoch));
    }

    fn stats(&self) -> Option<Stats> {
        self.handle().map(|ctx| ctx.stats())
    }

    /// Since then one call has joined a run, and nothing else has happened.
    fn has_joined(&self, then: Stats) -> bool {
        let plain = self.program.wakes() == 2 && self.program.config.host != Host::Callers;
        let joined = |now: Stats| now.joins == then.joins + 1 && now.runs == then.runs;
        plain && self.stats().is_some_and(joined)
    }

    /// With an executor, one who joined a run is woken once, by its end.
    fn woken_once(&self, caller: usize) {
        let callers = self.callers.lock().unwrap();
        let it = &callers[caller];
        let (wakes, joined, key) = (it.wakes, it.joined, it.keys[0]);
        drop(callers);
        let ends = self.books(|books| books.keys[usize::from(key)].epoch);
        let once = joined.is_some_and(|then| ends <= then + 1);
        let right = !once || wakes <= 1 || self.jobs.lost.load(SeqCst);
        self.law(right, || {
            format!("caller {caller} joined a run and was woken {wakes} times")
        });
    }

    /// What is remembered, if that answers the call.
    fn hit(&self, keys: &[Key]) -> Option<usize> {
        let [key] = keys else { return None };
        self.books(|books| {
            let book = &books.keys[usize::from(*key)];
            let run = book.remembered.filter(|_| !book.vague);
            run.filter(|run| !books.runs[*run].alive)
        })
    }

    fn verify(
        &self,
        caller: usize,
        keys: &[Key],
        result: &Result<Vec<Value>, Error>,
        before: &Before,
    ) {
        let fold = |values: &Vec<Value>| values.iter().fold(0, |sum, v| add(sum, v.value));
        let outcome = outcome(result, fold);
        self.seen.lock().unwrap().outcomes.push(outcome);
        let says = || format!("caller {caller} of {keys:?} gets {outcome:?}");
        if before.cancelled {
            let right = outcome == Outcome::Cancelled;
            return self.law(right, || format!("cancelled_serves_nothing: {}", says()));
        }
        if outcome == Outcome::Cancelled {
            let right = self.is_cancelled();
            return self.law(right, || format!("nobody cancelled: {}", says()));
        }
        self.books(|books| {
            let right = match result {
                Ok(values) => keys
                    .iter()
                    .zip(values)
                    .all(|(key, it)| books.came_to(*key, Outcome::Value(it.value), Some(it.run))),
                Err(_) => keys.iter().any(|key| books.came_to(*key, outcome, None)),
            };
            books.law(right, || format!("outcomes: {}", says()));
            let Some(hit) = before.hit else { return };
            let run = result.as_ref().map_or(hit, |values| values[0].run);
            let right = run == hit && books.runs[hit].outcome == Some(outcome);
            books.law(right, || format!("once: a hit of run {hit}: {}", says()));
        });
    }

    pub(super) fn leave(&self, caller: usize) {
        let future = self.callers.lock().unwrap()[caller].future.take();
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(future)));
        self.law(dropped.is_ok(), || {
            format!("dropping caller {caller} unwinds")
        });
    }

    pub(super) fn signals(&self) -> Vec<Weak<Signal>> {
        let callers = self.callers.lock().unwrap();
        callers
            .iter()
            .map(|it| Arc::downgrade(&it.signal))
            .collect()
    }
}

/// How things were before a caller was polled.
struct Before {
    cancelled: bool,
    /// The run that a first poll finds remembered.
    hit: Option<usize>,
    /// Of a first poll.
    stats: Option<Stats>,
}

impl Caller {
    pub(super) fn is_waiting(&self) -> bool {
        self.future.is_some() || self.busy
    }

    pub(super) fn is_asleep(&self) -> bool {
        self.future.is_some() && self.polled && !self.signal.woken.load(SeqCst)
    }

    pub(super) fn is_woken(&self) -> bool {
        self.future.is_some() && !self.stalled && self.signal.woken.load(SeqCst)
    }
}

fn call(world: &Arc<World>, ctx: Ctx<Ground>, keys: &[Key]) -> Pending {
    if let [key] = *keys {
        let call = node(world, key);
        return Box::pin(async move { Ok(vec![ctx.run(call).await?]) });
    }
    let calls: Vec<_> = keys.iter().map(|key| node(world, *key)).collect();
    Box::pin(async move { ctx.run_parallel(calls).await })
}
