//! Tasks that are chosen or made at run time.
use crate::{Log, logged, noted};
use runce::{AnyTask, AnyValue, Ctx, DynTask, Error, ErrorKind, task};
use runce_tests::now;
use std::collections::HashMap;

#[task]
async fn double(ctx: &Ctx<Log>, n: u64) -> u64 {
    ctx.state().note("double");
    2 * n
}

#[task]
async fn maybe(ctx: &Ctx<Log>, n: Option<u64>) -> String {
    ctx.state().note("maybe");
    format!("{n:?}")
}

fn any_double() -> AnyTask<Log> {
    AnyTask::new(double)
}

/// Of the error that refuses an input.
fn refused(task: &AnyTask<Log>, input: AnyValue) -> String {
    let error = task.call(input).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongInput);
    error.to_string()
}

#[test]
fn a_task_is_run_with_an_input_of_any_type() {
    let ctx = logged();
    let call = any_double().call(AnyValue::new(21_u64)).unwrap();
    let output = now(ctx.run_erased(call)).unwrap();
    assert_eq!(output.downcast::<u64>().unwrap(), 42);
}

#[test]
fn a_wrong_input_is_refused_and_runs_nothing() {
    let ctx = logged();
    assert_eq!(
        refused(&any_double(), AnyValue::new("21")),
        "task `double` takes an input of type `u64`, not `&str`"
    );
    assert!(ctx.is_empty());
    assert_eq!(ctx.state().count("double"), 0);
}

/// A number of another width is not taken for the right one, either.
#[test]
fn an_input_is_not_converted() {
    assert_eq!(
        refused(&any_double(), AnyValue::new(21_i64)),
        "task `double` takes an input of type `u64`, not `i64`"
    );
}

#[test]
fn a_missing_input_is_refused() {
    assert_eq!(
        refused(&any_double(), AnyValue::new(())),
        "task `double` takes an input of type `u64`, not `()`"
    );
}

/// What is a typed nil pointer there.
#[test]
fn an_empty_input_of_the_right_type_is_an_input() {
    let ctx = logged();
    let task = AnyTask::new(maybe);
    for _ in 0..2 {
        let call = task.call(AnyValue::new(None::<u64>)).unwrap();
        let output = now(ctx.run_erased(call)).unwrap();
        assert_eq!(output.downcast::<String>().unwrap(), "None");
    }
    assert_eq!(ctx.state().count("maybe"), 1);
}

#[test]
fn dynamic_and_typed_calls_share_what_is_remembered() {
    let ctx = logged();
    assert_eq!(now(ctx.run(double(21))).unwrap(), 42);
    let call = any_double().call(AnyValue::new(21_u64)).unwrap();
    now(ctx.run_erased(call)).unwrap();
    assert_eq!(ctx.state().count("double"), 1);
}

#[test]
fn tasks_of_different_types_are_registered_at_run_time() {
    let times = |factor: u64| {
        DynTask::new(format!("times {factor}"), move |ctx: &Ctx<Log>, n: u64| {
            Box::pin(async move { Ok::<_, Error>(factor * ctx.run(double(n)).await?) })
        })
    };
    let mut tasks: HashMap<String, AnyTask<Log>> = HashMap::new();
    tasks.insert("noted".into(), AnyTask::new(noted));
    for factor in [3, 5] {
        tasks.insert(format!("times {factor}"), AnyTask::new(&times(factor)));
    }
    let ctx = logged();
    let run = |name: &str, input| {
        let call = tasks[name].call(input).unwrap();
        now(ctx.run_erased(call)).unwrap()
    };
    let number = |name| run(name, AnyValue::new(7_u64)).downcast::<u64>();
    let numbers = ["times 3", "times 5", "times 3"].map(|name| number(name).unwrap());
    assert_eq!(numbers, [42, 70, 42]);
    let text = run("noted", AnyValue::new("it".to_string()));
    assert_eq!(text.downcast::<String>().unwrap(), "result-it");
    assert_eq!(ctx.state().count("double"), 1, "shared by what calls it");
    assert_eq!(ctx.stats().runs, 4);
}
