//! Whatever bytes come in, from servers, files or the keyboard: no panic, no hang, and what must
//! agree agrees.
//!
//! Each target tries a few hundred inputs in an ordinary run. `CAPSCOPE_FUZZ_SECONDS=600 cargo test
//! --test fuzz -- --nocapture --test-threads 16` lets each go on for that long, side by side. (Tools
//! that are guided by coverage need a nightly compiler, and this repository builds with stable.)

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]
#![allow(clippy::print_stderr, reason = "a long run tells what it did")]

mod damage;
mod files;
mod logic;
mod replies;
mod texts;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::time::{Duration, Instant};

/// What a try gives: an error is a finding.
pub type Tried = Result<(), TestCaseError>;

/// Tries inputs: a few hundred, or for as long as the environment says.
pub fn fuzz<S: Strategy>(name: &str, strategy: &S, check: impl Fn(S::Value) -> Tried) {
    let seconds = std::env::var("CAPSCOPE_FUZZ_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(0);
    let end = Instant::now() + Duration::from_secs(seconds);
    let config = || Config { cases: 300, failure_persistence: None, ..Config::default() };
    let mut tried = 0;
    loop {
        // A new runner has a new seed.
        if let Err(failed) = TestRunner::new(config()).run(strategy, &check) {
            panic!("{name}: {failed}");
        }
        tried += config().cases;
        if Instant::now() >= end {
            break;
        }
    }
    if seconds > 0 {
        eprintln!("{name}: {tried} inputs, no finding");
    }
}

/// Any bytes, read as a program reads a damaged file.
pub fn bytes() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<u8>(), 0..200).prop_map(|b| String::from_utf8_lossy(&b).into_owned())
}
