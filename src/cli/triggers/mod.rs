//! `capscope triggers`: receive Data Entry Triggers, play one, or do without them.

mod listen;
mod watch;

use super::{find_paths, print, project, tokio_runtime};
use crate::domain::trigger::Trigger;
use crate::jobs::{Problem, projects, triggers};
use crate::store::projects as saved;
use clap::{Args, Subcommand};

/// What to do with triggers.
#[derive(Debug, Subcommand)]
pub enum TriggersCommand {
    /// Receive triggers, show them, and pass them on.
    Listen(listen::ListenArgs),
    /// Play a trigger as REDCap would post it, to test a handler. No REDCap is asked or changed.
    Send(SendArgs),
    /// Show changes from a project's log as they come: no trigger is needed, and imports show too.
    Watch(watch::WatchArgs),
}

/// The arguments of `capscope triggers send`.
#[derive(Debug, Args)]
#[command(after_help = "\
The trigger is posted once, as REDCap does it. Exit codes:
  0  the handler answered with a status from 200 to 299
  1  it answered otherwise, or not at all
  2  wrong usage")]
pub struct SendArgs {
    /// Where to post: https, or http on this computer.
    #[arg(long, value_name = "URL", env = "CAPSCOPE_TRIGGER_TO", hide_env_values = true)]
    to: String,
    /// The saved project it seems to come from, by its name or id.
    #[arg(long, required_unless_present_all = ["redcap_url", "pid"])]
    project: Option<String>,
    /// The base address of the REDCap it seems to come from.
    #[arg(long, value_name = "URL", conflicts_with = "project")]
    redcap_url: Option<String>,
    /// The number of the project there.
    #[arg(long, value_name = "N", conflicts_with = "project")]
    pid: Option<u64>,
    /// The record's name.
    #[arg(long)]
    record: String,
    /// The instrument that was saved, by its unique name.
    #[arg(long)]
    instrument: String,
    /// The form status: 0 Incomplete, 1 Unverified, 2 Complete.
    #[arg(long, default_value = "2", value_parser = ["0", "1", "2"])]
    status: String,
    /// Who saved. Without it: a participant, as REDCap calls one.
    #[arg(long, default_value = crate::domain::trigger::SURVEY_RESPONDENT)]
    username: String,
    /// The unique name of the event, for longitudinal projects.
    #[arg(long, default_value = "")]
    event: String,
    /// The unique name of the record's Data Access Group.
    #[arg(long, default_value = "")]
    dag: String,
    /// The instance of a repeating instrument or event.
    #[arg(long, value_name = "N")]
    instance: Option<u32>,
    /// The instrument itself repeats, not its whole event.
    #[arg(long, requires = "instance")]
    repeats: bool,
    /// The version in the address of the project's pages, such as 14.9.1. Without it that address
    /// is left out, as older servers do.
    #[arg(long, value_name = "VERSION", default_value = "")]
    redcap_version: String,
}

/// Runs the command.
pub fn run(command: TriggersCommand) -> Result<(), Problem> {
    match command {
        TriggersCommand::Listen(args) => listen::run(args),
        TriggersCommand::Send(args) => send(args),
        TriggersCommand::Watch(args) => watch::run(&args),
    }
}

fn send(args: SendArgs) -> Result<(), Problem> {
    let (redcap_url, project_id) = match (&args.project, args.redcap_url, args.pid) {
        (Some(wanted), ..) => {
            let list = saved::load(&find_paths()?).map_err(|e| projects::store_problem(&e))?;
            let project = project::find(&list, wanted)?;
            let base = project.url.strip_suffix("api/").unwrap_or(&project.url);
            (base.to_owned(), project.project_id)
        }
        (None, Some(url), Some(pid)) => (format!("{}/", url.trim_end_matches('/')), pid),
        // The parser asks for both.
        _ => (String::new(), 0),
    };
    let project_url = if args.redcap_version.is_empty() {
        String::new()
    } else {
        format!("{redcap_url}redcap_v{}/index.php?pid={project_id}", args.redcap_version)
    };
    let trigger = Trigger {
        project_id,
        username: args.username,
        repeat_instrument: if args.repeats { args.instrument.clone() } else { String::new() },
        instrument: args.instrument,
        record: args.record,
        event: args.event,
        dag: args.dag,
        status: args.status,
        instance: args.instance,
        redcap_url,
        project_url,
        other: Vec::new(),
    };
    let (status, to) = tokio_runtime()?.block_on(triggers::play(args.to, &trigger))?;
    if (200..300).contains(&status) {
        return print(&format!("{to} took the trigger (status {status}).\n"));
    }
    Err(Problem::new(
        "The handler did not take the trigger",
        format!("{to} answered with status {status}."),
        match status {
            404 => "The path is not the right one.",
            500..=599 => "The handler failed while it worked on it.",
            _ => "",
        },
        "See what the handler says in its own log. A real trigger would be lost now: REDCap does not send it again.",
    ))
}
