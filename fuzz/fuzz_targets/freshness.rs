//! Any bytes are a life of a context; it has to remember what the model says.
#![no_main]
use libfuzzer_sys::{Corpus, fuzz_target};
use runce_tests::ageing::{Life, live};

/// Longer inputs say nothing more.
const MOST: usize = 202;

fuzz_target!(|bytes: &[u8]| -> Corpus {
    if bytes.len() > MOST {
        return Corpus::Reject;
    }
    let _ = live(&Life::decode(bytes));
    Corpus::Keep
});
