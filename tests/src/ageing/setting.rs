//! What a context is told about time and room.
use std::time::Duration;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Setting {
    pub source: Source,
    pub ttl: Option<Duration>,
    pub error_ttl: Option<Duration>,
    pub capacity: Option<usize>,
    /// The seed of its executor, if it has one.
    pub executor: Option<u8>,
    pub windows: Windows,
    /// That share, and a seed.
    pub jitter: Option<(Share, u8)>,
}

/// What tells the time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// It shows whatever it is told.
    Leaps(Duration),
    /// A counter with that frequency, which shows that at first.
    Ticks(u32, u32),
}

/// What is older than its TTL, or soon will be.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Windows {
    pub stale: Option<Duration>,
    pub if_error: Option<Duration>,
    pub retry: Option<Duration>,
    /// With an executor only.
    pub ahead: Option<Share>,
}

/// One of a few.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Share(pub(super) u8);

const SHARES: [f64; 8] = [0.5, 0.8, 0.1, 1.0, 0.0, 7.0, -1.0, f64::NAN];

impl Share {
    pub(super) fn told(self) -> f64 {
        SHARES[usize::from(self.0 % 8)]
    }
}

impl Setting {
    /// Told less.
    pub(super) fn simpler(self) -> Vec<Self> {
        let windows = |windows| Self { windows, ..self };
        let Windows {
            stale,
            if_error,
            retry,
            ahead,
        } = self.windows;
        let mut all = Vec::new();
        if self.jitter.is_some() {
            all.push(Self {
                jitter: None,
                ..self
            });
        }
        if self.capacity.is_some() {
            all.push(Self {
                capacity: None,
                ..self
            });
        }
        if ahead.is_some() {
            all.push(windows(Windows {
                ahead: None,
                ..self.windows
            }));
        } else if self.executor.is_some() {
            all.push(Self {
                executor: None,
                ..self
            });
        }
        if stale.is_some() {
            all.push(windows(Windows {
                stale: None,
                ..self.windows
            }));
        }
        if if_error.is_some() {
            all.push(windows(Windows {
                if_error: None,
                ..self.windows
            }));
        }
        if retry.is_some() {
            all.push(windows(Windows {
                retry: None,
                ..self.windows
            }));
        }
        all
    }
}
