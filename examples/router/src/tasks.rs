//! What the shop can do.
use runce::{Ctx, DynTask, Error, task};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What the tasks can reach.
#[derive(Default)]
pub(crate) struct Shop {
    /// How often a product was looked up.
    pub(crate) loads: AtomicUsize,
}

#[derive(Clone, Serialize)]
pub(crate) struct Product {
    name: &'static str,
    cents: u64,
}

/// Product numbers with how many of each, and a line for the end.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize)]
pub(crate) struct Basket {
    lines: Vec<(u64, u64)>,
    greeting: String,
}

#[task]
pub(crate) async fn product(ctx: &Ctx<Shop>, number: u64) -> Result<Product, String> {
    ctx.state().loads.fetch_add(1, Ordering::Relaxed);
    let (name, cents) = match number {
        7 => ("tea", 450),
        8 => ("pot", 2900),
        _ => return Err(format!("there is no product {number}")),
    };
    Ok(Product { name, cents })
}

#[task]
pub(crate) async fn price(ctx: &Ctx<Shop>, number: u64, count: u64) -> Result<u64, Error> {
    Ok(count * ctx.run(product(number)).await?.cents)
}

#[task]
pub(crate) async fn basket(ctx: &Ctx<Shop>, basket: Basket) -> Result<String, Error> {
    let prices = basket
        .lines
        .iter()
        .map(|(number, count)| price(*number, *count));
    let total: u64 = ctx.run_each(prices).await?.iter().sum();
    Ok(format!("{} cents. {}", total, basket.greeting))
}

/// A task made at run time: the price with that discount.
pub(crate) fn discounted(name: &str, percent: u64) -> DynTask<Shop, (u64, u64), u64> {
    let name = format!("price less {percent} % for {name}");
    DynTask::new(name, move |ctx: &Ctx<Shop>, (number, count)| {
        Box::pin(async move {
            let full = ctx.run(price(number, count)).await?;
            Ok::<_, Error>(full - full * percent.min(100) / 100)
        })
    })
}
