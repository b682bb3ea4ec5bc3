//! What a thread does from outside.
use crate::books::End;
use crate::callers::Caller;
use crate::task::{Value, end, node};
use crate::world::{TTL, World};
use runce::Ctx;
use runce_tests::Rng;
use runce_tests::program::{Act, Key, Outcome};
use std::sync::atomic::Ordering::SeqCst;

struct Hand<'w> {
    world: &'w World,
    ctx: Ctx<World>,
    rng: Rng,
    /// Callers that are not polled for now.
    kept: Vec<Caller>,
}

pub(crate) fn play(world: &World, thread: usize) {
    let Some(ctx) = world.handle() else { return };
    let seed = world.plan.seed.wrapping_mul(0xA24B_AED4_963E_E407) ^ (thread as u64 + 1);
    let mut hand = Hand {
        world,
        ctx,
        rng: Rng(seed | 1 << 63),
        kept: Vec::new(),
    };
    for at in 0..world.plan.ops {
        let key = hand.key();
        let op = hand.rng.below(24);
        world.does(thread, format!("{at}: {op} of key {key}"));
        hand.op(op, key);
    }
    world.does(thread, "end".into());
    hand.end();
}

impl Hand<'_> {
    fn key(&mut self) -> Key {
        self.rng.below(self.world.plan.program.keys.len() as u64) as Key
    }

    fn op(&mut self, op: u64, key: Key) {
        let (world, ctx) = (self.world, &self.ctx);
        match op {
            0..=5 => Caller::new(ctx, vec![key]).finish(world),
            6 | 7 => self.group(key).finish(world),
            8 => Caller::within(ctx, key, TTL).finish(world),
            9 => Caller::refresh(ctx, key).finish(world),
            10..=12 => self.hang_up(Caller::new(ctx, vec![key])),
            13 => self.hang_up(Caller::refresh(ctx, key)),
            14 => {
                let group = self.group(key);
                self.hang_up(group);
            }
            15 | 16 => self.keep(Caller::new(ctx, vec![key])),
            17 => world.share(Caller::new(ctx, vec![key]), true),
            18 => self.peek(key),
            19 => self.insert(key),
            20 => world.perform([Act::Poll(0), Act::Drop(0)][self.rng.below(2) as usize]),
            21 => world.perform(Act::Invalidate(key)),
            22 => world.perform(Act::Expire),
            _ => self.rare(),
        }
    }

    fn rare(&mut self) {
        let acts = [Act::Clear, Act::Cancel, Act::ShutDown, Act::Expire];
        self.world.perform(acts[self.rng.below(4) as usize]);
    }

    fn group(&mut self, key: Key) -> Caller {
        let other = self.key();
        Caller::new(&self.ctx, vec![key, other])
    }

    /// Leaves after a few polls, woken or not.
    fn hang_up(&mut self, mut caller: Caller) {
        let polls = 1 + self.rng.below(3);
        let _ = (0..polls).any(|_| caller.poll_once(self.world));
    }

    /// Stops polling for a while, and stays.
    fn keep(&mut self, mut caller: Caller) {
        if !caller.poll_once(self.world) {
            self.kept.push(caller);
        }
    }

    fn peek(&mut self, key: Key) {
        let Some(known) = self.ctx.peek(&node(self.world, key)) else {
            return;
        };
        let end = end(&known, |value| value.value);
        let right = self.world.book(key).came_to(end);
        self.world
            .law(right, || format!("once: key {key} is known as {end:?}"));
    }

    /// Something that the task may come to.
    fn insert(&mut self, key: Key) {
        let (world, ctx) = (self.world, &self.ctx);
        let Some(value) = world.plan.meaning.value(key).filter(|_| world.plan.edits) else {
            return;
        };
        world.book(key).come(End::Came(Outcome::Value(value)));
        world.edit(&[key], || {
            ctx.insert(node(world, key), Value::new(world, key, value))
        });
    }

    fn end(mut self) {
        let cancelled = self.world.cancelled.load(SeqCst);
        for caller in std::mem::take(&mut self.kept) {
            if cancelled || self.rng.below(2) == 0 {
                caller.finish(self.world);
            }
        }
    }
}
