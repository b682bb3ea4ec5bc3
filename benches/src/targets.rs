//! What is to be reached.
use crate::row::{Curve, Line, Role, Row};

#[derive(Clone, Copy)]
pub enum Bound {
    /// At most so many times the limit.
    Limit(f64),
    /// At most so many times the best peer.
    Peers(f64),
    /// At most so many times what goes by that name.
    Named(&'static str, f64),
    Allocations(f64),
    /// At most so much, in the unit of the row.
    Absolute(f64),
}

use Bound::{Absolute, Allocations, Limit, Named, Peers};

/// By the names of the rows.
const TARGETS: &[(&str, &[Bound])] = &[
    (
        "plain hit, u64, 1 key",
        &[Limit(3.0), Peers(1.0), Allocations(0.0)],
    ),
    (
        "plain hit, u64, 1,024 keys",
        &[Limit(5.0), Peers(1.0), Allocations(0.0)],
    ),
    ("plain hit, String to Arc", &[Limit(1.5)]),
    ("managed hit, TTL", &[Limit(2.5)]),
    ("plain hit, 2 threads", &[Limit(1.2)]),
    (
        "managed hit, 2 threads",
        &[Named("dashmap + OnceCell", 1.0)],
    ),
    ("request: 1 + 3 hits", &[Limit(2.2), Allocations(3.0)]),
    ("request: 5 + 15 hits", &[Limit(2.5), Allocations(12.0)]),
    ("request: 20 + 60 hits", &[Limit(2.5)]),
    ("chain of 3, fresh", &[Limit(2.5), Peers(1.0)]),
    ("diamond, fresh", &[Limit(2.5), Peers(1.0)]),
    ("fan-out of 10, joined, fresh", &[Peers(0.7)]),
    ("fan-out of 20, spawned", &[Limit(1.35)]),
    ("herd of 10,000, per caller", &[Limit(1.25)]),
    ("herd of 10,000: wakes per caller", &[Absolute(1.01)]),
    (
        "1M entries with TTL, per insert",
        &[Limit(2.0), Allocations(1.0)],
    ),
    ("1M entries with TTL: bytes of one", &[Absolute(80.0)]),
    ("1M entries with TTL: worst insert", &[Absolute(4e6)]),
    ("expiry of 1M entries: longest call", &[Absolute(50e3)]),
];

/// At the most elements one may cost so many times what it costs at a medium number.
const GROWTH: f64 = 3.0;

pub fn of(row: &Row) -> &'static [Bound] {
    let found = TARGETS.iter().find(|(name, _)| *name == row.name);
    found.map_or(&[], |(_, bounds)| bounds)
}

impl Bound {
    pub fn text(self, row: &Row) -> String {
        match self {
            Limit(times) => format!("≤ {times}× limit"),
            Peers(1.0) => "below every peer".to_owned(),
            Peers(times) => format!("≤ {times}× best peer"),
            Named(name, 1.0) => format!("below {name}"),
            Named(name, times) => format!("≤ {times}× {name}"),
            Allocations(0.0) => "no allocation".to_owned(),
            Allocations(1.0) => "≤ 1 allocation".to_owned(),
            Allocations(number) => format!("≤ {number} allocations"),
            Absolute(value) => format!("≤ {}", crate::report::value(value, row.unit)),
        }
    }

    /// What it is, as a share of what it may be; none where one of both was not measured.
    fn share(self, row: &Row) -> Option<f64> {
        let runce = row.of(Role::Runce)?;
        let share = |other: f64, times: f64| runce.value / (other * times);
        match self {
            Limit(times) => Some(share(row.of(Role::Limit)?.value, times)),
            Peers(times) => Some(share(row.best_peer()?.value, times)),
            Named(name, times) => Some(share(row.named(name)?.value, times)),
            Absolute(most) => Some(share(most, 1.0)),
            Allocations(most) => {
                // A map that grows now and then is none for each.
                let over = runce.allocations? - most;
                Some(if over < 0.01 {
                    0.0
                } else {
                    1.0 + over / most.max(1.0)
                })
            }
        }
    }

    pub fn missed_by(self, row: &Row) -> Option<f64> {
        self.share(row).filter(|share| *share > 1.0)
    }
}

/// A sentence for each that is missed.
pub fn missed(rows: &[Row], curves: &[Curve]) -> Vec<String> {
    let of_row = |row: &Row| -> Vec<String> {
        let missed = of(row).iter().filter_map(|bound| {
            let share = crate::report::number(bound.missed_by(row)?);
            let bound = bound.text(row);
            Some(format!(
                "{}: {share} times what it may be ({bound})",
                row.name
            ))
        });
        missed.collect()
    };
    let mut missed: Vec<String> = rows.iter().flat_map(of_row).collect();
    for curve in curves {
        if let Some(growth) = growth(curve).filter(|growth| *growth > GROWTH) {
            missed.push(format!(
                "{}: one costs {growth:.1} times as much at most as at medium size, \
                 {GROWTH} allowed",
                curve.name
            ));
        }
    }
    missed
}

/// How many times more one costs at the largest size than at the medium one. What grows by
/// itself, as the limit does when it is out of the processor's caches, is taken off.
pub fn growth(curve: &Curve) -> Option<f64> {
    let of = |role| {
        let line = curve.lines.iter().find(|line| line.role == role)?;
        Some(grown(line))
    };
    let limit = of(Role::Limit).unwrap_or(1.0).max(1.0);
    Some(of(Role::Runce)? / limit)
}

fn grown(line: &Line) -> f64 {
    let medium = line.points[line.points.len() / 2].1;
    line.points[line.points.len() - 1].1 / medium
}
