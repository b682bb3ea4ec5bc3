//! On standard error, once a process.
use crate::entry::{Flight, Node};
use crate::guard::drop_quietly;
use crate::sync::Arc;
use crate::table::Table;
use std::eprintln;
use std::sync::Once;

/// What is said to the developer is no part of what is modelled.
static SAID: Once = Once::new();

/// A run waits for a call through a handle that does not know it. Of its own context, that
/// is most likely a mistake: a circle of such waits is not noticed.
pub(in crate::ctx) fn outside_call(table: &Table, run: &Arc<Flight>, target: &Arc<dyn Node>) {
    if SAID.is_completed() {
        return;
    }
    let Some(asker) = run.entry() else { return };
    if table.contains(&asker) {
        SAID.call_once(|| {
            eprintln!(
                "runce: task `{}` waits for `{}` in its own context through a handle that is \
                 not the one it was given: if they waited for each other, nobody would notice. \
                 Use the task's `ctx`. (Said once, in debug builds.)",
                asker.label(),
                target.label()
            );
        });
    }
    drop_quietly(asker);
}
