//! A shop that answers requests by name: `{"route": "price", "input": [7, 3]}`.
//!
//! Its routes are tasks, registered at run time: those that `#[task]` makes, and one for
//! each discount that the configuration lists. The requests of one batch are answered in
//! one context, so that they share what they have in common.
#![forbid(unsafe_code)]

mod router;
mod tasks;
#[cfg(test)]
mod tests;

use router::{Request, Router};
use runce::Ctx;
use std::error::Error;
use std::sync::atomic::Ordering;
use tasks::Shop;

/// Per cent off, by name: known at run time only.
const DISCOUNTS: &str = "summer 20\nfriends 50";

const REQUESTS: &str = r#"[
    {"route": "product", "input": 7},
    {"route": "price", "input": [7, 3]},
    {"route": "price/summer", "input": [7, 3]},
    {"route": "price/friends", "input": [8, 1]},
    {"route": "basket", "input": {"lines": [[7, 3], [8, 1]], "greeting": "Thank you!"}},
    {"route": "product", "input": 9},
    {"route": "product", "input": "seven"},
    {"route": "prize", "input": [7, 3]}
]"#;

fn main() -> Result<(), Box<dyn Error>> {
    let router = routes(DISCOUNTS)?;
    print!("{router}");
    let ctx = Ctx::new(Shop::default());
    let requests: Vec<Request> = serde_json::from_str(REQUESTS)?;
    let answers = pollster::block_on(router.answer(&ctx, &requests));
    for (request, answer) in requests.iter().zip(answers) {
        match answer {
            Ok(value) => println!("{request}\n    → {value}"),
            Err(refused) => println!("{request}\n    ✗ {refused}"),
        }
    }
    let loads = ctx.state().loads.load(Ordering::Relaxed);
    println!("{} requests looked up {loads} products", requests.len());
    Ok(())
}

fn routes(discounts: &str) -> Result<Router<Shop>, Box<dyn Error>> {
    let mut router = Router::default();
    router.add("product", tasks::product);
    router.add("price", tasks::price);
    router.add("basket", tasks::basket);
    for line in discounts.lines() {
        let (name, percent) = line
            .split_once(' ')
            .ok_or("a discount is a name and a number")?;
        let task = tasks::discounted(name, percent.parse()?);
        router.add(&format!("price/{name}"), &task);
    }
    Ok(router)
}
