//! Every fault on the way against every job.
//!
//! What the person is told and what is kept stands in `matrix.md`, which is written anew by
//! `UPDATE_DOCS=1 cargo test --test faults`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "these are tests"
)]

#[path = "../certificates/mod.rs"]
mod certificates;
mod cuts;
mod door;
mod jobs;
mod matrix;
mod once;
mod screens;
mod sends;
mod world;
