//! What capscope does for people, as async functions over `api`, `domain` and `store`.
//!
//! Nothing here knows a screen: the terminal interface and the command line call the same
//! functions. Every job ends when its future is dropped.

pub mod problem;
pub mod types;

pub use problem::{Problem, Remedy};
