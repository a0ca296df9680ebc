//! Receiving Data Entry Triggers, and playing one.

use super::bench::blocking;
use super::open::Listener;
use super::problem::Problem;
use super::projects;
use super::types::{JobEvent, SavedProject};
use crate::domain::trigger::Trigger;
use crate::domain::trigger::judge::Known;
use crate::store::files;
use crate::store::paths::Paths;
use crate::triggers::exec::{self, Ran};
use crate::triggers::forward::{self, Forwarding};
use crate::triggers::queue::Queue;
use crate::triggers::receiver::{Receiver, Settings};
use crate::triggers::work::{self, Came, Event, MOST_ARRIVALS, Plan, Tell};
use crate::triggers::{Answer, Target, TlsFiles, TriggerError, send};
use jiff::Timestamp;
use std::fmt;
use std::net::SocketAddr;
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

/// How the screen's receiver is set up, as it was typed: blank where nothing is wanted.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Setup {
    /// The address and port to listen on; blank is this computer only.
    pub addr: String,
    /// The path under which alone posts are taken; blank is none, or a new one where other
    /// computers can reach the address.
    pub secret: String,
    /// The PEM file with a certificate.
    pub certificate: String,
    /// The PEM file with its key.
    pub key: String,
    /// Where triggers are forwarded to.
    pub forward: String,
    /// The program that is started for each trigger.
    pub exec: String,
    /// The projects whose triggers are forwarded and given to the program.
    pub known: Vec<Known>,
}

impl fmt::Debug for Setup {
    /// Without the secret, and without the address of the handler, which may be one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup").field("addr", &self.addr).finish_non_exhaustive()
    }
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
    /// It receives by HTTPS.
    pub encrypted: bool,
    /// The program that is started for each trigger, without its folder; empty without one.
    pub exec: String,
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
    /// Something happened in forwarding.
    Forward(Delivery),
    /// The program was run; why it did not do its work, if it did not.
    Ran(Option<String>),
}

/// What became of a trigger that was to be forwarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// `Some(true)` for delivered, `Some(false)` for given up, `None` for tried again later.
    pub done: Option<bool>,
    /// How many wait.
    pub waiting: usize,
    /// What happened, as a sentence.
    pub words: String,
}

/// The port of the screen's receiver, so that the address stays the same from start to start; if
/// it is taken, any free one.
const USUAL_PORT: u16 = 7373;

/// What was set up, in the form in which the receiver takes it. `None` for a port is any.
fn read_setup(setup: &Setup) -> Result<(Option<SocketAddr>, Listen), Problem> {
    let given = |text: &String| Some(text.clone()).filter(|t| !t.is_empty());
    let addr = match setup.addr.as_str() {
        "" => None,
        text => Some(text.parse::<SocketAddr>().map_err(|_| {
            wrong_setup(
                "The address is none with a port.",
                "It should look like 127.0.0.1:7373 or 0.0.0.0:7373.",
            )
        })?),
    };
    let tls = match (given(&setup.certificate), given(&setup.key)) {
        (Some(certificate), Some(key)) => Some(TlsFiles { certificate: certificate.into(), key: key.into() }),
        (None, None) => None,
        _ => {
            let advice = "Give both files, or none for HTTP.";
            return Err(wrong_setup("A certificate and its key belong together.", advice));
        }
    };
    let mut secret = given(&setup.secret);
    if secret.is_none() && addr.is_some_and(|a| !a.ip().is_loopback()) {
        secret = Some(files::random_hex(12).map_err(|e| projects::store_problem(&e))?);
    }
    let settings = Settings { secret, tls, ..Settings::default() };
    let exec = given(&setup.exec).map(PathBuf::from);
    Ok((addr, Listen { settings, forward: given(&setup.forward), exec, ..Listen::default() }))
}

fn wrong_setup(what: &str, advice: &str) -> Problem {
    Problem::new("The receiver could not start", what, "", advice)
}

/// Receives triggers as it was set up and tells of them, until it is dropped.
pub async fn listen_here(paths: Option<&Paths>, setup: Setup, tell: Listener<'_>) -> Result<(), Problem> {
    let (addr, wanted) = read_setup(&setup)?;
    let (to, mut events) = mpsc::unbounded_channel();
    let listening = async {
        let mut end = Ok(());
        let usual = [USUAL_PORT, 0].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        for addr in addr.map_or(usual.to_vec(), |addr| vec![addr]) {
            let mut wanted = wanted.clone();
            wanted.settings.addr = addr;
            let (started, came) = (to.clone(), to.clone());
            // Nobody listens any more only if this is about to be dropped too.
            let started = move |listening| drop(started.send(LiveEvent::Listening(listening)));
            let told = Arc::new(move |event| drop(came.send(live_event(event))));
            end = listen(paths, setup.known.clone(), wanted, started, told).await;
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

/// What the screen hears of the work.
fn live_event(event: Event) -> LiveEvent {
    match event {
        Event::Trigger(came) => {
            let Came { at, trigger, .. } = *came;
            LiveEvent::Came { at, trigger: Box::new(trigger) }
        }
        Event::Tested(at, _) => LiveEvent::Tested(at),
        Event::Refused(at, _, why) => LiveEvent::Refused(at, why.to_string()),
        Event::Forward(what) => {
            let words = what.to_string();
            let (done, waiting) = match what {
                Forwarding::Delivered { waiting, .. } => (Some(true), waiting),
                Forwarding::WillRetry { waiting, .. } => (None, waiting),
                Forwarding::GivenUp { waiting, .. } => (Some(false), waiting),
            };
            LiveEvent::Forward(Delivery { done, waiting, words })
        }
        Event::Exec(_, ran) => LiveEvent::Ran((ran != Ran::Ended(Some(0))).then(|| ran.to_string())),
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
    let encrypted = wanted.settings.tls.is_some();
    let exec = plan.exec.as_ref().and_then(|p| p.file_name()).map(|n| n.to_string_lossy().into_owned());
    let (to, arrivals) = mpsc::channel(MOST_ARRIVALS);
    let receiver = Receiver::start(wanted.settings, to)?;
    started(Listening {
        url: receiver.url().to_owned(),
        reachable: !receiver.addr().ip().is_loopback(),
        forward: plan.forward.as_ref().map(|(target, _)| target.shown()).unwrap_or_default(),
        waiting: plan.forward.as_ref().map_or(0, |(_, queue)| queue.len()),
        encrypted,
        exec: exec.unwrap_or_default(),
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
