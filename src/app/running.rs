//! Which jobs run. A job is registered in the same update that starts it, so "idle" is never a lie.

use super::msg::Effect;
use crate::jobs::types::{Job, Progress};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The place a job works for. Starting a second job for a place replaces the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// The project's metadata.
    Open,
    /// Users, roles and groups.
    Access,
    /// The record table.
    Records,
    /// One whole record.
    Record,
    /// The status grid.
    Grid,
    /// What changed in the project.
    Log,
    /// The log of one record.
    Timeline,
    /// What is missing.
    Work,
    /// A survey link or return code.
    Survey,
    /// The records of a search.
    Find,
    /// The codebooks of all projects.
    Codebooks,
    /// A run of data quality rules.
    Quality,
    /// What is kept as excluded.
    Exclude,
    /// A search of the logic scratchpad.
    Logic,
    /// A file that is checked before it is imported.
    Check,
    /// A checked file that is sent.
    Send,
    /// The name of a file that is completed.
    Files,
    /// The sample of a spot check.
    Spot,
    /// The test of the token.
    Token,
    /// A file that is being written.
    Export,
    /// The dialog that adds a project.
    Add,
    /// The list of projects: forgetting one, starting the demo.
    Projects,
    /// The locked screen, while it asks for the token again.
    Unlock,
    /// The question whether there is a password store.
    Vault,
    /// A call of the playground.
    Call,
    /// The comparison of two answers.
    Compare,
    /// The way back before a write.
    BackUp,
    /// The receiver of Data Entry Triggers.
    Live,
    /// The watch of a project's log.
    Watch,
    /// What is in a record after its trigger came.
    ReadBack,
    /// A form that a person of the demo saves.
    SaveAForm,
}

/// A job that runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Running {
    /// Which start of its slot it is.
    pub generation: u64,
    /// When it was started.
    pub since: Timestamp,
    /// How far it is.
    pub progress: Progress,
}

/// The running jobs, by slot.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Jobs {
    running: BTreeMap<Slot, Running>,
    last_generation: u64,
}

impl Jobs {
    /// Registers a job and returns the effects that start it, stopping an older one of the slot.
    pub fn start(&mut self, slot: Slot, step: &str, job: Job, now: Timestamp) -> Vec<Effect> {
        let mut effects = self.cancel(slot);
        self.last_generation += 1;
        let generation = self.last_generation;
        let progress = Progress { step: step.to_owned(), ..Progress::default() };
        self.running.insert(slot, Running { generation, since: now, progress });
        effects.push(Effect::Start { slot, generation, job });
        effects
    }

    /// Forgets the job of a slot and returns the effect that stops it.
    pub fn cancel(&mut self, slot: Slot) -> Vec<Effect> {
        self.running.remove(&slot).map(|r| Effect::Cancel(slot, r.generation)).into_iter().collect()
    }

    /// Whether an event of this slot and generation still matters.
    pub fn is_current(&self, slot: Slot, generation: u64) -> bool {
        self.running.get(&slot).is_some_and(|r| r.generation == generation)
    }

    /// Notes how far a job is.
    pub fn progress(&mut self, slot: Slot, progress: Progress) {
        if let Some(running) = self.running.get_mut(&slot) {
            running.progress = progress;
        }
    }

    /// Notes that the job of a slot ended.
    pub fn ended(&mut self, slot: Slot) {
        self.running.remove(&slot);
    }

    /// The job of a slot.
    pub fn get(&self, slot: Slot) -> Option<&Running> {
        self.running.get(&slot)
    }

    /// All running jobs, but not the receiver and the watch of a log: they wait for others and come
    /// to no end by themselves.
    pub fn all(&self) -> impl Iterator<Item = (Slot, &Running)> {
        let ends = |slot: Slot| !matches!(slot, Slot::Live | Slot::Watch);
        self.running.iter().map(|(slot, running)| (*slot, running)).filter(move |(slot, _)| ends(*slot))
    }

    /// Nothing runs.
    pub fn is_idle(&self) -> bool {
        self.all().next().is_none()
    }
}

impl Running {
    /// The progress in one line: `Reading records: 120 of 1,284, about 20 s left`.
    pub fn line(&self, now: Timestamp) -> String {
        let Progress { step, done, total } = &self.progress;
        match total {
            Some(total) if *total > 0 => {
                let mut line = format!("{step}: {} of {}", grouped(*done), grouped(*total));
                let seconds = now.duration_since(self.since).as_secs().max(0).cast_unsigned();
                if seconds >= 3 && *done > 0 && done < total {
                    let left = seconds * (total - done) / done;
                    line.push_str(&format!(", about {left} s left"));
                }
                line
            }
            _ if *done > 0 => format!("{step}: {}", grouped(*done)),
            _ => format!("{step}..."),
        }
    }
}

/// A number with commas between its thousands.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (n, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(n), text);
        }
    }

    #[test]
    fn the_time_left_is_told_only_after_three_seconds() {
        let start = Timestamp::UNIX_EPOCH;
        let progress = Progress { step: "Reading records".into(), done: 100, total: Some(400) };
        let running = Running { generation: 1, since: start, progress };
        assert_eq!(running.line(start), "Reading records: 100 of 400");
        let later = start + jiff::SignedDuration::from_secs(4);
        assert_eq!(running.line(later), "Reading records: 100 of 400, about 12 s left");
    }

    #[test]
    fn a_second_start_stops_the_first_and_late_answers_do_not_count() {
        let mut jobs = Jobs::default();
        let now = Timestamp::UNIX_EPOCH;
        let first = jobs.start(Slot::Open, "Reading", Job::ProbeVault, now);
        assert!(matches!(first.as_slice(), [Effect::Start { generation: 1, .. }]));
        let second = jobs.start(Slot::Open, "Reading", Job::ProbeVault, now);
        assert!(matches!(
            second.as_slice(),
            [Effect::Cancel(Slot::Open, 1), Effect::Start { generation: 2, .. }]
        ));
        assert!(!jobs.is_current(Slot::Open, 1));
        assert!(jobs.is_current(Slot::Open, 2));
    }
}
