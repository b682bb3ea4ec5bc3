//! What the example promises, in six minutes with a tenth of the callers.
use crate::callers::Load;
use crate::cases::{self, Case, FLEET, Memo, PATIENT};
use crate::checks::faults;
use crate::machine::{FRESH, Freshness};
use crate::measured::Measured;
use crate::plot;
use crate::upstream::Plan;
use std::sync::OnceLock;
use std::time::Duration;

const LENGTH: Duration = Duration::from_secs(6 * 60);
const CALLERS_A_SECOND: usize = 1000;

/// Seed 1, played once for all tests.
fn played() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| cases::play(LENGTH, CALLERS_A_SECOND, 1))
}

fn one(freshness: Freshness) -> Measured {
    let load = Load {
        length: LENGTH,
        machines: 1,
        callers_each_step: 1,
        seed: 1,
    };
    cases::measure(load, Memo::Fresh(freshness))
}

#[test]
fn the_settings_do_what_they_promise() {
    assert_eq!(faults(played(), &Plan::of(LENGTH)), [""; 0]);
    let others = cases::play(LENGTH, CALLERS_A_SECOND, 2);
    assert_eq!(faults(&others, &Plan::of(LENGTH)), [""; 0]);
}

#[test]
fn every_day_is_the_same() {
    let again = cases::play(LENGTH, CALLERS_A_SECOND, 1);
    for (first, second) in played().iter().zip(again) {
        assert!(first.measured == second.measured, "{}", first.name);
    }
}

#[test]
fn what_is_not_so_is_said() {
    let plan = Plan::of(LENGTH);
    let spoilt: [fn(&mut Measured); 9] = [
        |measured| measured.errors = 1,
        |measured| measured.most_at_once = 2,
        |measured| measured.backwards = 1,
        |measured| measured.longest_wait *= 1000,
        |measured| measured.seconds[100].waited_warm = 1,
        |measured| measured.seconds[100].oldest = Duration::from_secs(60),
        |measured| measured.callers += 1_000_000,
        |measured| {
            let trouble = &mut measured.seconds[150..240];
            trouble.iter_mut().for_each(|second| second.upstream += 60);
        },
        |measured| measured.seconds[100].upstream = 1000, // without jitter they were 500
    ];
    for (at, spoil) in spoilt.into_iter().enumerate() {
        let mut cases = played().to_vec();
        spoil(&mut cases[7].measured); // the fleet, with all settings
        assert_eq!(faults(&cases, &plan).len(), 1, "{at}");
    }
}

#[test]
fn without_what_is_stale_callers_see_errors_and_beyond_its_bound() {
    for seconds in [0, 30] {
        let short = Duration::from_secs(seconds);
        let freshness = Freshness {
            stale_while_revalidate: short,
            stale_if_error: short,
            ..FRESH
        };
        assert!(one(freshness).errors > 0);
    }
    assert_eq!(one(FRESH).errors, 0);
}

#[test]
fn without_refresh_ahead_and_what_is_stale_callers_wait() {
    let freshness = Freshness {
        refresh_ahead: 1.0,
        stale_while_revalidate: Duration::ZERO,
        ..FRESH
    };
    let warm = |measured: &Measured| -> u32 {
        let seconds = measured.seconds.iter();
        seconds.map(|second| second.waited_warm).sum()
    };
    assert!(warm(&one(freshness)) > 0);
    assert_eq!(warm(&one(PATIENT)), 0);
}

#[test]
fn a_plain_ttl_asks_once_and_shows_the_trouble() {
    for machines in [1, FLEET] {
        let mut cases = played().iter().filter(|case| case.machines == machines);
        let ttl = cases
            .find(|case| case.name == "ttl")
            .map(|case| &case.measured);
        assert!(ttl.is_some_and(|ttl| ttl.most_at_once == 1 && ttl.errors > 0 && ttl.stale == 0));
    }
}

#[test]
fn the_plot_has_a_line_for_each_and_no_point_beside_it() {
    let svg = plot::svg(played(), &Plan::of(LENGTH)).expect("a string takes all");
    let legend = 5;
    assert_eq!(svg.matches("<polyline").count(), legend + 4 * 4 + 2);
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
    for points in svg.split("points=\"").skip(1) {
        for point in points
            .split('"')
            .next()
            .into_iter()
            .flat_map(str::split_whitespace)
        {
            let (x, y) = point.split_once(',').expect("two numbers");
            let [x, y]: [f64; 2] = [x, y].map(|n| n.parse().expect("a number"));
            assert!(
                (70.0..=980.0).contains(&x) && (0.0..1100.0).contains(&y),
                "{point}"
            );
        }
    }
}
