//! `no_deadlock`, `no_lost_wakeup` and `nothing_leaks` in random graphs: a key fails if and
//! only if a path from it leads into a circle. Several callers are polled in random order
//! as they are woken, some are dropped.
use runce::{Ctx, Error, ErrorKind};
use runce_tests::*;
use std::sync::Arc;
use std::task::{Poll, Waker};

/// How a key asks for those below it.
#[derive(Clone, Copy)]
struct Style {
    yields: usize,
    /// So many halves of them in parallel, then the rest one by one.
    parallel: usize,
}

struct Case {
    graph: Graph,
    styles: Vec<Style>,
}

fn case(rng: &mut Rng, acyclic: bool) -> Case {
    let nodes = u32::try_from(2 + rng.below(12)).unwrap();
    let graph = if acyclic {
        Graph::acyclic(rng, nodes)
    } else {
        Graph::any(rng, nodes)
    };
    let mut style = || Style {
        yields: usize::try_from(rng.below(3)).unwrap(),
        parallel: usize::try_from(rng.below(3)).unwrap(),
    };
    let styles = (0..nodes).map(|_| style()).collect();
    Case { graph, styles }
}

async fn visit(ctx: &Ctx<App>, k: u32, case: &Case) -> Result<u64, Error> {
    let (below, style) = (case.graph.below(k), case.styles[k as usize]);
    yields(style.yields).await;
    let (group, rest) = below.split_at(below.len() * style.parallel / 2);
    let group = group.iter().copied().map(key).collect::<Vec<_>>();
    let mut sum = 1 + ctx.run_parallel(group).await?.iter().sum::<u64>();
    if style.parallel == 1 {
        yields(1).await;
    }
    for below in rest {
        sum += ctx.run(key(*below)).await?;
    }
    Ok(sum)
}

/// A caller that polls when it is woken, and once to begin with.
struct Caller {
    key: u32,
    future: BoxFuture<'static>,
    count: Arc<Count>,
    waker: Waker,
    seen: Option<usize>,
}

impl Caller {
    fn new(ctx: &Ctx<App>, key: u32) -> Self {
        let (count, waker) = counter();
        Self {
            key,
            future: caller(ctx, key),
            count,
            waker,
            seen: None,
        }
    }

    fn is_stuck(&self) -> bool {
        self.seen == Some(self.count.get())
    }

    fn poll(&mut self) -> Poll<Result<u64, Error>> {
        self.seen = Some(self.count.get());
        poll(&mut self.future, &self.waker)
    }
}

/// Polls one of them, or drops it. What it came to, if it came to something.
fn step(rng: &mut Rng, callers: &mut Vec<Caller>) -> Option<(u32, Result<u64, Error>)> {
    assert!(!callers.iter().all(Caller::is_stuck), "lost wakeup");
    let chosen = usize::try_from(rng.below(callers.len() as u64)).unwrap();
    if rng.below(20) == 0 {
        drop(callers.swap_remove(chosen));
        return None;
    }
    let caller = &mut callers[chosen];
    if caller.is_stuck() {
        return None;
    }
    let Poll::Ready(outcome) = caller.poll() else {
        return None;
    };
    Some((callers.swap_remove(chosen).key, outcome))
}

fn check(case: &Case, key: u32, outcome: Result<u64, Error>) {
    match (outcome, case.graph.reaches_a_circle(key)) {
        (Err(error), true) => assert_eq!(error.kind(), ErrorKind::Cycle),
        (Ok(value), false) => assert_eq!(value, case.graph.value(key)),
        (outcome, _) => panic!("{key} gave {outcome:?} in {:?}", case.graph),
    }
}

/// How many callers came to something.
fn simulate(seed: u64, acyclic: bool) -> usize {
    println!("seed {seed}"); // shown if it fails
    let mut rng = Rng(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let case = Arc::new(case(&mut rng, acyclic));
    let ctx = Ctx::new(app_with(&case, |ctx, k, case| {
        Box::pin(async move { visit(ctx, k, &case).await })
    }));
    let mut node = || u32::try_from(rng.below(case.graph.0.len() as u64)).unwrap();
    let keys = [node(), node(), node(), node(), node(), node()];
    let keys = keys.into_iter().take(1 + seed as usize / 2 % 6);
    let mut callers: Vec<_> = keys.map(|key| Caller::new(&ctx, key)).collect();
    let mut ready = 0;
    for round in 0.. {
        assert!(round < 10_000, "it hangs");
        if callers.is_empty() {
            break;
        }
        if let Some((key, outcome)) = step(&mut rng, &mut callers) {
            check(&case, key, outcome);
            ready += 1;
        }
    }
    assert_eq!(ctx.state().live(), 0);
    ready
}

#[test]
fn law_no_deadlock_random_graphs_against_an_oracle() {
    let ready: usize = (0..1000).map(|seed| simulate(2 * seed + 1, false)).sum();
    assert!(ready > 1000, "only {ready} callers were left to the end");
}

#[test]
fn law_no_deadlock_blames_no_random_graph_without_a_circle() {
    let ready: usize = (0..1000).map(|seed| simulate(2 * seed, true)).sum();
    assert!(ready > 1000, "only {ready} callers were left to the end");
}
