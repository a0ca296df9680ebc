//! `capscope project`: add, list, remove and test saved projects.

use super::{print, quiet_bench, tokio_runtime};
use crate::api::token::Token;
use crate::domain::text::one_line;
use crate::jobs::types::{Draft, Keep, SavedProject};
use crate::jobs::{Problem, projects};
use crate::store::projects as saved;
use clap::Subcommand;
use std::io::{IsTerminal, Read};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// What to do with saved projects.
#[derive(Debug, Subcommand)]
pub enum ProjectCommand {
    /// Test an address with a token, and keep both if they work.
    ///
    /// The token is asked for without echo, or read from stdin if that is a pipe.
    Add {
        /// The address of REDCap or of its API.
        address: String,
        /// A name of your choice; without it the project's title.
        #[arg(long)]
        name: Option<String>,
        /// A PEM file with an additional certificate authority.
        #[arg(long, value_name = "FILE.pem")]
        ca_file: Option<PathBuf>,
        /// Do not keep the token: read it from this environment variable at every start.
        #[arg(long, value_name = "NAME")]
        token_env: Option<String>,
    },
    /// Take tokens over that another tool keeps: a credential file of REDCapR, or environment
    /// variables.
    ///
    /// Each is tested and kept in the password store; none is shown. Afterwards the file can be
    /// deleted.
    Import(super::project_import::ImportArgs),
    /// List the saved projects.
    List,
    /// Forget a project: its token, its saved metadata and its place in the list.
    Remove {
        /// Its name, or its id from the list.
        project: String,
    },
    /// Switch writing on or off for a project. Each write is still asked for by itself.
    Write {
        /// Its name, or its id from the list.
        project: String,
        /// `on` or `off`.
        #[arg(value_enum)]
        state: Switch,
    },
    /// Ask the server whether a project's token works.
    Test {
        /// Its name, or its id from the list.
        project: String,
    },
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

/// Runs the command.
pub fn run(command: ProjectCommand) -> Result<(), Problem> {
    let (bench, remarks) = quiet_bench()?;
    for remark in remarks {
        super::tell(&format!("Note: {remark}"));
    }
    let paths = bench.paths.clone().ok_or_else(no_paths)?;
    let list = saved::load(&paths).map_err(|e| projects::store_problem(&e))?;
    let runtime = tokio_runtime()?;
    match command {
        ProjectCommand::Import(args) => super::project_import::run(&runtime, &bench, &args),
        ProjectCommand::List => print(&table(&list)),
        ProjectCommand::Add { address, name, ca_file, token_env } => {
            let (token, keep) = match token_env {
                Some(variable) => (None, Keep::Environment(variable)),
                None => {
                    // Both are looked at before the token is asked for, so that nobody types one in vain.
                    crate::jobs::bench::address(&address)?;
                    bench.vault.probe().map_err(|e| Problem {
                        advice: "Use --token-env NAME: capscope then reads the token from that environment variable at every start.".into(),
                        ..crate::jobs::bench::vault_problem(&e)
                    })?;
                    (Some(read_token()?), Keep::Keyring)
                }
            };
            let draft =
                Draft { address, token, keep, name: name.unwrap_or_default(), ca_file, replaces: None };
            let project = runtime.block_on(projects::add(&bench, draft))?;
            let name = one_line(&project.name);
            print(&match project.number() {
                Some(number) => format!("Added {name} (PID {number}) at {}.\n", project.url),
                None => format!(
                    "Added {name} at {}.\nNothing can be read with this token, as its user lacks the right 'API Export': the project's title and number are unknown.\n'capscope token test' tells what it may do; 'capscope call' imports. A file cannot be checked before.\n",
                    project.url
                ),
            })
        }
        ProjectCommand::Remove { project } => {
            let project = find(&list, &project)?;
            let remark = runtime.block_on(projects::forget(&bench, project))?;
            print(&format!("Forgot {}.\n{}", one_line(&project.name), remark.unwrap_or_default()))
        }
        ProjectCommand::Write { project, state } => {
            let mut project = find(&list, &project)?.clone();
            project.write_access = state == Switch::On;
            let name = one_line(&project.name);
            saved::add(&paths, project).map_err(|e| projects::store_problem(&e))?;
            let text = match state {
                Switch::On => "may be written to. Each write still asks",
                Switch::Off => "is read only",
            };
            print(&format!("{name} {text}.\n"))
        }
        ProjectCommand::Test { project } => {
            let project = find(&list, &project)?;
            let tested = runtime.block_on(async {
                let api = bench.api(project).await?;
                projects::test(&api).await
            })?;
            let status = if tested.info.in_production { "production" } else { "development" };
            print(&format!(
                "The token works: {} (PID {}, {status}) on REDCap {}.\n",
                one_line(&tested.info.title),
                tested.info.project_id,
                one_line(&tested.version)
            ))
        }
    }
}

pub fn no_paths() -> Problem {
    Problem::new(
        "There is no folder for capscope",
        "No home folder was found.",
        "",
        "Set CAPSCOPE_HOME to a folder.",
    )
}

/// The list as aligned lines; nothing for no projects but a sentence.
fn table(list: &[SavedProject]) -> String {
    if list.is_empty() {
        return "No saved projects. 'capscope project add ADDRESS' adds one.\n".into();
    }
    let width = list.iter().map(|p| p.name.chars().count()).max().unwrap_or(4).max(4);
    let mut text = format!("{:<width$}  {:>6}  {:<22}  {}\n", "NAME", "PID", "ID", "ADDRESS");
    for project in list {
        let name = one_line(&project.name);
        text.push_str(&format!(
            "{name:<width$}  {:>6}  {:<22}  {}\n",
            project.number().map_or("-".to_owned(), |n| n.to_string()),
            project.id,
            project.url
        ));
    }
    text
}

/// The project with this id or this name; a name that several have is refused.
pub fn find<'a>(list: &'a [SavedProject], wanted: &str) -> Result<&'a SavedProject, Problem> {
    if let Some(project) = list.iter().find(|p| p.id == wanted) {
        return Ok(project);
    }
    let found: Vec<&SavedProject> = list.iter().filter(|p| p.name.eq_ignore_ascii_case(wanted)).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(Problem::new(
            "There is no such project",
            format!("No saved project has the name or id \"{}\".", one_line(wanted)),
            "",
            "'capscope project list' shows them.",
        )),
        many => Err(Problem::new(
            "The name is not clear",
            format!("{} saved projects have this name.", many.len()),
            "",
            "Give the id instead; 'capscope project list' shows it.",
        )),
    }
}

/// Reads the token: from the terminal without echo, or from a pipe.
pub fn read_token() -> Result<Token, Problem> {
    let unreadable =
        |e: std::io::Error| Problem::new("The token could not be read", e.to_string(), "", "Try again.");
    let text = if std::io::stdin().is_terminal() {
        Zeroizing::new(rpassword::prompt_password("API token (not shown): ").map_err(unreadable)?)
    } else {
        // With room for all of it: a text that grows leaves copies of itself behind.
        let mut text = Zeroizing::new(String::with_capacity(8192));
        // A token has 32 or 64 characters; more than a line of it is a mistake.
        std::io::stdin().take(4096).read_to_string(&mut text).map_err(unreadable)?;
        text
    };
    Token::parse(&text).map_err(|e| {
        Problem::new(
            "This is no API token",
            e.to_string(),
            "",
            "Copy it again from REDCap > your project > API.",
        )
    })
}
