//! An upstream that answers as it is told to.
use crate::clocks::SECOND;
use runce::testing::ManualClock;
use runce::{Builder, Call, Ctx, NoExecutor, NoTimer, Outcome, Retention, Task, WithClock};
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Answer {
    Value(u64),
    Failure(&'static str),
    Panic,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failed(pub(crate) &'static str);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Failed {}

pub(crate) struct Upstream {
    answer: Mutex<Answer>,
    asked: AtomicUsize,
}

impl Upstream {
    pub(crate) fn that(answer: Answer) -> Self {
        Self {
            answer: Mutex::new(answer),
            asked: AtomicUsize::new(0),
        }
    }

    pub(crate) fn says(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(SeqCst)
    }

    fn ask(&self) -> Result<u64, Failed> {
        self.asked.fetch_add(1, SeqCst);
        let answer = *self.answer.lock().unwrap();
        match answer {
            Answer::Value(value) => Ok(value),
            Answer::Failure(why) => Err(Failed(why)),
            Answer::Panic => panic!("as it was told"),
        }
    }
}

/// Kept as its context says.
pub(crate) struct Fetch;

impl Task<Upstream> for Fetch {
    type Input = u64;
    type Output = u64;
    type Error = Failed;

    async fn run(ctx: &Ctx<Upstream>, _: u64) -> Result<u64, Failed> {
        ctx.state().ask()
    }
}

/// Has rules of its own: even values for two seconds, odd ones as the context says, failures
/// for three seconds, and not at all if they are called `"not me"`; panics for four.
pub(crate) struct Choosy;

impl Task<Upstream> for Choosy {
    type Input = u64;
    type Output = u64;
    type Error = Failed;

    async fn run(ctx: &Ctx<Upstream>, _: u64) -> Result<u64, Failed> {
        ctx.state().ask()
    }

    fn retention(outcome: Outcome<'_, u64, Failed>) -> Option<Retention> {
        match outcome {
            Outcome::Value(value) if value % 2 == 0 => Some(Retention::For(2 * SECOND)),
            Outcome::Error(Failed("not me")) => Some(Retention::CallersOnly),
            Outcome::Error(_) => Some(Retention::For(3 * SECOND)),
            Outcome::Panicked => Some(Retention::For(4 * SECOND)),
            _ => None,
        }
    }
}

pub(crate) type Clocked = Builder<Upstream, NoExecutor, WithClock>;

/// A context on a clock moved by hand, over an upstream with that answer.
pub(crate) fn with(
    answer: Answer,
    more: impl FnOnce(Clocked) -> Clocked,
) -> (Ctx<Upstream>, ManualClock) {
    let clock = ManualClock::new();
    let builder: Builder<_, _, NoTimer> = Ctx::builder(Upstream::that(answer));
    (more(builder.clock(clock.clone())).build(), clock)
}

pub(crate) fn fetch() -> Call<Fetch, u64> {
    Call::new(1)
}

pub(crate) fn choosy() -> Call<Choosy, u64> {
    Call::new(1)
}
