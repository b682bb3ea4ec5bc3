//! The runtime of the scenarios that need one.
use std::future::Future;
use std::sync::OnceLock;
use tokio::runtime::{Builder, Runtime};

/// Two workers.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(2);
        builder.build().expect("threads can be had")
    })
}

/// A context on it.
pub fn context() -> runce::Ctx {
    let tokio = runce_tokio::Tokio::new(runtime().handle().clone());
    runce::Ctx::builder(()).executor(tokio).build()
}

/// As a server does it: on one of the workers, not beside them.
pub fn on_worker<F>(work: F) -> F::Output
where
    F: Future<Output: Send> + Send + 'static,
{
    let runtime = runtime();
    let done = runtime.block_on(runtime.spawn(work));
    done.expect("it does not panic")
}
