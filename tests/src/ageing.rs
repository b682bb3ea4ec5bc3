//! Random lives of a context on a clock that leaps, and a naive model of what it remembers.
//!
//! A [`Life`] is a setting and a list of what happens, read from bytes like a
//! [`Program`](crate::program::Program): the clock goes on or back, by next to nothing or by
//! all there is, or to the moment at which something ages; calls are read, refreshed, inserted
//! and forgotten. Most runs are over at once; some wait, and those behind all callers are over
//! when the executor has its turn. What matters is for how long, and how many answers are kept,
//! and what is served while a newer one is due. [`live`] compares each with a list of keys and
//! times.
//!
//! | module | its one job |
//! |---|---|
//! | `setting` | what a context is told about time and room |
//! | `code` | bytes → life → bytes |
//! | `time` | a clock that leaps, or a counter that wraps; what they show |
//! | `rules` | how an answer ages, in plain arithmetic |
//! | `model` | what is remembered, what is in flight, and what a call comes to |
//! | `asked` | the task, and a context for it |
//! | `calls` | calls: what each must come to, and what it does come to |
//! | `played` | does it all to a context |
//! | `held` | what has to hold after each act |
mod asked;
mod calls;
mod code;
mod held;
mod model;
mod played;
mod rules;
mod setting;
mod time;

pub use played::{Lived, live};
pub use setting::{Setting, Share, Source, Windows};

use std::time::Duration;

/// A context, and what happens in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Life {
    pub setting: Setting,
    pub acts: Vec<Act>,
}

/// Names a call.
pub type Key = u8;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// The clock goes on; a counter by a number of ticks that fits.
    On(Duration),
    /// The clock goes back; a reading of a counter comes late.
    Back(Duration),
    /// The clock goes on to when something becomes of what is remembered.
    To(Key, Edge),
    Read(Key, Run),
    Refresh(Key, Run),
    Insert(Key, Keep),
    /// So many keys, from that one on.
    Fill(Key, u8, Keep),
    Invalidate(Key),
    Clear,
    /// Runs that wait go on, and the executor does what there is to do.
    Drive,
    /// All who wait hang up.
    Leave,
}

/// A moment in the life of what is remembered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edge {
    pub becomes: Age,
    /// A nanosecond before that.
    pub early: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Age {
    Due,
    Stale,
    /// Served only where a run fails.
    Late,
    Over,
}

/// What a run does, if there is one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Run {
    pub answer: Answer,
    /// It has to wait, for [`Act::Drive`].
    pub slow: bool,
}

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
    /// Shorter lives, the shortest first; then simpler ones.
    #[must_use]
    pub fn shorter(&self) -> Vec<Self> {
        let setting = self.setting;
        let all = crate::program::without_a_part(&self.acts).into_iter();
        let shorter = all.map(|acts| Self { setting, acts });
        let simpler = setting.simpler().into_iter().map(|setting| Self {
            setting,
            acts: self.acts.clone(),
        });
        shorter.chain(simpler).collect()
    }

    /// The least that still fails, by leaving out what happens, and what the context is told.
    #[must_use]
    pub fn least(self, fails: &mut dyn FnMut(&Self) -> bool) -> Self {
        let mut least = self;
        while let Some(shorter) = least.shorter().into_iter().find(|life| fails(life)) {
            least = shorter;
        }
        least
    }
}
