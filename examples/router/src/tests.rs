//! What the example promises.
use crate::router::{Refused, Request, Router};
use crate::tasks::Shop;
use crate::{DISCOUNTS, routes};
use runce::{AnyTask, AnyValue, Ctx, ErrorKind};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

fn router() -> Router<Shop> {
    routes(DISCOUNTS).expect("the configuration is good")
}

fn answers(router: &Router<Shop>, ctx: &Ctx<Shop>, requests: Value) -> Vec<Result<Value, Refused>> {
    let requests: Vec<Request> = serde_json::from_value(requests).expect("requests are good");
    pollster::block_on(router.answer(ctx, &requests))
}

fn answer(route: &str, input: Value) -> Result<Value, String> {
    let ctx = Ctx::new(Shop::default());
    let answer = answers(&router(), &ctx, json!([{"route": route, "input": input}])).remove(0);
    answer.map_err(|refused| refused.to_string())
}

fn loads(ctx: &Ctx<Shop>) -> usize {
    ctx.state().loads.load(Ordering::Relaxed)
}

#[test]
fn routes_take_and_give_json() {
    let tea = json!({"name": "tea", "cents": 450});
    assert_eq!(answer("product", json!(7)), Ok(tea));
    assert_eq!(answer("price", json!([7, 3])), Ok(json!(1350)));
    let basket = json!({"lines": [[7, 3], [8, 1]], "greeting": "Bye."});
    assert_eq!(answer("basket", basket), Ok(json!("4250 cents. Bye.")));
}

#[test]
fn routes_made_at_run_time_are_tasks_of_their_own() {
    assert_eq!(answer("price/summer", json!([7, 3])), Ok(json!(1080)));
    assert_eq!(answer("price/friends", json!([7, 3])), Ok(json!(675)));
}

#[test]
fn requests_of_one_context_share_their_work() {
    let (router, ctx) = (router(), Ctx::new(Shop::default()));
    let routes = ["product", "price", "price", "price/summer", "price/friends"];
    let request = |route: &str| match route {
        "product" => json!({"route": route, "input": 7}),
        route => json!({"route": route, "input": [7, 3]}),
    };
    let batch = Value::from_iter(routes.map(request));
    for _ in 0..2 {
        assert!(
            answers(&router, &ctx, batch.clone())
                .iter()
                .all(Result::is_ok)
        );
        assert_eq!((loads(&ctx), ctx.stats().runs), (1, 4));
    }
}

#[test]
fn what_is_wrong_is_said_and_stops_nothing_else() {
    let ctx = Ctx::new(Shop::default());
    let requests = json!([
        {"route": "prize", "input": [7, 3]},
        {"route": "price", "input": [7, "three"]},
        {"route": "product", "input": 9},
        {"route": "product", "input": 8},
    ]);
    let mut answers = answers(&router(), &ctx, requests);
    let pot = answers.pop().expect("there are four");
    assert_eq!(
        pot.expect("it is there"),
        json!({"name": "pot", "cents": 2900})
    );
    let texts = answers
        .into_iter()
        .map(|answer| answer.expect_err("it is refused").to_string());
    let expected = [
        "there is no route `prize`, only basket, price, price/friends, price/summer, product",
        "route `price` takes a `(u64, u64)`: invalid type: string \"three\", expected u64",
        "task `product(9)` failed: there is no product 9",
    ];
    assert_eq!(texts.collect::<Vec<_>>(), expected);
    assert_eq!(loads(&ctx), 2, "of 8, and of 9 in vain");
}

#[test]
fn a_typed_input_of_another_type_is_refused_by_the_task() {
    let task: AnyTask<Shop> = AnyTask::new(crate::tasks::product);
    let error = task
        .call(AnyValue::new("seven"))
        .expect_err("it is no number");
    assert_eq!(error.kind(), ErrorKind::WrongInput);
    assert_eq!(
        error.to_string(),
        "task `product` takes an input of type `u64`, not `&str`"
    );
}

#[test]
fn a_bad_configuration_is_refused() {
    for discounts in ["summer", "summer twenty"] {
        assert!(routes(discounts).is_err());
    }
}
