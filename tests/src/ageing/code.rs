//! Bytes → life → bytes. Any bytes are a life; what happens is a record of three.
use super::{Act, Answer, Keep, Life, Setting, Source};
use std::time::Duration;

/// At most so much happens.
const ACTS: usize = 64;

const CAPACITIES: [Option<usize>; 8] = [
    None,
    None,
    None,
    Some(0),
    Some(1),
    Some(2),
    Some(5),
    Some(64),
];

const HERTZ: [u32; 8] = [0, 1, 3, 1_000, 32_768, 1_000_000, u32::MAX - 1, u32::MAX];

const MOST: Duration = Duration::from_nanos(u64::MAX);
const NANO: Duration = Duration::from_nanos(1);

/// Ends of what there is, and of what fits into 64 bits of nanoseconds; then all powers of
/// two of them, and a nanosecond less or more.
fn duration(byte: u8) -> Duration {
    match byte {
        0 => Duration::ZERO,
        1 => Duration::MAX,
        2 => MOST,
        3 => MOST - NANO,
        4 => MOST + NANO,
        5 => Duration::from_secs(u64::MAX),
        6 => Duration::from_secs(60),
        7 => MOST - Duration::from_secs(60),
        _ => {
            let power = Duration::from_nanos(1 << (byte >> 2));
            [power, power.saturating_sub(NANO), power + NANO, power * 3][usize::from(byte & 3)]
        }
    }
}

fn byte_of(time: Duration) -> u8 {
    let all = (0..=u8::MAX).find(|byte| duration(*byte) == time);
    all.expect("a duration that is read")
}

impl Life {
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Self {
        let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
        let choice = usize::from(at(0) & 7);
        let capacity = CAPACITIES[usize::from(at(0) >> 3 & 7)];
        let start = u32::from_be_bytes([at(1), at(1), at(1), at(1)]);
        let source = match at(0) >> 6 {
            0 => Source::Ticks(HERTZ[choice], start),
            _ => Source::Leaps(duration(at(1))),
        };
        let ttl = |byte: u8| (byte != u8::MAX).then(|| duration(byte));
        let setting = Setting {
            source,
            ttl: ttl(at(2)),
            error_ttl: ttl(at(3)),
            capacity,
        };
        let acts = bytes.get(4..).unwrap_or_default();
        let acts = acts.chunks_exact(3).take(ACTS);
        let acts = acts.map(|record| act([record[0], record[1], record[2]]));
        Self {
            setting,
            acts: acts.collect(),
        }
    }

    /// Bytes that are read as this life.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let Setting {
            source,
            ttl,
            error_ttl,
            capacity,
        } = self.setting;
        let capacity = CAPACITIES
            .iter()
            .position(|it| *it == capacity)
            .unwrap_or(0)
            << 3;
        let (first, start) = match source {
            Source::Leaps(at) => (1 << 6, byte_of(at)),
            Source::Ticks(hertz, start) => {
                let at = HERTZ.iter().position(|it| *it == hertz);
                (at.unwrap_or(0), start.to_be_bytes()[0])
            }
        };
        let time = |ttl: Option<Duration>| ttl.map_or(u8::MAX, byte_of);
        let first = u8::try_from(first | capacity).expect("small");
        let mut bytes = vec![first, start, time(ttl), time(error_ttl)];
        bytes.extend(self.acts.iter().flat_map(|act| record(*act)));
        bytes
    }

    /// Its bytes, for people.
    #[must_use]
    pub fn to_hex(&self) -> String {
        let hex = |byte| format!("{byte:02x}");
        self.encode().into_iter().map(hex).collect()
    }
}

/// Few keys are asked for often; all are filled.
fn act([kind, a, b]: [u8; 3]) -> Act {
    let key = a & 15;
    match kind % 32 {
        0..=5 => Act::On(duration(a)),
        6..=8 => Act::Back(duration(a)),
        9..=15 => Act::Read(key, Answer::Value(keep(kind, b))),
        16 | 17 => Act::Read(key, Answer::Error(keep(kind, b))),
        18 => Act::Read(key, Answer::Panic),
        19..=21 => Act::Refresh(key, Answer::Value(keep(kind, b))),
        22 => Act::Refresh(key, Answer::Error(keep(kind, b))),
        23 => Act::Refresh(key, Answer::Panic),
        24..=27 => Act::Insert(key, keep(kind, b)),
        28 | 29 => Act::Fill(a, 64, keep(kind, b)),
        30 => Act::Invalidate(key),
        _ if a & 3 == 0 => Act::Clear,
        _ => Act::Fill(a, 255, keep(kind, b)),
    }
}

fn keep(kind: u8, b: u8) -> Keep {
    match kind >> 5 {
        0..=2 => Keep::Default,
        3..=5 => Keep::For(duration(b)),
        6 => Keep::Forever,
        _ => Keep::CallersOnly,
    }
}

fn record(act: Act) -> [u8; 3] {
    let with = |kind: u8, key, keep| {
        let (above, b) = match keep {
            Keep::Default => (0, 0),
            Keep::For(time) => (3, byte_of(time)),
            Keep::Forever => (6, 0),
            Keep::CallersOnly => (7, 0),
        };
        [kind | above << 5, key, b]
    };
    match act {
        Act::On(by) => [0, byte_of(by), 0],
        Act::Back(by) => [6, byte_of(by), 0],
        Act::Read(key, Answer::Value(keep)) => with(9, key, keep),
        Act::Read(key, Answer::Error(keep)) => with(16, key, keep),
        Act::Read(key, Answer::Panic) => [18, key, 0],
        Act::Refresh(key, Answer::Value(keep)) => with(19, key, keep),
        Act::Refresh(key, Answer::Error(keep)) => with(22, key, keep),
        Act::Refresh(key, Answer::Panic) => [23, key, 0],
        Act::Insert(key, keep) => with(24, key, keep),
        Act::Fill(key, 255, keep) => with(31, key, keep),
        Act::Fill(key, _, keep) => with(28, key, keep),
        Act::Invalidate(key) => [30, key, 0],
        Act::Clear => [31, 0, 0],
    }
}
