//! The shell of the terminal interface: the only place where keys come in, jobs are started and
//! the screen is written. It decides nothing: what a key means is for `app`, what a job does for
//! `jobs`, how it looks for `ui`.

pub mod clipboard;
pub mod input;
pub mod privacy;
pub mod recorder;
pub mod shell;
pub mod terminal;
pub mod worker;

pub use shell::{Clipboard, Shell};
