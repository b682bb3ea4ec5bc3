//! Tells of a hang: nothing depends on how long anything takes, unless it takes for ever.
use crate::world::World;
use std::sync::{Arc, Condvar, Mutex, Weak};
use std::thread;
use std::time::Duration;

/// A round that takes so many seconds hangs.
const PATIENCE: u64 = 120;

#[derive(Default)]
pub(crate) struct Watch(Arc<Inner>);

#[derive(Default)]
struct Inner {
    round: Mutex<Round>,
    bell: Condvar,
}

#[derive(Default)]
struct Round {
    world: Weak<World>,
    number: usize,
    over: bool,
}

impl Watch {
    /// `patience` in seconds.
    pub(crate) fn new(patience: Option<u64>) -> Self {
        let watch = Self::default();
        let inner = watch.0.clone();
        let patience = Duration::from_secs(patience.unwrap_or(PATIENCE));
        thread::spawn(move || inner.serve(patience));
        watch
    }

    pub(crate) fn begins(&self, world: &Arc<World>) {
        let mut round = self.0.round.lock().unwrap();
        (round.world, round.number) = (Arc::downgrade(world), round.number + 1);
        self.0.bell.notify_one();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.round.lock().unwrap().over = true;
        self.0.bell.notify_one();
    }
}

impl Inner {
    fn serve(&self, patience: Duration) {
        let mut round = self.round.lock().unwrap();
        while !round.over {
            let number = round.number;
            let same = |round: &mut Round| round.number == number && !round.over;
            let (now, waited) = self.bell.wait_timeout_while(round, patience, same).unwrap();
            round = now;
            if waited.timed_out() {
                let report = round.world.upgrade().map(|world| world.report());
                eprintln!("it hangs in round {number}\n{}", report.unwrap_or_default());
                std::process::abort();
            }
        }
    }
}
