//! What must not compile, and what rustc then says: circular tasks, and each mistake
//! that `#[task]` explains. The texts are those of the toolchain that CI uses.
#![allow(missing_docs)]

#[test]
fn mistakes_are_explained() {
    trybuild::TestCases::new().compile_fail("ui/*.rs");
}
