//! The layout of the core shows its architecture: a room imports only from those below.
#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// From the top down; `ARCHITECTURE.md` says what each is for.
const ROOMS: [&str; 21] = [
    "lib",
    "guide",
    "testing",
    "dynamic",
    "parallel",
    "ctx",
    "task",
    "drive",
    "cycle",
    "table",
    "entry",
    "gate",
    "ready",
    "state",
    "notify",
    "slots",
    "executor",
    "freshness",
    "error",
    "guard",
    "sync",
];

/// A task's signature names the handle, and the handle runs tasks.
const EXCEPTIONS: [(&str, &str); 1] = [("task", "ctx")];

#[test]
fn imports_only_go_down() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src");
    let mut seen = 0;
    for (room, text) in files(&source, &source) {
        let from = place(&room);
        for import in imports(&text) {
            seen += 1;
            let allowed = EXCEPTIONS.contains(&(&*room, &*import));
            assert!(allowed || from <= place(&import), "{room} imports {import}");
        }
    }
    assert!(seen > 50, "only {seen} imports were found");
}

fn place(room: &str) -> usize {
    let place = ROOMS.iter().position(|other| *other == room);
    place.unwrap_or_else(|| panic!("{room} is not a room: name it here and in ARCHITECTURE.md"))
}

fn files(root: &Path, directory: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for item in fs::read_dir(directory).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(root, &path));
        } else if !["lib.rs", "private.rs"]
            .iter()
            .any(|name| path.ends_with(name))
        {
            files.push((room(root, &path), fs::read_to_string(&path).unwrap()));
        }
    }
    files
}

fn room(root: &Path, path: &Path) -> String {
    let first: PathBuf = path.strip_prefix(root).unwrap().iter().take(1).collect();
    first.file_stem().unwrap().to_string_lossy().into_owned()
}

fn imports(text: &str) -> impl Iterator<Item = String> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let after = code.flat_map(|line| line.split("crate::").skip(1).map(str::to_owned));
    let name = |rest: String| {
        rest.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect::<String>()
    };
    after.map(name).filter(|name| ROOMS.contains(&&**name))
}
