//! What a seed stands for: a graph of tasks, what runs it, and what is done to it.
use runce_tests::Rng;
use runce_tests::program::{
    Act, Host, KEYS, Keeps, Key, Limit, Meaning, Program, Step, Store, tell,
};
use std::fmt;

pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) program: Program,
    pub(crate) meaning: Meaning,
    /// It, or what it asks for, makes a value of an error.
    catches: Vec<bool>,
    /// These keys' work is done where the executor puts what blocks.
    pub(crate) blocking: Vec<bool>,
    /// Runs may block the thread that polls them. Not where they could wait for each other: one
    /// that has been left may be polled on top of one that it comes to wait for.
    pub(crate) blocks: bool,
    pub(crate) executor: Executor,
    /// Runs are dropped when they take too long.
    pub(crate) limited: bool,
    /// What is stale is served and renewed, where there is a TTL.
    pub(crate) stale: bool,
    pub(crate) cancels: bool,
    pub(crate) edits: bool,
    pub(crate) shuts: bool,
    pub(crate) threads: u64,
    pub(crate) ops: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Executor {
    None,
    Threads,
    /// It drops some of its jobs.
    Loses,
}

impl Plan {
    pub(crate) fn of(seed: u64) -> Self {
        let mut rng = Rng(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let byte = |_| u8::try_from(rng.below(256)).unwrap();
        let mut program = Program::decode(&(0..120).map(byte).collect::<Vec<_>>());
        simplify(&mut program);
        let mut one_of = |many| rng.below(many) == 0;
        let meaning = Meaning::of(&program);
        let blocks = one_of(2) && !is_circular(&program, &meaning);
        let loses = one_of(2);
        let blocking = program.keys.iter().map(|_| blocks && one_of(3));
        Self {
            seed,
            meaning,
            catches: catches(&program.keys),
            blocking: blocking.collect(),
            blocks,
            executor: match program.config.host {
                Host::Callers => Executor::None,
                _ if loses => Executor::Loses,
                _ => Executor::Threads,
            },
            limited: one_of(4),
            cancels: one_of(6),
            edits: one_of(2),
            shuts: one_of(4),
            stale: one_of(2) && program.config.store != Store::Plain,
            threads: 3 + seed % 2,
            ops: 30,
            program,
        }
    }

    pub(crate) fn finishes(&self) -> bool {
        self.program.config.host == Host::Finisher
    }

    pub(crate) fn forgets(&self) -> bool {
        self.program.config.store != Store::Plain
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = Key> + use<> {
        (0..self.program.keys.len()).map(|key| Key::try_from(key).unwrap())
    }

    pub(crate) fn catches(&self, key: Key) -> bool {
        self.catches[usize::from(key)]
    }

    /// Is that done? What is started on top of a run may wait for that run, so it is not where
    /// runs block.
    pub(crate) fn does(&self, act: Act) -> bool {
        match act {
            Act::Start(_) | Act::Poll(_) => !self.blocks,
            Act::Invalidate(_) | Act::Clear => self.edits,
            Act::Cancel => self.cancels,
            Act::ShutDown => self.shuts,
            Act::Drop(_) | Act::Expire | Act::Open(_) | Act::Pulse(_) => true,
            Act::Peek(_) | Act::Age => true,
            // The threads do that, from outside.
            Act::Refresh(_) | Act::Insert(_) | Act::DropHandle => false,
        }
    }
}

/// Without what the threads do from outside, and what only an oracle that knows the order of
/// things can tell.
fn simplify(program: &mut Program) {
    program.config.keeps = Keeps::Alike;
    program.config.limit = Limit::None;
    program.ops.clear();
    for step in program.keys.iter_mut().flatten() {
        let simple = match &*step {
            Step::Settled(keys) => Step::Group(keys.clone()),
            Step::Refresh(key) => Step::Run(*key),
            Step::Do(Act::Refresh(key) | Act::Insert(key)) => Step::Do(Act::Peek(*key)),
            Step::AtEnd(Act::Refresh(key) | Act::Insert(key)) => Step::AtEnd(Act::Peek(*key)),
            _ => continue,
        };
        *step = simple;
    }
}

fn is_circular(program: &Program, meaning: &Meaning) -> bool {
    let asks = |key: usize| program.keys[key].iter().flat_map(Step::asks);
    (0..program.keys.len())
        .any(|key| asks(key).any(|below| meaning.is_circular(key as Key, *below)))
}

fn catches(keys: &[Vec<Step>]) -> Vec<bool> {
    let mut catches = vec![false; KEYS];
    for _ in 0..=keys.len() {
        for (key, script) in keys.iter().enumerate() {
            let asks = |key: &Key| catches[usize::from(*key)];
            let step = |step: &Step| matches!(step, Step::Try(_)) || step.asks().iter().any(asks);
            catches[key] = script.iter().any(step);
        }
    }
    catches
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = tell(&self.program, &[]);
        let graph = text.split("ops:").next().unwrap_or_default();
        let flags = [
            ("blocks", self.blocks),
            ("limited", self.limited),
            ("stale", self.stale),
            ("cancels", self.cancels),
            ("edits", self.edits),
            ("shuts", self.shuts),
        ];
        let flags = flags.iter().filter(|flag| flag.1).map(|flag| flag.0);
        let flags: Vec<_> = flags.collect();
        let Self {
            seed,
            executor,
            blocking,
            ..
        } = self;
        writeln!(
            f,
            "seed {seed}: executor {executor:?}, {flags:?}, blocking {blocking:?}"
        )?;
        write!(f, "{graph}")
    }
}

#[test]
fn seeds_stand_for_all_there_is() {
    let mut names = std::collections::BTreeSet::new();
    for seed in 1..300 {
        let plan = Plan::of(seed);
        let _ = names.insert(format!("{:?} {}", plan.executor, plan.finishes()));
    }
    let all = [
        "Loses false",
        "Loses true",
        "None false",
        "Threads false",
        "Threads true",
    ];
    assert_eq!(names.into_iter().collect::<Vec<_>>(), all);
}
