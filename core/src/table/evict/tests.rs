mod frequency;

use super::*;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// Numbers that look like chance, the same each time.
fn draws(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    }
}

/// Stands for a hasher.
fn hash(key: u64) -> u64 {
    let spread = (key + 1).wrapping_mul(0xD1B5_4A32_D192_ED03);
    spread ^ (spread >> 29)
}

impl Eviction {
    /// Who is here, by place, with the weight; each in one queue, and the sums are right.
    fn inventory(&self) -> BTreeMap<u32, usize> {
        let mut found = BTreeMap::new();
        for queue in [&self.small, &self.main] {
            let places = queue.places(&self.records);
            let weight = |place: &u32| self.records[*place].weight;
            let sum: u128 = places.iter().map(|place| weight(place) as u128).sum();
            assert_eq!(queue.weight, sum);
            for place in places {
                assert_eq!(found.insert(place, weight(&place)), None, "in both queues");
            }
        }
        assert_eq!(self.entries, found.len());
        let queued = |record: &&Record| record.queue != Which::None;
        assert_eq!(self.records.iter().filter(queued).count(), found.len());
        found
    }

    fn evict_all_that_must(&mut self) -> Vec<u32> {
        core::iter::from_fn(|| self.victim()).collect()
    }
}

/// A cache of keys over the policy.
struct Cache {
    eviction: Eviction,
    keys: BTreeMap<u64, u32>,
    places: Vec<Option<u64>>,
}

impl Cache {
    fn new(capacity: usize) -> Self {
        Self {
            eviction: Eviction::new(capacity),
            keys: BTreeMap::new(),
            places: Vec::new(),
        }
    }

    /// Whether it was there.
    fn access(&mut self, key: u64) -> bool {
        if let Some(place) = self.keys.get(&key) {
            self.eviction.touch(*place);
            return true;
        }
        let free = self.places.iter().position(Option::is_none);
        let place = free.unwrap_or(self.places.len());
        self.places.resize(self.places.len().max(place + 1), None);
        self.places[place] = Some(key);
        let _ = self.keys.insert(key, place as u32);
        self.eviction.enter(place as u32, hash(key), 1);
        for victim in self.eviction.evict_all_that_must() {
            let key = self.places[victim as usize].take();
            let _ = key.and_then(|key| self.keys.remove(&key));
        }
        false
    }

    fn hits(&mut self, keys: impl IntoIterator<Item = u64>) -> usize {
        keys.into_iter().filter(|key| self.access(*key)).count()
    }
}

/// Against a map of weights, over random calls: who is here, how much they weigh, and that
/// those evicted were here and had to go.
#[test]
fn it_knows_who_is_here_as_a_map_does() {
    for seed in 1..300 {
        let mut draw = draws(seed);
        let capacity = [0, 1, 7, 40, 100, 400][draw(6) as usize];
        let heaviest = [1, 3, 30][draw(3) as usize];
        let (mut eviction, mut model) = (Eviction::new(capacity), BTreeMap::new());
        for _ in 0..400 {
            let place = draw(60) as u32;
            match draw(8) {
                0..3 => {
                    let weight = draw(heaviest + 1) as usize;
                    eviction.enter(place, hash(draw(90)), weight);
                    let _ = model.insert(place, weight);
                }
                3..5 => eviction.touch(place),
                5 => {
                    eviction.leave(place);
                    let _ = model.remove(&place);
                }
                6 => {
                    let to = draw(60) as u32;
                    if model.contains_key(&place) && !model.contains_key(&to) {
                        eviction.enter(to, hash(1), 0);
                        eviction.leave(to);
                        eviction.relocate(place, to);
                        let weight = model.remove(&place);
                        let _ = weight.map(|weight| model.insert(to, weight));
                    }
                }
                _ => loop {
                    let over = model.values().sum::<usize>() > capacity;
                    let victim = eviction.victim();
                    assert_eq!(victim.is_some(), over, "seed {seed}");
                    let Some(victim) = victim else { break };
                    assert!(model.remove(&victim).is_some(), "seed {seed}");
                },
            }
            assert_eq!(eviction.inventory(), model, "seed {seed}");
            assert_eq!(eviction.weight(), model.values().sum::<usize>());
        }
    }
}

