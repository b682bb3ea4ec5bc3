//! What can be said of a program, a step, an outcome by itself.
use super::{Act, Key, Manner, Op, Outcome, Program, Step, Waking, Way};

impl Program {
    /// A caller is woken at most so often between two polls: by its set and by its outcome;
    /// more often only if it is polled in the middle of other polls.
    pub(super) fn wakes(&self) -> usize {
        let nests = |step: &Step| matches!(step, Step::Do(_) | Step::AtEnd(_));
        let polls = |op: &Op| {
            matches!(
                op,
                Op::Start(_, Waking::Polls) | Op::Ask(_, _, Waking::Polls) | Op::OnClone(_)
            )
        };
        if self.keys.iter().flatten().any(nests) || self.ops.iter().any(polls) {
            return if self.refreshes() { 9 } else { 6 };
        }
        2
    }

    /// Polls of tasks nest more than the engine nests them.
    pub(super) fn nests(&self) -> bool {
        let detached =
            |step: &Step| matches!(step, Step::Detached(_) | Step::Own(_, Manner::Detached));
        self.wakes() > 2 || self.keys.iter().flatten().any(detached)
    }

    /// What is done somewhere in it.
    fn acts(&self) -> impl Iterator<Item = Act> {
        let steps = self.keys.iter().flatten().filter_map(|step| match step {
            Step::Do(act) | Step::AtEnd(act) => Some(*act),
            _ => None,
        });
        let ops = self.ops.iter().filter_map(|op| match op {
            Op::Do(act) | Op::OnClone(act) => Some(*act),
            _ => None,
        });
        steps.chain(ops)
    }

    /// Is a key run anew somewhere while it is remembered?
    pub(super) fn refreshes(&self) -> bool {
        let steps = self.keys.iter().flatten();
        let mut steps = steps.filter(|step| matches!(step, Step::Refresh(_)));
        let mut ops = self.ops.iter();
        steps.next().is_some()
            || self.acts().any(|act| matches!(act, Act::Refresh(_)))
            || ops.any(|op| matches!(op, Op::Ask(_, Way::Refresh, _)))
    }

    /// Is something inserted for that key?
    pub(super) fn inserts(&self, key: Key) -> bool {
        self.acts().any(|act| act == Act::Insert(key))
    }

    /// Tasks are polled by callers and jobs only.
    pub(super) fn is_plain(&self) -> bool {
        let own = |step: &Step| matches!(step, Step::Own(..));
        !self.nests() && !self.keys.iter().flatten().any(own)
    }
}

impl Step {
    /// The keys that it asks for.
    #[must_use]
    pub fn asks(&self) -> &[Key] {
        match self {
            Self::Run(key)
            | Self::Try(key)
            | Self::Detached(key)
            | Self::Hold(key)
            | Self::Touch(key)
            | Self::Refresh(key) => std::slice::from_ref(key),
            Self::Group(keys) | Self::Settled(keys) | Self::Own(keys, _) | Self::Race(keys) => keys,
            _ => &[],
        }
    }

    /// What it comes to depends on more than its keys: on the order of things.
    #[must_use]
    pub fn is_loose(&self) -> bool {
        matches!(
            self,
            Self::Try(_) | Self::Settled(_) | Self::Hold(_) | Self::Touch(_) | Self::Race(_)
        )
    }
}

impl Outcome {
    /// Not to be remembered.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Cycle | Self::Cancelled | Self::TimedOut | Self::Late
        )
    }

    /// What a task makes of it that catches errors.
    #[must_use]
    pub fn code(self) -> u64 {
        match self {
            Self::Value(value) => value,
            Self::Failed(key) => 1000 + u64::from(key),
            Self::Panicked(key) => 2000 + u64::from(key),
            Self::Cycle => 3000,
            Self::Cancelled => 4000,
            Self::TimedOut => 5000,
            Self::Late => 6000,
        }
    }
}
