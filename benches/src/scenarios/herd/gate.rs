//! Opens when all callers wait.
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};
use tokio::sync::Notify;

pub struct Gate {
    callers: u64,
    arrived: AtomicU64,
    open: Notify,
}

impl Gate {
    pub fn new(callers: u64) -> Arc<Self> {
        Arc::new(Self {
            callers,
            arrived: AtomicU64::new(0),
            open: Notify::new(),
        })
    }

    pub fn callers(&self) -> u64 {
        self.callers
    }

    /// For one that waits.
    pub async fn opened(&self) {
        self.open.notified().await;
    }

    fn arrive(&self) {
        if self.arrived.fetch_add(1, Relaxed) + 1 == self.callers {
            self.open.notify_one();
        }
    }
}

/// A caller, who arrives when it has to wait for the first time.
pub struct Arriving<F> {
    call: F,
    gate: Option<Arc<Gate>>,
}

impl<F> Arriving<F> {
    pub fn new(call: F, gate: Arc<Gate>) -> Self {
        Self {
            call,
            gate: Some(gate),
        }
    }
}

impl<F: Future + Unpin> Future for Arriving<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let polled = Pin::new(&mut self.call).poll(cx);
        if polled.is_pending()
            && let Some(gate) = self.gate.take()
        {
            gate.arrive();
        }
        polled
    }
}
