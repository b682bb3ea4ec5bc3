//! Every shape that `#[task]` accepts, one test each.
//!
//! | what | shapes |
//! |---|---|
//! | fn | async, plain, generic, with attributes, in a module, in a fn |
//! | context | none, `&Ctx`, `&Ctx<App>`, `&Ctx<S>`, `&Ctx<Arc<S>>`, a path, unnamed |
//! | inputs | none, one, several, references, patterns, generic, of the state |
//! | output | none, a value, `Result`, an alias of it, generic, of the state |
//! | options | `no_label`, `name`, `crate`; `ttl`, `error_ttl`, `retention`, `limit`, `weight` |
#![forbid(unsafe_code)]
// The expansion is clean; what is allowed here is what these examples do themselves.
#![deny(missing_docs, warnings, clippy::all, clippy::pedantic)]
#![allow(
    clippy::unnecessary_wraps,
    unused_qualifications,
    unreachable_pub,
    clippy::unwrap_used
)]

mod contexts;
mod functions;
mod generics;
mod inputs;
mod keeping;
mod options;
mod outputs;

use runce::Ctx;

struct App {
    factor: u64,
}

trait HasFactor: Send + Sync + 'static {
    type Id: std::hash::Hash + Eq + Copy + Into<u64> + Send + Sync + 'static;
    fn factor(&self) -> u64;
}

impl HasFactor for App {
    type Id = u32;
    fn factor(&self) -> u64 {
        self.factor
    }
}

fn app() -> Ctx<App> {
    Ctx::new(App { factor: 3 })
}

/// What an error says of the call that failed.
fn said(error: &runce::Error) -> String {
    format!("{error:#}")
}
