//! The runtimes under test.
mod hand;
mod seeded;
mod tokio;

pub(crate) use hand::HandOnAThread;
pub(crate) use seeded::BySeed;
pub(crate) use tokio::{TokioCurrentThread, TokioMultiThread};
