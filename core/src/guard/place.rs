//! Where a panic happened: known to a panic hook only.
use alloc::string::{String, ToString};
use core::cell::Cell;
use std::panic::{set_hook, take_hook};
use std::sync::Once;
use std::thread_local;

/// The hook is the process's, so this is no part of what is modelled.
static HOOK: Once = Once::new();

thread_local! {
    static PLACE: Cell<Option<String>> = const { Cell::new(None) };
}

/// From now on the error of a task that panicked says where it did:
/// ``task `user(7)` panicked at src/users.rs:12:9: no such row``.
///
/// Without it the place is shown only by the process's panic hook, on standard error. This
/// puts a hook of its own before the one that is set, which it calls; it costs one formatted
/// line for each panic. It is the program's to decide, so call it in `main`, after other
/// hooks were set; further calls do nothing. It needs the feature `std`.
///
/// # Panics
///
/// When it is called first by a thread that is panicking.
///
/// # Examples
///
/// ```
/// use runce::{Ctx, ErrorKind, task};
///
/// #[task]
/// async fn broken(n: u64) -> u64 {
///     if n > 3 { panic!("{n} is too much") } else { n }
/// }
///
/// # fn main() { pollster::block_on(async {
/// runce::record_panic_locations();
/// let error = Ctx::new(()).run(broken(4)).await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Panicked);
/// let text = error.to_string(); // task `broken(4)` panicked at src/main.rs:5:16: 4 is too much
/// assert!(text.starts_with("task `broken(4)` panicked at "), "{text}");
/// assert!(text.ends_with(": 4 is too much"), "{text}");
/// # }) }
/// ```
pub fn record_panic_locations() {
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(alloc::boxed::Box::new(move |panic| {
            let place = panic.location().map(ToString::to_string);
            // A thread that is ending has no place for it.
            let _ = PLACE.try_with(|last| last.set(place));
            before(panic);
        }));
    });
}

/// Forgets what happened before: what is resumed later comes from nowhere known. Not what
/// is happening: this may run in a destructor.
#[inline]
pub(super) fn forget() {
    if HOOK.is_completed() && !std::thread::panicking() {
        let _ = take();
    }
}

/// What was taken on another thread.
pub(super) fn put(place: Option<String>) {
    let _ = PLACE.try_with(|last| last.set(place));
}

pub(super) fn take() -> Option<String> {
    PLACE.try_with(Cell::take).unwrap_or(None)
}