#[test]
fn a_scan_leaves_those_that_are_used() {
    let mut cache = Cache::new(100);
    for _ in 0..10 {
        let _ = cache.hits(0..80);
    }
    let _ = cache.hits(1_000..3_000);
    assert!(cache.hits(0..80) >= 78);
}

#[test]
fn most_of_a_loop_that_is_too_long_stays() {
    let mut cache = Cache::new(100);
    for _ in 0..50 {
        let _ = cache.hits(0..150);
    }
    assert!(cache.hits(0..150) >= 90);
}

#[test]
fn what_is_popular_from_now_on_takes_the_place_of_what_was() {
    let mut cache = Cache::new(100);
    for _ in 0..100 {
        let _ = cache.hits(0..90);
    }
    for _ in 0..20 {
        let _ = cache.hits(1_000..1_090);
    }
    assert!(cache.hits(1_000..1_090) >= 85);
}

/// The news are keys that are asked for once more, 15 keys later.
#[test]
fn news_make_the_small_queue_larger_and_a_loop_makes_it_smaller() {
    let mut cache = Cache::new(1_000);
    let least = cache.eviction.share.small();
    for _ in 0..3 {
        let _ = cache.hits(0..1_000);
    }
    let news = |at: u64| [100_015 + at, 100_000 + at];
    let missed = 4_000 - cache.hits((0..2_000).flat_map(news));
    assert!(missed < 3_000, "{missed}");
    assert!(cache.eviction.share.small() > 2 * least);
    for _ in 0..100 {
        let _ = cache.hits(1_000_000..1_002_000);
    }
    assert_eq!(cache.eviction.share.small(), least);
}

#[test]
fn one_call_looks_at_a_bounded_number_of_entries() {
    const ENTRIES: u32 = 1_000;
    let mut eviction = Eviction::new(ENTRIES as usize);
    for place in 0..ENTRIES {
        eviction.enter(place, hash(u64::from(place)), 1);
    }
    eviction.enter(ENTRIES, hash(u64::from(ENTRIES)), 1);
    let _ = eviction.evict_all_that_must();
    let used = |eviction: &Eviction| -> usize {
        eviction
            .records
            .iter()
            .map(|record| usize::from(record.uses))
            .sum()
    };
    (0..=ENTRIES).for_each(|place| (0..5).for_each(|_| eviction.touch(place)));
    for place in ENTRIES + 1..ENTRIES + 5 {
        eviction.enter(place, hash(u64::from(place)), 1);
        let before = used(&eviction);
        assert!(eviction.victim().is_some());
        // The victim's own uses go with it.
        assert!(before - used(&eviction) <= STEPS + usize::from(MOST_USES));
    }
}

#[test]
fn uses_saturate() {
    let mut eviction = Eviction::new(1);
    eviction.enter(0, 0, 1);
    (0..1_000).for_each(|_| eviction.touch(0));
    assert_eq!(eviction.records[0].uses, MOST_USES);
    eviction.touch(77);
    assert_eq!(eviction.inventory().len(), 1);
}

#[test]
fn what_can_never_fit_goes_before_all_others() {
    let mut eviction = Eviction::new(100);
    (0..100).for_each(|place| eviction.enter(place, hash(u64::from(place)), 1));
    eviction.enter(100, hash(100), 101);
    eviction.enter(101, hash(101), usize::MAX);
    let mut victims = eviction.evict_all_that_must();
    victims.sort_unstable();
    assert_eq!(victims, [100, 101]);
    assert_eq!(eviction.weight(), 100);
}

