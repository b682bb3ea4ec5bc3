//! Options: `no_label`, `name`, `crate`.
use crate::said;
use runce::{Ctx, task};
use runce_tests::now;

#[test]
fn no_label_keeps_a_secret() {
    #[task(no_label)]
    fn login(password: &str) -> Result<(), String> {
        let _ = password;
        Err(String::from("refused"))
    }
    let error = now(Ctx::new(()).run(login("hunter2"))).unwrap_err();
    assert!(said(&error).contains("`login`"), "{error:#}");
    assert!(!said(&error).contains("hunter2"), "{error:#}");
}

#[test]
fn a_name_of_its_own() {
    #[task(name = "user by id")]
    fn user(id: u64) -> Result<(), String> {
        Err(format!("no {id}"))
    }
    let error = now(Ctx::new(()).run(user(7))).unwrap_err();
    assert!(said(&error).contains("`user by id(7)`"), "{error:#}");
}

#[test]
fn another_path_to_the_crate() {
    mod reexported {
        pub(super) mod inner {
            pub(crate) use runce;
        }
    }
    #[task(crate = reexported::inner::runce,)]
    fn one(ctx: &runce::Ctx, text: &str) -> usize {
        let _ = ctx;
        text.len()
    }
    assert_eq!(now(Ctx::new(()).run(one("a"))).unwrap(), 1);
}

mod facade {
    #[allow(clippy::single_component_path_imports)]
    pub(crate) use runce;

    macro_rules! task_here {
        ($name:ident) => {
            #[runce::task(crate = $crate::options::facade::runce)]
            async fn $name(text: &str) -> usize {
                std::future::ready(text.len()).await
            }
        };
    }
    pub(crate) use task_here;
}

#[test]
fn the_crate_by_the_path_of_a_macro() {
    facade::task_here!(len);
    assert_eq!(now(Ctx::new(()).run(len("abc"))).unwrap(), 3);
}
