//! Clocks, inputs and wakers that panic.
use super::*;
use runce_tests::OnDrop;

/// `Builder::deadline`: "calls that … would begin a run, get `DeadlineExceeded`".
#[test]
fn a_context_past_its_deadline_begins_nothing() {
    let (hand, clock) = (Hand::default(), ManualClock::new());
    let ctx = Ctx::builder(app(|_, _| Box::pin(async { Ok(7) })))
        .executor(hand.clone())
        .timer(clock.clone())
        .deadline(Duration::from_secs(1))
        .build();
    assert!(now(caller(&ctx, 1)).is_ok());
    clock.advance(Duration::from_secs(3600));
    hand.go();
    let kind = now(caller(&ctx, 2)).map_err(|error| error.kind());
    assert_eq!(kind, Err(ErrorKind::DeadlineExceeded));
}

/// A clock that panics when the deadline is first to be kept.
#[test]
fn law_panics_are_outcomes_and_a_clock_s_does_not_unwind_into_a_caller() {
    struct Panics(AtomicUsize);
    impl Clock for Panics {
        fn now(&self) -> Duration {
            assert!(self.0.fetch_add(1, SeqCst) == 0, "no clock here");
            Duration::ZERO
        }
    }
    impl Timer for Panics {
        fn sleep(&self, _: Duration) -> Sleep {
            Sleep::new(std::future::ready(()))
        }
    }
    let ctx = Ctx::builder(gated(&Gate::new()))
        .executor(Hand::default())
        .timer(Panics(AtomicUsize::new(0)))
        .deadline(Duration::from_secs(1))
        .build();
    let mut run = caller(&ctx, 1);
    let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        poll(&mut run, Waker::noop()).is_pending()
    }));
    assert!(polled.is_ok());
}

/// A timer's future that panics when it is dropped: by a caller that has waited long enough, and
/// by one that leaves.
#[test]
fn law_panics_are_outcomes_and_a_sleep_s_does_not_unwind_into_a_caller() {
    struct Bad(ManualClock);
    impl Clock for Bad {
        fn now(&self) -> Duration {
            self.0.now()
        }
    }
    impl Timer for Bad {
        fn sleep(&self, time: Duration) -> Sleep {
            let (sleep, bad) = (self.0.sleep(time), OnDrop::new(|| panic!("bad drop")));
            Sleep::new(async move {
                sleep.await;
                drop(bad);
            })
        }
    }
    let (gate, clock) = (Gate::new(), ManualClock::new());
    let builder = Ctx::builder(gated(&gate)).timer(Bad(clock.clone()));
    let ctx = builder.build();
    let mut leaves = Box::pin(ctx.run(key(1)).within(Duration::from_secs(1)));
    let mut stays = Box::pin(ctx.run(key(1)).within(Duration::from_secs(2)));
    assert!(finish(&mut leaves).is_none() && finish(&mut stays).is_none());
    drop(leaves);
    gate.open();
    assert!(finish(&mut stays).expect("hangs").0.is_ok());
}

#[derive(Hash, PartialEq, Eq, Clone)]
struct Bad(u32);

impl Drop for Bad {
    fn drop(&mut self) {
        assert!(!ARMED.load(SeqCst), "bad drop");
    }
}

struct OfBad;

impl Task<()> for OfBad {
    type Input = Bad;
    type Output = u64;
    type Error = Error;

    async fn run(_: &Ctx, _: Bad) -> Result<u64, Error> {
        Ok(7)
    }
}

/// "With `std` no panic unwinds into a caller, also not from a user's `Drop`."
#[test]
fn law_panics_are_outcomes_and_an_input_s_drop_does_not_unwind_into_a_caller() {
    let ctx = Ctx::new(());
    assert_eq!(now(ctx.run(Call::<OfBad, _>::new(Bad(1)))).unwrap(), 7);
    let mut hit = Box::pin(ctx.run(Call::<OfBad, _>::new(Bad(1))));
    ARMED.store(true, SeqCst);
    let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        matches!(poll(&mut hit, Waker::noop()), Poll::Ready(Ok(7)))
    }));
    ARMED.store(false, SeqCst);
    assert!(matches!(polled, Ok(true)), "{polled:?}");
}

struct BadWaker;

impl Wake for BadWaker {
    fn wake(self: Arc<Self>) {}
}

impl Drop for BadWaker {
    fn drop(&mut self) {
        panic!("bad waker");
    }
}

/// A notified caller is dropped, and its waker panics as it goes.
#[test]
fn law_nothing_leaks_of_a_waker_that_panics_when_dropped() {
    let gate = Gate::new();
    let ctx = Ctx::new(gated(&gate));
    let mut run = caller(&ctx, 1);
    let waker = Waker::from(Arc::new(BadWaker));
    assert!(poll(&mut run, &waker).is_pending());
    gate.open(); // tells it: one of its two wakers is gone
    drop(waker);
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(run)));
    assert_eq!((ctx.len(), ctx.state().live()), (0, 0));
}