#[test]
fn with_no_room_at_all_only_what_weighs_nothing_stays() {
    let mut eviction = Eviction::new(0);
    eviction.enter(0, hash(0), 1);
    eviction.enter(1, hash(1), 0);
    assert_eq!(eviction.evict_all_that_must(), [0]);
    assert_eq!(eviction.inventory(), BTreeMap::from([(1, 0)]));
}

#[test]
fn with_room_for_one_it_is_the_latest() {
    let mut eviction = Eviction::new(1);
    for place in 0..10 {
        eviction.enter(place, hash(u64::from(place)), 1);
        eviction.touch(place);
        let gone = eviction.evict_all_that_must();
        assert_eq!(gone.first().copied(), place.checked_sub(1));
    }
}

#[test]
fn with_all_the_room_there_is_no_weight_is_too_much() {
    let mut eviction = Eviction::new(usize::MAX);
    eviction.enter(0, hash(0), usize::MAX);
    assert_eq!((eviction.victim(), eviction.weight()), (None, usize::MAX));
    eviction.enter(1, hash(1), usize::MAX);
    assert_eq!(eviction.weight(), usize::MAX);
    assert_eq!(eviction.evict_all_that_must().len(), 1);
    assert_eq!(
        (eviction.inventory().len(), eviction.weight()),
        (1, usize::MAX)
    );
}

/// Two as popular as each other: the one that takes less room is worth more.
#[test]
fn what_is_light_beats_what_is_heavy_and_not_the_other_way() {
    let mut eviction = Eviction::new(100);
    eviction.enter(0, hash(0), 1);
    eviction.enter(1, hash(1), 50);
    (eviction.records[0].uses, eviction.records[1].uses) = (2, 2);
    assert!(eviction.beats(0, 1) && !eviction.beats(1, 0));
}

#[test]
fn memory_comes_back() {
    let mut eviction = Eviction::new(10_000);
    (0..10_000).for_each(|place| eviction.enter(place, hash(u64::from(place)), 1));
    (0..9_990).for_each(|place| eviction.leave(place));
    (9_990..10_000).for_each(|place| eviction.relocate(place, place - 9_990));
    (0..3_000).for_each(|_| eviction.shrink_to(10));
    let here: BTreeSet<u32> = eviction.inventory().into_keys().collect();
    assert_eq!(here, (0..10).collect());
    assert!(eviction.records.capacity() <= 64);
    let (words, lately) = (eviction.frequency.words(), eviction.share.kept());
    assert!(words <= 40 && lately == 1, "{words} {lately}");
    assert_eq!(
        eviction
            .frequency
            .of(hash(3) as u32 ^ (hash(3) >> 32) as u32),
        1
    );
}

/// For each entry; the sketch and what is kept in mind come to another 8 to 17.
#[test]
fn a_record_is_small() {
    assert!(size_of::<Record>() <= 24);
}

/// With 64 entries one of those it let go of is kept in mind: it grows by four times the weight
/// of one that is asked for again, and shrinks by one for each 32 that are asked for.
#[test]
fn the_small_queue_grows_and_shrinks_in_steps() {
    let mut share = Share::new(10_000);
    assert_eq!(share.small(), 100);
    share.asked(1, 10, 64);
    share.refused(7);
    share.asked(7, 10, 64);
    assert_eq!(share.small(), 140);
    (0..29).for_each(|_| share.asked(9, 10, 64));
    assert_eq!(share.small(), 140);
    share.asked(9, 10, 64);
    assert_eq!(share.small(), 130);
    // With 128 entries two are, and each step is twice as large, and comes twice as often.
    let mut share = Share::new(10_000);
    share.asked(1, 10, 128);
    share.refused(7);
    (0..14).for_each(|nth| share.asked(7 + nth, 10, 128));
    assert_eq!(share.small(), 180);
    share.asked(9, 10, 128);
    assert_eq!(share.small(), 170);
}
