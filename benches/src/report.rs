//! What is printed.
use crate::row::{Curve, Figure, Role, Row, Unit};
use crate::targets;
use std::fmt::Write;

pub const HEAD: &str = "\
| scenario | limit | runce | × limit | best peer | × peer | target | |
|---|---|---|---|---|---|---|---|
";

pub fn line(row: &Row) -> String {
    let runce = row.of(Role::Runce);
    let times = |other: Option<&Figure>| match (runce, other) {
        (Some(runce), Some(other)) => ratio(runce.value / other.value),
        _ => "–".to_owned(),
    };
    let (limit, peer) = (row.of(Role::Limit), row.best_peer());
    let targets = targets::of(row).iter().map(|bound| bound.text(row));
    let targets: Vec<String> = targets.collect();
    format!(
        "| {} | {} | {} | {} | {} | {} | {} | {} |\n",
        row.name,
        cell(row, limit, true),
        cell(row, runce, false),
        times(limit),
        cell(row, peer, true),
        times(peer),
        targets.join(", "),
        verdict(row),
    )
}

fn verdict(row: &Row) -> String {
    let missed = targets::of(row)
        .iter()
        .filter_map(|bound| bound.missed_by(row));
    match missed.reduce(f64::max) {
        _ if targets::of(row).is_empty() => String::new(),
        None => "met".to_owned(),
        Some(share) => format!("**missed: {}×**", number(share)),
    }
}

fn cell(row: &Row, figure: Option<&Figure>, named: bool) -> String {
    let Some(figure) = figure else {
        return "–".to_owned();
    };
    let mut cell = value(figure.value, row.unit);
    if let Some(allocations) = figure.allocations {
        let _ = write!(cell, " ({})", number(allocations));
    }
    if named {
        let _ = write!(cell, " {}", figure.name);
    }
    cell
}

/// Each contestant, the fastest first.
pub fn all(row: &Row) -> String {
    let mut figures: Vec<&Figure> = row.figures.iter().collect();
    figures.sort_by(|one, other| one.value.total_cmp(&other.value));
    let mut text = format!("\n{}\n", row.name);
    for figure in figures {
        let measured = value(figure.value, row.unit);
        let _ = write!(text, "  {:<30} {measured:>12}", figure.name);
        if let Some(allocations) = figure.allocations {
            let (allocations, samples) = (number(allocations), figure.samples);
            let _ = write!(text, " {allocations:>8} allocations, {samples:>3} samples");
        }
        text.push('\n');
    }
    text
}

pub fn value(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Nanoseconds if value >= 1e6 => format!("{} ms", number(value / 1e6)),
        Unit::Nanoseconds if value >= 1e4 => format!("{} µs", number(value / 1e3)),
        Unit::Nanoseconds => format!("{} ns", number(value)),
        Unit::Bytes => format!("{} B", number(value)),
        Unit::Times => number(value),
    }
}

fn ratio(times: f64) -> String {
    format!("{times:.2}")
}

/// Three digits, and none that says nothing.
pub fn number(value: f64) -> String {
    let text = match value {
        value if value >= 100.0 => return format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    };
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What one element costs, of so many.
pub fn curve(curve: &Curve) -> String {
    let sizes = curve.lines.iter().take(1).flat_map(|line| &line.points);
    let sizes: Vec<String> = sizes.map(|(size, _)| thousands(*size)).collect();
    let mut text = format!("\n| {} | {} |\n", curve.name, sizes.join(" | "));
    let _ = writeln!(text, "|---{}|", "|---".repeat(sizes.len()));
    for line in &curve.lines {
        let costs = line.points.iter();
        let costs = costs.map(|(_, cost)| value(*cost, Unit::Nanoseconds));
        let costs: Vec<String> = costs.collect();
        let _ = writeln!(text, "| {} | {} |", line.name, costs.join(" | "));
    }
    text
}

fn thousands(size: u64) -> String {
    let digits = size.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
