//! Any bytes are a program; the engine has to do what the oracle says.
#![no_main]
use libfuzzer_sys::{Corpus, fuzz_target};
use runce_tests::program::{Program, check, tell};

/// Longer inputs say nothing more.
const MOST: usize = 320;

fuzz_target!(|bytes: &[u8]| -> Corpus {
    if bytes.len() > MOST {
        return Corpus::Reject;
    }
    let program = Program::decode(bytes);
    if let Err(broken) = check(&program) {
        panic!("{}", tell(&program, &broken));
    }
    Corpus::Keep
});
