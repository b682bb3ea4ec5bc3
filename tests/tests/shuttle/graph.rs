//! Programs: what each key's task does, what each thread does, and what comes of it.
use runce_tests::Rng;

/// What a task does, one after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Yield(u64),
    Wait(usize),
    Run(u32),
    /// In parallel.
    Both(u32, u32),
    /// Through a handle of nobody's.
    Detached(u32),
    /// Blocks its thread on it.
    Block(u32),
    /// Work that blocks a thread of the executor's on it.
    Work(u32),
    /// Begun, and let go of after so many polls.
    LetGo(u32, usize),
    Fail,
    Panic,
}

/// What a thread does, one after the other.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Run(u32),
    Group(Vec<u32>),
    LetGo(u32, usize),
    /// Polled once, and kept until all threads are done.
    Stall(u32),
    Refresh(u32),
    Invalidate(u32),
    Insert(u32),
    Clear,
    Advance,
    Cancel,
}

#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) steps: Vec<Vec<Step>>,
    pub(crate) threads: Vec<Vec<Op>>,
    pub(crate) gates: usize,
    pub(crate) executor: Option<u64>,
    pub(crate) finishes: bool,
    pub(crate) forgets: bool,
    pub(crate) capacity: Option<usize>,
    pub(crate) budget: usize,
    pub(crate) depth: usize,
}

/// So many kinds of steps, and of operations, does a family of programs use.
struct Family {
    steps: u64,
    ops: u64,
    executor: bool,
    memory: bool,
}

impl Program {
    pub(crate) fn of_callers(seed: u64) -> Self {
        Self::new(seed, 10, 7, false, false)
    }

    pub(crate) fn with_panics(seed: u64) -> Self {
        Self::new(seed, 14, 7, false, false)
    }

    pub(crate) fn with_jobs(seed: u64) -> Self {
        Self::new(seed, 14, 7, true, false)
    }

    pub(crate) fn with_memory(seed: u64) -> Self {
        Self::new(seed, 10, 17, false, true)
    }

    pub(crate) fn with_everything(seed: u64) -> Self {
        Self::new(seed, 14, 18, seed & 2 == 0, true)
    }

    fn new(seed: u64, steps: u64, ops: u64, executor: bool, memory: bool) -> Self {
        let family = Family {
            steps,
            ops,
            executor,
            memory,
        };
        family.program(&mut Rng(seed))
    }

    /// What that key comes to. `None`: it fails.
    pub(crate) fn value(&self, key: u32) -> Option<u64> {
        let steps = self.steps[key as usize].iter();
        steps
            .map(|step| self.worth(*step))
            .try_fold(u64::from(key), |sum, worth| Some(sum.wrapping_add(worth?)))
    }

    fn worth(&self, step: Step) -> Option<u64> {
        match step {
            Step::Yield(_) | Step::Wait(_) | Step::LetGo(..) => Some(0),
            Step::Run(key) | Step::Detached(key) | Step::Block(key) | Step::Work(key) => {
                self.value(key)
            }
            Step::Both(one, other) => Some(self.value(one)?.wrapping_add(self.value(other)?)),
            Step::Fail | Step::Panic => None,
        }
    }

    pub(crate) fn cancels(&self) -> bool {
        let mut ops = self.threads.iter().flatten();
        ops.any(|op| matches!(op, Op::Cancel))
    }
}

fn between(rng: &mut Rng, least: u64, most: u64) -> u64 {
    least + rng.below(most - least + 1)
}

fn size(rng: &mut Rng, least: u64, most: u64) -> usize {
    usize::try_from(between(rng, least, most)).unwrap()
}

impl Family {
    fn program(&self, rng: &mut Rng) -> Program {
        let keys = u32::try_from(between(rng, 8, 20)).unwrap();
        let gates = size(rng, 1, 3);
        let threads = size(rng, 3, 4);
        Program {
            steps: (0..keys).map(|key| self.task(rng, key, gates)).collect(),
            threads: (0..threads).map(|_| self.thread(rng, keys)).collect(),
            gates,
            executor: self.executor.then(|| between(rng, 1, 1 << 20)),
            finishes: rng.below(2) == 0,
            forgets: self.memory,
            capacity: (self.memory && rng.below(2) == 0).then(|| size(rng, 2, 6)),
            budget: [1, 2, 100][size(rng, 0, 2)],
            depth: [1, 3, 100][size(rng, 0, 2)],
        }
    }

    fn task(&self, rng: &mut Rng, key: u32, gates: usize) -> Vec<Step> {
        let steps = between(rng, 1, 3);
        (0..steps).map(|_| self.step(rng, key, gates)).collect()
    }

    /// A task runs only keys below its own.
    fn step(&self, rng: &mut Rng, key: u32, gates: usize) -> Step {
        let below = |rng: &mut Rng| u32::try_from(rng.below(u64::from(key))).unwrap();
        match rng.below(self.steps) {
            0 => Step::Yield(between(rng, 1, 3)),
            1 => Step::Wait(size(rng, 0, gates as u64 - 1)),
            _ if key == 0 => Step::Yield(1),
            2..=4 => Step::Run(below(rng)),
            5 | 6 => Step::Both(below(rng), below(rng)),
            7 => Step::Detached(below(rng)),
            8 => Step::LetGo(below(rng), size(rng, 1, 2)),
            9 => Step::Block(below(rng)),
            10 | 11 => Step::Work(below(rng)),
            _ if rng.below(3) > 0 => Step::Yield(1),
            12 => Step::Fail,
            _ => Step::Panic,
        }
    }

    fn thread(&self, rng: &mut Rng, keys: u32) -> Vec<Op> {
        let ops = between(rng, 2, 5);
        (0..ops).map(|_| self.op(rng, keys)).collect()
    }

    fn op(&self, rng: &mut Rng, keys: u32) -> Op {
        let any = |rng: &mut Rng| u32::try_from(rng.below(u64::from(keys))).unwrap();
        match rng.below(self.ops) {
            0..=2 => Op::Run(any(rng)),
            3 => Op::Group((0..between(rng, 2, 4)).map(|_| any(rng)).collect()),
            4 | 5 => Op::LetGo(any(rng), size(rng, 1, 3)),
            6 => Op::Stall(any(rng)),
            7..=9 => Op::Refresh(any(rng)),
            10 | 11 => Op::Invalidate(any(rng)),
            12 => Op::Insert(any(rng)),
            13 => Op::Clear,
            14..=16 => Op::Advance,
            _ => Op::Cancel,
        }
    }
}
