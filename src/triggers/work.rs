//! What is done with what the receiver got: judge it, keep it if it is to be forwarded, tell of
//! it, and only then work.

use super::exec::{self, Ran};
use super::forward::{self, Forwarding, Pauses};
use super::queue::{NotKept, Queue};
use super::receiver::{Arrival, Delivery, Refusal, What};
use super::send::body;
use super::{Target, queue};
use crate::domain::trigger::Trigger;
use crate::domain::trigger::judge::{Known, Verdict, judge};
use jiff::Timestamp;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// How many arrivals may wait for the work, at most.
pub const MOST_ARRIVALS: usize = 4096;

/// How many are taken at once, so that one write to the disk serves many.
const BATCH: usize = 512;

/// What is to be done with triggers.
#[derive(Debug, Default)]
pub struct Plan {
    /// The projects that are known.
    pub known: Vec<Known>,
    /// Forward to this target, by way of this queue.
    pub forward: Option<(Target, Queue)>,
    /// The pauses in forwarding.
    pub pauses: Pauses,
    /// Start this program.
    pub exec: Option<PathBuf>,
    /// Forward and start the program for triggers that fit no known project, too.
    pub suspicious_too: bool,
}

/// What is told of the work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A trigger came.
    Trigger(Box<Came>),
    /// Somebody looked whether the address answers.
    Tested(Timestamp, IpAddr),
    /// Something was turned away.
    Refused(Timestamp, IpAddr, Refusal),
    /// Something happened in forwarding.
    Forward(Forwarding),
    /// The program was run for the trigger of this record.
    Exec(String, Ran),
}

/// A trigger that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came {
    /// When.
    pub at: Timestamp,
    /// From which computer.
    pub from: IpAddr,
    /// The trigger.
    pub trigger: Trigger,
    /// What it is worth.
    pub verdict: Verdict,
    /// Its number in the queue, if it is to be forwarded.
    pub queued: Option<u64>,
    /// Why it could not be kept for forwarding. REDCap was told so; it will not send it again.
    pub not_kept: Option<String>,
}

/// How events are told. It must not wait for anything.
pub type Tell = Arc<dyn Fn(Event) + Send + Sync>;

/// Works until the receiver is gone.
pub async fn run(mut arrivals: mpsc::Receiver<Delivery>, plan: Plan, tell: Tell) {
    let (to_program, queue) = (plan.exec.clone(), plan.forward.as_ref().map(|(_, queue)| queue.clone()));
    let (programs, for_program) = mpsc::channel::<Trigger>(exec::MOST_WAITING);
    let side_work = async {
        let forwarding = async {
            if let Some((target, queue)) = plan.forward {
                let tell = Arc::clone(&tell);
                let tell = move |what| tell(Event::Forward(what));
                forward::run(queue, target, plan.pauses, tell, tokio::time::sleep).await;
            }
        };
        let running = async {
            if let Some(program) = &to_program {
                run_programs(program, for_program, &tell).await;
            }
        };
        tokio::join!(forwarding, running)
    };
    let main_work = async {
        let mut batch = Vec::with_capacity(BATCH);
        while arrivals.recv_many(&mut batch, BATCH).await > 0 {
            let plan = Taking { known: &plan.known, queue: queue.as_ref(), all: plan.suspicious_too };
            for came in plan.take(std::mem::take(&mut batch), &tell).await {
                let goes_on = came.verdict.fits() || plan.all;
                let record = came.trigger.record.clone();
                let for_program = (to_program.is_some() && goes_on).then(|| came.trigger.clone());
                tell(Event::Trigger(Box::new(came)));
                if for_program.is_some_and(|trigger| programs.try_send(trigger).is_err()) {
                    tell(Event::Exec(record, Ran::Skipped));
                }
            }
        }
    };
    tokio::select! {
        () = main_work => {}
        // These end only if there is nothing for them to do.
        () = async { side_work.await; std::future::pending().await } => {}
    }
}

struct Taking<'a> {
    known: &'a [Known],
    queue: Option<&'a Queue>,
    all: bool,
}

impl Taking<'_> {
    /// Judges a batch, puts on the disk what is to be forwarded, and then acknowledges it.
    async fn take(&self, batch: Vec<Delivery>, tell: &Tell) -> Vec<Came> {
        let mut came: Vec<(Came, Option<oneshot::Sender<bool>>)> = Vec::new();
        for Delivery { arrival: Arrival { at, from, what }, kept } in batch {
            match what {
                What::Trigger(trigger) => {
                    let verdict = judge(&trigger, self.known);
                    let trigger = *trigger;
                    came.push((Came { at, from, trigger, verdict, queued: None, not_kept: None }, kept));
                }
                What::Test => tell(Event::Tested(at, from)),
                What::Refused(why) => tell(Event::Refused(at, from, why)),
            }
        }
        if let Some(queue) = self.queue {
            let mut to_keep: Vec<&mut Came> =
                came.iter_mut().map(|(c, _)| c).filter(|c| self.all || c.verdict.fits()).collect();
            let bodies: Vec<String> = to_keep.iter().map(|c| body(&c.trigger)).collect();
            match keep(queue, bodies).await {
                Ok(numbers) => to_keep.iter_mut().zip(numbers).for_each(|(c, n)| c.queued = Some(n)),
                Err(why) => to_keep.iter_mut().for_each(|c| c.not_kept = Some(why.to_string())),
            }
        }
        let acknowledge = |(came, kept): (Came, Option<oneshot::Sender<bool>>)| {
            if let Some(kept) = kept {
                // A sender that has gone away meanwhile does not hear it.
                let _ = kept.send(came.not_kept.is_none());
            }
            came
        };
        came.into_iter().map(acknowledge).collect()
    }
}

async fn keep(queue: &Queue, bodies: Vec<String>) -> Result<Vec<u64>, queue::NotKept> {
    if bodies.is_empty() {
        return Ok(Vec::new());
    }
    let queue = queue.clone();
    let kept = tokio::task::spawn_blocking(move || queue.add(bodies)).await;
    kept.unwrap_or_else(|e| Err(NotKept::Disk(std::io::Error::other(e.to_string()))))
}

async fn run_programs(program: &std::path::Path, mut triggers: mpsc::Receiver<Trigger>, tell: &Tell) {
    while let Some(trigger) = triggers.recv().await {
        let ran = exec::run(program, &trigger).await;
        tell(Event::Exec(trigger.record, ran));
    }
}
