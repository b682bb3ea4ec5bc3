//! Makes the file on the first run: always the same.
use rusqlite::{Connection, Transaction};
use std::error::Error;
use std::path::Path;

const USERS: u64 = 60;
const POSTS: u64 = 300;
const COMMENTS: u64 = 3_000;

const SCHEMA: &str = "
    CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL);
    CREATE TABLE posts (
        id INTEGER PRIMARY KEY, author INTEGER NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL);
    CREATE TABLE comments (
        id INTEGER PRIMARY KEY, post INTEGER NOT NULL, author INTEGER NOT NULL, text TEXT NOT NULL);
    CREATE TABLE follows (
        follower INTEGER, followed INTEGER, PRIMARY KEY (follower, followed)) WITHOUT ROWID;
    CREATE TABLE services (name TEXT PRIMARY KEY, account INTEGER NOT NULL);
    CREATE TABLE settings (name TEXT PRIMARY KEY, value NOT NULL);
    CREATE INDEX posts_author ON posts (author);
    CREATE INDEX comments_post ON comments (post);
    CREATE INDEX comments_author ON comments (author);
    INSERT INTO settings VALUES ('motto', 'Small notes on many things'), ('posts', 8);
    -- The row `recommender` is missing: the broken page shows what comes of that.
    INSERT INTO services VALUES ('editors', 1);";

const FIRST: [&str; 10] = [
    "Ada", "Ben", "Chloe", "Dario", "Edith", "Femi", "Grace", "Hugo", "Ines", "Jun",
];
const LAST: [&str; 10] = [
    "Abel", "Brandt", "Costa", "Duval", "Eriksen", "Fox", "Garcia", "Holm", "Ito", "O'Neill",
];
const CITIES: [&str; 6] = ["Lagos", "Lisbon", "Lima", "Lille", "Leeds", "Linz"];
const OPENINGS: [&str; 4] = ["Notes on", "A year of", "Tips & tricks:", "Questions about"];
const TOPICS: [&str; 6] = [
    "sourdough",
    "night trains",
    "old maps",
    "bicycle repair",
    "tide pools",
    "type design",
];
const SENTENCES: [&str; 6] = [
    "It began with something that I found in a drawer.",
    "Most of what is written about it is wrong, and the rest is out of date.",
    "The first attempt took a weekend, the second an hour.",
    "I keep a list of what went wrong; it is longer than this page.",
    "Somebody in the comments will know better, and I hope they say so.",
    "Next time I shall measure before I cut.",
];
const REMARKS: [&str; 5] = [
    "I had no idea!",
    "This helped a lot.",
    "Not so sure: if x < y, it does not hold.",
    "More of this, please.",
    "Same here.",
];

/// Does nothing if the file is there. It appears under its name when it is complete.
pub(crate) fn ensure(path: &Path) -> Result<(), Box<dyn Error + Send + Sync>> {
    if path.exists() {
        return Ok(());
    }
    let draft = path.with_extension(format!("{}.draft", std::process::id()));
    let _ = std::fs::remove_file(&draft); // of a process that died
    let made = create(&draft);
    made.map_err(|error| format!("cannot make the database `{}`: {error}", path.display()))?;
    Ok(std::fs::rename(&draft, path)?)
}

fn create(path: &Path) -> rusqlite::Result<()> {
    let mut connection = Connection::open(path)?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(SCHEMA)?;
    let mut dice = Dice(0x5eed);
    people(&transaction, &mut dice)?;
    writings(&transaction, &mut dice)?;
    transaction.commit()
}

fn people(db: &Transaction<'_>, dice: &mut Dice) -> rusqlite::Result<()> {
    let mut user = db.prepare("INSERT INTO users VALUES (?1, ?2, ?3)")?;
    let mut follow = db.prepare("INSERT OR IGNORE INTO follows VALUES (?1, ?2)")?;
    for id in 1..=USERS {
        let (first, last) = (id as usize % 10, (id + id / 10) as usize % 10); // all differ
        let name = format!("{} {}", FIRST[first], LAST[last]);
        user.execute((id, name, dice.pick(&CITIES)))?;
        for _ in 0..5 {
            follow.execute((id, 1 + dice.below(USERS)))?;
        }
    }
    Ok(())
}

fn writings(db: &Transaction<'_>, dice: &mut Dice) -> rusqlite::Result<()> {
    let mut post = db.prepare("INSERT INTO posts VALUES (?1, ?2, ?3, ?4)")?;
    for id in 1..=POSTS {
        let title = format!("{} {}", dice.pick(&OPENINGS), dice.pick(&TOPICS));
        let text: Vec<_> = (0..4).map(|_| dice.pick(&SENTENCES)).collect();
        post.execute((id, dice.somebody(), title, text.join(" ")))?;
    }
    let mut comment = db.prepare("INSERT INTO comments VALUES (?1, ?2, ?3, ?4)")?;
    for id in 1..=COMMENTS {
        let about = 1 + dice.below(POSTS);
        comment.execute((id, about, dice.somebody(), dice.pick(&REMARKS)))?;
    }
    Ok(())
}

/// A small generator (SplitMix64) that gives the same numbers everywhere.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len() as u64) as usize]
    }

    /// A user; four times out of five one of the few who are always there.
    fn somebody(&mut self) -> u64 {
        let crowd = if self.below(5) == 0 { USERS } else { 6 };
        1 + self.below(crowd)
    }
}
