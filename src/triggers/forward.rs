//! Passing triggers on to the user's own handler: one after the other in the order in which they
//! came, with patience for a handler that is down.

use super::Target;
use super::queue::Queue;
use super::target::Answer;
use backon::{BackoffBuilder, ExponentialBuilder};
use std::fmt;
use std::time::Duration;

/// How often a trigger is tried that the handler answers with an error of its own (500 and others).
/// One trigger that the handler can never work on must not hold up all others for ever.
const MOST_TRIES: u32 = 8;

/// What happened in forwarding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Forwarding {
    /// The handler took it.
    Delivered {
        /// Its number in the queue.
        number: u64,
        /// How many still wait.
        waiting: usize,
    },
    /// It will be tried again.
    WillRetry {
        /// Its number in the queue.
        number: u64,
        /// Why, in words.
        why: String,
        /// When.
        after: Duration,
        /// How many wait, this one too.
        waiting: usize,
    },
    /// The handler does not want it, and it is not sent again.
    GivenUp {
        /// Its number in the queue.
        number: u64,
        /// The last status the handler answered with.
        status: u16,
        /// How many still wait.
        waiting: usize,
    },
}

impl fmt::Display for Forwarding {
    /// What happened, as a sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivered { number, waiting } => write!(f, "Forwarded no. {number}; {waiting} wait."),
            Self::WillRetry { number, why, after, waiting } => {
                let seconds = after.as_secs_f32().ceil();
                write!(
                    f,
                    "No. {number} could not be forwarded ({why}); again in {seconds} s, {waiting} wait."
                )
            }
            Self::GivenUp { number, status, waiting } => {
                write!(
                    f,
                    "The handler refused no. {number} (status {status}); it is given up, {waiting} wait."
                )
            }
        }
    }
}

/// The pauses between tries: from `first` on, doubled up to a minute, without an end.
#[derive(Debug, Clone, Copy)]
pub struct Pauses {
    /// The first pause.
    pub first: Duration,
    /// The longest.
    pub longest: Duration,
}

impl Default for Pauses {
    fn default() -> Self {
        Self { first: Duration::from_secs(1), longest: Duration::from_secs(60) }
    }
}

impl Pauses {
    fn list(self) -> impl Iterator<Item = Duration> {
        ExponentialBuilder::new()
            .with_min_delay(self.first)
            .with_max_delay(self.longest)
            .without_max_times()
            .build()
    }
}

/// Delivers what waits in the queue, and what will come, until it is dropped. A handler that
/// cannot be reached, or is busy, is tried until it can; what it refuses is given up. `wait` lets the time
/// pass between two tries.
pub async fn run<Wait: Future<Output = ()>>(
    queue: Queue,
    target: Target,
    pauses: Pauses,
    tell: impl Fn(Forwarding),
    wait: impl Fn(Duration) -> Wait,
) {
    loop {
        let waiting = queue.front().await;
        let number = waiting.number;
        let mut answered = 0;
        let mut delays = pauses.list();
        let status = loop {
            let why = match target.post(waiting.body.to_string()).await {
                Answer::Status(status @ 200..=299) => break status,
                // Not now, says whatever stands before the handler: it is down or has too much to do.
                Answer::Status(status @ (408 | 429 | 502 | 503 | 504)) => {
                    format!("it answered with status {status}")
                }
                Answer::Status(status @ 500..=599) => {
                    answered += 1;
                    if answered >= MOST_TRIES {
                        break status;
                    }
                    format!("it answered with status {status}")
                }
                Answer::Status(status) => break status,
                Answer::None(why) => why,
            };
            let after = delays.next().unwrap_or(pauses.longest);
            tell(Forwarding::WillRetry { number, why, after, waiting: queue.len() });
            wait(after).await;
        };
        let store = queue.clone();
        // If the step could not run, the trigger stays first and is delivered once more.
        let _ = tokio::task::spawn_blocking(move || store.done(number)).await;
        let waiting = queue.len();
        tell(if (200..300).contains(&status) {
            Forwarding::Delivered { number, waiting }
        } else {
            Forwarding::GivenUp { number, status, waiting }
        });
    }
}
