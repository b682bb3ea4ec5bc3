//! On standard error, once a process.
use crate::entry::{Flight, Node};
use crate::guard::drop_quietly;
use crate::sync::Arc;
use std::eprintln;
use std::sync::Once;

/// What is said to the developer is no part of what is modelled.
static SAID: Once = Once::new();

/// A run waits for a call through a handle that does not know it. Of its own context, that
/// is most likely a mistake: a circle of such waits is not noticed.
pub(in crate::ctx) fn outside_call(run: &Arc<Flight>, target: &Flight, node: &Arc<dyn Node>) {
    if SAID.is_completed() || run.context != target.context {
        return;
    }
    if let Some(asker) = run.entry() {
        SAID.call_once(|| {
            eprintln!(
                "runce: task `{}` waits for `{}` in its own context through a handle that is \
                 not the one it was given: if they waited for each other, nobody would notice. \
                 Use the task's `ctx`. (Said once, in debug builds.)",
                asker.label(),
                node.label()
            );
        });
        drop_quietly(asker);
    }
}
