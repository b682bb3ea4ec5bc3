//! The command line.
use std::path::PathBuf;

pub(crate) const HELP: &str = "\
Serves a small web application, with a runce context for each request.

Usage: webapp [--port PORT] [--db PATH]

  --port PORT  where to listen on this machine (default 3000; 0: any free port)
  --db PATH    the SQLite file, made on the first run (default: one in the temporary directory)
  --help       this text";

#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Help,
    Serve(Args),
}

#[derive(Debug, PartialEq)]
pub(crate) struct Args {
    pub(crate) port: u16,
    pub(crate) db: PathBuf,
}

impl Default for Args {
    fn default() -> Self {
        Self {
            port: 3000,
            db: std::env::temp_dir().join("runce-webapp-1.sqlite"),
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
            "--port" => args.port = port(&value(&word, words.next())?)?,
            "--db" => args.db = value(&word, words.next())?.into(),
            _ => return Err(format!("`{word}` is not an argument of this program")),
        }
    }
    Ok(Command::Serve(args))
}

fn value(name: &str, value: Option<String>) -> Result<String, String> {
    value.ok_or_else(|| format!("{name} needs a value"))
}

fn port(text: &str) -> Result<u16, String> {
    text.parse()
        .map_err(|_| format!("--port takes a number from 0 to 65535, not `{text}`"))
}
