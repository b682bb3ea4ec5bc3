//! Options about how long an outcome is remembered: `ttl`, `error_ttl`, `retention`, `limit`,
//! `concurrency`, `queue`, `weight`.
use runce::{Call, Concurrency, Ctx, Outcome, Retention, Task, task};
use std::convert::Infallible;
use std::time::Duration;

/// What a task says of itself: the type behind its fn is hidden.
trait Says<I, O, E> {
    fn kept(&self, outcome: Outcome<'_, O, E>) -> Option<Retention>;
    fn limit(&self) -> Option<Duration>;
    fn concurrency(&self) -> Option<Concurrency>;
    fn weight(&self, input: &I, output: &O) -> usize;
}

impl<T: Task<()>> Says<T::Input, T::Output, T::Error> for Call<T, T::Input> {
    fn kept(&self, outcome: Outcome<'_, T::Output, T::Error>) -> Option<Retention> {
        T::retention(outcome)
    }

    fn limit(&self) -> Option<Duration> {
        T::limit()
    }

    fn concurrency(&self) -> Option<Concurrency> {
        T::concurrency()
    }

    fn weight(&self, input: &T::Input, output: &T::Output) -> usize {
        T::weight(input, output)
    }
}

/// Of a value, an error and a panic.
fn kept<T>(call: &Call<T, T::Input>, value: &T::Output, error: &T::Error) -> [Option<Retention>; 3]
where
    T: Task<()>,
{
    [
        Outcome::Value(value),
        Outcome::Error(error),
        Outcome::Panicked,
    ]
    .map(|outcome| call.kept(outcome))
}

const fn seconds(count: u64) -> Option<Retention> {
    Some(Retention::For(Duration::from_secs(count)))
}

#[test]
fn without_options_the_context_decides() {
    #[task]
    fn plain(n: u64) -> Result<u64, String> {
        n.checked_add(1).ok_or_else(String::new)
    }
    let call = plain(1);
    assert_eq!(kept(&call, &1, &String::new()), [None; 3]);
    assert_eq!(call.limit(), None);
    assert_eq!(call.weight(&1, &1), 1);
}

#[test]
fn a_ttl_holds_for_every_outcome() {
    #[task(ttl = "1h30m")]
    async fn rate(n: u64) -> Result<u64, String> {
        std::future::ready(Ok(n)).await
    }
    assert_eq!(kept(&rate(1), &1, &String::new()), [seconds(5400); 3]);
}

#[test]
fn an_error_ttl_leaves_values_to_the_context() {
    #[task(error_ttl = "10s")]
    fn rate(n: u64) -> Result<u64, String> {
        Ok(n)
    }
    let wanted = [None, seconds(10), seconds(10)];
    assert_eq!(kept(&rate(1), &1, &String::new()), wanted);
}

#[test]
fn values_and_errors_may_last_differently() {
    #[task(error_ttl = "10s", ttl = "5m")]
    fn rate<T: std::hash::Hash + Eq + Clone + Send + Sync>(all: T) -> Result<T, String> {
        Ok(all)
    }
    let wanted = [seconds(300), seconds(10), seconds(10)];
    assert_eq!(kept(&rate('a'), &'b', &String::new()), wanted);
}

#[test]
fn a_function_decides_by_the_outcome() {
    mod rules {
        use super::{Duration, Outcome, Retention};

        pub(super) fn keep(outcome: Outcome<'_, u64, String>) -> Retention {
            match outcome {
                Outcome::Value(n) => Retention::For(Duration::from_secs(*n)),
                Outcome::Error(error) if error == "later" => Retention::CallersOnly,
                _ => Retention::Forever,
            }
        }
    }
    #[task(retention = rules::keep)]
    fn rate(n: u64) -> Result<u64, String> {
        Ok(n)
    }
    let wanted = [
        seconds(7),
        Some(Retention::CallersOnly),
        Some(Retention::Forever),
    ];
    assert_eq!(kept(&rate(1), &7, &String::from("later")), wanted);
    let other = rate(1).kept(Outcome::Error(&String::new()));
    assert_eq!(other, Some(Retention::Forever));
}

#[test]
fn a_generic_function_decides() {
    fn forever<T, E>(_: Outcome<'_, T, E>) -> Retention {
        Retention::Forever
    }
    #[task(retention = forever::<T, Infallible>)]
    fn same<T: std::hash::Hash + Eq + Clone + Send + Sync>(t: T) -> T {
        t
    }
    assert_eq!(same(1).kept(Outcome::Value(&1)), Some(Retention::Forever));
}

#[test]
fn a_limit_is_told() {
    #[task(limit = "1500ms")]
    async fn slow(ctx: &Ctx) {
        ctx.cancelled().await;
    }
    assert_eq!(slow().limit(), Some(Duration::from_millis(1500)));
}

#[test]
fn a_concurrency_is_told() {
    const QUEUE: usize = 7;
    #[task]
    fn free() {}
    #[task(concurrency = 3)]
    fn few() {}
    #[task(queue = QUEUE, concurrency = 2_usize)]
    fn bounded() {}
    assert_eq!(free().concurrency(), None);
    assert_eq!(few().concurrency(), Some(Concurrency::at_most(3)));
    let expected = Concurrency::at_most(2).queue(7);
    assert_eq!(bounded().concurrency(), Some(expected));
}

#[test]
#[allow(clippy::trivially_copy_pass_by_ref)]
fn a_weight_is_asked_of_the_inputs_apart() {
    fn size(id: &u64, path: &str, page: &[u8]) -> usize {
        usize::try_from(*id).unwrap() + path.len() + page.len()
    }
    fn length(page: &str) -> usize {
        page.len()
    }
    fn both(n: &u64, page: &u64) -> usize {
        usize::try_from(*n * *page).unwrap()
    }
    #[task(weight = size)]
    fn page(id: u64, path: &str) -> Vec<u8> {
        vec![0; path.len() * usize::try_from(id).unwrap()]
    }
    #[task(weight = length)]
    fn front() -> String {
        String::from("front")
    }
    #[task(weight = both)]
    fn one(n: u64) -> u64 {
        n
    }
    let weight = page(1, "/").weight(&(100, String::from("/ab")), &vec![0; 20]);
    assert_eq!(weight, 123);
    assert_eq!(front().weight(&(), &String::from("abcd")), 4);
    assert_eq!(one(1).weight(&6, &7), 42);
}
