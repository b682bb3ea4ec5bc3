//! What the program prints.
use runce::Stats;
use std::fmt;

const TITLE: &str = "\
A server's day: a context for the process (global), and one for each visitor's request.
What each of them got, how many tasks its own context ran, and dropped in mid-run.
";

#[derive(Default)]
pub(crate) struct Report(Vec<Row>);

struct Row {
    who: &'static str,
    what: String,
    /// Of a context of his own.
    stats: Option<Stats>,
}

impl Report {
    pub(crate) fn add(&mut self, who: &'static str, what: impl ToString, stats: Option<Stats>) {
        let what = what.to_string();
        self.0.push(Row { who, what, stats });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{TITLE}")?;
        writeln!(f, "{:8}{:32}{:>6}{:>10}", "who", "what", "runs", "dropped")?;
        for Row { who, what, stats } in &self.0 {
            match stats {
                Some(Stats { runs, dropped, .. }) => {
                    writeln!(f, "{who:8}{what:32}{runs:>6}{dropped:>10}")?;
                }
                None => writeln!(f, "{who:8}{what}")?,
            }
        }
        Ok(())
    }
}
