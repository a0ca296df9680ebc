//! Receiving Data Entry Triggers, and playing one.

use super::bench::blocking;
use super::problem::Problem;
use super::types::SavedProject;
use crate::domain::trigger::Trigger;
use crate::domain::trigger::judge::Known;
use crate::store::paths::Paths;
use crate::triggers::queue::Queue;
use crate::triggers::receiver::{Receiver, Settings};
use crate::triggers::work::{self, MOST_ARRIVALS, Plan, Tell};
use crate::triggers::{Answer, Target, TriggerError, exec, forward, send};
use std::path::PathBuf;
use tokio::sync::mpsc;

/// What the receiver is to do.
#[derive(Debug, Clone, Default)]
pub struct Listen {
    /// Where and how it listens.
    pub settings: Settings,
    /// Pass triggers on to this address.
    pub forward: Option<String>,
    /// Start this program for each trigger.
    pub exec: Option<PathBuf>,
    /// Do both for triggers that fit no saved project, too.
    pub suspicious_too: bool,
    /// The pauses in forwarding.
    pub pauses: forward::Pauses,
}

/// What the receiver is, once it listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listening {
    /// The address to enter in REDCap, with its secret path.
    pub url: String,
    /// Other computers can reach it.
    pub reachable: bool,
    /// Where triggers are forwarded to, without the path; empty if they are not.
    pub forward: String,
    /// How many triggers wait from the last time.
    pub waiting: usize,
}

/// Listens until it is dropped. `started` is told once, before the first event.
pub async fn listen(
    paths: Option<&Paths>,
    known: Vec<Known>,
    wanted: Listen,
    started: impl FnOnce(Listening),
    tell: Tell,
) -> Result<(), Problem> {
    let mut plan = Plan {
        known,
        suspicious_too: wanted.suspicious_too,
        pauses: wanted.pauses,
        exec: wanted.exec.map(exec::program).transpose()?,
        ..Plan::default()
    };
    if let Some(address) = wanted.forward {
        let dir = paths.map(Paths::triggers_dir).ok_or_else(no_folder)?;
        let opened = blocking(move || {
            let target = Target::parse(&address)?;
            let queue = Queue::open(&dir, &target)?;
            Ok::<_, TriggerError>((target, queue))
        });
        plan.forward = Some(opened.await??);
    }
    let (to, arrivals) = mpsc::channel(MOST_ARRIVALS);
    let receiver = Receiver::start(wanted.settings, to).await?;
    started(Listening {
        url: receiver.url().to_owned(),
        reachable: !receiver.addr().ip().is_loopback(),
        forward: plan.forward.as_ref().map(|(target, _)| target.shown()).unwrap_or_default(),
        waiting: plan.forward.as_ref().map_or(0, |(_, queue)| queue.len()),
    });
    work::run(arrivals, plan, tell).await;
    drop(receiver);
    Ok(())
}

/// The saved projects, as far as triggers are held against them.
pub fn known(projects: &[SavedProject]) -> Vec<Known> {
    let known = |p: &SavedProject| Known {
        id: p.id.clone(),
        name: p.name.clone(),
        url: p.url.clone(),
        project_id: p.project_id,
    };
    projects.iter().map(known).collect()
}

/// Plays a trigger once. Gives the status of the answer, and where it was sent.
pub async fn play(address: String, trigger: &Trigger) -> Result<(u16, String), Problem> {
    let target = blocking(move || Target::parse(&address)).await??;
    match send::send(&target, trigger).await {
        Answer::Status(status) => Ok((status, target.shown())),
        Answer::None(why) => Err(Problem::new(
            "The trigger got no answer",
            format!("{}: {why}.", target.shown()),
            "Nothing listens there, or it takes too long.",
            "Start the handler, check the address, and try again.",
        )),
    }
}

impl From<TriggerError> for Problem {
    fn from(error: TriggerError) -> Self {
        let title = match &error {
            TriggerError::Queue(_) => "The queue for forwarding cannot be used",
            TriggerError::BadTarget | TriggerError::NotEncrypted | TriggerError::Client(_) => {
                "Triggers cannot be sent there"
            }
            _ => "The receiver could not start",
        };
        Self::new(title, error.to_string(), "", error.advice())
    }
}

fn no_folder() -> Problem {
    Problem::new(
        "Triggers cannot be forwarded here",
        "What waits to be forwarded is kept on this computer, and there is no folder for it.",
        "The demo keeps nothing.",
        "Use 'capscope triggers listen --forward'.",
    )
}
