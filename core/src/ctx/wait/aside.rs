//! The run that we live in steps aside for what we wait for, in the midst of a poll or of its work.
use super::Wait;
use crate::drive;
use crate::entry::Flight;
use crate::notify::Caller;
use crate::sync::Arc;

/// A run that has to wait for its turn again.
pub(super) struct Aside {
    run: Arc<Flight>,
    /// As whom its gate knows us.
    known: u64,
}

impl Wait {
    /// That run may be blocked on us: its poll need not come to an end before somebody else's turn.
    pub(in crate::ctx) fn step_aside(&mut self, run: &Arc<Flight>) {
        if drive::step_aside(run) {
            let fresh = || Aside {
                run: run.clone(),
                known: 0,
            };
            let _ = self.rare().aside.get_or_insert_with(fresh);
        }
    }

    /// What we waited for is over: may the run go on that stepped aside for it? The run, if not.
    pub(in crate::ctx) fn still_aside(&mut self, caller: Caller<'_>) -> Option<Arc<Flight>> {
        let aside = self.rare.as_mut()?.aside.as_mut()?;
        let goes = drive::may_go(&aside.run, caller, &mut aside.known);
        (!goes).then(|| aside.run.clone())
    }

    /// We do not wait any more. If the run waits for nothing else, it goes on.
    pub(in crate::ctx) fn come_back(&mut self) {
        let aside = self.rare.as_mut().and_then(|rare| rare.aside.take());
        if let Some(aside) = aside {
            if !aside.run.waits() {
                drive::come_back(&aside.run);
            }
        }
    }
}
