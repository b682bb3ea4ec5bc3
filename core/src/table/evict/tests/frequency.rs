//! The counts of uses.
use super::*;

fn sketch(entries: usize) -> Frequency {
    let mut sketch = Frequency::new();
    while sketch.words() < entries {
        sketch.add(0, 0, entries);
    }
    sketch
}

#[test]
fn it_is_never_too_low_before_it_is_halved() {
    let mut sketch = sketch(1_024);
    (0..200).for_each(|print| sketch.add(print, 1 + print as u8 % 5, 1_024));
    let low = |print: &u32| sketch.of(*print) < 1 + *print as u8 % 5;
    let halved = (0..200).filter(low).count();
    assert!(halved < 100, "{halved}");
    let exact = |print: &u32| sketch.of(*print) <= 1 + *print as u8 % 5;
    assert!((0..200).filter(exact).count() > 195);
}

#[test]
fn it_fades() {
    let mut sketch = sketch(64);
    sketch.add(7, 15, 64);
    assert!(sketch.of(7) >= 7);
    // Zero times another: only time goes on.
    (0..64 * 64).for_each(|_| sketch.age(64));
    assert_eq!(sketch.of(7), 0);
}

/// At any number of words in between, and a few words at a time.
#[test]
fn law_bounded_cleanup_it_grows_and_shrinks_bit_by_bit_and_keeps_its_counts() {
    let mut sketch = sketch(64);
    (0..20).for_each(|print| sketch.add(print, 3, 64));
    let counts = |sketch: &Frequency| (0..20).map(|print| sketch.of(print)).collect();
    let (before, mut words): (Vec<u8>, usize) = (counts(&sketch), 64);
    while words < 1_024 {
        sketch.add(99, 0, 1_000);
        assert!((1..=8).contains(&(sketch.words() - words)));
        words = sketch.words();
        assert_eq!(counts(&sketch), before, "{words}");
    }
    sketch.add(99, 0, 1_000);
    assert_eq!(sketch.words(), 1_024);
    while words > 64 {
        sketch.shrink_to(16);
        assert!((1..=8).contains(&(words - sketch.words())));
        words = sketch.words();
        assert_eq!(counts(&sketch), before, "{words}");
    }
    sketch.shrink_to(16);
    assert_eq!(sketch.words(), 64, "a few more or less are no reason");
}

#[test]
fn each_use_is_one_more_and_takes_nothing_from_others() {
    let mut one = sketch(1_024);
    for times in 1..7 {
        one.add(5, 1, 1_024);
        assert_eq!(one.of(5), times);
    }
    // All in one word: no room of its own for each.
    let mut crowded = sketch(1);
    crowded.add(5, 2, 1);
    (0..100).for_each(|print| crowded.add(print, 0, 1));
    assert!(crowded.of(5) >= 2);
}

#[test]
fn it_has_a_word_for_each_entry_and_halves_only_those_it_has() {
    for aged in 0..200 {
        let mut sketch = sketch(64);
        assert_eq!(sketch.words(), 64);
        (0..aged).for_each(|_| sketch.age(64));
        (0..10).for_each(|_| sketch.shrink_to(8));
        (0..100).for_each(|_| sketch.age(8));
        assert_eq!(sketch.words(), 32);
    }
}
