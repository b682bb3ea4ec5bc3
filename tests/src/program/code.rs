//! Bytes → program → bytes. Any bytes are a program; a choice is a byte or two at a fixed
//! place in a record of three, so that a small change is a small change.
use super::{
    Act, Config, End, GATES, Gate, Host, KEYS, Key, Manner, Op, Program, Step, Store, Waking,
};

/// At most so many operations.
const OPS: usize = 48;

const LIMITS: [usize; 8] = [1, 1, 2, 2, 3, 4, 64, 64];

struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    /// After the end come zeros.
    fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::from(self.next()) % bound
    }

    fn record(&mut self) -> [u8; 3] {
        [self.next(), self.next(), self.next()]
    }
}

/// Whom a key may ask for.
#[derive(Clone, Copy)]
enum Shape {
    Any,
    /// Most often the next one, and the last one the first.
    Ring,
    /// Only those below it: no circles.
    Down,
}

impl Shape {
    fn pick(self, byte: u8, at: usize, count: usize) -> Key {
        let byte = usize::from(byte);
        key(match self {
            Self::Ring if byte & 7 > 1 => (at + 1) % count,
            Self::Any | Self::Ring => byte % count,
            Self::Down => byte % at.max(1),
        })
    }
}

/// Maps a byte to a key that may be asked for.
type Pick<'a> = &'a dyn Fn(u8) -> Key;

impl Program {
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Self {
        let mut bytes = Bytes(bytes);
        let limits = bytes.next();
        let host = [Host::Callers, Host::Executor, Host::Finisher, Host::Callers];
        let end = [End::Finish, End::Drop, End::Cancel, End::ShutDown];
        let ends = bytes.next();
        let config = Config {
            depth: LIMITS[usize::from(limits & 7)],
            budget: LIMITS[usize::from(limits >> 3 & 7)],
            host: host[usize::from(limits >> 6)],
            store: [Store::Plain, Store::Managed][usize::from(ends >> 4 & 1)],
            end: end[usize::from(ends & 3)],
        };
        let shape = [Shape::Any, Shape::Ring, Shape::Down, Shape::Down][usize::from(ends >> 2 & 3)];
        let count = 1 + bytes.below(KEYS);
        let keys = (0..count).map(|key| script(&mut bytes, key, count, shape));
        let keys = keys.collect();
        let pick = |byte| key(usize::from(byte) % count);
        let mut ops = Vec::new();
        while !bytes.0.is_empty() && ops.len() < OPS {
            ops.push(op(bytes.record(), &pick));
        }
        Self { config, keys, ops }
    }

    /// Bytes that are read as this program.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let Config { depth, budget, .. } = self.config;
        let place = |limit| {
            LIMITS
                .iter()
                .position(|at| *at == limit)
                .expect("a limit that is read")
        };
        let host = self.config.host as usize;
        let mut bytes = vec![
            byte(place(depth) | place(budget) << 3 | host << 6),
            self.config.end as u8 | (self.config.store as u8) << 4,
            byte(self.keys.len() - 1),
        ];
        for script in &self.keys {
            bytes.push(byte(script.len()));
            bytes.extend(script.iter().flat_map(step_record));
        }
        bytes.extend(self.ops.iter().flat_map(op_record));
        bytes
    }
}

fn key(index: usize) -> Key {
    byte(index)
}

fn byte(number: usize) -> u8 {
    u8::try_from(number).expect("small")
}

fn script(bytes: &mut Bytes<'_>, at: usize, count: usize, shape: Shape) -> Vec<Step> {
    let pick = |byte| shape.pick(byte, at, count);
    let any = |byte| Shape::Any.pick(byte, at, count);
    let steps = bytes.below(5);
    let lowest = at == 0 && matches!(shape, Shape::Down);
    let mut step = || match step(bytes.record(), &pick, &any) {
        step if lowest && !step.asks().is_empty() => Step::Yield(1),
        step => step,
    };
    (0..steps).map(|_| step()).collect()
}

fn step([kind, a, b]: [u8; 3], pick: Pick<'_>, any: Pick<'_>) -> Step {
    match kind % 32 {
        0..=5 => Step::Run(pick(a)),
        6 | 7 => Step::Try(pick(a)),
        8 => Step::Detached(pick(a)),
        9 => Step::Hold(pick(a)),
        10 => Step::Touch(pick(a)),
        11..=14 => Step::Group(list(a, b, pick)),
        15 => Step::Own(list(a, b, pick), Manner::Plain),
        16 => Step::Own(list(a, b, pick), Manner::Detached),
        17 => Step::Own(list(a, b, pick), Manner::Stubborn),
        18 => Step::Race(list(a, b, pick)),
        19..=23 => Step::Wait(gate(a)),
        24 | 25 => Step::Yield(1 + a % 8),
        26 => Step::Wake,
        27 => Step::Fail,
        28 => Step::Panic,
        29 | 30 => Step::Do(act(a, b, any)),
        _ => Step::AtEnd(act(a, b, any)),
    }
}

