//! What all handles of a context share.
use super::builder::Options;
use super::scope::Scope;
use super::terms::Terms;
use super::ticket::Gates;
use crate::drive::{self, Spare};
use crate::entry::{Flight, Node, Origin};
use crate::executor::Host;
use crate::guard::{Finally, drop_quietly};
use crate::sync::{AnyArc, Arc, AtomicUsize, Lock, Ordering, Weak};
use crate::table::{Cleared, Table};
use alloc::boxed::Box;
use alloc::vec::Vec;
use hashbrown::DefaultHashBuilder;

pub(crate) struct Engine {
    pub(crate) table: Table,
    /// Orders the joins that could close a circle; counts the searches.
    pub(crate) graph: Lock<usize>,
    pub(crate) host: Host,
    /// What nobody waits for any more is finished by the executor.
    pub(crate) finish: bool,
    pub(crate) hasher: DefaultHashBuilder,
    pub(crate) counts: Counts,
    pub(super) scope: Scope,
    pub(super) terms: Option<Box<Terms>>,
    pub(super) gates: Gates,
    handles: AtomicUsize,
    pub(super) spare: Spare,
    /// The application's, until we are dropped.
    pub(super) state: Option<AnyArc>,
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Its destructor is foreign, and whoever holds us last may be no handle.
        drop_quietly(self.state.take());
    }
}

#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) joins: AtomicUsize,
    pub(crate) succeeded: AtomicUsize,
    pub(crate) failed: AtomicUsize,
    pub(crate) panicked: AtomicUsize,
    pub(crate) dropped: AtomicUsize,
    pub(crate) stale: AtomicUsize,
}

/// What a context has done so far. Counters of different kinds are read one after the
/// other, so under load they need not match exactly.
///
/// # Examples
///
/// ```
/// # use runce::{Ctx, task};
/// #[task]
/// async fn double(n: u64) -> u64 { 2 * n }
///
/// # fn main() { pollster::block_on(async {
/// let ctx = Ctx::new(());
/// ctx.run(double(1)).await?;
/// ctx.run(double(1)).await?;
/// ctx.run(double(2)).await?;
/// let stats = ctx.stats();
/// assert_eq!((stats.runs, stats.hits, stats.in_flight), (2, 1, 0));
/// # Ok::<(), runce::Error>(()) }).unwrap() }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Calls answered from memory.
    pub hits: usize,
    /// Calls that joined a run in flight.
    pub joins: usize,
    /// Calls that were served what is [stale](crate::Builder::stale_while_revalidate): as hits, or
    /// after their run had failed or taken too long.
    pub stale: usize,
    /// Runs started.
    pub runs: usize,
    /// Runs whose task returned a value.
    pub succeeded: usize,
    /// Runs whose task returned an error, or took longer than its limit; runs that were refused, since
    /// too many waited for their turn.
    pub failed: usize,
    /// Runs whose task panicked.
    pub panicked: usize,
    /// Runs dropped before they had an outcome: nobody waited, or the context was
    /// cancelled.
    pub dropped: usize,
    /// Runs started that are not over.
    pub in_flight: usize,
    /// Outcomes forgotten because their time was up.
    pub expired: usize,
    /// Outcomes forgotten for want of room.
    pub evicted: usize,
}

impl Counts {
    pub(crate) fn add(count: &AtomicUsize) {
        // ORDERING: counts order nothing.
        count.fetch_add(1, Ordering::Relaxed);
    }
}

impl Engine {
    pub(super) fn new(host: Host, state: AnyArc, mut options: Options) -> Arc<Self> {
        options.terms.iter_mut().for_each(|terms| terms.begin());
        let engine = match options.parent.take() {
            None => Arc::new(Self::begun(host, state, options)),
            Some(parent) => Self::begun(host, state, options).within(&parent),
        };
        if let Some(terms) = engine.terms.as_ref().filter(|terms| terms.forgets()) {
            engine.table.manage(terms.capacity);
        }
        engine
    }

    // Inlined, and calls come first: otherwise what is made is moved, and whoever asks for a context
    // waits for that.
    #[inline(always)]
    fn begun(host: Host, state: AnyArc, options: Options) -> Self {
        let hasher = DefaultHashBuilder::default();
        Self {
            table: Table::new(),
            graph: Lock::new(0),
            host,
            finish: options.finish,
            hasher,
            counts: Counts::default(),
            scope: Scope::new(),
            terms: options.terms,
            gates: Gates::new(),
            handles: AtomicUsize::new(1),
            spare: Spare::new(),
            state: Some(state),
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        // ORDERING: see `Counts::add`.
        let read = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        let told = self.table.counts();
        let counts = &self.counts;
        let (succeeded, failed) = (read(&counts.succeeded), read(&counts.failed));
        let (panicked, dropped) = (read(&counts.panicked), read(&counts.dropped));
        let over = succeeded + failed + panicked + dropped;
        Stats {
            hits: told.hits,
            joins: read(&counts.joins),
            stale: read(&counts.stale),
            runs: told.runs,
            succeeded,
            failed,
            panicked,
            dropped,
            in_flight: told.runs.saturating_sub(over),
            expired: told.expired,
            evicted: told.evicted,
        }
    }

    pub(crate) fn add_handle(&self) {
        // ORDERING: as in `Arc`: whoever clones a handle has one.
        self.handles.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn drop_handle(this: &mut Arc<Self>) {
        // ORDERING: as in `Arc`: all that was done with other handles comes before.
        if this.handles.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        match Arc::get_mut(this) {
            // Nothing is in flight, or it would have a handle; nobody asks for its end.
            Some(engine) => engine.table.empty(drop_quietly),
            None => this.cancel(),
        }
    }

    /// Nobody is served any more, here and in the contexts within; all runs are dropped.
    pub(crate) fn cancel(&self) {
        let mut within = self.end();
        while let Some(child) = within.pop() {
            if let Some(child) = child.upgrade() {
                within.extend(child.end());
            }
        }
    }

    /// Ends this one, and says which others are to end.
    fn end(&self) -> Vec<Weak<Self>> {
        let Cleared { entries, detached } = self.table.close();
        let in_flight = |node: &Arc<dyn Node>| node.head().flight();
        let mut flights: Vec<_> = entries.iter().filter_map(in_flight).collect();
        flights.extend(detached);
        let (told, children) = self.scope.end();
        let ring = Finally::new(|| told.ring());
        drive::kill(flights);
        drop(ring);
        entries.into_iter().for_each(drop_quietly);
        children
    }

    /// Tells contexts apart, as long as they live.
    pub(crate) fn address(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }

    /// A flight for a fresh run.
    #[inline]
    pub(crate) fn flight(&self, origin: Origin) -> Arc<Flight> {
        self.spare.flight(&self.host, origin)
    }
}
