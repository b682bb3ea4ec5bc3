//! What tells one call from another.
use crate::{Log, logged, noted};
use runce::{Ctx, task};
use runce_tests::now;

#[test]
fn the_same_input_is_run_once() {
    let ctx = logged();
    for _ in 0..3 {
        assert_eq!(now(ctx.run(noted("foo"))).unwrap(), "result-foo");
    }
    assert_eq!(ctx.state().count("foo"), 1);
}

#[test]
fn different_inputs_are_run_separately() {
    let ctx = logged();
    for name in ["foo", "bar", "baz", "foo", "bar"] {
        assert_eq!(now(ctx.run(noted(name))).unwrap(), format!("result-{name}"));
    }
    assert_eq!(*ctx.state().events.lock().unwrap(), ["foo", "bar", "baz"]);
}

/// Also such as Go cannot compare: lists.
#[test]
fn inputs_of_every_kind() {
    #[derive(Clone, PartialEq, Eq, Hash)]
    enum Shape {
        Dot,
        Box { width: u8 },
    }
    #[task]
    async fn double(n: i64) -> i64 {
        n * 2
    }
    #[task]
    async fn nothing() -> u8 {
        7
    }
    #[task]
    async fn several(a: u8, b: char, c: bool) -> String {
        format!("{a}{b}{c}")
    }
    #[task]
    async fn maybe(n: Option<u8>) -> u8 {
        n.unwrap_or(9)
    }
    #[task]
    async fn list(bytes: &[u8]) -> usize {
        bytes.len()
    }
    #[task]
    async fn shape(shape: Shape) -> u8 {
        match shape {
            Shape::Dot => 0,
            Shape::Box { width } => width,
        }
    }
    let ctx = Ctx::new(());
    for _ in 0..2 {
        assert_eq!(now(ctx.run(double(5))).unwrap(), 10);
        assert_eq!(now(ctx.run(double(-10))).unwrap(), -20);
        assert_eq!(now(ctx.run(nothing())).unwrap(), 7);
        assert_eq!(now(ctx.run(several(1, 'b', true))).unwrap(), "1btrue");
        assert_eq!(now(ctx.run(several(1, 'b', false))).unwrap(), "1bfalse");
        assert_eq!(now(ctx.run(maybe(None))).unwrap(), 9);
        assert_eq!(now(ctx.run(maybe(Some(1)))).unwrap(), 1);
        assert_eq!(now(ctx.run(list(&[1, 2]))).unwrap(), 2);
        assert_eq!(now(ctx.run(list(&[]))).unwrap(), 0);
        assert_eq!(now(ctx.run(shape(Shape::Dot))).unwrap(), 0);
        assert_eq!(now(ctx.run(shape(Shape::Box { width: 3 }))).unwrap(), 3);
    }
    assert_eq!((ctx.stats().runs, ctx.stats().hits), (11, 11));
}

#[test]
fn structs_as_inputs() {
    #[derive(Clone, PartialEq, Eq, Hash)]
    struct Person {
        name: &'static str,
        age: u32,
    }
    #[task]
    async fn describe(ctx: &Ctx<Log>, person: Person) -> String {
        ctx.state().note("describe");
        format!("{} is {}", person.name, person.age)
    }
    let ctx = logged();
    let people = [("Alice", 30), ("Bob", 25), ("Alice", 30)];
    for (name, age) in people {
        let text = now(ctx.run(describe(Person { name, age }))).unwrap();
        assert_eq!(text, format!("{name} is {age}"));
    }
    assert_eq!(ctx.state().count("describe"), 2);
}
