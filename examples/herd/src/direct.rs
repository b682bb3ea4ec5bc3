//! Nobody remembers anything: each caller's call is one upstream.
//!
//! Up to 50,000 of them are under way at once. They are counted, and not run as tasks.
use crate::callers::{Load, STEP};
use crate::machine::LIMIT;
use crate::measured::Measured;
use crate::random::Random;
use crate::upstream::{CURRENCIES, Log, Mood, Plan, Rate};
use std::collections::BTreeMap;
use std::time::Duration;

/// Those that came at once, by machine and currency.
struct Batch {
    came: Duration,
    lines: Vec<usize>,
    /// Or else they hang up.
    answered: bool,
}

pub(crate) fn simulate(load: Load) -> Measured {
    let plan = Plan::of(load.length);
    let mut random = Random::new(load.seed);
    let mut measured = Measured::new(load.machines, load.length);
    let mut log = Log::default();
    let mut waiting = BTreeMap::<Duration, Vec<Batch>>::new();
    let mut next = (0..load.machines).cycle();
    let mut now = Duration::ZERO;
    // The last of them wait for what comes too late, as elsewhere.
    while now < plan.end() {
        while let Some(first) = waiting.first_entry().filter(|first| *first.key() <= now) {
            for batch in first.remove() {
                leave(batch, now, &mut measured, &mut log);
            }
        }
        let machines = next.by_ref().take(load.callers_each_step);
        let lines: Vec<_> = machines
            .map(|machine| machine * CURRENCIES + random.below(CURRENCIES))
            .collect();
        let (after, answered) = match plan.mood(now) {
            Mood::Answers { after } => (after, true),
            Mood::Fails => (Duration::ZERO, false),
            Mood::Hangs => (LIMIT, false),
        };
        let batch = come(lines, now, answered, &mut measured, &mut log);
        if after.is_zero() {
            leave(batch, now, &mut measured, &mut log);
        } else {
            batch.lines.iter().for_each(|at| measured.waits(*at, now));
            waiting.entry(now + after).or_default().push(batch);
        }
        now += STEP;
    }
    measured.close(&log)
}

fn come(
    lines: Vec<usize>,
    came: Duration,
    answered: bool,
    measured: &mut Measured,
    log: &mut Log,
) -> Batch {
    measured.callers += lines.len() as u64;
    log.count(came, u32::try_from(lines.len()).unwrap_or(u32::MAX));
    lines.iter().for_each(|line| log.more_at_once(*line));
    Batch {
        came,
        lines,
        answered,
    }
}

fn leave(batch: Batch, now: Duration, measured: &mut Measured, log: &mut Log) {
    for line in batch.lines {
        log.fewer_at_once(line);
        let rate = batch.answered.then(|| Rate {
            version: log.answer(),
            born: now,
        });
        measured.answered(line, now, rate);
    }
    measured.waited(batch.came, now);
}
