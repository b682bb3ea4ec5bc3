//! What a first poll leaves, and contexts within runs: inputs that went to their entry, states that
//! end with their context.
#![allow(clippy::unwrap_used, missing_docs)]
use futures_core::FusedFuture;
use runce::{Call, Ctx, Error, Executor, Job, Task};
use runce_tests::{OnDrop, poll};
use std::cell::Cell;
use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

fn polled<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    poll(future, Waker::noop())
}

thread_local! {
    static CLONES: Cell<usize> = const { Cell::new(0) };
    /// Clones from now on panic; so many drops from now on do, the next first.
    static BAD_CLONES: Cell<bool> = const { Cell::new(false) };
    static BAD_DROPS: Cell<bool> = const { Cell::new(false) };
}

#[derive(Hash, PartialEq, Eq)]
struct Input(u32);

impl Clone for Input {
    fn clone(&self) -> Self {
        assert!(!BAD_CLONES.get(), "bad clone");
        CLONES.set(CLONES.get() + 1);
        Self(self.0)
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        assert!(!BAD_DROPS.replace(false), "bad drop");
    }
}

type Hook = Box<dyn FnOnce() + Send>;

/// The first run waits for ever, and calls the hook when it is dropped; later ones are ready.
#[derive(Default)]
struct Hooked {
    hook: Mutex<Option<Hook>>,
    runs: AtomicUsize,
}

struct OfInput;

impl Task<Hooked> for OfInput {
    type Input = Input;
    type Output = usize;
    type Error = Error;

    async fn run(ctx: &Ctx<Hooked>, _: Input) -> Result<usize, Error> {
        let runs = ctx.state().runs.fetch_add(1, SeqCst) + 1;
        if runs > 1 {
            return Ok(runs);
        }
        let hook = || ctx.state().hook.lock().unwrap().take();
        let _end = OnDrop::new(|| hook().into_iter().for_each(|hook| hook()));
        pending().await
    }
}

fn call() -> Call<OfInput, Input> {
    Call::new(Input(1))
}

/// What a caller gets who came as the run was being dropped.
fn newcomer(meanwhile: impl FnOnce(), then: impl FnOnce(Result<bool, String>, usize, bool)) {
    let ctx = Ctx::new(Hooked::default());
    let seat = Arc::new(Mutex::new(None));
    let (theirs, handle) = (seat.clone(), ctx.clone());
    let hook: Hook = Box::new(move || {
        let handle: &'static Ctx<Hooked> = Box::leak(Box::new(handle));
        let mut run = Box::pin(handle.run(call()));
        assert!(polled(&mut run).is_pending(), "it waits for the destructor");
        *theirs.lock().unwrap() = Some(run);
    });
    *ctx.state().hook.lock().unwrap() = Some(hook);
    let mut last = Box::pin(ctx.run(call()));
    assert!(polled(&mut last).is_pending());
    drop(last);
    let mut newcomer = seat.lock().unwrap().take().unwrap();
    meanwhile();
    CLONES.set(0);
    let polled = catch_unwind(AssertUnwindSafe(|| match polled(&mut newcomer) {
        Poll::Ready(outcome) => outcome.is_ok(),
        Poll::Pending => unreachable!("it hangs"),
    }));
    let polled = polled.map_err(|text| (*text.downcast_ref::<&str>().unwrap()).to_string());
    let is_over = newcomer.is_terminated();
    BAD_DROPS.set(false);
    BAD_CLONES.set(false);
    then(polled, CLONES.get(), is_over);
}

/// "With `std` no panic unwinds into a caller, also not from a user's `Drop`."
#[test]
fn law_panics_are_outcomes_of_the_drop_of_an_input_that_is_looked_up_again() {
    newcomer(
        || BAD_DROPS.set(true),
        |polled, _, _| {
            polled.expect("no panic unwinds into a caller");
        },
    );
}

/// A run clones its input once.
#[test]
fn an_input_that_is_looked_up_again_is_cloned_once() {
    newcomer(
        || {},
        |polled, clones, _| assert_eq!((polled, clones), (Ok(true), 1)),
    );
}

/// It is terminated once it was ready, whatever with.
#[test]
fn it_is_terminated_once_it_was_ready_with_a_panic() {
    newcomer(
        || BAD_CLONES.set(true),
        |polled, _, is_over| assert_eq!((polled, is_over), (Ok(false), true)),
    );
}

struct BadState(Arc<AtomicU32>);

impl Drop for BadState {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
        panic!("bad state");
    }
}

struct Holds;

