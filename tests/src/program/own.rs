//! Combinators that poll a member when the member's own waker was woken.
use crate::poll;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

/// So often one that blocks polls within one poll, before it gives up blocking. Where the
/// stack is deep, the engine waits for a thousand polls until it takes it for blocked.
const PATIENCE: usize = 1_500;

/// All outputs, or the first error.
pub struct Own<F, O, S> {
    members: Vec<(Option<F>, Arc<Bell>)>,
    outputs: Vec<Option<O>>,
    /// It polls as long as a member is woken, like a thread that blocks; told of each member
    /// that would block it for ever.
    stuck: Option<S>,
}

/// A member's waker.
#[derive(Default)]
struct Bell(AtomicBool, Mutex<Option<Waker>>);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
        let waker = self.1.lock().unwrap().take();
        waker.into_iter().for_each(Waker::wake);
    }
}

impl<F, O, S: Fn(usize)> Own<F, O, S> {
    #[must_use]
    pub fn new(members: impl IntoIterator<Item = F>, stuck: Option<S>) -> Self {
        let rung = |member| {
            (
                Some(member),
                Arc::new(Bell(AtomicBool::new(true), Mutex::default())),
            )
        };
        let members: Vec<_> = members.into_iter().map(rung).collect();
        let outputs = members.iter().map(|_| None).collect();
        Self {
            members,
            outputs,
            stuck,
        }
    }

    fn left(&self, stuck: &S) {
        let members = self.members.iter().enumerate();
        let left = members.filter(|(_, (member, _))| member.is_some());
        left.for_each(|(member, _)| stuck(member));
    }

    fn rung(&self) -> bool {
        let mut members = self.members.iter();
        members.any(|(member, bell)| member.is_some() && bell.0.load(SeqCst))
    }
}

impl<F, O, S, E> Own<F, O, S>
where
    F: Future<Output = Result<O, E>> + Unpin,
{
    fn answer(&mut self, waker: &Waker) -> Result<(), E> {
        for ((member, bell), output) in self.members.iter_mut().zip(&mut self.outputs) {
            drop(bell.1.lock().unwrap().replace(waker.clone()));
            let Some(future) = member else { continue };
            if !bell.0.swap(false, SeqCst) {
                continue;
            }
            if let Poll::Ready(outcome) = poll(future, &bell.clone().into()) {
                *output = Some(outcome?);
                *member = None;
            }
        }
        Ok(())
    }
}

impl<F: Unpin, O, S> Unpin for Own<F, O, S> {}

impl<F, O, S, E> Future for Own<F, O, S>
where
    F: Future<Output = Result<O, E>> + Unpin,
    S: Fn(usize),
{
    type Output = Result<Vec<O>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.stuck.is_some() {
            // A thread that comes to block has a waker of its own, and polls first.
            for (_, bell) in &mut self.members {
                *bell = Arc::new(Bell(AtomicBool::new(true), Mutex::default()));
            }
        }
        for _ in 0..PATIENCE {
            if let Err(error) = self.answer(cx.waker()) {
                return Poll::Ready(Err(error));
            }
            if self.members.iter().all(|(member, _)| member.is_none()) {
                let outputs = std::mem::take(&mut self.outputs);
                return Poll::Ready(Ok(outputs.into_iter().flatten().collect()));
            }
            let Some(stuck) = &self.stuck else {
                return Poll::Pending;
            };
            if !self.rung() {
                self.left(stuck);
                return Poll::Pending;
            }
        }
        self.stuck.iter().for_each(|stuck| self.left(stuck));
        // Still rung: nobody else would poll us.
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// The first that is ready; the others are dropped.
pub async fn race<F: Future + Unpin>(mut members: Vec<F>) -> F::Output {
    std::future::poll_fn(|cx| {
        for member in &mut members {
            if let Poll::Ready(output) = poll(member, cx.waker()) {
                return Poll::Ready(output);
            }
        }
        Poll::Pending
    })
    .await
}
