//! Clock and timer of a board: a counter that an interrupt counts, and those who sleep.
use alloc::vec::Vec;
use core::cell::RefCell;
use core::future::poll_fn;
use core::task::{Poll, Waker};
use core::time::Duration;
use critical_section::Mutex;
use portable_atomic::{AtomicU32, Ordering::Relaxed};
use runce::{Clock, Sleep, Timer};

/// A tick is a millisecond, for all that the tasks know.
static TICKS: AtomicU32 = AtomicU32::new(0);
static SLEEPERS: Mutex<RefCell<Vec<(u32, Waker)>>> = Mutex::new(RefCell::new(Vec::new()));

/// The timer's interrupt: wakes those whose time has come, here and now.
pub fn tick() {
    let now = TICKS.load(Relaxed).wrapping_add(1);
    TICKS.store(now, Relaxed);
    while let Some(waker) = due(now) {
        waker.wake();
    }
}

fn due(now: u32) -> Option<Waker> {
    critical_section::with(|section| {
        let mut sleepers = SLEEPERS.borrow_ref_mut(section);
        let place = sleepers.iter().position(|(until, _)| *until <= now)?;
        Some(sleepers.swap_remove(place).1)
    })
}

/// Has the memory of the list given back.
pub(super) fn forget() {
    critical_section::with(|section| SLEEPERS.take(section));
}

pub(super) struct Alarm;

impl Alarm {
    pub(super) async fn after(ticks: u32) {
        let until = TICKS.load(Relaxed) + ticks;
        poll_fn(|cx| {
            if TICKS.load(Relaxed) >= until {
                return Poll::Ready(());
            }
            let waker = cx.waker().clone();
            critical_section::with(|section| {
                SLEEPERS.borrow_ref_mut(section).push((until, waker));
            });
            // It may have come in between.
            if TICKS.load(Relaxed) >= until {
                return Poll::Ready(());
            }
            Poll::Pending
        })
        .await;
    }
}

impl Clock for Alarm {
    fn now(&self) -> Duration {
        Duration::from_millis(u64::from(TICKS.load(Relaxed)))
    }
}

impl Timer for Alarm {
    fn sleep(&self, duration: Duration) -> Sleep {
        let ticks = u32::try_from(duration.as_millis()).unwrap_or(u32::MAX / 2);
        Sleep::new(Self::after(ticks))
    }
}
