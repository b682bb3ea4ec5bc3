//! What a key may come to, by plain recursion over the graph: no wakers, no order of
//! things. Where that order matters it is a set.
use super::{Key, Limit, Manner, Op, Outcome, Program, Step, Waking, add, inserted};
use std::collections::BTreeSet;

/// `None`: too many to be told.
type Outcomes = Option<BTreeSet<Outcome>>;

/// Sets are given up when they are larger.
const MANY: usize = 64;

/// What the keys of a program may come to.
pub struct Meaning {
    outcomes: Vec<Outcomes>,
    /// From that key, that one is asked for, directly or through others.
    reach: Vec<Vec<bool>>,
    circles: Vec<bool>,
    /// What is inserted for each key.
    inserts: Vec<Option<Outcome>>,
    /// A circle may be broken by what is inserted, or by what is remembered beside a run.
    opens: bool,
    limited: bool,
}

impl Meaning {
    #[must_use]
    pub fn of(program: &Program) -> Self {
        let keys = &program.keys;
        let reach = reach(keys);
        let circles: Vec<bool> = (0..keys.len())
            .map(|from| (0..keys.len()).any(|at| (from == at || reach[from][at]) && reach[at][at]))
            .collect();
        let inserts = (0..keys.len() as Key).map(|key| {
            let value = Outcome::Value(inserted(key));
            program.inserts(key).then_some(value)
        });
        let inserts: Vec<_> = inserts.collect();
        let mut meaning = Self {
            outcomes: Vec::new(),
            reach,
            circles,
            opens: program.refreshes() || inserts.iter().any(Option::is_some),
            inserts,
            limited: program.config.limit != Limit::None,
        };
        // A key that waits for itself comes to no more than that.
        let bottom = Some(BTreeSet::from([Outcome::Cycle]));
        meaning.outcomes = vec![bottom; keys.len()];
        for _ in 0..=keys.len() {
            let next = (0..keys.len()).map(|key| meaning.script(keys, key));
            meaning.outcomes = next.collect();
        }
        meaning
    }

    /// Without what the engine is known not to bear: detached calls under wakers of their
    /// own, with a caller that polls inside `wake`, wake each other for ever.
    pub(super) fn tame(mut program: Program) -> Program {
        let wild = |step: &Step| matches!(step, Step::Own(_, Manner::Detached));
        let wild = program.keys.iter().flatten().any(wild);
        for op in &mut program.ops {
            match op {
                Op::Start(_, waking @ Waking::Polls) | Op::Ask(_, _, waking @ Waking::Polls)
                    if wild =>
                {
                    *waking = Waking::Notes;
                }
                _ => {}
            }
        }
        program
    }

    /// May that key come to that?
    #[must_use]
    pub fn allows(&self, key: Key, outcome: Outcome) -> bool {
        let key = usize::from(key);
        if outcome == Outcome::Cycle && !self.circles[key] {
            return false;
        }
        if outcome == Outcome::TimedOut && self.limited {
            return true;
        }
        self.outcomes[key]
            .as_ref()
            .is_none_or(|all| all.contains(&outcome))
    }

    /// May a wait of the one for the other, if it is not seen, close a circle?
    #[must_use]
    pub fn is_circular(&self, from: Key, to: Key) -> bool {
        from == to || self.reach[usize::from(to)][usize::from(from)]
    }

    /// Some value that key may come to.
    #[must_use]
    pub fn value(&self, key: Key) -> Option<u64> {
        let all = self.outcomes[usize::from(key)].iter().flatten();
        all.into_iter().find_map(|outcome| match outcome {
            Outcome::Value(value) => Some(*value),
            _ => None,
        })
    }

    fn script(&self, keys: &[Vec<Step>], key: usize) -> Outcomes {
        let within = |at: usize| at == key || self.reach[key][at];
        let mut below = (0..keys.len()).filter(|at| within(*at));
        let loose = |at: usize| keys[at].iter().any(Step::is_loose);
        if self.circles[key] && (self.opens || below.any(loose)) {
            return None;
        }
        let mut sums = BTreeSet::from([1 + key as u64]);
        let mut outcomes = BTreeSet::new();
        for step in &keys[key] {
            if sums.is_empty() {
                break;
            }
            let mut next = BTreeSet::new();
            for outcome in self.step(step, key)? {
                match outcome {
                    Ok(values) => next.extend(sums.iter().map(|sum| fold(*sum, &values))),
                    Err(error) => drop(outcomes.insert(error)),
                }
            }
            sums = next;
            if sums.len() > MANY {
                return None;
            }
        }
        outcomes.extend(sums.into_iter().map(Outcome::Value));
        (outcomes.len() <= MANY).then_some(outcomes)
    }

