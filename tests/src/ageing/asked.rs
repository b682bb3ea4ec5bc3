//! The task, and a context for it.
use super::time::Hand;
use super::{Answer, Keep, Key, Run, Setting};
use crate::{Gate, Rng};
use runce::testing::Seeded;
use runce::{Builder, Call, Ctx, Error, ErrorKind, Outcome, Retention, Task, WithClock};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What its runs can reach.
pub(super) struct World {
    notes: Notes,
    /// Slow runs wait for it.
    pub(super) gate: Mutex<Arc<Gate>>,
}

type Notes = Arc<Mutex<Vec<Note>>>;

/// What happened, in that order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Note {
    /// That run is about to be over.
    Ran(u64),
    /// A TTL is to vary by that.
    Drew(u64),
}

impl World {
    pub(super) fn take_notes(&self) -> Vec<Note> {
        std::mem::take(&mut *self.notes.lock().unwrap())
    }
}

/// A key; and what its run does, if it has one, which is the same key for all that.
#[derive(Clone)]
pub(super) struct Asked {
    key: Key,
    id: u64,
    run: Run,
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Asked {}

impl Hash for Asked {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

/// An output, or an error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told(pub(super) u64, pub(super) Keep);

pub(super) struct Ask;

pub(super) fn ask(key: Key, id: u64, run: Run) -> Call<Ask, Asked> {
    Call::new(Asked { key, id, run })
}

/// What is not to be run.
pub(super) fn known(key: Key) -> Call<Ask, Asked> {
    let (answer, slow) = (Answer::Panic, false);
    ask(key, 0, Run { answer, slow })
}

impl Task<World> for Ask {
    type Input = Asked;
    type Output = Told;
    type Error = Told;

    async fn run(ctx: &Ctx<World>, Asked { id, run, .. }: Asked) -> Result<Told, Told> {
        if run.slow {
            let gate = ctx.state().gate.lock().unwrap().clone();
            gate.wait().await;
        }
        ctx.state().notes.lock().unwrap().push(Note::Ran(id));
        match run.answer {
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

/// Of which run it is.
pub(super) fn id(result: &Result<Told, Error>) -> u64 {
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

/// A context that is told all that, and its executor.
pub(super) fn context(setting: Setting, hand: &Hand) -> (Ctx<World>, Option<Seeded>) {
    let notes = Notes::default();
    let world = World {
        notes: notes.clone(),
        gate: Mutex::default(),
    };
    let builder = told(Ctx::builder(world).clock(hand.clone()), setting, notes);
    let Some(seed) = setting.executor else {
        return (builder.build(), None);
    };
    let executor = Seeded::new(u64::from(seed));
    let mut builder = builder.executor(executor.clone());
    if let Some(share) = setting.windows.ahead {
        builder = builder.refresh_ahead(share.told());
    }
    (builder.build(), Some(executor))
}

fn told<X>(
    mut builder: Builder<World, X, WithClock>,
    setting: Setting,
    notes: Notes,
) -> Builder<World, X, WithClock> {
    type Told<X> = fn(Builder<World, X, WithClock>, Duration) -> Builder<World, X, WithClock>;
    let windows = setting.windows;
    let times: [(Option<Duration>, Told<X>); 5] = [
        (setting.ttl, |builder, time| builder.ttl(time)),
        (setting.error_ttl, Builder::error_ttl),
        (windows.stale, Builder::stale_while_revalidate),
        (windows.if_error, Builder::stale_if_error),
        (windows.retry, Builder::retry_after),
    ];
    for (time, tell) in times {
        if let Some(time) = time {
            builder = tell(builder, time);
        }
    }
    if let Some(capacity) = setting.capacity {
        builder = builder.capacity(capacity);
    }
    if let Some((share, seed)) = setting.jitter {
        let rng = Mutex::new(Rng(u64::from(seed) << 1 | 1));
        builder = builder.jitter(share.told(), move || {
            // Few bits, so that no rounding matters.
            let random = rng.lock().unwrap().below(256) << 56;
            notes.lock().unwrap().push(Note::Drew(random));
            random
        });
    }
    builder
}
