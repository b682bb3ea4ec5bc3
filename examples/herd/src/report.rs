//! What the program prints.
use crate::cases::{Case, FLEET};
use std::fmt;
use std::time::Duration;

pub(crate) struct Report<'c> {
    pub(crate) minutes: u64,
    pub(crate) callers_a_second: usize,
    pub(crate) cases: &'c [Case],
}

const SETTINGS: &str = "\
no memo    every caller asks upstream, and hangs up after 5 s (counted, not run as tasks)
ttl        ttl 60 s, error_ttl 5 s, limit 5 s
fresh      ttl 60 s, limit 5 s, refresh_ahead 0.8, stale_while_revalidate 30 s,
           stale_if_error 1 h, retry_after 10 s, jitter 0.1
patient    as fresh, with stale_while_revalidate 30 min
no jitter  as fresh, without jitter

calls      upstream                 at once  the most, of one context for one key
peak       the most in one second, after the first ten
stale      values older than the TTL that were served, and the oldest that was
waited     callers that were not answered at once
";

const HEAD: [&str; 9] = [
    "", "calls", "peak", "at once", "errors", "stale", "oldest", "waited", "longest",
];

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let callers = thousands(self.callers_a_second as u64);
        writeln!(
            f,
            "{} minutes, {callers} callers a second for 5 exchange rates. The upstream is normal,\n\
             slow, down, hangs, and is well again.\n\n{SETTINGS}",
            self.minutes
        )?;
        for (machines, title) in [
            (1, "One machine"),
            (FLEET, "A fleet of 100 machines that share the callers"),
        ] {
            writeln!(f, "{title}")?;
            row(f, HEAD.map(str::to_string))?;
            for case in self.cases.iter().filter(|case| case.machines == machines) {
                row(f, columns(case))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

fn columns(case: &Case) -> [String; 9] {
    let measured = &case.measured;
    [
        case.name.to_string(),
        thousands(measured.upstream()),
        thousands(measured.peak().into()),
        thousands(measured.most_at_once.into()),
        thousands(measured.errors),
        thousands(measured.stale),
        time(measured.oldest),
        thousands(measured.waited),
        time(measured.longest_wait),
    ]
}

fn row(f: &mut fmt::Formatter<'_>, columns: [String; 9]) -> fmt::Result {
    let [
        name,
        calls,
        peak,
        at_once,
        errors,
        stale,
        oldest,
        waited,
        longest,
    ] = columns;
    writeln!(
        f,
        "{name:10}{calls:>11}{peak:>8}{at_once:>9}{errors:>12}{stale:>12}{oldest:>11}{waited:>12}{longest:>9}"
    )
}

/// With commas.
pub(crate) fn thousands(n: u64) -> String {
    match n {
        0..1000 => n.to_string(),
        _ => format!("{},{:03}", thousands(n / 1000), n % 1000),
    }
}

fn time(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..100 => format!("{:.2} s", time.as_secs_f64()),
        _ => format!("{}:{:02} min", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(
            [0, 999, 1000, 36_000_007].map(thousands),
            ["0", "999", "1,000", "36,000,007"]
        );
        assert_eq!(time(Duration::from_millis(50)), "0.05 s");
        assert_eq!(time(Duration::from_secs(907)), "15:07 min");
    }
}
