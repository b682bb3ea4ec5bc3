//! Bytes → program → bytes. Any bytes are a program; a choice is a byte or two at a fixed
//! place in a record of three, so that a small change is a small change.
use super::records::{byte, key, op, op_record, step, step_record};
use super::{Config, End, Host, KEYS, Keeps, Key, Limit, Program, Step, Store};

/// At most so many operations.
const OPS: usize = 48;

const LIMITS: [usize; 8] = [1, 1, 2, 2, 3, 4, 64, 64];
const HOSTS: [Host; 4] = [Host::Callers, Host::Executor, Host::Finisher, Host::Callers];
const ENDS: [End; 4] = [End::Finish, End::Drop, End::Cancel, End::ShutDown];
const STORES: [Store; 4] = [Store::Plain, Store::Managed, Store::Tight, Store::Managed];
const SHAPES: [Shape; 4] = [Shape::Any, Shape::Ring, Shape::Down, Shape::Down];
const LASTING: [Limit; 4] = [Limit::None, Limit::None, Limit::Task, Limit::Context];
const KEEPS: [Keeps; 8] = [
    Keeps::Alike,
    Keeps::Alike,
    Keeps::Alike,
    Keeps::Alike,
    Keeps::ErrorsBriefly,
    Keeps::ErrorsBriefly,
    Keeps::NoErrors,
    Keeps::NoValues,
];

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
pub(super) type Pick<'a> = &'a dyn Fn(u8) -> Key;

impl Program {
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Self {
        let mut bytes = Bytes(bytes);
        let (limits, ends, counts) = (bytes.next(), bytes.next(), bytes.next());
        let bits =
            |byte: u8, shift: u8, count: u8| usize::from((byte >> shift) & ((1 << count) - 1));
        let config = Config {
            depth: LIMITS[bits(limits, 0, 3)],
            budget: LIMITS[bits(limits, 3, 3)],
            host: HOSTS[bits(limits, 6, 2)],
            end: ENDS[bits(ends, 0, 2)],
            store: STORES[bits(ends, 4, 2)],
            collides: bits(ends, 6, 2) == 3,
            keeps: KEEPS[bits(counts, 3, 3)],
            limit: LASTING[bits(counts, 6, 2)],
        };
        let shape = SHAPES[bits(ends, 2, 2)];
        let count = 1 + bits(counts, 0, 3);
        const { assert!(KEYS == 8) };
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
        let config = self.config;
        let place = |limit| at(&LIMITS, limit);
        let shared = (at(&STORES, config.store) << 4) | (usize::from(config.collides) * (3 << 6));
        let lasting = (at(&KEEPS, config.keeps) << 3) | (at(&LASTING, config.limit) << 6);
        let mut bytes = vec![
            byte(place(config.depth) | place(config.budget) << 3 | at(&HOSTS, config.host) << 6),
            byte(shared | at(&ENDS, config.end)),
            byte((self.keys.len() - 1) | lasting),
        ];
        for script in &self.keys {
            bytes.push(byte(script.len()));
            bytes.extend(script.iter().flat_map(step_record));
        }
        bytes.extend(self.ops.iter().flat_map(op_record));
        bytes
    }
}

/// The first place of that choice.
fn at<T: PartialEq>(all: &[T], it: T) -> usize {
    let at = all.iter().position(|other| *other == it);
    at.expect("a choice that is read")
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
