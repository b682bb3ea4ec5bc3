//! What the example promises.
use crate::global::{self, Global, rate};
use crate::request::{self, page};
use crate::{begin, day};
use runce::testing::ManualClock;
use runce::{Ctx, ErrorKind};
use runce_tokio::Tokio;
use tokio::runtime::{Builder, Runtime};

/// One that runs jobs while it is waited for, and one with threads of its own.
fn runtimes() -> [Runtime; 2] {
    let mut threads = Builder::new_multi_thread();
    let runtimes = [
        Builder::new_current_thread().build(),
        threads.worker_threads(2).build(),
    ];
    runtimes.map(|runtime| runtime.expect("threads can be started"))
}

fn open(runtime: &Runtime) -> Ctx<Global> {
    global::open(Tokio::new(runtime.handle().clone()), ManualClock::new())
}

fn asked(global: &Ctx<Global>) -> String {
    global.state().bank.to_string()
}

const DAY: &str = "\
A server's day: a context for the process (global), and one for each visitor's request.
What each of them got, how many tasks its own context ran, and dropped in mid-run.

who     what                              runs   dropped
Bob     hung up                              3         2
Tim     hung up
Ann     3 teas, 14.44 EUR                    3         0
Emil    4 teas, 212.40 SEK                   3         0
Dora    4 teas, 22.32 USD                    3         0
global  bank asked: EUR 1, SEK 1, USD 1      4         0
Hal     3 teas, 14.44 EUR                    3         0
Ida     3 teas, 14.44 EUR                    3         0
global  bank asked: EUR 2, SEK 1, USD 1      6         0
Fay     the context was cancelled            3         2
Gus     the context was cancelled            0         0
";

#[test]
fn every_day_is_the_same() {
    for runtime in runtimes() {
        for _ in 0..20 {
            let executor = Tokio::new(runtime.handle().clone());
            let report = runtime.block_on(day(executor, ManualClock::new()));
            let report = report.expect("all is answered");
            assert_eq!(report.to_string(), DAY);
        }
    }
}

#[test]
fn requests_share_what_is_global_and_load_their_own() {
    for runtime in runtimes() {
        let global = open(&runtime);
        global.state().bank.set_open(true);
        runtime.block_on(async {
            let serve = |request: Ctx<_>| async move {
                let page = request.run(page("EUR")).await;
                page.map(|page| (page, request.stats().runs))
            };
            let requests = (0..100).map(|_| request::open(&global, "Ann"));
            let served: Vec<_> = requests.map(|one| tokio::spawn(serve(one))).collect();
            for request in served {
                let answer = request.await.expect("it is neither aborted nor panics");
                let (page, runs) = answer.expect("there is a rate");
                assert_eq!((&*page, runs), ("3 teas, 14.44 EUR", 3));
            }
        });
        assert_eq!(asked(&global), "bank asked: EUR 1");
        assert_eq!(global.stats().runs, 2, "the configuration, and the rate");
    }
}

#[test]
fn a_request_that_hangs_up_harms_nobody() {
    for runtime in runtimes() {
        for stays in [0, 1] {
            let global = open(&runtime);
            let requests = [0, 1].map(|_| request::open(&global, "Ann"));
            let mut pages = requests.each_ref().map(|one| one.run(page("EUR")));
            let page = runtime.block_on(async {
                for page in &mut pages {
                    begin(page).await;
                }
                let [first, second] = pages;
                let (page, gone) = if stays == 0 {
                    (first, second)
                } else {
                    (second, first)
                };
                drop(gone);
                global.state().bank.set_open(true);
                page.await
            });
            assert_eq!(page.expect("there is a rate"), "3 teas, 14.44 EUR");
            assert_eq!(requests[1 - stays].stats().dropped, 2, "its page and total");
            assert_eq!((global.stats().runs, global.stats().dropped), (2, 0));
        }
    }
}

#[test]
fn what_a_handler_abandons_is_finished() {
    let [runtime, _] = runtimes();
    let global = open(&runtime);
    runtime.block_on(async {
        let mut handler = global.run(rate("SEK"));
        begin(&mut handler).await;
        drop(handler);
        global.state().bank.set_open(true);
        for _ in 0..100 {
            tokio::task::yield_now().await; // the executor's turn
        }
    });
    let known = global.peek(&rate("SEK")).expect("it is finished");
    assert_eq!(known.expect("there is a rate"), 1180);
}

#[test]
fn the_end_of_the_global_context_is_that_of_all_requests() {
    for runtime in runtimes() {
        let global = open(&runtime);
        let requests = [0, 1].map(|_| request::open(&global, "Ann"));
        let mut pages = requests.each_ref().map(|one| one.run(page("EUR")));
        runtime.block_on(async {
            for page in &mut pages {
                begin(page).await;
            }
            global.cancel();
            for page in pages {
                let error = page.await.expect_err("it is cancelled");
                assert_eq!(error.kind(), ErrorKind::Cancelled);
            }
        });
        assert!(
            requests
                .iter()
                .all(|one| one.is_cancelled() && one.is_empty())
        );
        assert!(request::open(&global, "Ann").is_cancelled());
    }
}

#[test]
fn a_failure_is_shared_and_says_what_failed() {
    for runtime in runtimes() {
        let global = open(&runtime);
        global.state().bank.set_open(true);
        for _ in 0..2 {
            let request = request::open(&global, "Ann");
            let error = runtime.block_on(request.run(page("ATL")));
            assert_eq!(
                format!("{:#}", error.expect_err("there is no rate")),
                "task `rate(\"ATL\")` failed: the bank has no rate for ATL"
            );
        }
        assert_eq!(asked(&global), "bank asked: ATL 1");
    }
}
