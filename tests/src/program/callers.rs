//! Callers: futures of calls from outside, and their wakers.
use super::node::Ground;
use super::node::{Value, anew, node};
use super::wanted::Wanted;
use super::wants::{By, On};
use super::world::World;
use super::{Key, Waking, Way};
use runce::{Ctx, Error};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Weak};
use std::task::{Poll, Wake};
use std::time::Duration;

pub(super) type Pending = Pin<Box<dyn Future<Output = Result<Vec<Value>, Error>> + Send>>;

/// So long a caller waits that does not wait for long.
pub(super) const WAIT: Duration = Duration::from_secs(10);

pub(super) struct Caller {
    pub(super) keys: Vec<Key>,
    pub(super) way: Way,
    pub(super) future: Option<Pending>,
    /// Somebody has the future on his stack.
    pub(super) busy: bool,
    pub(super) waking: Waking,
    signal: Arc<Signal>,
    pub(super) stalled: bool,
    /// How many runs had ended when it was polled first.
    pub(super) since: Option<usize>,
    /// When it first had to wait.
    pub(super) waits_since: Option<Duration>,
    /// With an executor: it joined, and nothing else happened; the epoch of its key then.
    pub(super) joined: Option<usize>,
    /// How often it was woken before its last poll.
    pub(super) wakes: usize,
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

    pub(super) fn start(
        self: &Arc<Self>,
        mut keys: Vec<Key>,
        way: Way,
        waking: Waking,
        poll: bool,
    ) {
        let Some(ctx) = self.handle() else { return };
        let mut callers = self.callers.lock().unwrap();
        let caller = callers.len();
        if let Way::Refresh | Way::Within = way {
            keys.truncate(1);
        }
        let on = match way {
            Way::Refresh => On::Anew(keys[0]),
            _ => On::Keys(keys.clone()),
        };
        let future = Wanted::new(self, By::Caller(caller), on, call(self, ctx, &keys, way));
        callers.push(Caller {
            keys,
            way,
            future: Some(Box::pin(future)),
            busy: false,
            waking,
            signal: self.signal(caller, waking),
            stalled: false,
            since: None,
            waits_since: None,
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
        let first = it.since.is_none();
        let ends = self.books(|books| books.ends);
        let since = *it.since.get_or_insert(ends);
        let (keys, way, signal) = (it.keys.clone(), it.way, it.signal.clone());
        signal.woken.store(false, SeqCst);
        let wakes = signal.wakes.swap(0, SeqCst);
        it.wakes += wakes;
        drop(callers);
        // One who does not wait for long left a waker with the clock at each poll.
        let right = wakes <= self.program.wakes() || way == Way::Within;
        self.law(right, || format!("caller {caller} was woken {wakes} times"));
        let before = self.before(&keys, way, first, since);
        let waker = signal.into();
        let polled = catch_unwind(AssertUnwindSafe(|| crate::poll(&mut future, &waker)));
        match polled {
            Err(_) => self.law(false, || format!("a poll of caller {caller} unwinds")),
            Ok(Poll::Pending) => self.pending(caller, future, &before),
            Ok(Poll::Ready(result)) => {
                self.callers.lock().unwrap()[caller].busy = false;
                drop(future);
                self.woken_once(caller);
                self.verify(caller, &keys, way, &result, &before);
            }
        }
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

impl Caller {
    pub(super) fn is_waiting(&self) -> bool {
        self.future.is_some() || self.busy
    }

    pub(super) fn is_asleep(&self) -> bool {
        self.future.is_some() && self.since.is_some() && !self.signal.woken.load(SeqCst)
    }

    /// It waits for longer than it meant to.
    pub(super) fn is_late(&self, now: Duration) -> bool {
        let since = self.waits_since.filter(|_| self.way == Way::Within);
        since.is_some_and(|since| now >= since + WAIT)
    }

    pub(super) fn is_woken(&self) -> bool {
        self.future.is_some() && !self.stalled && self.signal.woken.load(SeqCst)
    }
}

/// What a caller of a refresh, or of a group, waits for is what it asks for.
fn call(world: &Arc<World>, ctx: Ctx<Ground>, keys: &[Key], way: Way) -> Pending {
    let calls: Vec<_> = keys.iter().map(|key| node(world, *key)).collect();
    let first = node(world, keys[0]);
    match way {
        Way::Plain if keys.len() == 1 => Box::pin(async move { Ok(vec![ctx.run(first).await?]) }),
        Way::Plain => Box::pin(async move { ctx.run_parallel(calls).await }),
        Way::Each => Box::pin(async move { ctx.run_each(calls).await }),
        Way::Refresh => {
            let call = anew(world, keys[0]);
            Box::pin(async move { Ok(vec![ctx.refresh(call).await?]) })
        }
        Way::Within => Box::pin(async move { Ok(vec![ctx.run(first).within(WAIT).await?]) }),
        Way::Settled => {
            let (world, keys) = (world.clone(), keys.to_vec());
            Box::pin(async move {
                let all = ctx.run_settled(calls).await;
                world.each(&keys, &all);
                all.into_iter().collect()
            })
        }
    }
}
