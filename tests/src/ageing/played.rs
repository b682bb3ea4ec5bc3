//! Does it all to a context, and compares.
use super::model::{Model, NEVER, Remembered, nanos};
use super::time::Hand;
use super::{Act, Answer, Keep, Key, Life};
use runce::{Call, Ctx, Error, ErrorKind, Outcome, Retention, Stats, Task};
use std::fmt;
use std::future::Future;
use std::sync::Mutex;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Poll, Waker};
use std::time::Duration;

/// No call removes more of what is over: that which it finds, and 32 before and after its run.
const SWEPT: usize = 65;
/// Those that are asked for one by one. Others are looked at where they may be evicted.
const FEW: Key = 16;
/// What is over is taken for over so much later, when memory is tidied.
const LATE: u128 = 3 << 20;

/// What happened in a life.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lived {
    pub stats: Stats,
    /// Answers that were over while they were remembered.
    pub lapsed: usize,
}

/// What the next run comes to, and which it is.
struct Next(Mutex<(u64, Answer)>);

/// An output, or an error.
#[derive(Clone, Copy, Debug)]
struct Told(u64, Keep);

struct Ask;

impl Task<Next> for Ask {
    type Input = Key;
    type Output = Told;
    type Error = Told;

    async fn run(ctx: &Ctx<Next>, _: Key) -> Result<Told, Told> {
        let (id, answer) = *ctx.state().0.lock().unwrap();
        match answer {
            Answer::Value(keep) => Ok(Told(id, keep)),
            Answer::Error(keep) => Err(Told(id, keep)),
            Answer::Panic => std::panic::resume_unwind(Box::new(id.to_string())),
        }
    }

    fn retention(outcome: Outcome<'_, Told, Told>) -> Option<Retention> {
        let (Outcome::Value(Told(_, keep)) | Outcome::Error(Told(_, keep))) = outcome else {
            return None;
        };
        match keep {
            Keep::Default => None,
            Keep::For(time) => Some(Retention::For(*time)),
            Keep::Forever => Some(Retention::Forever),
            Keep::CallersOnly => Some(Retention::CallersOnly),
        }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl std::error::Error for Told {}

/// Which answer it is.
fn id(result: &Result<Told, Error>) -> u64 {
    match result {
        Ok(told) => told.0,
        Err(error) if error.kind() == ErrorKind::Panicked => {
            let text = error.to_string();
            let digits = text.rsplit(|letter: char| !letter.is_ascii_digit());
            digits.into_iter().find_map(|it| it.parse().ok()).unwrap()
        }
        Err(error) => error.find::<Told>().unwrap().0,
    }
}

fn at_once<F: Future + Unpin>(mut call: F) -> F::Output {
    match crate::poll(&mut call, Waker::noop()) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("a call waits"),
    }
}

struct Played {
    ctx: Ctx<Next>,
    hand: Hand,
    model: Model,
    capacity: Option<usize>,
    /// Counts the answers.
    last: u64,
    /// The latest that the clock has shown.
    latest: u128,
}

/// Lives it.
///
/// # Panics
///
/// When the context does not do what the model says.
#[must_use]
pub fn live(life: &Life) -> Lived {
    let mut played = Played::new(life);
    for act in &life.acts {
        played.act(*act);
        played.hold();
    }
    let lived = Lived {
        stats: played.ctx.stats(),
        lapsed: played.model.lapsed,
    };
    played.tidy();
    lived
}

impl Played {
    fn new(life: &Life) -> Self {
        let setting = life.setting;
        let hand = Hand::new(setting.source);
        let next = Next(Mutex::new((0, Answer::Panic)));
        let mut builder = Ctx::builder(next).clock(hand.clone());
        if let Some(ttl) = setting.ttl {
            builder = builder.ttl(ttl);
        }
        if let Some(ttl) = setting.error_ttl {
            builder = builder.error_ttl(ttl);
        }
        if let Some(capacity) = setting.capacity {
            builder = builder.capacity(capacity);
        }
        let latest = nanos(hand.now());
        Self {
            ctx: builder.build(),
            hand,
            model: Model::new(setting),
            capacity: setting.capacity,
            last: 0,
            latest,
        }
    }

    fn now(&self) -> u128 {
        nanos(self.hand.now())
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::On(by) => self.hand.on(by),
            Act::Back(by) => self.hand.back(by),
            Act::Read(key, answer) => self.ask(key, answer, false),
            Act::Refresh(key, answer) => self.ask(key, answer, true),
            Act::Insert(key, keep) => self.insert(key, keep),
            Act::Fill(key, count, keep) => {
                (0..count).for_each(|at| self.insert(key.wrapping_add(at), keep));
            }
            Act::Invalidate(key) => self.invalidate(key),
            Act::Clear => {
                self.ctx.clear();
                self.model.entries.clear();
            }
        }
        self.latest = self.latest.max(self.now());
        let now = self.now();
        self.model.shows(now);
    }

