//! What is asked of a cache: lists of keys, the same on every machine.

/// So many times the capacity is asked.
const ROUNDS: usize = 100;
/// Keys from here on are never used again.
const FRESH: u64 = 1 << 40;
/// Keys from here on belong to a loop.
const LOOP: u64 = 1 << 41;

/// So many keys as the capacity asks for, drawn at random.
type Keys = dyn Fn(usize, &mut Random) -> Vec<u64> + Sync;

pub struct Mix {
    pub name: String,
    keys: Box<Keys>,
}

impl Mix {
    fn new(
        name: impl Into<String>,
        keys: impl Fn(usize, &mut Random) -> Vec<u64> + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            keys: Box::new(keys),
        }
    }

    pub fn keys(&self, capacity: usize) -> Vec<u64> {
        (self.keys)(capacity, &mut Random(0x9E37_79B9_7F4A_7C15))
    }
}

pub fn all() -> Vec<Mix> {
    let mut mixes = Vec::new();
    for times in [10, 100] {
        for skew in [0.7, 0.9, 1.0, 1.2] {
            mixes.push(zipf(skew, times));
        }
    }
    mixes.extend([0.7, 0.9, 1.2].map(scanned));
    mixes.extend([1.1, 1.5, 2.0].map(looped));
    mixes.extend([0.5, 1.1, 2.0].map(zipf_and_loop));
    mixes.extend([5, 20].map(shifting));
    mixes.extend([0.02, 0.1, 0.3].map(news));
    mixes
}

fn zipf(skew: f64, times: usize) -> Mix {
    Mix::new(
        format!("zipf {skew:.1} over {times}x"),
        move |capacity, random| {
            let zipf = Zipf::new(times * capacity, skew);
            (0..ROUNDS * capacity).map(|_| zipf.draw(random)).collect()
        },
    )
}

/// After every 10,000 keys come twice the capacity of others, once.
fn scanned(skew: f64) -> Mix {
    Mix::new(
        format!("zipf {skew:.1} and scans"),
        move |capacity, random| {
            let zipf = Zipf::new(10 * capacity, skew);
            let period = 10_000 + 2 * capacity;
            let key = |at: usize| match at % period {
                0..10_000 => zipf.draw(random),
                _ => FRESH + at as u64,
            };
            (0..ROUNDS * capacity).map(key).collect()
        },
    )
}

fn looped(times: f64) -> Mix {
    Mix::new(format!("loop of {times:.1}x"), move |capacity, _| {
        let length = (times * capacity as f64) as usize;
        (0..ROUNDS * capacity)
            .map(|at| (at % length) as u64)
            .collect()
    })
}

/// In turn.
fn zipf_and_loop(times: f64) -> Mix {
    Mix::new(
        format!("zipf 0.9 and loop of {times:.1}x"),
        move |capacity, random| {
            let zipf = Zipf::new(10 * capacity, 0.9);
            let length = (times * capacity as f64) as usize;
            let key = |at: usize| match at % 2 {
                0 => zipf.draw(random),
                _ => LOOP + (at / 2 % length) as u64,
            };
            (0..ROUNDS * capacity).map(key).collect()
        },
    )
}

/// Now and then other keys are the popular ones.
fn shifting(times: usize) -> Mix {
    Mix::new(
        format!("zipf 1.0, shifting after {times}x"),
        move |capacity, random| {
            let range = 10 * capacity;
            let zipf = Zipf::new(range, 1.0);
            let shift = |at: usize| (at / (times * capacity)) * (range / 3 + 1);
            let key = |at: usize| (zipf.draw(random) + shift(at) as u64) % range as u64;
            (0..ROUNDS * capacity).map(key).collect()
        },
    )
}

/// The newer, the more popular; a share of what is asked for is new.
fn news(share: f64) -> Mix {
    Mix::new(
        format!("news, {:.0}% new", share * 100.0),
        move |capacity, random| {
            let age = Zipf::new(10 * capacity, 0.9);
            let mut newest = 10 * capacity as u64;
            let key = |_| {
                newest += u64::from(random.unit() < share);
                newest - age.draw(random)
            };
            (0..ROUNDS * capacity).map(key).collect()
        },
    )
}

/// xorshift64* (Marsaglia; Vigna).
pub struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// From 0 to below 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Key `k` is drawn in proportion to `1 / (k + 1)^skew`.
struct Zipf(Vec<f64>);

impl Zipf {
    fn new(keys: usize, skew: f64) -> Self {
        let mut total = 0.0;
        let mut shares: Vec<f64> = Vec::with_capacity(keys);
        for key in 1..=keys {
            total += (key as f64).powf(-skew);
            shares.push(total);
        }
        Self(shares)
    }

    fn draw(&self, random: &mut Random) -> u64 {
        let total = self.0[self.0.len() - 1];
        let point = random.unit() * total;
        self.0.partition_point(|sum| *sum <= point) as u64
    }
}
