//! Random lives of a context on a clock that leaps, and a naive model of what it remembers.
//!
//! A [`Life`] is a setting and a list of what happens, read from bytes like a
//! [`Program`](crate::program::Program): the clock goes on or back, by next to nothing or by
//! all there is; calls are read, refreshed, inserted and forgotten. All tasks answer at once:
//! what matters is for how long, and how many answers are kept. [`live`] compares each with
//! a list of pairs of a key and a time.
//!
//! | module | its one job |
//! |---|---|
//! | `code` | bytes → life → bytes |
//! | `time` | a clock that leaps, or a counter that wraps; what they show |
//! | `model` | what is remembered, and until when |
//! | `played` | does it all to a context, and compares |
mod code;
mod model;
mod played;
mod time;

pub use played::{Lived, live};

use std::time::Duration;

/// A context, and what happens in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Life {
    pub setting: Setting,
    pub acts: Vec<Act>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Setting {
    pub source: Source,
    pub ttl: Option<Duration>,
    pub error_ttl: Option<Duration>,
    pub capacity: Option<usize>,
}

/// What tells the time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// It shows whatever it is told.
    Leaps(Duration),
    /// A counter with that frequency, which shows that at first.
    Ticks(u32, u32),
}

/// Names a call.
pub type Key = u8;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// The clock goes on; a counter by a number of ticks that fits.
    On(Duration),
    /// The clock goes back; a reading of a counter comes late.
    Back(Duration),
    Read(Key, Answer),
    Refresh(Key, Answer),
    Insert(Key, Keep),
    /// So many keys, from that one on.
    Fill(Key, u8, Keep),
    Invalidate(Key),
    Clear,
}

/// What a run comes to, if there is one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    Value(Keep),
    Error(Keep),
    Panic,
}

/// What the task says about how long its answer is remembered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keep {
    /// Nothing: the context decides.
    Default,
    For(Duration),
    Forever,
    CallersOnly,
}

impl Life {
    /// Shorter lives, the shortest first.
    #[must_use]
    pub fn shorter(&self) -> Vec<Self> {
        let setting = self.setting;
        let all = crate::program::without_a_part(&self.acts).into_iter();
        all.map(|acts| Self { setting, acts }).collect()
    }

    /// The shortest that still fails, by leaving out what happens.
    #[must_use]
    pub fn least(self, fails: &mut dyn FnMut(&Self) -> bool) -> Self {
        let mut least = self;
        while let Some(shorter) = least.shorter().into_iter().find(|life| fails(life)) {
            least = shorter;
        }
        least
    }
}
