//! The `capscope` program: start, exit code, nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    capscope::runtime::privacy::no_memory_dumps();
    capscope::cli::main()
}
