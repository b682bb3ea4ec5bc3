//! Bytes → life → bytes. Any bytes are a life; what happens is a record of three.
use super::{Act, Age, Answer, Edge, Keep, Life, Run, Setting, Share, Source, Windows};
use std::time::Duration;

/// At most so much happens.
const ACTS: usize = 64;

const CAPACITIES: [Option<usize>; 8] =
    [None, None, None, None, Some(0), Some(1), Some(5), Some(64)];

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

/// Before what happens there are so many bytes of a setting.
const SETTING: usize = 10;

const AGES: [Age; 4] = [Age::Due, Age::Stale, Age::Late, Age::Over];

fn edge(byte: u8) -> Edge {
    Edge {
        becomes: AGES[usize::from(byte & 3)],
        early: byte & 4 != 0,
    }
}

/// What is longest is none.
fn time(byte: u8, most: u8) -> Option<Duration> {
    (byte < most).then(|| duration(byte))
}

fn byte_of_time(time: Option<Duration>) -> u8 {
    time.map_or(u8::MAX, byte_of)
}

/// Half of all bytes are none.
fn share(byte: u8) -> Option<Share> {
    (byte & 8 != 0).then_some(Share(byte & 7))
}

fn byte_of_share(share: Option<Share>) -> u8 {
    share.map_or(0, |Share(share)| share | 8)
}

impl Life {
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Self {
        let acts = bytes.get(SETTING..).unwrap_or_default();
        let acts = acts.chunks_exact(3).take(ACTS);
        let acts = acts.map(|record| act([record[0], record[1], record[2]]));
        Self {
            setting: setting(bytes),
            acts: acts.collect(),
        }
    }

    /// Bytes that are read as this life.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = bytes_of(self.setting);
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

fn setting(bytes: &[u8]) -> Setting {
    let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
    let choice = usize::from(at(0) & 7);
    let start = u32::from_be_bytes([at(1), at(1), at(1), at(1)]);
    let executor = (at(4) & 1 != 0).then_some(at(4));
    Setting {
        source: match at(0) >> 6 {
            0 => Source::Ticks(HERTZ[choice], start),
            _ => Source::Leaps(duration(at(1))),
        },
        capacity: CAPACITIES[usize::from(at(0) >> 3 & 7)],
        ttl: time(at(2), 252),
        error_ttl: time(at(3), 192),
        executor,
        windows: Windows {
            stale: time(at(5), 240),
            if_error: time(at(6), 240),
            retry: time(at(7), 192),
            ahead: share(at(8)).filter(|_| executor.is_some()),
        },
        jitter: share(at(8) >> 4).map(|share| (share, at(9))),
    }
}

fn bytes_of(setting: Setting) -> Vec<u8> {
    let capacity = CAPACITIES.iter().position(|it| *it == setting.capacity);
    let capacity = capacity.unwrap_or(0) << 3;
    let (first, start) = match setting.source {
        Source::Leaps(at) => (1 << 6, byte_of(at)),
        Source::Ticks(hertz, start) => {
            let at = HERTZ.iter().position(|it| *it == hertz);
            (at.unwrap_or(0), start.to_be_bytes()[0])
        }
    };
    let first = u8::try_from(first | capacity).expect("small");
    let windows = setting.windows;
    let (jitter, seed) = setting
        .jitter
        .map_or((None, 0), |(share, seed)| (Some(share), seed));
    vec![
        first,
        start,
        byte_of_time(setting.ttl),
        byte_of_time(setting.error_ttl),
        setting.executor.unwrap_or(0),
        byte_of_time(windows.stale),
        byte_of_time(windows.if_error),
        byte_of_time(windows.retry),
        byte_of_share(windows.ahead) | byte_of_share(jitter) << 4,
        seed,
    ]
}

/// Few keys are asked for often, some now and then; all are filled.
fn act([kind, a, b]: [u8; 3]) -> Act {
    let key = match a >> 4 & 3 {
        0 => a & 15,
        1 => a & 1,
        _ => 0,
    };
    let run = |answer| Run {
        answer,
        slow: a & 192 == 192,
    };
    let keep = keep(kind, b);
    match kind % 32 {
        0 | 1 => Act::On(duration(a)),
        2..=6 => Act::To(key, edge(b)),
        7 => Act::Back(duration(a)),
        8..=13 => Act::Read(key, run(Answer::Value(keep))),
        14..=17 => Act::Read(key, run(Answer::Error(keep))),
        18 | 19 => Act::Read(key, run(Answer::Panic)),
        20 | 21 => Act::Refresh(key, run(Answer::Value(keep))),
        22 => Act::Refresh(key, run(Answer::Error(keep))),
        23 => Act::Refresh(key, run(Answer::Panic)),
        24 => Act::Insert(key, keep),
        25 => Act::Fill(a, 64, keep),
        26..=28 => Act::Drive,
        29 => Act::Leave,
        30 => Act::Invalidate(key),
        _ if a & 3 == 0 => Act::Clear,
        _ => Act::Fill(a, 255, keep),
    }
}

fn keep(kind: u8, b: u8) -> Keep {
    match kind >> 5 {
        0..=4 => Keep::Default,
        5 => Keep::For(duration(b)),
        6 => Keep::Forever,
        _ => Keep::CallersOnly,
    }
}

fn record(act: Act) -> [u8; 3] {
    let with = |kind: u8, key, keep| {
        let (above, b) = match keep {
            Keep::Default => (0, 0),
            Keep::For(time) => (5, byte_of(time)),
            Keep::Forever => (6, 0),
            Keep::CallersOnly => (7, 0),
        };
        [kind | above << 5, key, b]
    };
    let run = |kinds: [u8; 3], key: u8, run: Run| {
        let key = key | if run.slow { 192 } else { 0 };
        match run.answer {
            Answer::Value(keep) => with(kinds[0], key, keep),
            Answer::Error(keep) => with(kinds[1], key, keep),
            Answer::Panic => [kinds[2], key, 0],
        }
    };
    match act {
        Act::On(by) => [0, byte_of(by), 0],
        Act::Back(by) => [7, byte_of(by), 0],
        Act::To(key, edge) => {
            let byte = (0..8).find(|byte| self::edge(*byte) == edge);
            [2, key, byte.expect("an edge that is read")]
        }
        Act::Read(key, it) => run([8, 14, 18], key, it),
        Act::Refresh(key, it) => run([20, 22, 23], key, it),
        Act::Insert(key, keep) => with(24, key, keep),
        Act::Fill(key, 255, keep) => with(31, key, keep),
        Act::Fill(key, _, keep) => with(25, key, keep),
        Act::Drive => [26, 0, 0],
        Act::Leave => [29, 0, 0],
        Act::Invalidate(key) => [30, key, 0],
        Act::Clear => [31, 0, 0],
    }
}
