//! Calls: what each must come to, and what it does come to.
use super::asked::{ask, id};
use super::model::{Course, InFlight, Remembered};
use super::played::Played;
use super::rules::NEVER;
use super::{Answer, Key, Run};
use std::future::Future;
use std::pin::Pin;
use std::task::{Poll, Waker};

/// A call that waits for a run. If that fails, there may be something older.
pub(super) struct Waiting {
    /// Which answer it gets.
    pub(super) call: Pin<Box<dyn Future<Output = u64>>>,
    key: Key,
    run: InFlight,
    old: Option<u64>,
}

impl Played {
    /// `anew`: a refresh.
    pub(super) fn ask(&mut self, key: Key, run: Run, anew: bool) {
        let _ = self.look(key);
        let course = self.model.course(key, self.now(), anew);
        self.last += 1;
        let own = InFlight {
            key,
            id: self.last,
            run,
            behind: matches!(course, Course::Hit { .. }),
            detached: false,
        };
        let mut call = self.call(own, anew);
        let before = self.begin();
        let poll = crate::poll(&mut call, Waker::noop());
        let (after, reads) = self.end(before);
        let (hits, joins) = (after.hits - before.hits, after.joins - before.joins);
        let counted = (hits, after.runs - before.runs, joins);
        let (expected, waits) = match course {
            Course::Hit { renews, .. } => ((1, usize::from(renews), 0), None),
            Course::Begin { old } => ((0, 1, 0), Some((own, old))),
            Course::Join { run, old } => ((0, 0, 1), Some((run, old))),
        };
        assert_eq!(counted, expected, "hits, runs, joins: {course:?}");
        if expected.1 == 1 {
            self.model.runs.push(own);
        }
        match course {
            Course::Hit { it, renews } => {
                assert_eq!(poll, Poll::Ready(it.id), "{course:?}");
                // None without a TTL. With one that never ends it may be known without.
                let least = usize::from(it.ages.over < NEVER);
                let most = usize::from(it.ages.has_ttl);
                let read = (least..=most).contains(&reads);
                assert!(read, "{reads} readings of the clock for {it:?}");
                self.lived.renewed += usize::from(renews);
            }
            Course::Begin { old } => self.lived.retried += usize::from(old.is_some()),
            Course::Join { .. } => {}
        }
        self.hear();
        if let Some((run, old)) = waits {
            self.waits(
                Waiting {
                    call,
                    key,
                    run,
                    old,
                },
                poll,
            );
        }
    }

    fn call(&self, own: InFlight, anew: bool) -> Pin<Box<dyn Future<Output = u64>>> {
        let ctx = self.ctx.clone();
        let call = ask(own.key, own.id, own.run);
        Box::pin(async move {
            id(&match anew {
                true => ctx.refresh(call).await,
                false => ctx.run(call).await,
            })
        })
    }

    /// Only for what is slow, or not begun yet, behind all callers.
    fn waits(&mut self, call: Waiting, poll: Poll<u64>) {
        let run = call.run;
        if let Poll::Ready(seen) = poll {
            return self.answered(&call, seen);
        }
        let waits = (run.run.slow || run.behind) && !self.is_over(run);
        assert!(waits, "a call waits for {run:?}");
        self.lived.waited += 1;
        self.waiting.push(call);
    }

    /// What a call comes to that has waited for a run.
    pub(super) fn answered(&mut self, call: &Waiting, seen: u64) {
        let (run, now) = (call.run, self.now());
        assert!(self.is_over(run), "{seen} of {run:?}");
        let failed = !matches!(run.run.answer, Answer::Value(_));
        // "Serves what is too stale to those whose run failed", if it is there still, or what has
        // taken its place.
        let old = self.model.find(call.key);
        let helps = |it: &Remembered| it.is_value && !it.is_over(now);
        let old = old.filter(|it| failed && call.old.is_some() && helps(it));
        match old {
            // It may have come only after that, and another one before it.
            Some(it) if Some(it.id) != call.old && Some(seen) != call.old => {}
            // By now it may have had to make room for another's.
            Some(it) if seen == it.id => self.lived.spared += 1,
            Some(it) if !it.is_certain() && seen == run.id => self.model.missing(it),
            Some(it) => panic!("{seen} is served in the place of {it:?}"),
            None => assert_eq!(seen, run.id, "{run:?}"),
        }
    }

    fn is_over(&self, run: InFlight) -> bool {
        self.model.runs.iter().all(|it| it.id != run.id)
    }
}
