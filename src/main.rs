//! The `capscope` program: start, exit code, nothing else.

fn main() {}
