//! Puts the tables of a run into a text.
use std::fs;
use std::io::{self, Error};
use std::path::Path;

const START: &str = "<!-- figures: start -->\n";
const END: &str = "<!-- figures: end -->";

pub fn put(path: &Path, figures: &str) -> io::Result<()> {
    let text = fs::read_to_string(path)?;
    let parts = text.split_once(START).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let (before, after) = parts.ok_or_else(|| Error::other("the marks are missing"))?;
    fs::write(path, format!("{before}{START}\n{figures}\n{END}{after}"))
}
