//! What the host gives: a clock, a timer, output. And a heap that counts.
use alloc::collections::BTreeMap;
use core::alloc::{GlobalAlloc, Layout};
use core::future::poll_fn;
use core::task::{Poll, Waker};
use core::time::Duration;
use dlmalloc::GlobalDlmalloc;
use portable_atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};
use runce::{Clock, Sleep, Timer};
use spin::Mutex;

mod imports {
    #[link(wasm_import_module = "host")]
    unsafe extern "C" {
        /// Milliseconds since some moment.
        pub(super) safe fn now() -> f64;
        /// Calls `fire` with that number once so many milliseconds have passed.
        pub(super) safe fn sleep(sleeper: u32, milliseconds: f64);
        /// Calls `turn` soon.
        pub(crate) safe fn wake();
        pub(super) unsafe fn write_line(text: *const u8, length: usize);
    }
}

pub(crate) use imports::wake;

pub(crate) fn write_line(text: &str) {
    // SAFETY: the host reads it before it returns.
    unsafe { imports::write_line(text.as_ptr(), text.len()) };
}

static NEXT: AtomicU32 = AtomicU32::new(0);
/// `None`: it has slept.
static SLEEPERS: Mutex<BTreeMap<u32, Option<Waker>>> = Mutex::new(BTreeMap::new());

pub(crate) fn fire(sleeper: u32) {
    let waker = SLEEPERS.lock().get_mut(&sleeper).and_then(Option::take);
    if let Some(waker) = waker {
        waker.wake();
    }
}

struct Sleeper(u32);

impl Drop for Sleeper {
    fn drop(&mut self) {
        let gone = SLEEPERS.lock().remove(&self.0);
        drop(gone);
    }
}

/// The host's clock and timer.
#[derive(Clone, Copy)]
pub(crate) struct Host;

impl Clock for Host {
    fn now(&self) -> Duration {
        Duration::try_from_secs_f64(imports::now() / 1_000.0).unwrap_or_default()
    }
}

impl Timer for Host {
    fn sleep(&self, duration: Duration) -> Sleep {
        let sleeper = Sleeper(NEXT.fetch_add(1, Relaxed));
        let mut asked = false;
        Sleep::new(poll_fn(move |cx| {
            let waker = Some(cx.waker().clone());
            let known = SLEEPERS.lock().insert(sleeper.0, waker);
            if !asked {
                asked = true;
                imports::sleep(sleeper.0, duration.as_secs_f64() * 1_000.0);
                return Poll::Pending;
            }
            match known {
                Some(None) => Poll::Ready(()),
                _ => Poll::Pending,
            }
        }))
    }
}

/// Counts the bytes that are in use.
pub(crate) struct Heap(AtomicUsize);

impl Heap {
    pub(crate) const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    pub(crate) fn used(&self) -> usize {
        self.0.load(Relaxed)
    }
}

// SAFETY: it is the other allocator that allocates.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.0.fetch_add(layout.size(), Relaxed);
        // SAFETY: our caller's promise.
        unsafe { GlobalDlmalloc.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        self.0.fetch_sub(layout.size(), Relaxed);
        // SAFETY: our caller's promise.
        unsafe { GlobalDlmalloc.dealloc(place, layout) };
    }
}
