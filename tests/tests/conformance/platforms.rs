//! The runtimes under test.
mod async_std;
mod hand;
mod seeded;
mod smol;
mod threads;
mod tokio;

pub(crate) use async_std::AsyncStdGlobal;
pub(crate) use hand::HandOnAThread;
pub(crate) use seeded::BySeed;
pub(crate) use smol::{SmolGlobal, SmolOwn};
pub(crate) use threads::Workers;
pub(crate) use tokio::{TokioCurrentThread, TokioMultiThread};
