//! `capscope serve`: the embedded server alone.

use super::{print, tokio_runtime};
use crate::demo::behaviour::Behaviour;
use crate::demo::chaos::FAULTS;
use crate::demo::{DemoOptions, DemoServer};
use crate::jobs::Problem;
use std::path::Path;

/// Starts the server, prints the ready line to stdout and what was not understood of loaded
/// files to stderr, and serves until the process ends. With a clinic, so many forms a minute are
/// saved; each fires a trigger if there is an address for it.
pub fn run(
    options: DemoOptions,
    behaviour: Option<&Path>,
    trigger_url: Option<&str>,
    clinic: Option<u32>,
) -> Result<(), Problem> {
    let behaviour = behaviour.map_or_else(|| Ok(Behaviour::default()), read_behaviour)?;
    tokio_runtime()?.block_on(async {
        let server = DemoServer::start_with(options, behaviour).await.map_err(|e| {
            Problem::new(
                "The server could not start",
                e.to_string(),
                "",
                "Check the address and the files, and try again.",
            )
        })?;
        for report in server.reports() {
            for note in &report.notes {
                super::tell(&format!("{}: {note}", report.path.display()));
            }
        }
        if let Some(url) = trigger_url {
            server.clinic().set_trigger_urls(url).map_err(|e| {
                Problem::new(
                    "Triggers cannot be fired there",
                    e.to_string(),
                    "",
                    "Give an address such as http://127.0.0.1:8000/; 'capscope triggers listen' prints one.",
                )
            })?;
        }
        print(&format!("{}\n", server.ready_line()))?;
        if let Some(per_minute) = clinic {
            tokio::spawn(server.clinic().clone().open(per_minute));
        }
        server.run_until_stopped().await;
        Ok(())
    })
}

/// Prints every setting for what is not known of REDCap, with its default.
pub fn list_behaviour() -> Result<(), Problem> {
    let text = toml::to_string(&Behaviour::default()).map_err(|e| {
        Problem::new("capscope made a mistake", e.to_string(), "", "Please report this line.")
    })?;
    print(&text)
}

/// Prints every fault, and how to say which requests meet it.
pub fn list_faults() -> Result<(), Problem> {
    let list: Vec<String> = FAULTS.iter().map(ToString::to_string).collect();
    let mut text = list.join("\n");
    text.push_str(
        "\n\nNAME[@CONTENT][#FROM[-[TO]]][!]: which requests meet it; without these, all of them.\n\
         @record    only requests of this content; @import means an import of records\n\
         #2         only the second of them; #2- from the second on; #2-4 from the second to the fourth\n\
         !          the request is carried out although its answer is not the server's\n",
    );
    print(&text)
}

/// Reads such settings; what is left out keeps its default, and an unknown name is a mistake.
fn read_behaviour(path: &Path) -> Result<Behaviour, Problem> {
    let problem = |what: String| {
        Problem::new(
            "The settings for the server cannot be used",
            format!("{}: {what}", path.display()),
            "",
            "'capscope serve --list-behaviour' prints all of them.",
        )
    };
    let text = std::fs::read_to_string(path).map_err(|e| problem(e.to_string()))?;
    toml::from_str(&text).map_err(|e| problem(e.to_string()))
}
