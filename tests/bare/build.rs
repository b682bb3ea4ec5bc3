//! Links the program with nothing: if runce or a dependency of it needed libc or std,
//! there would be no program.
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // No crt0 (`_start` is ours), no libraries, and no loader to relocate us.
    for arg in ["-nostartfiles", "-nostdlib", "-static", "-no-pie"] {
        println!("cargo:rustc-link-arg-bins={arg}");
    }
}
