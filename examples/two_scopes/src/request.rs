//! What lives as long as one request.
use crate::global::{Global, config, rate};
use runce::{Ctx, Error, task};

/// What the tasks of a request can reach.
pub(crate) struct Request {
    visitor: &'static str,
    /// A handle keeps its context alive: while there are requests, the global context ends
    /// by `cancel` only.
    global: Ctx<Global>,
}

/// Without an executor: the request is driven by whoever serves it, and dropped with him.
pub(crate) fn open(global: &Ctx<Global>, visitor: &'static str) -> Ctx<Request> {
    let request = Request {
        visitor,
        global: global.clone(),
    };
    Ctx::builder(request).parent(global).build()
}

#[task]
pub(crate) async fn page(ctx: &Ctx<Request>, currency: &str) -> Result<String, Error> {
    let teas = ctx.run(cart()).await?;
    let cents = ctx.run(total(currency)).await?;
    Ok(format!(
        "{teas} teas, {}.{:02} {currency}",
        cents / 100,
        cents % 100
    ))
}

/// How many teas the visitor has chosen. The page needs it twice; it is loaded once in
/// each request.
#[task]
async fn cart(ctx: &Ctx<Request>) -> usize {
    ctx.state().visitor.len() // as good as a database
}

#[task]
async fn total(ctx: &Ctx<Request>, currency: &str) -> Result<u64, Error> {
    // A task of the other scope is called through a handle of that scope. There it is a call
    // from outside: no edge leads from this task to that run, so a circle of waits through
    // both contexts would not be noticed, but hang. There is none as long as calls go one
    // way: the global scope knows nothing of requests.
    let global = &ctx.state().global;
    let config = global.run(config()).await?;
    let rate = global.run(rate(currency)).await?;
    let teas = ctx.run(cart()).await?;
    Ok(teas as u64 * config.cents_per_tea * rate / 100)
}
