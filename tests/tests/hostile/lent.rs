//! Runs that are lent to the executor, while their work goes on and nobody else wants them.
use super::*;
use std::sync::mpsc::{Receiver, Sender};
use std::thread::JoinHandle;

/// Key 1 asks for 0, and lets go of it when its gate is open; 0 has work to do, and more after it,
/// when its own gate is open.
struct Lent {
    ctx: Ctx<App>,
    desk: Desk,
    gates: [Arc<Gate>; 2],
    has_begun: Receiver<()>,
    go: Sender<()>,
}

impl Lent {
    fn new() -> Self {
        let (desk, gates) = (Desk::default(), [Gate::new(), Gate::new()]);
        let ((begun, has_begun), (go, may_go)) = (channel(), channel::<()>());
        let door = Arc::new(Mutex::new(Some((begun, may_go))));
        let state = app_with(&(door, gates.clone()), |ctx, k, (door, gates)| {
            Box::pin(async move {
                if k == 1 {
                    let mut below = Box::pin(ctx.run(key(0)));
                    poll_fn(|cx| Poll::Ready(below.as_mut().poll(cx).is_pending())).await;
                    gates[1].wait().await;
                    return Ok(1);
                }
                let work = runce::blocking(ctx, move |_| {
                    let (begun, may_go) = door.lock().unwrap().take().unwrap();
                    begun.send(()).unwrap();
                    may_go.recv().unwrap();
                });
                work.await;
                gates[0].wait().await;
                Ok(7)
            })
        });
        let builder = Ctx::builder(state).executor(desk.clone());
        Self {
            ctx: builder.finish_abandoned().build(),
            desk,
            gates,
            has_begun,
            go,
        }
    }

    /// The work has begun, and the task that wanted it lets go.
    fn begin(&self) -> JoinHandle<()> {
        let mut above = caller(&self.ctx, 1);
        assert!(finish(&mut above).is_none());
        let work = self.desk.take().pop().unwrap();
        let thread = thread::spawn(|| work.run());
        self.has_begun.recv().unwrap();
        self.gates[1].open();
        assert_eq!(finish(&mut above).expect("hangs").0.unwrap(), 1);
        thread
    }
}

/// `finish_abandoned`: what somebody outside has asked for is finished, if only in the middle of
/// its work.
#[test]
fn law_last_caller_out_finishes_a_lent_run_that_was_asked_for_from_outside() {
    for asked_from_outside in [false, true] {
        let it = Lent::new();
        let thread = it.begin();
        if asked_from_outside {
            assert!(finish(&mut caller(&it.ctx, 0)).is_none());
        }
        it.go.send(()).unwrap();
        thread.join().unwrap();
        it.desk.hand.go();
        assert_eq!(it.ctx.state().live() == 1, asked_from_outside);
        it.gates[0].open();
        it.desk.hand.go();
        let known = it.ctx.peek(&key(0)).map(Result::unwrap);
        assert_eq!(known, asked_from_outside.then_some(7));
        assert_eq!((it.desk.hand.jobs(), it.ctx.stats().in_flight), (0, 0));
    }
}
