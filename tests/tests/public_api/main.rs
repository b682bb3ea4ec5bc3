//! The public API of each crate is in its `api.txt`, line by line, so that a change to it
//! is seen: here, and by whoever reads the change.
//!
//! It is read from the sources. What macros write is not seen by that, nor are auto traits
//! and sizes: the compiler is asked for those (`written`, `held`).
#![allow(missing_docs, clippy::unwrap_used)]

mod held;
mod impls;
mod items;
mod names;
mod signature;
mod source;
mod text;
mod translate;
mod written;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

const ACCEPT: &str = "UPDATE_API=1 cargo test -p runce-tests --test public_api";

#[test]
fn the_core_and_its_attribute() {
    let mut api = api("runce", "core");
    api.extend(self::api("runce_macros", "core/macros"));
    check(&api, "core/api.txt");
}

#[test]
fn the_tokio_adapter() {
    check_adapter("tokio");
}

#[test]
fn the_threads_adapter() {
    check_adapter("threads");
}

#[test]
fn the_smol_adapter() {
    check_adapter("smol");
}

#[test]
fn the_async_std_adapter() {
    check_adapter("async-std");
}

#[test]
fn the_axum_adapter() {
    check_adapter("axum");
}

#[test]
fn a_change_is_shown_line_by_line() {
    let set = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    let (old, new) = (set(&["a", "b()", "c"]), set(&["a", "b(u8)", "c"]));
    assert_eq!(diff(&old, &new), "- b()\n+ b(u8)\n");
    assert_eq!(diff(&old, &old), "");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn api(krate: &str, directory: &str) -> BTreeSet<String> {
    let directory = root().join(directory);
    let names = names::Names::of(source::Source::read(&directory.join("src/lib.rs")));
    let mut lines = items::lines(krate, &names);
    let manifest = fs::read_to_string(directory.join("Cargo.toml")).unwrap();
    let features = manifest.lines().skip_while(|line| *line != "[features]");
    let features = features.skip(1).take_while(|line| !line.starts_with('['));
    let features = features.filter(|line| line.contains('='));
    lines.extend(features.map(|feature| format!("{krate} {feature} [feature]")));
    lines
}

/// By the name of its directory.
fn adapter(name: &str) -> BTreeSet<String> {
    let krate = format!("runce_{}", name.replace('-', "_"));
    api(&krate, &format!("adapters/{name}"))
}

fn check_adapter(name: &str) {
    check(&adapter(name), &format!("adapters/{name}/api.txt"));
}

fn check(api: &BTreeSet<String>, file: &str) {
    let path = root().join(file);
    if env::var_os("UPDATE_API").is_some() {
        let lines: String = api.iter().map(|line| format!("{line}\n")).collect();
        fs::write(&path, lines).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    let diff = diff(&known.lines().map(str::to_owned).collect(), api);
    assert!(
        diff.is_empty(),
        "the public API is not what {file} says:\n\n{diff}\nTo accept this:\n\n    {ACCEPT}\n"
    );
    assert!(
        known.lines().eq(api),
        "{file} is not sorted, or says something twice:\n\n    {ACCEPT}\n"
    );
}

fn diff(old: &BTreeSet<String>, new: &BTreeSet<String>) -> String {
    let sign = |line| if new.contains(line) { '+' } else { '-' };
    let changed = old.symmetric_difference(new);
    changed
        .map(|line| format!("{} {line}\n", sign(line)))
        .collect()
}
