//! Programs for people.
use super::Program;

impl Program {
    /// Its bytes, for people.
    #[must_use]
    pub fn to_hex(&self) -> String {
        let hex = |byte| format!("{byte:02x}");
        self.encode().into_iter().map(hex).collect()
    }

    /// `None`: that is not hexadecimal.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let pair = |at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
        let bytes: Option<Vec<u8>> = (0..text.len()).step_by(2).map(pair).collect();
        Some(Self::decode(&bytes?))
    }
}

/// A failing program, to be read and to be pasted into `tests/random.rs`.
#[must_use]
pub fn tell(program: &Program, broken: &[String]) -> String {
    let broken: String = broken.iter().map(|law| format!("  - {law}\n")).collect();
    let Program { config, keys, ops } = program;
    let scripts = keys.iter().enumerate();
    let scripts: String = scripts
        .map(|(key, script)| format!("    {key}: {script:?}\n"))
        .collect();
    let ops: String = ops.iter().map(|op| format!("    {op:?}\n")).collect();
    let hex = program.to_hex();
    format!("{broken}{config:?}\nkeys:\n{scripts}ops:\n{ops}For REPLAYED:\n    \"{hex}\",\n")
}
