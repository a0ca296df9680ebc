//! The embedded demo server, and its projects as entries of the list.

use super::bench::Workbench;
use super::problem::Problem;
use super::types::SavedProject;
use crate::api::token::Token;
use crate::demo::{DemoOptions, DemoServer};
use std::path::Path;

/// How the ids of demo projects begin; they are never written anywhere.
pub const PREFIX: &str = "demo-";

/// Starts the demo server in this process and lists its projects, one entry a token.
pub async fn start(bench: &Workbench, options: DemoOptions) -> Result<Vec<SavedProject>, Problem> {
    let server = DemoServer::start(options).await.map_err(|e| {
        Problem::new(
            "The demo could not start",
            e.to_string(),
            "",
            "Close other programs that use many ports, and try again.",
        )
    })?;
    let projects = entries(bench, &server);
    bench.keep_demo(server);
    Ok(projects)
}

/// The entries of the list for a running demo server. Tokens stay in memory.
fn entries(bench: &Workbench, server: &DemoServer) -> Vec<SavedProject> {
    let mut entries = Vec::new();
    for project in server.projects() {
        for (i, token) in project.tokens.iter().enumerate() {
            let Ok(secret) = Token::parse(&token.token) else { continue };
            let id = format!("{PREFIX}{}-{i}", project.project_id);
            bench.keep_for_session(&id, secret);
            // A token that the server does not know has no user; its note says what it shows.
            let short = project.title.split(':').next().unwrap_or_default();
            let kind = token.note.split_once(':').map_or("", |(kind, _)| kind);
            let who = if token.username.is_empty() { "nobody" } else { &token.username };
            let name =
                if kind.is_empty() { format!("{short} ({who})") } else { format!("{short} {kind} ({who})") };
            entries.push(SavedProject {
                id,
                name,
                url: server.url().to_owned(),
                project_id: project.project_id,
                title: project.title.clone(),
                ca_file: None,
                token_env: None,
                write_access: false,
                added: jiff::Timestamp::UNIX_EPOCH,
            });
        }
    }
    entries
}

/// The bytes of the file that the demo has ready to be checked, if this is its name and the
/// project is one of the demo's. It is no file on this computer.
pub fn file(project: &SavedProject, path: &Path) -> Option<&'static [u8]> {
    let ours = project.id.starts_with(PREFIX) && path.as_os_str() == "demo-visits.csv";
    ours.then_some(include_bytes!("../../assets/demo/breathe/visits.csv"))
}

/// Lets a made-up person save a form of a demo project, whose triggers go to this address from
/// now on. Gives what came of it as a sentence, without the record's name.
pub async fn save_a_form(bench: &Workbench, project_id: u64, url: &str) -> Result<String, Problem> {
    let problem = |what: &str| {
        Problem::new(
            "No form was saved in the demo",
            what,
            "",
            "Open a demo project with records, and try again.",
        )
    };
    let clinic = bench.clinic().ok_or_else(|| problem("The demo does not run."))?;
    clinic.set_trigger_urls(url).map_err(|e| problem(&e.to_string()))?;
    let saved = clinic.save_a_form(project_id).await;
    let saved = saved.ok_or_else(|| problem("There is no form in this project that was saved before."))?;
    Ok(match saved.answered {
        Some(status) => format!(
            "{} was saved in the demo; its trigger was answered with status {status}.",
            saved.instrument
        ),
        None => format!("{} was saved in the demo; nobody answered its trigger.", saved.instrument),
    })
}
