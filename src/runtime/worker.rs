//! The async side: takes jobs over a channel, runs each as a task, and answers with messages.

use crate::app::msg::Msg;
use crate::app::running::Slot;
use crate::jobs::Problem;
use crate::jobs::bench::Workbench;
use crate::jobs::types::{Job, JobEvent, Place, SavedProject};
use crate::store::audit::What;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

enum Order {
    Start(Slot, u64, Box<Job>),
    Cancel(Slot, u64),
    ForgetTokens,
    Resume(Box<SavedProject>),
    MasksLifted(Place),
    Settle(Sender<()>),
}

/// The way to the worker. Giving it an order never waits.
#[derive(Clone)]
pub struct Worker {
    orders: UnboundedSender<Order>,
}

impl Worker {
    /// Starts the worker on a runtime. Its messages go to the inbox.
    pub fn spawn(handle: &Handle, bench: Arc<Workbench>, inbox: Sender<Msg>) -> Self {
        let (orders, receiver) = unbounded_channel();
        handle.spawn(work(receiver, bench, inbox));
        Self { orders }
    }

    /// Runs a job.
    pub fn start(&self, slot: Slot, generation: u64, job: Job) {
        // A worker that is gone means that the program ends; nobody waits for the answer.
        let _ = self.orders.send(Order::Start(slot, generation, Box::new(job)));
    }

    /// Stops a job.
    pub fn cancel(&self, slot: Slot, generation: u64) {
        let _ = self.orders.send(Order::Cancel(slot, generation));
    }

    /// Notes in the audit log that the masks were lifted.
    pub fn masks_lifted(&self, place: Place) {
        let _ = self.orders.send(Order::MasksLifted(place));
    }

    /// Lets requests to a project's server through again: jobs that are started after this one.
    pub fn resume(&self, project: Box<SavedProject>) {
        let _ = self.orders.send(Order::Resume(project));
    }

    /// Waits until the orders given before are taken, but no longer than `within`. Jobs go on;
    /// what is noted at once, such as a line of the audit log, is written. Whether they were.
    pub fn settle(&self, within: Duration) -> bool {
        let (done, wait) = channel();
        self.orders.send(Order::Settle(done)).is_ok() && wait.recv_timeout(within).is_ok()
    }

    /// Drops the tokens that the password store gave.
    pub fn forget_tokens(&self) {
        let _ = self.orders.send(Order::ForgetTokens);
    }
}

async fn work(mut orders: UnboundedReceiver<Order>, bench: Arc<Workbench>, inbox: Sender<Msg>) {
    let mut running: HashMap<(Slot, u64), CancellationToken> = HashMap::new();
    while let Some(order) = orders.recv().await {
        running.retain(|_, cancel| !cancel.is_cancelled());
        match order {
            Order::Start(slot, generation, job) => {
                let cancel = CancellationToken::new();
                running.insert((slot, generation), cancel.clone());
                tokio::spawn(supervise(slot, generation, *job, bench.clone(), inbox.clone(), cancel));
            }
            Order::MasksLifted(place) => bench.note(What::MasksLifted, place),
            Order::Settle(done) => {
                let _ = done.send(());
            }
            Order::ForgetTokens => bench.forget_vault_tokens(),
            Order::Resume(project) => bench.resume(&project),
            Order::Cancel(slot, generation) => {
                if let Some(cancel) = running.remove(&(slot, generation)) {
                    cancel.cancel();
                }
            }
        }
    }
}

/// Runs one job to its end and tells that end, also when it is stopped or makes a mistake.
async fn supervise(
    slot: Slot,
    generation: u64,
    job: Job,
    bench: Arc<Workbench>,
    inbox: Sender<Msg>,
    cancel: CancellationToken,
) {
    let listener = {
        let inbox = inbox.clone();
        move |event| {
            let _ = inbox.send(Msg::Job { slot, generation, event: Box::new(event) });
        }
    };
    let task = tokio::spawn(async move { crate::jobs::run(&bench, job, &listener).await });
    let abort = task.abort_handle();
    let end = tokio::select! {
        () = cancel.cancelled() => {
            abort.abort();
            JobEvent::Cancelled
        }
        result = task => match result {
            Ok(Ok(output)) => JobEvent::Done(Box::new(output)),
            Ok(Err(problem)) => JobEvent::Failed(Box::new(problem)),
            Err(_) => JobEvent::Failed(Box::new(Problem::new(
                "capscope made a mistake",
                "This job ended unexpectedly.",
                "This is a fault of capscope, not of your project.",
                "Try again; if it happens again, please report what you did.",
            ))),
        },
    };
    // Marks the entry for removal at the next order.
    cancel.cancel();
    let _ = inbox.send(Msg::Job { slot, generation, event: Box::new(end) });
}
