//! What a handle is, whatever the type of its context's state.
use super::Engine;
use crate::entry::Flight;
use crate::sync::Arc;

/// Small, since each run gets one: the engine has the state as well.
pub(crate) struct Handle {
    pub(crate) engine: Arc<Engine>,
    /// The run that it was given to. A handle without one counts as a handle.
    pub(crate) run: Option<Arc<Flight>>,
}

impl Handle {
    /// The first of an engine.
    pub(super) fn of(engine: Arc<Engine>) -> Self {
        Self { engine, run: None }
    }

    /// Another handle that knows the same run; of one that knows none, a clone.
    pub(super) fn same(&self) -> Self {
        match &self.run {
            Some(run) => self.inside(run.clone()),
            None => self.clone(),
        }
    }

    /// The handle that a run gets.
    pub(super) fn inside(&self, run: Arc<Flight>) -> Self {
        Self {
            engine: self.engine.clone(),
            run: Some(run),
        }
    }
}

/// One that knows no run.
impl Clone for Handle {
    fn clone(&self) -> Self {
        self.engine.add_handle();
        Self::of(self.engine.clone())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.run.is_none() {
            Engine::drop_handle(&mut self.engine);
        }
    }
}
