//! Receiving Data Entry Triggers, and playing one.

use super::bench::blocking;
use super::open::Listener;
use super::problem::Problem;
use super::types::{JobEvent, SavedProject};
use crate::domain::trigger::Trigger;
use crate::domain::trigger::judge::Known;
use crate::store::paths::Paths;
use crate::triggers::queue::Queue;
use crate::triggers::receiver::{Receiver, Settings};
use crate::triggers::work::{self, Came, Event, MOST_ARRIVALS, Plan, Tell};
use crate::triggers::{Answer, Target, TriggerError, exec, forward, send};
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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

/// What the receiver tells the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveEvent {
    /// It listens.
    Listening(Listening),
    /// A trigger came.
    Came {
        /// When.
        at: Timestamp,
        /// The trigger, not yet held against the known projects.
        trigger: Box<Trigger>,
    },
    /// Somebody looked whether the address answers.
    Tested(Timestamp),
    /// Something was turned away, and why.
    Refused(Timestamp, String),
}

/// The port of the screen's receiver, so that the address stays the same from start to start; if
/// it is taken, any free one.
const USUAL_PORT: u16 = 7373;

/// Receives triggers on this computer and tells of them, until it is dropped.
pub async fn listen_here(tell: Listener<'_>) -> Result<(), Problem> {
    let (to, mut events) = mpsc::unbounded_channel();
    let listening = async {
        let mut end = Ok(());
        for port in [USUAL_PORT, 0] {
            let settings = Settings { addr: ([127, 0, 0, 1], port).into(), ..Settings::default() };
            let wanted = Listen { settings, ..Listen::default() };
            let (started, came) = (to.clone(), to.clone());
            // Nobody listens any more only if this is about to be dropped too.
            let started = move |listening| drop(started.send(LiveEvent::Listening(listening)));
            let told = Arc::new(move |event| drop(live_event(event).map(|event| came.send(event))));
            end = listen(None, Vec::new(), wanted, started, told).await;
            if end.is_ok() {
                break;
            }
        }
        end
    };
    tokio::pin!(listening);
    loop {
        tokio::select! {
            Some(event) = events.recv() => tell(JobEvent::Live(Box::new(event))),
            end = &mut listening => return end,
        }
    }
}

/// What of the work the screen hears.
fn live_event(event: Event) -> Option<LiveEvent> {
    match event {
        Event::Trigger(came) => {
            let Came { at, trigger, .. } = *came;
            Some(LiveEvent::Came { at, trigger: Box::new(trigger) })
        }
        Event::Tested(at, _) => Some(LiveEvent::Tested(at)),
        Event::Refused(at, _, why) => Some(LiveEvent::Refused(at, why.to_string())),
        // The screen's receiver neither forwards nor starts programs.
        Event::Forward(_) | Event::Exec(..) => None,
    }
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
    projects.iter().map(SavedProject::as_known).collect()
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
