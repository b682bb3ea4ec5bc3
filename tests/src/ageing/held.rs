//! What has to hold after each act, and at the end.
use super::asked::{id, known};
use super::model::{Model, Remembered};
use super::played::Played;
use super::rules::{NEVER, nanos};
use super::{Act, Keep, Key};
use std::time::Duration;

/// Those that are asked for one by one. Others are looked at where they may be evicted.
const FEW: Key = 16;
/// What is over is taken for over so much later, when memory is tidied.
const LATE: u128 = 3 << 20;

impl Played {
    /// What who looks is served.
    pub(super) fn peek(&self, key: Key) -> Option<u64> {
        self.ctx.peek(&known(key)).as_ref().map(id)
    }

    /// What is remembered, as the model and the context agree.
    pub(super) fn look(&mut self, key: Key) -> Option<Remembered> {
        let (seen, now) = (self.peek(key), self.now());
        let known = self.model.find(key);
        match (seen, known.filter(|it| !it.is_over(now))) {
            (None, None) => None,
            (None, Some(it)) if !it.is_seen(now) => Some(it),
            (None, Some(it)) => {
                assert!(!it.is_certain(), "{it:?} is not served");
                self.model.missing(it);
                None
            }
            (Some(id), Some(it)) if id == it.id && it.is_seen(now) => {
                self.model.found(key);
                Some(it)
            }
            (Some(id), _) => panic!("{id} is served, and there is {known:?}"),
        }
    }

    /// After each act.
    pub(super) fn hold(&mut self) {
        let capacity = self.model.setting.capacity;
        let few = |key: &Key| capacity.is_some() || *key < FEW;
        let keys = self.model.entries.iter().map(|it| it.key);
        for key in keys.filter(few).collect::<Vec<_>>() {
            let _ = self.look(key);
        }
        let (stats, len) = (self.ctx.stats(), self.ctx.len());
        let (least, most) = self.model.places();
        assert!(
            (least..=most).contains(&len),
            "len {len}, not {least} to {most}"
        );
        let Model {
            lapsed,
            evicted,
            unsure,
            ref runs,
            ref entries,
            ..
        } = self.model;
        assert_eq!(stats.in_flight, runs.len(), "{runs:?}");
        let room = capacity.is_none_or(|capacity| len <= capacity + runs.len());
        assert!(room, "len {len}");
        assert!(stats.expired <= lapsed, "{lapsed} over, {stats:?}");
        let all = stats.expired + stats.evicted;
        let unsure = unsure + entries.iter().filter(|it| it.crowded).count();
        let counted = stats.evicted >= evicted && all <= evicted + lapsed + unsure;
        assert!(counted, "{evicted} evicted, {lapsed} over, {stats:?}");
        let none = capacity.is_some() || stats.evicted == 0;
        assert!(none, "evicted without a capacity");
    }

    /// Soon after it, all that is over is gone, by calls of something else.
    pub(super) fn tidy(&mut self) {
        if self.latest + LATE + nanos(Duration::from_secs(1)) >= NEVER {
            return;
        }
        let by = self.latest - self.now() + LATE;
        self.hand
            .on(Duration::from_nanos(u64::try_from(by).unwrap()));
        let now = self.now();
        self.model.shows(now);
        let over = |it: &Remembered| it.is_over(now.saturating_sub(LATE));
        let due: Vec<Key> = (self.model.entries.iter().filter(|it| over(it)))
            .map(|it| it.key)
            .collect();
        // An entry comes down through eight levels of the wheel at most.
        for _ in 0..2 + self.model.entries.len() * 9 / 32 {
            self.act(Act::Insert(0, Keep::For(Duration::from_secs(1))));
        }
        let left = due.into_iter().filter(|key| *key != 0);
        let left: Vec<Key> = left
            .filter(|key| self.ctx.invalidate(&known(*key)))
            .collect();
        assert_eq!(left, [], "over, and not swept");
    }
}
