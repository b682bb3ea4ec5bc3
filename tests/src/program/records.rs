//! Records of three bytes: steps, operations, and what is done. What came later is in the
//! upper quarter of the first byte, so that older programs mean what they meant.
use super::code::Pick;
use super::{Act, GATES, Gate, Key, Manner, Op, Step, Waking, Way};

/// From there on.
const LATER: u8 = 192;

pub(super) fn key(index: usize) -> Key {
    byte(index)
}

pub(super) fn byte(number: usize) -> u8 {
    u8::try_from(number).expect("small")
}

pub(super) fn step([kind, a, b]: [u8; 3], pick: Pick<'_>, any: Pick<'_>) -> Step {
    match kind % 32 {
        0..=9 if kind >= LATER => Step::Refresh(pick(a)),
        10..=13 if kind >= LATER => Step::Settled(list(a, b, pick)),
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

pub(super) fn step_record(step: &Step) -> [u8; 3] {
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
        Step::Refresh(key) => [LATER, *key, 0],
        Step::Settled(keys) => with(LATER + 10, keys),
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
        0..=5 if kind >= LATER => Act::Insert(pick(arg)),
        6..=11 if kind >= LATER => Act::Refresh(pick(arg)),
        12 | 13 if kind >= LATER => Act::Age,
        14 if kind >= LATER => Act::Expire,
        _ if kind >= LATER => Act::Peek(pick(arg)),
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
        Act::Insert(key) => [LATER, key],
        Act::Refresh(key) => [LATER + 6, key],
        Act::Age => [LATER + 12, 0],
        Act::Peek(key) => [LATER + 15, key],
    }
}

pub(super) fn op([kind, a, b]: [u8; 3], pick: Pick<'_>) -> Op {
    let waking = match b >> 5 {
        0..=4 => Waking::Notes,
        5 | 6 => Waking::Polls,
        _ => Waking::Panics,
    };
    match kind % 32 {
        0..=7 if kind >= LATER => Op::Ask(vec![pick(a)], Way::Refresh, waking),
        8..=10 if kind >= LATER => Op::Ask(vec![pick(a)], Way::Within, waking),
        11 if kind >= LATER => Op::Ask(list(a, b & 31, pick), Way::Each, waking),
        12 if kind >= LATER => Op::Ask(list(a, b & 31, pick), Way::Settled, waking),
        13..=20 if kind >= LATER => Op::Do(act(LATER | a, b, pick)),
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

pub(super) fn op_record(op: &Op) -> [u8; 3] {
    match op {
        Op::Start(keys, waking) if keys.len() == 1 => [0, keys[0], waking_bits(*waking)],
        Op::Start(keys, waking) => asking(6, keys, *waking),
        Op::Ask(keys, Way::Refresh, waking) => [LATER, keys[0], waking_bits(*waking)],
        Op::Ask(keys, Way::Within, waking) => [LATER + 8, keys[0], waking_bits(*waking)],
        Op::Ask(keys, Way::Each, waking) => asking(LATER + 11, keys, *waking),
        Op::Ask(keys, Way::Settled | Way::Plain, waking) => asking(LATER + 12, keys, *waking),
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

fn asking(kind: u8, keys: &[Key], waking: Waking) -> [u8; 3] {
    let [a, b] = list_record(keys);
    [kind, a, b | waking_bits(waking)]
}

fn waking_bits(waking: Waking) -> u8 {
    match waking {
        Waking::Notes => 0,
        Waking::Polls => 5 << 5,
        Waking::Panics => 7 << 5,
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
