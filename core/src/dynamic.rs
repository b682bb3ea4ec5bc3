//! Tasks and calls whose types are known at run time only: for routers, plug-ins, and
//! lists of different calls.
mod any_task;
mod any_value;
mod dyn_task;
mod erased;
mod invalidate;
mod task_fn;

pub use any_task::AnyTask;
pub use any_value::AnyValue;
pub use dyn_task::{DynInput, DynTask};
pub use erased::ErasedCall;
pub use task_fn::TaskFn;
