//! The command line.
use std::path::PathBuf;
use std::str::FromStr;

pub(crate) const HELP: &str = "\
Loads one page from an SQLite file, without a runce context and with one.

Usage: quickstart [--user ID] [--posts N] [--db PATH]

  --user ID    whose page (default 42)
  --posts N    how many posts on it, 1 to 100 (default 10)
  --db PATH    the file, made on the first run (default: one in the temporary directory)
  --help       this text";

#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Help,
    Load(Args),
}

#[derive(Debug, PartialEq)]
pub(crate) struct Args {
    pub(crate) user: i64,
    pub(crate) posts: u32,
    pub(crate) db: PathBuf,
}

impl Default for Args {
    fn default() -> Self {
        Self {
            user: 42,
            posts: 10,
            db: std::env::temp_dir().join("runce-quickstart-1.sqlite"),
        }
    }
}

/// The error is a sentence about the argument that is wrong.
pub(crate) fn parse(words: impl IntoIterator<Item = String>) -> Result<Command, String> {
    let mut args = Args::default();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        match &*word {
            "--help" | "-h" => return Ok(Command::Help),
            "--user" => args.user = number(&word, words.next())?,
            "--posts" => args.posts = number(&word, words.next())?,
            "--db" => args.db = value(&word, words.next())?.into(),
            _ => return Err(format!("`{word}` is not an argument of this program")),
        }
    }
    if !(1..=100).contains(&args.posts) {
        return Err(format!("--posts takes 1 to 100, not {}", args.posts));
    }
    Ok(Command::Load(args))
}

fn value(name: &str, value: Option<String>) -> Result<String, String> {
    value.ok_or_else(|| format!("{name} needs a value"))
}

fn number<N: FromStr>(name: &str, given: Option<String>) -> Result<N, String> {
    let text = value(name, given)?;
    text.parse()
        .map_err(|_| format!("{name} takes a number, not `{text}`"))
}
