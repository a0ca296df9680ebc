//! `capscope serve`: the embedded server alone.

use super::{print, tokio_runtime};
use crate::demo::{DemoOptions, DemoServer};
use crate::jobs::Problem;
use std::io::Write;

/// Starts the server, prints the ready line to stdout and what was not understood of loaded
/// files to stderr, and serves until the process ends.
pub fn run(options: DemoOptions) -> Result<(), Problem> {
    tokio_runtime()?.block_on(async {
        let server = DemoServer::start(options).await.map_err(|e| {
            Problem::new(
                "The server could not start",
                e.to_string(),
                "",
                "Check the address and the files, and try again.",
            )
        })?;
        for report in server.reports() {
            for note in &report.notes {
                let _ = writeln!(std::io::stderr(), "{}: {note}", report.path.display());
            }
        }
        print(&format!("{}\n", server.ready_line()))?;
        server.run_until_stopped().await;
        Ok(())
    })
}
