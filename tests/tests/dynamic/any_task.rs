//! Any tasks: erased in their input and output.
use super::*;

#[test]
fn any_value_remembers_its_type() {
    let value = AnyValue::new("text".to_string());
    assert_eq!(format!("{value:?}"), "AnyValue(alloc::string::String)");
    assert!(value.downcast_ref::<u64>().is_none());
    let value = value.downcast::<&str>().unwrap_err();
    assert_eq!(value.type_name(), "alloc::string::String");
    assert_eq!(value.downcast_ref::<String>().unwrap(), "text");
    assert_eq!(value.downcast::<String>().unwrap(), "text");
}

#[test]
fn any_task_tells_name_and_types() {
    let told = |task: &AnyTask<App>| {
        let (name, input, output) = (task.name(), task.input_type(), task.output_type());
        format!("{name}: {input} -> {output}")
    };
    let string = "alloc::string::String";
    assert_eq!(told(&any(double)), "double: u64 -> u64");
    assert_eq!(told(&any(nothing)), "nothing: () -> ()");
    assert_eq!(told(&any(show::<u8>)), format!("show: u8 -> {string}"));
    let greet = any(greet);
    assert_eq!(
        told(&greet),
        format!("greet: ({string}, {string}) -> {string}")
    );
    assert_eq!(told(&any(&greet)), told(&greet));
    let add = counting("add", &Arc::default());
    assert_eq!(told(&any(&add)), "add: u64 -> u64");
    let debug = "AnyTask { name: \"add\", input: u64, output: u64 }";
    assert_eq!(format!("{:?}", any(&add)), debug);
}

#[task]
#[allow(clippy::too_many_arguments)]
async fn twelve(
    a: u8,
    b: u8,
    c: u8,
    d: u8,
    e: u8,
    f: u8,
    g: u8,
    h: u8,
    i: u8,
    j: u8,
    k: u8,
    l: u8,
) -> u8 {
    a + b + c + d + e + f + g + h + i + j + k + l
}

#[test]
fn a_task_is_named_by_a_fn_of_up_to_twelve_parameters() {
    let task = any(twelve);
    assert_eq!(task.input_type().matches("u8").count(), 12);
    let input = AnyValue::new((
        1_u8, 2_u8, 3_u8, 4_u8, 5_u8, 6_u8, 7_u8, 8_u8, 9_u8, 10_u8, 11_u8, 12_u8,
    ));
    let ctx = Ctx::new(App::default());
    let sum = now(ctx.run_erased(task.call(input).unwrap())).unwrap();
    assert_eq!(sum.downcast::<u8>().unwrap(), 78);
}

#[test]
fn law_once_a_call_of_any_task_is_the_same_call() {
    for way in Way::all() {
        let ctx = way.ctx(App::default());
        let add = counting("add", &Arc::default());
        let any = [any(slow), any(&add)];
        let [one, two] = any
            .each_ref()
            .map(|task| task.call(AnyValue::new(7_u64)).unwrap());
        let mut all = Box::pin(ctx.run_parallel((one, slow(7), two, add.call(7))));
        assert!(way.finish(&mut all).is_none());
        ctx.state().gate.open();
        let (one, typed_one, two, typed_two) = way.finish(&mut all).unwrap().unwrap();
        assert_eq!((one.downcast().unwrap(), typed_one), (7_u64, 7));
        assert_eq!((two.downcast().unwrap(), typed_two), (8_u64, 8));
        assert_eq!(ctx.stats().runs, 2);
    }
}

#[test]
fn a_wrong_input_is_refused_by_name() {
    let wrong = |task: AnyTask<App>, input| {
        let error = task.call(input).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongInput);
        error.to_string()
    };
    assert_eq!(
        wrong(any(double), AnyValue::new(7_u32)),
        "task `double` takes an input of type `u64`, not `u32`"
    );
    assert_eq!(
        wrong(any(show::<String>), AnyValue::new("text")),
        "task `show` takes an input of type `alloc::string::String`, not `&str`"
    );
    assert_eq!(
        wrong(any(&counting("add", &Arc::default())), AnyValue::new(())),
        "task `add` takes an input of type `u64`, not `()`"
    );
}
