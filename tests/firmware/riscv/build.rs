//! Where the image's parts lie.
use std::{env, error::Error};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=memory.x");
    let here = env::var("CARGO_MANIFEST_DIR")?;
    println!("cargo:rustc-link-search={here}");
    println!("cargo:rustc-link-arg-bins=-Tmemory.x");
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    Ok(())
}
