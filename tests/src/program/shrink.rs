//! The smallest program that still fails.
use super::{Act, End, Host, Keeps, Key, Limit, Op, Program, Step, Store, Waking, Way};

/// Makes a failing program smaller, as long as it fails. `fails` is called at most
/// `attempts` times.
pub fn shrink(
    program: Program,
    mut attempts: usize,
    fails: &mut dyn FnMut(&Program) -> bool,
) -> Program {
    let mut least = program;
    loop {
        let mut smaller = None;
        for candidate in candidates(&least) {
            if attempts == 0 {
                return least;
            }
            attempts -= 1;
            if candidate != least && fails(&candidate) {
                smaller = Some(candidate);
                break;
            }
        }
        match smaller {
            Some(smaller) => least = smaller,
            None => return least,
        }
    }
}

/// Smaller programs, the smallest first.
fn candidates(program: &Program) -> Vec<Program> {
    let mut all = Vec::new();
    let with_ops = |ops| Program {
        ops,
        ..program.clone()
    };
    all.extend(without_a_part(&program.ops).into_iter().map(with_ops));
    let doomed = if program.keys.len() > 1 {
        0..program.keys.len()
    } else {
        0..0
    };
    all.extend(doomed.clone().map(|key| without_key(program, key, None)));
    for into in 0..program.keys.len() {
        let others = doomed.clone().filter(|gone| *gone != into);
        all.extend(others.map(|gone| without_key(program, gone, Some(into))));
    }
    for key in 0..program.keys.len() {
        let with_script = |script| {
            let mut smaller = program.clone();
            smaller.keys[key] = script;
            smaller
        };
        let script = &program.keys[key];
        all.extend(without_a_part(script).into_iter().map(with_script));
        all.extend(in_place(script, simpler_step).into_iter().map(with_script));
    }
    all.extend(in_place(&program.ops, simpler_op).into_iter().map(with_ops));
    all.extend(simpler_config(program));
    all
}

/// The list without its halves, quarters, single items.
pub(crate) fn without_a_part<T: Clone>(list: &[T]) -> Vec<Vec<T>> {
    let mut all = Vec::new();
    let mut size = list.len();
    while size > 0 {
        for at in (0..list.len()).step_by(size) {
            let end = list.len().min(at + size);
            all.push([&list[..at], &list[end..]].concat());
        }
        size /= 2;
    }
    all
}

/// The list with one item simpler.
fn in_place<T: Clone>(list: &[T], simpler: impl Fn(&T) -> Vec<T>) -> Vec<Vec<T>> {
    let mut all = Vec::new();
    for (at, item) in list.iter().enumerate() {
        for item in simpler(item) {
            let mut list = list.to_vec();
            list[at] = item;
            all.push(list);
        }
    }
    all
}

/// Without a key; who asked for it asks for that one, or for nothing.
fn without_key(program: &Program, gone: usize, into: Option<usize>) -> Program {
    let keep = |key: Key| usize::from(key) != gone || into.is_some();
    let name = |key: Key| {
        let key = into
            .filter(|_| usize::from(key) == gone)
            .unwrap_or(usize::from(key));
        (key - usize::from(key > gone)) as Key
    };
    let names = |keys: &[Key]| -> Vec<Key> {
        let kept = keys.iter().copied().filter(|key| keep(*key));
        kept.map(name).collect()
    };
    let act = |act| match act {
        Act::Start(key) => keep(key).then(|| Act::Start(name(key))),
        Act::Refresh(key) => keep(key).then(|| Act::Refresh(name(key))),
        Act::Insert(key) => keep(key).then(|| Act::Insert(name(key))),
        Act::Peek(key) => keep(key).then(|| Act::Peek(name(key))),
        Act::Invalidate(key) => keep(key).then(|| Act::Invalidate(name(key))),
        other => Some(other),
    };
    let step = |step: &Step| match step {
        Step::Do(it) => act(*it).map(Step::Do),
        Step::AtEnd(it) => act(*it).map(Step::AtEnd),
        step if step.asks().is_empty() => Some(step.clone()),
        step => {
            let keys = names(step.asks());
            (!keys.is_empty()).then(|| asking(step, keys))
        }
    };
    let op = |op: &Op| match op {
        Op::Start(keys, waking) => {
            let keys = names(keys);
            (!keys.is_empty()).then_some(Op::Start(keys, *waking))
        }
        Op::Ask(keys, way, waking) => {
            let keys = names(keys);
            (!keys.is_empty()).then_some(Op::Ask(keys, *way, *waking))
        }
        Op::Lazy(key) => keep(*key).then(|| Op::Lazy(name(*key))),
        Op::Do(it) => act(*it).map(Op::Do),
        Op::OnClone(it) => act(*it).map(Op::OnClone),
        other => Some(other.clone()),
    };
    let scripts = program.keys.iter().enumerate();
    Program {
        config: program.config,
        keys: scripts
            .filter(|(key, _)| *key != gone)
            .map(|(_, script)| script.iter().filter_map(step).collect())
            .collect(),
        ops: program.ops.iter().filter_map(op).collect(),
    }
}

