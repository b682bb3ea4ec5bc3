//! Time in the models: a clock that is set between threads, a timer that is due when a gate
//! opens, and contexts that forget.
use crate::world::{App, Gate, Seen, app, yields};
use loom::sync::Mutex;
use runce::{Clock, Ctx, Sleep, Timer};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

pub(crate) const TTL: Duration = Duration::from_secs(1);

/// In seconds. Of `std`: it is set while there is one thread only.
#[derive(Clone, Default)]
pub(crate) struct Hands(Arc<AtomicU64>);

impl Hands {
    pub(crate) fn advance(&self, time: Duration) {
        self.0.fetch_add(time.as_secs(), SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> Duration {
        Duration::from_secs(self.0.load(SeqCst))
    }
}

/// A clock that is set while others look, and says how often they have.
#[derive(Clone, Default)]
pub(crate) struct Watched(Arc<Mutex<(u64, usize)>>);

impl Watched {
    /// How often it was looked at before.
    pub(crate) fn advance(&self, time: Duration) -> usize {
        let mut hands = self.0.lock().unwrap();
        hands.0 += time.as_secs();
        hands.1
    }
}

impl Clock for Watched {
    fn now(&self) -> Duration {
        let mut hands = self.0.lock().unwrap();
        hands.1 += 1;
        Duration::from_secs(hands.0)
    }
}

/// All its sleeps are over when the gate opens.
#[derive(Clone, Default)]
pub(crate) struct Due(Arc<Gate>);

impl Due {
    pub(crate) fn come(&self) {
        self.0.open();
    }
}

impl Clock for Due {
    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

impl Timer for Due {
    fn sleep(&self, _: Duration) -> Sleep {
        let gate = self.0.clone();
        Sleep::new(async move { gate.wait().await })
    }
}

/// Runs of one key that are told apart by their outcomes: the first is 0, the next 1. The
/// first is ready at once, the others have to be polled so often again.
pub(crate) fn numbered(waits: usize) -> (App, Arc<Seen>) {
    let next = AtomicUsize::new(0);
    app(move |_, _| {
        let number = next.fetch_add(1, SeqCst);
        Box::pin(async move {
            yields(if number == 0 { 0 } else { waits }).await;
            Ok(u32::try_from(number).unwrap())
        })
    })
}

/// Those, in a context with a TTL.
pub(crate) fn forgetful(waits: usize) -> (Ctx<App>, Arc<Seen>, Hands) {
    let hands = Hands::default();
    let (app, seen) = numbered(waits);
    let ctx = Ctx::builder(app).clock(hands.clone()).ttl(TTL).build();
    (ctx, seen, hands)
}
