//! Takes samples of all contestants in turn, so that the machine's drift hits all alike.
use crate::alloc::count;
use crate::row::{Figure, Role};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Does so many operations and tells how long they took, without what was set up for them.
pub type Work = Box<dyn FnMut(u64) -> Duration>;

pub struct Contestant {
    pub name: String,
    pub role: Role,
    /// Operations are counted in so many parts: the callers of a herd, the members of a group.
    pub parts: u64,
    pub work: Work,
}

impl Contestant {
    pub fn new(role: Role, name: impl Into<String>, work: Work) -> Self {
        Self {
            name: name.into(),
            role,
            parts: 1,
            work,
        }
    }

    pub fn parts(mut self, parts: u64) -> Self {
        self.parts = parts;
        self
    }
}

/// The operation gets a number, which is another each time.
pub fn each<R>(mut operation: impl FnMut(u64) -> R + 'static) -> Work {
    let mut next = 0;
    Box::new(move |operations| {
        let start = Instant::now();
        for number in next..next + operations {
            black_box(operation(black_box(number)));
        }
        next += operations;
        start.elapsed()
    })
}

#[derive(Clone, Copy, Debug)]
pub struct Effort {
    pub samples: usize,
    /// How long one lasts.
    pub sample: Duration,
    /// For all samples of one scenario; there are fewer if they would take longer.
    pub budget: Duration,
}

impl Effort {
    pub const FULL: Self = Self {
        samples: 101,
        sample: Duration::from_millis(1),
        budget: Duration::from_secs(12),
    };
    pub const QUICK: Self = Self {
        samples: 15,
        sample: Duration::from_millis(1),
        budget: Duration::from_secs(2),
    };

    fn samples(&self, round: Duration) -> usize {
        let affordable = self.budget.as_secs_f64() / round.as_secs_f64().max(1e-9);
        // At least three, so that the median is one of them and neither the best nor the worst.
        self.samples.min(affordable as usize).max(3) | 1
    }
}

struct Lane {
    contestant: Contestant,
    operations: u64,
    times: Vec<f64>,
}

/// The figures are in nanoseconds, medians.
pub fn race(effort: Effort, contestants: Vec<Contestant>) -> Vec<Figure> {
    let mut round = Duration::ZERO;
    let mut lanes = Vec::new();
    for mut contestant in contestants {
        // The second time it knows what is asked for: otherwise samples could be too short.
        calibrate(effort, &mut contestant.work);
        let (operations, time) = calibrate(effort, &mut contestant.work);
        round += time;
        lanes.push(Lane {
            contestant,
            operations,
            times: Vec::new(),
        });
    }
    let samples = effort.samples(round);
    for sample in 0..samples {
        // Nobody always comes after the same one.
        let first = sample % lanes.len();
        let (later, earlier) = lanes.split_at_mut(first);
        earlier.iter_mut().chain(later).for_each(Lane::sample);
    }
    lanes.into_iter().map(Lane::finish).collect()
}

fn calibrate(effort: Effort, work: &mut Work) -> (u64, Duration) {
    let mut operations = 1;
    loop {
        let time = work(operations);
        if time * 2 >= effort.sample {
            let share = effort.sample.as_secs_f64() / time.as_secs_f64();
            let operations = (operations as f64 * share.min(2.0)) as u64;
            return (operations.max(1), time.max(effort.sample));
        }
        operations *= 2;
    }
}

impl Lane {
    fn sample(&mut self) {
        let time = (self.contestant.work)(self.operations);
        self.times
            .push(time.as_nanos() as f64 / self.all(self.operations));
    }

    fn all(&self, operations: u64) -> f64 {
        (operations * self.contestant.parts) as f64
    }

    fn finish(mut self) -> Figure {
        let operations = self.operations;
        let (_, count) = count(|| (self.contestant.work)(operations));
        Figure {
            value: median(&mut self.times),
            allocations: Some(count.allocations / self.all(operations)),
            samples: self.times.len(),
            name: self.contestant.name,
            role: self.contestant.role,
        }
    }
}

pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