/// The same step with other keys.
fn asking(step: &Step, keys: Vec<Key>) -> Step {
    match step {
        Step::Run(_) => Step::Run(keys[0]),
        Step::Try(_) => Step::Try(keys[0]),
        Step::Detached(_) => Step::Detached(keys[0]),
        Step::Hold(_) => Step::Hold(keys[0]),
        Step::Touch(_) => Step::Touch(keys[0]),
        Step::Refresh(_) => Step::Refresh(keys[0]),
        Step::Group(_) => Step::Group(keys),
        Step::Settled(_) => Step::Settled(keys),
        Step::Own(_, manner) => Step::Own(keys, *manner),
        Step::Race(_) => Step::Race(keys),
        other => other.clone(),
    }
}

fn simpler_step(step: &Step) -> Vec<Step> {
    let mut all = Vec::new();
    let keys = step.asks();
    if keys.len() > 1 {
        let fewer = without_a_part(keys).into_iter();
        let fewer = fewer.filter(|keys| !keys.is_empty());
        all.extend(fewer.map(|keys| asking(step, keys)));
    } else if let ([key], false) = (keys, matches!(step, Step::Run(_))) {
        all.push(Step::Run(*key));
    }
    match step {
        Step::Yield(times) if *times > 1 => all.push(Step::Yield(1)),
        Step::Own(keys, _) | Step::Settled(keys) | Step::Race(keys) if keys.len() > 1 => {
            all.push(Step::Group(keys.clone()));
        }
        _ => {}
    }
    all
}

fn simpler_op(op: &Op) -> Vec<Op> {
    match op {
        Op::Start(keys, waking) => {
            let fewer = without_a_part(keys).into_iter();
            let fewer = fewer.filter(|keys| !keys.is_empty());
            let mut all: Vec<_> = fewer.map(|keys| Op::Start(keys, *waking)).collect();
            if *waking != Waking::Notes {
                all.push(Op::Start(keys.clone(), Waking::Notes));
            }
            all
        }
        Op::Ask(keys, way, waking) => {
            let mut all: Vec<_> = simpler_op(&Op::Start(keys.clone(), *waking));
            let with = |op: &Op| match op {
                Op::Start(keys, waking) => Op::Ask(keys.clone(), *way, *waking),
                other => other.clone(),
            };
            all = all.iter().map(with).collect();
            all.insert(0, Op::Start(keys.clone(), *waking));
            all
        }
        Op::Do(Act::Refresh(key)) => vec![Op::Ask(vec![*key], Way::Refresh, Waking::Notes)],
        Op::Do(Act::Age) => vec![Op::Do(Act::Expire)],
        Op::Do(Act::Start(key)) | Op::Lazy(key) => vec![Op::Start(vec![*key], Waking::Notes)],
        Op::OnClone(act) => vec![Op::Do(*act)],
        Op::Turn(nth) if *nth > 0 => vec![Op::Turn(0), Op::Turn(nth / 2), Op::Turn(nth - 1)],
        _ => Vec::new(),
    }
}

fn simpler_config(program: &Program) -> Vec<Program> {
    let config = program.config;
    let mut all = vec![config; 9];
    all[0].depth = 64;
    all[1].budget = 64;
    all[2].host = Host::Callers;
    if config.host == Host::Finisher {
        all[3].host = Host::Executor;
    }
    if config.end != End::Finish {
        all[4].end = End::Drop;
    }
    all[5].keeps = Keeps::Alike;
    all[6].limit = Limit::None;
    all[7].collides = false;
    all[8].store = match config.store {
        Store::Tight => Store::Managed,
        _ => Store::Plain,
    };
    all.retain(|smaller| *smaller != config);
    let with = |config| Program {
        config,
        ..program.clone()
    };
    all.into_iter().map(with).collect()
}