/// It holds a context of its own, within that which it runs in, and waits for ever.
impl Task<Arc<AtomicU32>> for Holds {
    type Input = ();
    type Output = ();
    type Error = Error;

    async fn run(ctx: &Ctx<Arc<AtomicU32>>, (): ()) -> Result<(), Error> {
        let _own = Ctx::builder(BadState(ctx.state().clone()))
            .parent(ctx)
            .build();
        pending().await
    }
}

/// A run that is dropped drops the context that it has made, and its state's destructor panics.
#[test]
fn law_panics_are_outcomes_of_the_drop_of_a_state_within() {
    let drops = Arc::new(AtomicU32::new(0));
    let parent = Ctx::new(drops.clone());
    let sibling = Ctx::builder(()).parent(&parent).build();
    let mut run = Box::pin(parent.run(Call::<Holds, _>::new(())));
    assert!(polled(&mut run).is_pending());
    let cancel = catch_unwind(AssertUnwindSafe(|| parent.cancel()));
    assert_eq!(drops.load(SeqCst), 1);
    assert!(sibling.is_cancelled(), "it ends with its parent");
    assert!(cancel.is_ok(), "no panic unwinds into a caller");
}

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

struct Marks;

impl Executor for Marks {
    fn spawn(&self, job: Job) {
        drop(job);
    }

    fn enter(&self, work: &mut dyn FnMut()) {
        let before = INSIDE.replace(true);
        work();
        INSIDE.set(before);
    }
}

/// What it does when it is dropped.
struct Seen(Arc<Mutex<Vec<bool>>>);

impl Drop for Seen {
    fn drop(&mut self) {
        self.0.lock().unwrap().push(INSIDE.get());
    }
}

struct Owns;

impl Task<Arc<Mutex<Vec<bool>>>> for Owns {
    type Input = ();
    type Output = ();
    type Error = Error;

    async fn run(ctx: &Ctx<Arc<Mutex<Vec<bool>>>>, (): ()) -> Result<(), Error> {
        let _own = Ctx::builder(Seen(ctx.state().clone())).parent(ctx).build();
        pending().await
    }
}

/// What a run holds is dropped with it, in the executor's environment.
#[test]
fn law_no_callers_context_dropped_with_a_context_within() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let parent = Ctx::builder(seen.clone()).executor(Marks).build();
    let mut run = Box::pin(parent.run(Call::<Owns, _>::new(())));
    assert!(polled(&mut run).is_pending());
    parent.cancel();
    assert_eq!(*seen.lock().unwrap(), [true]);
}

/// A context lives while a handle does; what is to be built within it is none.
#[test]
fn law_nothing_leaks_of_a_parent_to_be() {
    let state = Arc::new(());
    let parent = Ctx::shared(state.clone());
    let builder = Ctx::builder(()).parent(&parent);
    drop(parent);
    assert_eq!(Arc::strong_count(&state), 1);
    assert!(builder.build().is_cancelled());
}

thread_local! {
    /// The next clone of what is remembered has it forgotten, and the next drop panics.
    static FORGETS: Cell<bool> = const { Cell::new(false) };
    static BAD_LAST: Cell<bool> = const { Cell::new(false) };
}

struct Last(Ctx);

impl Clone for Last {
    fn clone(&self) -> Self {
        if FORGETS.replace(false) {
            assert!(self.0.invalidate(&Call::<Lasts, _>::new(())));
            BAD_LAST.set(true);
        }
        Self(self.0.clone())
    }
}

impl Drop for Last {
    fn drop(&mut self) {
        assert!(!BAD_LAST.replace(false), "bad drop");
    }
}

struct Lasts;

impl Task<()> for Lasts {
    type Input = ();
    type Output = Last;
    type Error = Error;

    async fn run(ctx: &Ctx, (): ()) -> Result<Last, Error> {
        Ok(Last(ctx.clone()))
    }
}

/// Who is served it may be the last who has it.
#[test]
fn law_panics_are_outcomes_but_not_of_what_was_forgotten_as_it_was_served() {
    let call = || Call::<Lasts, _>::new(());
    let ctx = Ctx::new(());
    for detailed in [false, true] {
        drop(polled(&mut ctx.run(call())));
        FORGETS.set(true);
        let served = match detailed {
            false => polled(&mut ctx.run(call())).map_ok(drop),
            true => polled(&mut ctx.run(call()).detailed()).map_ok(drop),
        };
        assert!(
            matches!(served, Poll::Ready(Ok(()))),
            "detailed: {detailed}"
        );
        assert!(!BAD_LAST.get() && ctx.is_empty());
    }
}