    fn ask(&mut self, key: Key, answer: Answer, anew: bool) {
        let known = self.look(key).filter(|_| !anew);
        self.last += 1;
        *self.ctx.state().0.lock().unwrap() = (self.last, answer);
        let before = self.begin();
        let call = Call::<Ask, Key>::new(key);
        let result = match anew {
            true => at_once(self.ctx.refresh(call)),
            false => at_once(self.ctx.run(call)),
        };
        let (after, reads) = self.end(before);
        let (runs, hits) = (after.runs - before.runs, after.hits - before.hits);
        match known {
            Some(it) => {
                assert_eq!((id(&result), runs, hits), (it.id, 0, 1), "a hit of {it:?}");
                let most = usize::from(it.until < NEVER);
                assert_eq!(reads, most, "readings of the clock for {it:?}");
            }
            None => {
                assert_eq!(
                    (id(&result), runs, hits),
                    (self.last, 1, 0),
                    "no hit of {key}"
                );
                let now = self.now();
                self.model.answered(key, self.last, answer, now, false);
            }
        }
    }

    fn insert(&mut self, key: Key, keep: Keep) {
        let _ = self.look(key);
        self.last += 1;
        let before = self.begin();
        self.ctx
            .insert(Call::<Ask, Key>::new(key), Told(self.last, keep));
        let _ = self.end(before);
        let (now, answer) = (self.now(), Answer::Value(keep));
        self.model.answered(key, self.last, answer, now, true);
    }

    fn invalidate(&mut self, key: Key) {
        let known = self.look(key);
        let there = self.model.find(key).is_some();
        let found = self.ctx.invalidate(&Call::<Ask, Key>::new(key));
        assert!(found || known.is_none(), "key {key} is not found");
        assert!(there || !found, "key {key} is found");
        self.model.forget(key);
    }

    /// Before a call.
    fn begin(&self) -> Stats {
        self.hand.reads.store(0, SeqCst);
        self.ctx.stats()
    }

    /// After it. How much of what is over did it remove?
    fn end(&self, before: Stats) -> (Stats, usize) {
        let (after, reads) = (self.ctx.stats(), self.hand.reads.load(SeqCst));
        let swept = after.expired - before.expired;
        assert!(swept <= SWEPT, "one call removes {swept}");
        let made_room = after.evicted > before.evicted;
        let full = self.capacity == Some(self.ctx.len());
        assert!(full || !made_room, "more made room than had to");
        (after, reads)
    }

    /// What is remembered, as the model and the context agree.
    fn look(&mut self, key: Key) -> Option<Remembered> {
        let seen = self.ctx.peek(&Call::<Ask, Key>::new(key));
        let seen = seen.as_ref().map(id);
        let known = self.model.find(key);
        let fresh = known.filter(|it| !it.is_over(self.now()));
        match (seen, fresh) {
            (None, None) => None,
            (None, Some(it)) => {
                let may = it.lapsed || self.capacity.is_some();
                assert!(may, "{it:?} is not served");
                self.model.missing(it);
                None
            }
            (Some(id), Some(it)) if id == it.id => Some(it),
            (Some(id), _) => panic!("{id} is served, and there is {known:?}"),
        }
    }

    /// After each act.
    fn hold(&mut self) {
        let all = self.capacity.is_some();
        let few = |key: &Key| all || *key < FEW;
        let keys = self.model.entries.iter().map(|it| it.key);
        for key in keys.filter(few).collect::<Vec<_>>() {
            let _ = self.look(key);
        }
        let (stats, len) = (self.ctx.stats(), self.ctx.len());
        let (least, most) = (self.model.fresh(), self.model.entries.len());
        assert!(
            (least..=most).contains(&len),
            "len {len}, not {least} to {most}"
        );
        let room = self.capacity.is_none_or(|capacity| len <= capacity);
        assert!(room, "len {len}");
        let Model {
            lapsed, evicted, ..
        } = self.model;
        assert!(stats.expired <= lapsed, "{lapsed} over, {stats:?}");
        let all = stats.expired + stats.evicted;
        let counted = stats.evicted >= evicted && all <= evicted + lapsed;
        assert!(counted, "{evicted} evicted, {lapsed} over, {stats:?}");
        let none = self.capacity.is_some() || stats.evicted == 0;
        assert!(none, "evicted without a capacity");
    }

    /// Soon after it, all that is over is gone, by calls of something else.
    fn tidy(&mut self) {
        if self.latest + LATE + nanos(Duration::from_secs(1)) >= NEVER {
            return;
        }
        let by = self.latest - self.now() + LATE;
        self.hand
            .on(Duration::from_nanos(u64::try_from(by).unwrap()));
        let now = self.now();
        self.model.shows(now);
        let over = |it: &Remembered| it.is_over(now.saturating_sub(LATE));
        let due: Vec<Key> = (self.model.entries.iter().filter(|it| over(it)))
            .map(|it| it.key)
            .collect();
        // An entry comes down through eight levels of the wheel at most.
        for _ in 0..2 + self.model.entries.len() * 9 / 32 {
            self.insert(0, Keep::For(Duration::from_secs(1)));
        }
        let left = due.into_iter().filter(|key| *key != 0);
        let left: Vec<Key> = left
            .filter(|key| self.ctx.invalidate(&Call::<Ask, Key>::new(*key)))
            .collect();
        assert_eq!(left, [], "over, and not swept");
    }
}
