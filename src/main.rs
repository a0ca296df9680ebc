//! The `capscope` program: start, exit code, nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    capscope::cli::main()
}
