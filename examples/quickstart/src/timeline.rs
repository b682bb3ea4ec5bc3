//! What ran when.
use crate::recorder::Query;
use crate::report::{NAMES, millis};
use std::fmt::{self, Formatter};
use std::time::Duration;

/// How many columns a timeline has.
const COLUMNS: u32 = 60;

/// A line per query; each column says how many of it ran at once in that span of time.
pub(crate) fn timeline(f: &mut Formatter<'_>, title: &str, queries: &[Query]) -> fmt::Result {
    let Some(first) = queries.iter().map(|query| query.start).min() else {
        return Ok(());
    };
    let step = elapsed(queries) / COLUMNS;
    writeln!(
        f,
        "\n{title}: how many ran at once, a column is {}",
        millis(step)
    )?;
    for name in NAMES {
        write!(f, "{name:14}")?;
        for column in 0..COLUMNS {
            let (from, to) = (first + step * column, first + step * (column + 1));
            match most_within(queries, name, from, to) {
                0 => write!(f, "·")?,
                count @ 1..=9 => write!(f, "{count}")?,
                _ => write!(f, "+")?,
            }
        }
        writeln!(f)?;
    }
    Ok(())
}

/// The most that ran at the same time: so many as ran when one of them began.
pub(crate) fn most_at_once(queries: &[Query]) -> usize {
    let running = |at| {
        queries
            .iter()
            .filter(|query| query.start <= at && at < query.end)
            .count()
    };
    queries
        .iter()
        .map(|query| running(query.start))
        .max()
        .unwrap_or(0)
}

/// From the start of the first to the end of the last.
pub(crate) fn elapsed(queries: &[Query]) -> Duration {
    let start = queries
        .iter()
        .map(|query| query.start)
        .min()
        .unwrap_or_default();
    let end = queries
        .iter()
        .map(|query| query.end)
        .max()
        .unwrap_or_default();
    end - start
}

fn most_within(queries: &[Query], name: &str, from: Duration, to: Duration) -> usize {
    let here = |query: &&Query| query.name == name && query.start < to && from < query.end;
    let clip = |query: &Query| Query {
        start: query.start.max(from),
        ..query.clone()
    };
    let clipped: Vec<_> = queries.iter().filter(here).map(clip).collect();
    most_at_once(&clipped)
}
