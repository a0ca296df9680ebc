//! The shell of the terminal interface: the only place where keys come in, jobs are started and
//! the screen is written. The rest of the house is pure.

pub mod clipboard;
pub mod input;
pub mod privacy;
pub mod recorder;
pub mod shell;
pub mod terminal;
pub mod worker;

pub use shell::{Clipboard, Shell};
