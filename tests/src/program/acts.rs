//! What may be done to the engine, from outside and from within a task.
use super::books::{Books, Run};
use super::memory::{ERROR_TTL, TTL};
use super::node::{node, outcome, value};
use super::world::World;
use super::{Act, Key, Outcome, Store, Waking, Way};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

/// So often tasks and their destructors act.
const ACTS: usize = 24;

impl World {
    /// Not without end.
    pub(super) fn may_act(&self) -> bool {
        self.acts.fetch_add(1, SeqCst) < ACTS
    }

    /// From within a task or its destructor.
    pub(super) fn act(self: &Arc<Self>, act: Act) {
        if self.may_act() {
            self.perform(act);
        }
    }

    pub(super) fn perform(self: &Arc<Self>, act: Act) {
        match act {
            Act::Start(key) => self.start(vec![key], Way::Plain, Waking::Notes, true),
            Act::Refresh(key) => self.start(vec![key], Way::Refresh, Waking::Notes, true),
            Act::Poll(caller) => self.nth(caller, |caller| self.poll(caller)),
            Act::Drop(caller) => self.nth(caller, |caller| self.leave(caller)),
            Act::Open(gate) => {
                self.door(gate).set(true);
                self.door(gate).pulse();
            }
            Act::Pulse(gate) => self.door(gate).pulse(),
            Act::Invalidate(key) => self.invalidate(key),
            Act::Insert(key) => self.insert(key),
            Act::Peek(key) => self.peek(key),
            Act::Clear => self.clear(),
            Act::Expire => self.advance(2 * TTL),
            Act::Age => self.advance(ERROR_TTL),
            Act::Cancel => self.cancel(),
            Act::DropHandle => self.drop_handle(),
            Act::ShutDown => self.jobs.shut_down(),
        }
    }

    fn invalidate(self: &Arc<Self>, key: Key) {
        let Some(ctx) = self.handle() else { return };
        self.sync();
        let hidden = self.hides();
        let found = ctx.invalidate(&node(self, key));
        self.books(|books| books.invalidate(key, found, hidden));
    }

    fn clear(self: &Arc<Self>) {
        let Some(ctx) = self.handle() else { return };
        self.sync();
        let hidden = self.hides();
        ctx.clear();
        self.books(|books| {
            for key in 0..books.keys.len() {
                books.forget(key as Key, hidden);
            }
        });
    }

    fn insert(self: &Arc<Self>, key: Key) {
        let Some(ctx) = self.handle() else { return };
        self.sync();
        let hidden = self.hides();
        let before = ctx.len();
        let run = self.books(|books| books.insert(key));
        ctx.insert(node(self, key), value(self, &self.token, key, run));
        // If it took a new place, there was nothing.
        let found = ctx.len() <= before;
        self.books(|books| books.inserted(key, run, found, hidden));
    }

    /// Are there runs whose task was not called yet?
    fn hides(&self) -> bool {
        let in_flight = self.handle().map_or(0, |ctx| ctx.stats().in_flight);
        in_flight > self.books(|books| books.alive())
    }

    fn advance(self: &Arc<Self>, by: Duration) {
        self.sync();
        self.books(|books| books.advance(by));
        // Wakes, and who is woken may poll.
        self.clock.advance(by);
    }

    pub(super) fn cancel(&self) {
        let Some(ctx) = self.handle() else { return };
        self.cancelled.store(true, SeqCst);
        self.books(Books::cancel);
        self.cancelling.store(true, SeqCst);
        ctx.cancel();
        self.cancelling.store(false, SeqCst);
    }

    pub(super) fn drop_handle(&self) {
        let handle = self.handle.lock().unwrap().take();
        // From now on nobody learns what is evicted.
        if self.program.config.store == Store::Tight {
            self.books(|books| books.keys.iter_mut().for_each(|book| book.vague = true));
        }
        drop(handle);
    }

    /// Where it cannot be told what is evicted: what is not remembered any more was.
    pub(super) fn sync(self: &Arc<Self>) {
        if self.program.config.store != Store::Tight || self.is_cancelled() {
            return;
        }
        let known = |key: &usize| self.books(|books| books.keys[*key].remembered.is_some());
        for key in (0..self.program.keys.len()).filter(known) {
            let key = key as Key;
            if self.handle().is_some() && self.look(key).is_none() {
                self.books(|books| books.evicted(key));
            }
        }
    }

    /// What is remembered of a key, and the run that it comes from.
    fn look(self: &Arc<Self>, key: Key) -> Option<(Option<Run>, Outcome)> {
        let armed = self.disarm();
        let seen = self.handle()?.peek(&node(self, key));
        armed.into_iter().for_each(|act| self.on_clone(act));
        let result = seen?;
        let run = result.as_ref().ok().map(|value| value.run);
        Some((run, outcome(&result, |value| value.value)))
    }

    pub(super) fn peek(self: &Arc<Self>, key: Key) {
        if self.handle().is_none() || self.is_cancelled() {
            return;
        }
        self.sync();
        let seen = self.look(key);
        self.books(|books| {
            let book = books.keys[usize::from(key)].clone();
            let known = book.remembered.map(|run| (run, books.runs[run].outcome));
            let right = match (seen, known) {
                _ if book.vague => true,
                (None, None) => true,
                (Some((run, outcome)), Some((known, came))) => {
                    run.is_none_or(|run| run == known) && Some(outcome) == came
                }
                _ => false,
            };
            books.law(right, || {
                format!("once: key {key} is known as {seen:?}, not {known:?}")
            });
        });
    }
}
