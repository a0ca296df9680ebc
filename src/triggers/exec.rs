//! Starting the user's own program for each trigger: never through a shell, and with nothing of
//! the trigger in its arguments, so that nothing posted can become a command.

use super::TriggerError;
use crate::domain::trigger::Trigger;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// How many triggers may wait for the program.
pub const MOST_WAITING: usize = 1000;

/// How long the program may run for one trigger before it is ended.
const MOST_SECONDS: u64 = 60;

/// The program was run for a trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ran {
    /// It ended with this code; `None` if a signal ended it.
    Ended(Option<i32>),
    /// It ran too long and was ended.
    TooLong,
    /// It could not be started, and why.
    NotStarted(String),
    /// Too many wait, so it was not run for this trigger.
    Skipped,
}

impl std::fmt::Display for Ran {
    /// What happened, as a sentence.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ended(Some(0)) => f.write_str("The program did its work."),
            Self::Ended(Some(code)) => write!(f, "The program ended with code {code}."),
            Self::Ended(None) => f.write_str("The program was ended by a signal."),
            Self::TooLong => write!(f, "The program ran longer than {MOST_SECONDS} s and was ended."),
            Self::NotStarted(why) => write!(f, "The program could not be started: {why}."),
            Self::Skipped => write!(f, "The program was not run: {MOST_WAITING} triggers wait for it."),
        }
    }
}

/// Checks a program's path. One without a folder is looked for by the system when it is started.
pub fn program(path: PathBuf) -> Result<PathBuf, TriggerError> {
    let has_folder = path.parent().is_some_and(|p| !p.as_os_str().is_empty());
    if has_folder && !path.is_file() { Err(TriggerError::NoProgram(path)) } else { Ok(path) }
}

/// The environment variables that tell a program of a trigger. A part that was not sent is empty,
/// so that nothing is left over from the surroundings.
pub fn variables(trigger: &Trigger) -> Vec<(&'static str, String)> {
    vec![
        ("CAPSCOPE_TRIGGER_PROJECT_ID", trigger.project_id.to_string()),
        ("CAPSCOPE_TRIGGER_USERNAME", trigger.username.clone()),
        ("CAPSCOPE_TRIGGER_INSTRUMENT", trigger.instrument.clone()),
        ("CAPSCOPE_TRIGGER_RECORD", trigger.record.clone()),
        ("CAPSCOPE_TRIGGER_EVENT", trigger.event.clone()),
        ("CAPSCOPE_TRIGGER_DAG", trigger.dag.clone()),
        ("CAPSCOPE_TRIGGER_STATUS", trigger.status.clone()),
        ("CAPSCOPE_TRIGGER_INSTANCE", trigger.instance.map(|n| n.to_string()).unwrap_or_default()),
        ("CAPSCOPE_TRIGGER_REPEAT_INSTRUMENT", trigger.repeat_instrument.clone()),
        ("CAPSCOPE_TRIGGER_REDCAP_URL", trigger.redcap_url.clone()),
        ("CAPSCOPE_TRIGGER_PROJECT_URL", trigger.project_url.clone()),
    ]
}

/// Runs the program once. Its output is not shown (the feed owns stdout); its error output is.
pub async fn run(program: &Path, trigger: &Trigger) -> Ran {
    let child = Command::new(program)
        .envs(variables(trigger))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(e) => return Ran::NotStarted(e.to_string()),
    };
    match tokio::time::timeout(Duration::from_secs(MOST_SECONDS), child.wait()).await {
        Ok(Ok(status)) => Ran::Ended(status.code()),
        Ok(Err(e)) => Ran::NotStarted(e.to_string()),
        // Dropping the child ends it.
        Err(_) => Ran::TooLong,
    }
}
