//! How deep tasks may call each other before rustc gives up, with the feature
//! `compile-time-cycles`. The guide `recursion` names the numbers; what is built here is
//! a little below them, and what must fail (`ui/depth_too_deep.rs`) above, so that a new rustc
//! may move them a little.
#![allow(missing_docs)]

#[test]
fn promised_depths_build_and_run() {
    trybuild::TestCases::new().pass("ui/depth_builds/*.rs");
}