    /// What a step may add up, or fail with.
    #[allow(clippy::type_complexity)]
    fn step(&self, step: &Step, key: usize) -> Option<Vec<Result<Vec<u64>, Outcome>>> {
        let one = |key: Key| self.call(key);
        let plain = |outcome: Outcome| match outcome {
            Outcome::Value(value) => Ok(vec![value]),
            error => Err(error),
        };
        Some(match step {
            Step::Run(key) | Step::Detached(key) | Step::Refresh(key) => {
                one(*key)?.into_iter().map(plain).collect()
            }
            Step::Try(key) => (one(*key)?.into_iter())
                .map(|outcome| Ok(vec![outcome.code()]))
                .collect(),
            Step::Race(keys) => {
                let all: Option<Vec<_>> = keys.iter().copied().map(one).collect();
                all?.into_iter().flatten().map(plain).collect()
            }
            Step::Group(keys) | Step::Own(keys, _) => self.all(keys)?,
            Step::Settled(keys) => self.settled(keys)?,
            Step::Fail => vec![Err(Outcome::Failed(key as Key))],
            Step::Panic => vec![Err(Outcome::Panicked(key as Key))],
            _ => vec![Ok(Vec::new())],
        })
    }

    /// What a call of that key may come to.
    fn call(&self, key: Key) -> Outcomes {
        let mut all = self.outcomes[usize::from(key)].clone()?;
        all.extend(self.inserts[usize::from(key)]);
        all.extend(self.limited.then_some(Outcome::TimedOut));
        Some(all)
    }

    #[allow(clippy::type_complexity)]
    fn settled(&self, keys: &[Key]) -> Option<Vec<Result<Vec<u64>, Outcome>>> {
        let mut rows = vec![Vec::new()];
        for key in keys {
            let codes = self.call(*key)?.into_iter().map(Outcome::code);
            let longer = |code| {
                let with = move |row: &Vec<u64>| [&row[..], &[code]].concat();
                rows.iter().map(with).collect::<Vec<_>>()
            };
            rows = codes.flat_map(longer).collect();
            if rows.len() > MANY {
                return None;
            }
        }
        Some(rows.into_iter().map(Ok).collect())
    }

    #[allow(clippy::type_complexity)]
    fn all(&self, keys: &[Key]) -> Option<Vec<Result<Vec<u64>, Outcome>>> {
        let mut rows = vec![Vec::new()];
        let mut outcomes = Vec::new();
        for key in keys {
            let mut next = Vec::new();
            for outcome in self.call(*key)? {
                match outcome {
                    Outcome::Value(value) => next.extend(rows.iter().map(|row: &Vec<u64>| {
                        let mut row = row.clone();
                        row.push(value);
                        row
                    })),
                    error => outcomes.push(Err(error)),
                }
            }
            rows = next;
            if rows.len() > MANY {
                return None;
            }
        }
        outcomes.extend(rows.into_iter().map(Ok));
        Some(outcomes)
    }
}

fn fold(sum: u64, values: &[u64]) -> u64 {
    values.iter().fold(sum, |sum, value| add(sum, *value))
}

/// The transitive closure of who asks for whom.
fn reach(keys: &[Vec<Step>]) -> Vec<Vec<bool>> {
    let mut reach = vec![vec![false; keys.len()]; keys.len()];
    for (from, script) in keys.iter().enumerate() {
        for to in script.iter().flat_map(Step::asks) {
            reach[from][usize::from(*to)] = true;
        }
    }
    for middle in 0..keys.len() {
        for from in 0..keys.len() {
            for to in 0..keys.len() {
                reach[from][to] |= reach[from][middle] && reach[middle][to];
            }
        }
    }
    reach
}
