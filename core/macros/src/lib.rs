//! The attribute [`macro@task`] of the crate `runce`, which re-exports it: depend on
//! `runce`, not on this crate. What it expands to uses private parts of `runce`, so the
//! two are released together.

#![forbid(unsafe_code)]

mod attrs;
mod body;
mod expand;
mod generics;
mod implement;
mod inputs;
mod item;
mod keep;
mod lasting;
mod options;
mod refuse;
mod signature;
mod stub;
mod tokens;

use proc_macro::TokenStream;

/// Makes a free function a task: one that runs at most once per input in each context.
///
/// The function is replaced by one of the same name, visibility and documentation, which
/// takes the inputs and returns a *call*: the task bound to its input, inert until a
/// context runs it. It is imported, renamed and re-exported as any function. What asks for a
/// task, and not for a call, takes the function itself: `ctx.invalidate_all(user)`,
/// `AnyTask::new(user)`.
///
/// ```
/// # use std::{future::Future, pin::pin, task::{Context, Poll, Waker}};
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
/// #         Poll::Ready(output) => output,
/// #         Poll::Pending => unreachable!("nothing here waits"),
/// #     }
/// # }
/// use runce::{Ctx, task};
///
/// struct App { greeting: String }
///
/// /// What to call a user.
/// #[task]
/// async fn name(id: u64) -> Result<String, String> {
///     if id == 7 { Ok("Ann".into()) } else { Err(format!("nobody has the id {id}")) }
/// }
///
/// #[task]
/// async fn hello(ctx: &Ctx<App>, id: u64) -> Result<String, runce::Error> {
///     let name = ctx.run(name(id)).await?;
///     Ok(format!("{}, {name}!", ctx.state().greeting))
/// }
///
/// # block_on(async {
/// let ctx = Ctx::new(App { greeting: "Hello".into() });
/// assert_eq!(ctx.run(hello(7)).await.unwrap(), "Hello, Ann!");
/// assert!(ctx.run(hello(8)).await.is_err());
/// # });
/// ```
///
/// # What it takes
///
/// - **`async fn` and `fn`.** A plain `fn` runs when its call is first polled, and holds up
///   the thread until it is done. `#[task(blocking)]` on it runs it where the executor puts
///   blocking work (see `runce::blocking`); there it may run others with
///   `ctx.run_blocking(…)`.
/// - **The context** comes first: `ctx: &Ctx<State>`, under any name, `_` included. It is
///   known by its type's name, which must be `Ctx` (`runce::Ctx<State>` will do, an alias
///   will not). `&Ctx` is `&Ctx<()>`. A task without one runs in any context, and cannot
///   run other tasks.
/// - **Inputs**: none, one, or up to twelve, which become a tuple. An input is `Hash + Eq +
///   Clone + Send + Sync + 'static`. Patterns such as `mut n: u64` work.
/// - **References**: an input `&T` is kept as its owned form (`ToOwned`) and lent to the
///   body, so the caller writes `user("ann")` for `name: &str`, and the input is a
///   `String`. Each call makes that copy, a hit too, unless it is asked for with `ctx.run_by(user,
///   "ann")`. `&'static T` is kept as it is.
/// - **The output** is `Clone + Send + Sync + 'static`; put what is large into an `Arc`.
///   A task whose return type's last segment ends in `Result` (`Result<T, E>`,
///   `io::Result<T>`, your own `DbResult<T>`) is *fallible*: its output is `T`, and `E` must
///   be `Into<Box<dyn Error + Send + Sync>>`. Any other return type is the output itself.
///   An alias that hides a `Result` under another name does not compile, nor does a type
///   called `…Result` that is none.
/// - **Generics.** A task may be generic over its state: one call then fits every state. It
///   may be generic over types and constants, which tell tasks apart as inputs do;
///   those that the inputs do not determine are named by the caller. All types among them
///   are `'static` without being told so.
///
/// ```
/// use runce::{Ctx, task};
///
/// trait HasLimit: Send + Sync + 'static {
///     fn limit(&self) -> usize;
/// }
///
/// #[task]
/// async fn parse<S, T>(ctx: &Ctx<S>, text: &str) -> Result<T, String>
/// where
///     S: HasLimit,
///     T: std::str::FromStr + Clone + Send + Sync,
/// {
///     let text = text.get(..ctx.state().limit()).unwrap_or(text);
///     text.parse().map_err(|_| format!("cannot parse {text}"))
/// }
///
/// let call = parse::<u32>("1234");
/// # drop(call);
/// ```
///
/// Attributes stay: lints, `cfg` and `deprecated` where they mean something, all others
/// (`tracing::instrument`) on the function with the body.
///
/// # Options
///
/// `#[task(option, option)]`:
///
/// - `blocking`, on a plain `fn`: it runs where the executor puts work that blocks its thread;
///   without an executor it blocks the thread that polls it.
/// - `ttl = "5m"`: how long an outcome is remembered, a value, an error or a panic. Durations
///   are written in `d`, `h`, `m`, `s`, `ms`, `us` and `ns`, the longer first: `"1h30m"`.
/// - `error_ttl = "10s"`: how long an error or a panic is; a value as `ttl` says, or else the
///   context.
/// - `retention = path`: a function that decides by the outcome, in the place of both:
///   `fn(Outcome<'_, Output, Error>) -> Retention`, where `Error` is `Infallible` for a task
///   that cannot fail.
/// - `limit = "30s"`: a run that takes longer is dropped, and its callers get an error of kind
///   `TimedOut`. The context needs a timer.
/// - `concurrency = 8`: so many runs go on at once in a context, and the others wait for their
///   turn: see `Concurrency`. A number, or a path to one.
/// - `queue = 100`, with it: so many wait at most; one more fails at once with an error of kind
///   `Overloaded`.
/// - `weight = path`: a function that tells how much of the context's capacity a value takes.
///   It is given each input, as the call keeps it, and the output, all by reference: for
///   `page(id: u64, path: &str) -> Page` a `fn(&u64, &str, &Page) -> usize`.
/// - `no_label`: errors name the task, and not its input. Otherwise a call reads `user(7)`
///   there, by `Debug`; `_` stands for inputs whose type has none, or is a generic without
///   that bound. Use it for inputs that are secret.
/// - `name = "…"`: the name that people read. It is the function's otherwise.
/// - `crate = path::to::runce`: where `runce` is, if not at `::runce`.
///
/// ```
/// # use std::{future::Future, pin::pin, task::{Context, Poll, Waker}};
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
/// #         Poll::Ready(output) => output,
/// #         Poll::Pending => unreachable!("nothing here waits"),
/// #     }
/// # }
/// use runce::{Ctx, Outcome, Retention, task};
///
/// #[task(ttl = "5m", error_ttl = "10s")]
/// async fn rate(currency: &str) -> Result<f64, String> {
///     Err(format!("nobody trades {currency} now"))
/// }
///
/// /// An empty list is not worth remembering.
/// fn unless_empty(outcome: Outcome<'_, Vec<String>, String>) -> Retention {
///     match outcome {
///         Outcome::Value(names) if !names.is_empty() => Retention::Forever,
///         _ => Retention::CallersOnly,
///     }
/// }
///
/// fn count(_prefix: &str, names: &[String]) -> usize {
///     names.len()
/// }
///
/// #[task(retention = unless_empty, weight = count)]
/// async fn names(prefix: &str) -> Result<Vec<String>, String> {
///     Ok(if prefix == "A" { vec!["Ann".into()] } else { vec![] })
/// }
///
/// # block_on(async {
/// let ctx = Ctx::builder(()).capacity(1_000).build();
/// for _ in 0..2 {
///     assert!(ctx.run(rate("XYZ")).await.is_err()); // once: errors are remembered too
///     assert_eq!(ctx.run(names("A")).await.unwrap(), ["Ann"]); // once
///     assert!(ctx.run(names("B")).await.unwrap().is_empty()); // twice
/// }
/// assert_eq!(ctx.stats().runs, 4);
/// # });
/// ```
///
/// # The same by hand
///
/// The attribute writes nothing that you could not:
///
/// ```
/// use runce::{Call, Ctx, Task};
/// # struct App { greeting: String }
///
/// struct Hello;
///
/// fn hello(id: u64) -> Call<Hello, u64> {
///     Call::new(id)
/// }
///
/// impl Task<App> for Hello {
///     type Input = u64;
///     type Output = String;
///     type Error = runce::Error;
///
///     fn name() -> &'static str {
///         "hello"
///     }
///
///     async fn run(ctx: &Ctx<App>, id: u64) -> Result<String, runce::Error> {
///         Ok(format!("{}, {id}!", ctx.state().greeting))
///     }
///
///     fn label(id: &u64, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
///         write!(f, "hello({id})")
///     }
/// }
/// # drop(hello(7));
/// ```
///
/// The type behind a task is as visible as its function and names the output. So a task
/// cannot return a type less visible than itself (E0446); a function is only warned of it.
///
/// # Circular tasks
///
/// Tasks that call each other in a circle do not compile: rustc says "recursion in an async
/// fn requires boxing" (E0733) and shows each of them.
///
/// ```compile_fail,E0733
/// use runce::{Ctx, task};
///
/// #[task]
/// async fn chicken(ctx: &Ctx, n: u64) -> Result<u64, runce::Error> {
///     ctx.run(egg(n)).await
/// }
///
/// #[task]
/// async fn egg(ctx: &Ctx, n: u64) -> Result<u64, runce::Error> {
///     ctx.run(chicken(n)).await
/// }
/// ```
///
/// A recursion that ends, over ever other inputs, is let through by a box:
///
/// ```
/// use runce::{Ctx, task};
///
/// #[task]
/// async fn sum_to(ctx: &Ctx, n: u64) -> Result<u64, runce::Error> {
///     if n == 0 {
///         return Ok(0);
///     }
///     Ok(n + Box::pin(ctx.run(sum_to(n - 1))).await?)
/// }
/// # drop(Ctx::new(()).run(sum_to(3)));
/// ```
///
/// This check has a price. For it, rustc looks through the whole chain of tasks below a
/// call, and at the usual `recursion_limit` of 128 it gives up ("queries overflow the depth
/// limit") when tasks call tasks more than 16 to 22 levels deep, by `run` or in groups. Then
/// put `#![recursion_limit = "1024"]` at the top of your crate; or cut the chain, by an erased
/// call or a call whose future is a `dyn Future` (a box alone is no cut); or turn the feature
/// `compile-time-cycles` of `runce` off. Circles that the compiler cannot see are errors at
/// run time.
#[proc_macro_attribute]
pub fn task(options: TokenStream, function: TokenStream) -> TokenStream {
    expand::expand(options.into(), function.into()).into()
}
