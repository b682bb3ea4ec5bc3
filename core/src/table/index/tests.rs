use super::*;
use alloc::collections::BTreeMap;
use core::cell::Cell;

/// Stands for a hasher.
fn hash_of(key: &u32) -> u64 {
    let spread = (u64::from(*key) + 1).wrapping_mul(0xD1B5_4A32_D192_ED03);
    spread ^ (spread >> 29)
}

fn add(index: &mut Index<u32>, key: u32, hash_of: impl Fn(&u32) -> u64) {
    index.insert(hash_of(&key), key, hash_of);
}

fn take_out(index: &mut Index<u32>, key: u32, hash_of: impl Fn(&u32) -> u64) -> Option<u32> {
    index.remove(hash_of(&key), |other| *other == key, hash_of)
}

fn places(index: &Index<u32>) -> usize {
    match index {
        Index::One(table) => table.num_buckets(),
        Index::Many(segments) => segments.check(&hash_of),
    }
}

/// The most that a call moved, over all of them.
struct Moved {
    now: Cell<usize>,
    most: usize,
}

impl Moved {
    fn new() -> Self {
        let now = Cell::new(0);
        Self { now, most: 0 }
    }

    fn call(&mut self, call: impl FnOnce(&dyn Fn(&u32) -> u64)) {
        self.now.set(0);
        let now = &self.now;
        call(&|key| {
            now.set(now.get() + 1);
            hash_of(key)
        });
        self.most = self.most.max(self.now.get());
    }
}

const MANY: u32 = 40_000;

/// Each hash that is asked for is one that is looked at, or moved.
#[test]
fn law_bounded_cleanup_growth_and_shrinking_move_a_segment_at_most() {
    let (mut index, mut moved) = (Index::new(), Moved::new());
    (0..MANY).for_each(|key| moved.call(|hash_of| add(&mut index, key, hash_of)));
    // A table of 1,792 makes way for segments.
    assert!((1_792..1_800).contains(&moved.most), "{}", moved.most);
    let mut late = Moved::new();
    (MANY..2 * MANY).for_each(|key| late.call(|hash_of| add(&mut index, key, hash_of)));
    // A segment of 224 is looked at, and moves.
    assert!((448..452).contains(&late.most), "{}", late.most);
    let mut moved = Moved::new();
    (0..2 * MANY).for_each(|key| {
        moved.call(|hash_of| assert_eq!(take_out(&mut index, key, hash_of), Some(key)));
    });
    // The last segments become a table.
    assert!((224..452).contains(&moved.most), "{}", moved.most);
}

/// And there is never much more room than for what is here, but for some.
#[test]
fn law_nothing_leaks_memory_comes_back_from_an_index() {
    let mut index = Index::new();
    (0..MANY).for_each(|key| add(&mut index, key, hash_of));
    for key in 0..MANY {
        let _ = take_out(&mut index, key, hash_of);
        if key % 500 == 0 {
            let (here, room) = (index.len(), places(&index));
            assert!(room <= 10 * here + 1_024, "{room} places for {here}");
            if let Index::Many(segments) = &index {
                // Two of 113 stay apart.
                let entries = segments.entries();
                assert!(entries <= 8 + here / 28, "{entries} entries for {here}");
            }
        }
    }
    assert_eq!((index.len(), index.is_empty()), (0, true));
    assert!(places(&index) <= SPARE);
}

/// Against a map, over random insertions and removals; it grows to many segments, and shrinks to
/// one table again.
#[test]
fn it_holds_what_a_map_does() {
    let (mut index, mut model) = (Index::new(), BTreeMap::new());
    let mut random = 1_u32;
    for step in 0..50_000_u32 {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let key = (random >> 8) % 20_000;
        let grows = if step % 25_000 < 15_000 { 3 } else { 1 };
        let known = model.contains_key(&key);
        if random >> 30 < grows {
            if !known {
                add(&mut index, key, hash_of);
                let _ = model.insert(key, ());
            }
        } else {
            let removed = take_out(&mut index, key, hash_of);
            assert_eq!(removed, model.remove(&key).map(|()| key));
        }
        let found = index.find(hash_of(&key), |other| *other == key);
        assert_eq!(found.is_some(), model.contains_key(&key));
        assert_eq!(index.len(), model.len());
        if step % 5_000 == 0 {
            let _ = places(&index);
            let mut keys: Vec<u32> = index.iter().copied().collect();
            keys.sort_unstable();
            assert!(keys.iter().eq(model.keys()));
        }
    }
    let mut keys: Vec<u32> = index.take_all().collect();
    keys.sort_unstable();
    assert!(keys.iter().eq(model.keys()));
    assert!(index.is_empty());
}

/// No split tells them apart: they stay in a table that grows as any does.
#[test]
fn law_identity_of_what_has_the_same_hash() {
    let same = |key: &u32| if key % 2 == 0 { 7 } else { hash_of(key) };
    let mut index = Index::new();
    (0..12_000).for_each(|key| add(&mut index, key, same));
    let Index::Many(segments) = &index else {
        panic!("they are many")
    };
    assert!(segments.entries() <= 512, "{}", segments.entries());
    (0..12_000).for_each(|key| assert!(index.find(same(&key), |other| *other == key).is_some()));
    (0..12_000).for_each(|key| assert_eq!(take_out(&mut index, key, same), Some(key)));
    assert!(index.is_empty());
}

/// What comes and goes leaves marks in a table, and those are no reason to grow.
#[test]
fn law_nothing_leaks_of_what_comes_and_goes() {
    for here in [1_000, 1_400, 20_000] {
        let mut index = Index::new();
        (0..here).for_each(|key| add(&mut index, key, hash_of));
        let before = places(&index);
        for key in here..here + 40_000 {
            add(&mut index, key, hash_of);
            assert_eq!(take_out(&mut index, key - here, hash_of), Some(key - here));
        }
        let after = places(&index);
        assert!(after <= 2 * before, "{after} places, {before} before");
    }
}

#[test]
fn what_is_meant_goes_and_its_room() {
    let mut index = Index::new();
    (0..MANY).for_each(|key| add(&mut index, key, hash_of));
    let room = places(&index);
    let gone = index.remove_where(|key| key % 4 == 0, hash_of);
    assert_eq!((gone.len(), index.len()), (10_000, 30_000));
    assert_eq!(places(&index), room);
    let gone = index.remove_where(|key| key % 100 != 1, hash_of);
    assert_eq!((gone.len(), index.len()), (29_600, 400));
    assert!(places(&index) < room / 20);
    assert!(index.iter().all(|key| key % 100 == 1));
}

/// A context has one, most have no more.
#[test]
fn it_is_as_small_as_a_table() {
    assert_eq!(size_of::<Index<u32>>(), size_of::<HashTable<u32>>());
}
