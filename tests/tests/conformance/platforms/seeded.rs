//! The seeded executor, which can be stopped here.
use crate::platform::Platform;
use runce::testing::{ManualClock, Seeded};
use runce::{Clock, Executor, Job, Sleep, Timer};
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) struct BySeed<const SEED: u64>(Stoppable);

#[derive(Clone)]
pub(crate) struct Stoppable {
    seeded: Arc<Mutex<Option<Seeded>>>,
    clock: ManualClock,
}

impl Stoppable {
    fn seeded(&self) -> Option<Seeded> {
        self.seeded.lock().unwrap().clone()
    }
}

impl Executor for Stoppable {
    fn spawn(&self, job: Job) {
        if let Some(seeded) = self.seeded() {
            seeded.spawn(job);
        }
    }
}

impl Clock for Stoppable {
    fn now(&self) -> Duration {
        self.clock.now()
    }
}

impl Timer for Stoppable {
    fn sleep(&self, duration: Duration) -> Sleep {
        Timer::sleep(&self.clock, duration)
    }
}

impl<const SEED: u64> Platform for BySeed<SEED> {
    type Runtime = Stoppable;
    const BLOCKING: usize = 0;
    const CATCHES: bool = false;

    fn start() -> Self {
        let seeded = Seeded::new(SEED);
        Self(Stoppable {
            clock: seeded.clock(),
            seeded: Arc::new(Mutex::new(Some(seeded))),
        })
    }

    fn runtime(&self) -> Stoppable {
        self.0.clone()
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        let seeded = self.0.seeded().expect("stopped");
        seeded.block_on(future).expect("it hangs")
    }

    fn stop(self) -> Result<(), Self> {
        let seeded = self.0.seeded.lock().unwrap().take();
        drop(seeded); // and with it the jobs
        Ok(())
    }

    fn jobs(&self) -> usize {
        let shown = format!("{:?}", self.0.seeded().expect("stopped"));
        usize::from(!shown.contains("jobs: 0,"))
    }
}
