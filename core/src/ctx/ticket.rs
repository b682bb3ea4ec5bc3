//! The body of a run: the task's future, its handle, and its books.
use super::{Counts, Ctx};
use crate::entry::{Body, Entry, Flight, Node};
use crate::error::{Error, Label};
use crate::guard::drop_quietly;
use crate::sync::Arc;
use crate::task::Task;
use alloc::boxed::Box;

/// What a run in flight holds of its context. It is dropped after the task's own
/// future, so the task has let go of everything when it frees the run's place.
struct Ticket<S: Send + Sync + 'static> {
    ctx: Ctx<S>,
    entry: Option<Arc<dyn Node>>,
    settled: bool,
}

/// The future that a flight holds.
pub(super) fn body<S: Send + Sync + 'static, T: Task<S>>(
    ctx: &Ctx<S>,
    flight: Arc<Flight>,
    entry: Arc<dyn Node>,
    input: T::Input,
) -> Body {
    let ticket = Ticket {
        ctx: ctx.inside(flight),
        entry: Some(entry),
        settled: false,
    };
    Box::pin(run::<S, T>(input, ticket))
}

/// The inputs stand first: a body that was never polled drops them in this order.
async fn run<S: Send + Sync + 'static, T: Task<S>>(input: T::Input, ticket: Ticket<S>) {
    let outcome = T::run(&ticket.ctx, input).await;
    // The task's future is gone by now, and with it all that it held.
    ticket.settle::<T>(outcome);
}

impl<S: Send + Sync + 'static> Ticket<S> {
    fn settle<T: Task<S>>(mut self, outcome: Result<T::Output, T::Error>) {
        self.settled = true;
        let counts = &self.ctx.engine.counts;
        Counts::add(match &outcome {
            Ok(_) => &counts.succeeded,
            Err(_) => &counts.failed,
        });
        let Some(node) = &self.entry else { return };
        let Some(entry) = node.as_any().downcast_ref::<Entry<T::Input, T::Output>>() else {
            return;
        };
        let outcome = outcome.map_err(|error| {
            let error = Error::failed(error, || Label(T::label).of(&entry.input));
            if error.is_transient() {
                self.ctx.engine.table.remove(node);
            }
            error
        });
        drop(entry.outcome.set(outcome));
    }
}

impl<S: Send + Sync + 'static> Drop for Ticket<S> {
    fn drop(&mut self) {
        let Some(node) = self.entry.take() else {
            return;
        };
        if !self.settled {
            let engine = &self.ctx.engine;
            // Otherwise a panic unwinds it, and that is remembered.
            let dropped = self.ctx.run.as_ref().is_some_and(|run| run.is_dropping());
            if dropped {
                engine.table.remove(&node);
            }
            let counts = &engine.counts;
            Counts::add(if dropped {
                &counts.dropped
            } else {
                &counts.panicked
            });
        }
        drop_quietly(node);
    }
}
