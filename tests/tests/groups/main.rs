//! Groups: all outputs, the first error, all outcomes; with and without an executor.
#![allow(missing_docs, clippy::unwrap_used)]

mod failures;
mod outputs;

use runce::{Call, Ctx, Error, task};
use runce_tests::{App, Gate, app, key, now};
use std::sync::Arc;

/// Key `k` waits for gate `k`, then gives `k`; from 100 on it fails instead.
fn gated(gates: &[Arc<Gate>]) -> App {
    let gates = gates.to_vec();
    app(move |_, k| {
        let gate = gates.get(k as usize % 100).cloned();
        Box::pin(async move {
            if let Some(gate) = gate {
                gate.wait().await;
            }
            match k {
                100.. => Err(fails(k)),
                _ => Ok(u64::from(k)),
            }
        })
    })
}

fn fails(k: u32) -> Error {
    let ctx = Ctx::new(());
    now(ctx.run(failure(k))).unwrap_err()
}

#[task]
async fn failure(k: u32) -> Result<(), String> {
    Err(format!("no {k}"))
}

fn gates(count: usize) -> Vec<Arc<Gate>> {
    (0..count).map(|_| Gate::new()).collect()
}

fn keys(keys: impl IntoIterator<Item = u32>) -> Vec<Call<runce_tests::Key, u32>> {
    keys.into_iter().map(key).collect()
}
