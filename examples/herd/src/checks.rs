//! What has to be so.
use crate::cases::{Case, Memo};
use crate::machine::{Freshness, LIMIT, TTL};
use crate::measured::Measured;
use crate::upstream::{CURRENCIES, Mood, Plan};
use std::time::Duration;

/// What is not so. Empty: all is well.
pub(crate) fn faults(cases: &[Case], plan: &Plan) -> Vec<String> {
    let mut faults: Vec<_> = cases.iter().flat_map(|case| of_case(case, plan)).collect();
    let peak = |name| {
        let mut fleets = cases.iter().filter(|case| case.machines > 1);
        let case = fleets.find(|case| case.name == name);
        case.map_or(0, |case| case.measured.peak())
    };
    let (with, without) = (peak("fresh"), peak("no jitter"));
    if with * 2 > without {
        let fault = format!("jitter: {with} calls in a second at most, {without} without it");
        faults.push(fault);
    }
    faults
}

fn of_case(case: &Case, plan: &Plan) -> Vec<String> {
    let measured = &case.measured;
    let mut checks = vec![(
        "all callers are answered, but those that still wait at the end",
        measured.callers > 0
            && measured.answered <= measured.callers
            && measured.callers - measured.answered <= measured.waited,
    )];
    checks.push((
        "nobody waits longer than the limit",
        measured.longest_wait <= LIMIT,
    ));
    match case.memo {
        Memo::Nothing => {}
        Memo::Ttl => {
            checks.extend(once(measured));
            checks.push(("nothing stale is served", measured.oldest < TTL));
        }
        Memo::Fresh(freshness) => {
            checks.extend(once(measured));
            checks.extend(fresh(measured, freshness, plan));
            checks.push(tries(case, freshness, plan));
        }
    }
    let failed = checks.into_iter().filter(|(_, holds)| !holds);
    failed
        .map(|(what, _)| format!("{} of {}: not so: {what}", case.name, case.machines))
        .collect()
}

fn once(measured: &Measured) -> [(&'static str, bool); 2] {
    [
        (
            "upstream never sees two calls at once of one context for one key",
            measured.most_at_once == 1,
        ),
        (
            "nobody is served what is older than what was served before",
            measured.backwards == 0,
        ),
    ]
}

fn fresh(
    measured: &Measured,
    freshness: Freshness,
    plan: &Plan,
) -> impl Iterator<Item = (&'static str, bool)> {
    let (fails, hangs, well) = troubles(plan);
    // The last try may begin as the trouble ends, and the next comes so much later, with the next
    // who asks, and has to be answered.
    let over = well + LIMIT + freshness.retry_after + Duration::from_secs(1);
    let trouble = over - fails;

    let stale = freshness.stale_while_revalidate;
    let window = freshness.stale_if_error.max(stale);
    let mut checks = vec![(
        "nothing older than the windows allow is served",
        measured.oldest <= TTL + window,
    )];
    if window >= trouble {
        let errors = measured.errors == 0;
        checks.push(("stale_if_error: no caller sees an error", errors));
    }
    if freshness.refresh_ahead < 1.0 {
        let waited = |at: Duration| measured.seconds[at.as_secs() as usize].waited_warm > 0;
        let mut seconds = (0..plan.end().as_secs()).map(Duration::from_secs);
        let may = |at: &Duration| stale < trouble && (hangs..=over).contains(at);
        let holds = seconds.all(|at| !waited(at) || may(&at));
        let mut before = measured.seconds.iter().take(fails.as_secs() as usize);
        checks.push((
            "refresh_ahead: no hot key is stale, also while upstream is slow",
            before.all(|second| second.oldest < TTL),
        ));
        checks.push((
            "refresh_ahead: none waits for a hot key, but while upstream hangs, if \
             stale_while_revalidate is over",
            holds,
        ));
    }
    checks.into_iter()
}

fn tries(case: &Case, freshness: Freshness, plan: &Plan) -> (&'static str, bool) {
    let (fails, _, well) = troubles(plan);
    let [from, until] = [fails, well].map(|at| at.as_secs() as usize);
    let seconds = case.measured.seconds[from..until].iter();
    let tries: u64 = seconds.map(|at| u64::from(at.upstream)).sum();
    // The first, and the one before it that succeeded.
    let each = (well - fails).as_secs() / freshness.retry_after.as_secs() + 2;
    let most = each * (case.machines * CURRENCIES) as u64;
    (
        "retry_after: an upstream in trouble is left alone",
        tries <= most,
    )
}

/// When it begins to fail, to hang, and is well again.
fn troubles(plan: &Plan) -> (Duration, Duration, Duration) {
    let find = |mood| plan.phases().iter().find(|phase| phase.mood == mood);
    let fails = find(Mood::Fails).map_or(Duration::ZERO, |phase| phase.from);
    let (hangs, well) = find(Mood::Hangs).map_or((fails, fails), |at| (at.from, at.until));
    (fails, hangs, well)
}
