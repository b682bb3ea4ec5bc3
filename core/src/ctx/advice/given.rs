//! On standard error, once a process.
use crate::entry::{Flight, Node};
use crate::guard::{catch, drop_quietly};
use crate::sync::Arc;
use core::sync::atomic::{AtomicBool, Ordering};
use std::io::{Write, stderr};

/// What is said to the developer is no part of what is modelled.
static SAID: AtomicBool = AtomicBool::new(false);

/// A run waits for a call through a handle that does not know it. Of its own context, that
/// is most likely a mistake: a circle of such waits is not noticed.
pub(in crate::ctx) fn outside_call(run: &Arc<Flight>, target: &Flight, node: &Arc<dyn Node>) {
    // ORDERING: it orders nothing.
    if run.context != target.context || SAID.load(Ordering::Relaxed) {
        return;
    }
    // ORDERING: only one gets `false`.
    if SAID.swap(true, Ordering::Relaxed) {
        return;
    }
    if let Some(asker) = run.entry() {
        let _ = catch(|| say(&asker.label(), &node.label()));
        drop_quietly(asker);
    }
}

fn say(asker: &str, target: &str) {
    // Where nobody listens, nobody has to be told.
    let _ = writeln!(
        stderr(),
        "runce: task `{asker}` waits for `{target}` in its own context through a handle that is \
         not the one it was given: if they waited for each other, nobody would notice. Use the \
         task's `ctx`. (Said once, in debug builds.)"
    );
}