fn step_record(step: &Step) -> [u8; 3] {
    let with = |kind, keys: &[Key]| {
        let [a, b] = list_record(keys);
        [kind, a, b]
    };
    let of = |kind, act: &Act| {
        let [a, b] = act_record(*act);
        [kind, a, b]
    };
    match step {
        Step::Run(key) => [0, *key, 0],
        Step::Try(key) => [6, *key, 0],
        Step::Detached(key) => [8, *key, 0],
        Step::Hold(key) => [9, *key, 0],
        Step::Touch(key) => [10, *key, 0],
        Step::Group(keys) => with(11, keys),
        Step::Own(keys, manner) => with(15 + *manner as u8, keys),
        Step::Race(keys) => with(18, keys),
        Step::Wait(gate) => [19, *gate, 0],
        Step::Yield(times) => [24, times - 1, 0],
        Step::Wake => [26, 0, 0],
        Step::Fail => [27, 0, 0],
        Step::Panic => [28, 0, 0],
        Step::Do(act) => of(29, act),
        Step::AtEnd(act) => of(31, act),
    }
}

fn act(kind: u8, arg: u8, pick: Pick<'_>) -> Act {
    match kind % 16 {
        0..=2 => Act::Start(pick(arg)),
        3 | 4 => Act::Poll(arg % 8),
        5 | 6 => Act::Drop(arg % 8),
        7 | 8 => Act::Open(gate(arg)),
        9 | 10 => Act::Pulse(gate(arg)),
        11 | 12 => Act::Invalidate(pick(arg)),
        13 if arg % 4 == 0 => Act::Clear,
        13 => Act::Poll(arg % 8),
        14 if arg % 4 == 0 => Act::Cancel,
        14 => Act::Drop(arg % 8),
        _ if arg % 4 == 0 => Act::DropHandle,
        _ if arg % 4 == 1 => Act::ShutDown,
        _ if arg % 4 == 2 => Act::Expire,
        _ => Act::Pulse(gate(arg)),
    }
}

fn act_record(act: Act) -> [u8; 2] {
    match act {
        Act::Start(key) => [0, key],
        Act::Poll(caller) => [3, caller],
        Act::Drop(caller) => [5, caller],
        Act::Open(gate) => [7, gate],
        Act::Pulse(gate) => [9, gate],
        Act::Invalidate(key) => [11, key],
        Act::Clear => [13, 0],
        Act::Cancel => [14, 0],
        Act::DropHandle => [15, 0],
        Act::ShutDown => [15, 1],
        Act::Expire => [15, 2],
    }
}

fn op([kind, a, b]: [u8; 3], pick: Pick<'_>) -> Op {
    let waking = match b >> 5 {
        0..=4 => Waking::Notes,
        5 | 6 => Waking::Polls,
        _ => Waking::Panics,
    };
    match kind % 32 {
        0..=5 => Op::Start(vec![pick(a)], waking),
        6 | 7 => Op::Start(list(a, b & 31, pick), waking),
        8 => Op::Lazy(pick(a)),
        9..=15 => Op::Turn(a),
        16 => Op::Fresh(a % 8),
        17 | 18 => Op::Stall(a % 8),
        19 => Op::Close(gate(a)),
        20 if b % 4 == 0 => Op::Refuse(a % 2 == 0),
        20 | 21 => Op::Settle,
        22 => Op::OnClone(act(a, b, pick)),
        _ => Op::Do(act(a, b, pick)),
    }
}

fn op_record(op: &Op) -> [u8; 3] {
    match op {
        Op::Start(keys, waking) => {
            let [a, b] = list_record(keys);
            let waking = [0, 5, 7][*waking as usize] << 5;
            if keys.len() == 1 {
                [0, keys[0], waking]
            } else {
                [6, a, b | waking]
            }
        }
        Op::Lazy(key) => [8, *key, 0],
        Op::Turn(nth) => [9, *nth, 0],
        Op::Fresh(caller) => [16, *caller, 0],
        Op::Stall(caller) => [17, *caller, 0],
        Op::Close(gate) => [19, *gate, 0],
        Op::Refuse(refuse) => [20, u8::from(!refuse), 0],
        Op::Settle => [21, 0, 0],
        Op::Do(act) => {
            let [a, b] = act_record(*act);
            [23, a, b]
        }
        Op::OnClone(act) => {
            let [a, b] = act_record(*act);
            [22, a, b]
        }
    }
}

/// One to three keys.
fn list(a: u8, b: u8, pick: Pick<'_>) -> Vec<Key> {
    let keys = [pick(a & 7), pick(a >> 3 & 7), pick(b & 7)];
    keys[..=usize::from(b >> 3) % 3].to_vec()
}

fn list_record(keys: &[Key]) -> [u8; 2] {
    let at = |index: usize| keys.get(index).copied().unwrap_or(0);
    [at(0) | at(1) << 3, at(2) | byte(keys.len() - 1) << 3]
}

fn gate(byte: u8) -> Gate {
    byte % u8::try_from(GATES).expect("few")
}
