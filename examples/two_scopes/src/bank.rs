//! A bank that answers when it is open: a stand-in for what is slow.
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

#[derive(Default)]
pub(crate) struct Bank {
    open: watch::Sender<bool>,
    /// How often it was asked for each currency.
    asked: Mutex<BTreeMap<String, usize>>,
}

/// The bank does not know that currency.
#[derive(Debug)]
pub(crate) struct NoRate(String);

impl Bank {
    pub(crate) async fn rate(&self, currency: &str) -> Result<u64, NoRate> {
        *self.asked().entry(currency.to_string()).or_default() += 1;
        let mut open = self.open.subscribe();
        // Fails when the sender is gone, which is ours.
        let _ = open.wait_for(|open| *open).await;
        match currency {
            "EUR" => Ok(107),
            "SEK" => Ok(1180),
            "USD" => Ok(124),
            _ => Err(NoRate(currency.to_string())),
        }
    }

    pub(crate) fn set_open(&self, open: bool) {
        self.open.send_replace(open);
    }

    fn asked(&self) -> MutexGuard<'_, BTreeMap<String, usize>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Bank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asked = self.asked();
        let one = |(currency, times)| format!("{currency} {times}");
        let all: Vec<_> = asked.iter().map(one).collect();
        write!(f, "bank asked: {}", all.join(", "))
    }
}

impl fmt::Display for NoRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the bank has no rate for {}", self.0)
    }
}

impl std::error::Error for NoRate {}
