//! Where the image's parts lie, and in whose memory.
use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    let ram = match env::var("TARGET")?.as_str() {
        // BBC micro:bit, Cortex-M0.
        "thumbv6m-none-eabi" => "16K",
        // Stellaris LM3S6965, Cortex-M3.
        _ => "64K",
    };
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let memory = format!(
        "MEMORY {{ FLASH : ORIGIN = 0x00000000, LENGTH = 256K \
         RAM : ORIGIN = 0x20000000, LENGTH = {ram} }}\n"
    );
    fs::write(out.join("memory.x"), memory)?;
    println!("cargo:rustc-link-search={}", out.display());
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    Ok(())
}
