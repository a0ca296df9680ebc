//! The receipt of a send: what was sent, what is stored, and what nobody can tell. Without values
//! unless they are asked for.

use super::check::Checked;
use super::problem::Problem;
use super::types::SavedProject;
use crate::api::client::ImportAnswer;
use crate::domain::access_test::imports::of_receipt;
use crate::domain::check::payload::Batch;
use crate::domain::check::receipt::{Landed, Proof};
use crate::domain::check::{Refusal, Rehearsal};
use crate::domain::text::one_line;
use crate::domain::values::MASK;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

/// How a send ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every batch was accepted.
    Finished,
    /// A batch was refused; it and those after it were not imported.
    Refused {
        /// Which one, from 1.
        batch: usize,
        /// What reading it back told: whether REDCap takes an import whole or not at all is not
        /// attested for every mistake.
        landed: Landed,
        /// The server's words.
        problem: Problem,
    },
    /// The answer to a batch was lost. Nothing more was sent.
    Paused {
        /// Which one, from 1.
        batch: usize,
        /// What reading it back told.
        landed: Landed,
        /// How many batches are left to send.
        left: usize,
        /// What happened.
        problem: Problem,
    },
}

/// How much a receipt shows of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    Masked,
    Values,
}

/// What the project's log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogProof {
    /// It was not looked at yet.
    NotAsked,
    /// This token may not read it.
    NotAllowed(String),
    /// For so many of the records that were to change there is a new line.
    Lines {
        /// Records with a new line.
        found: usize,
        /// Records that were to change.
        expected: usize,
    },
}

/// The receipt.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The project: name, number and address.
    pub project: (String, u64, String),
    /// The file.
    pub file: PathBuf,
    /// Its hash.
    pub hash: String,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// How many batches there are.
    pub batches: usize,
    /// How many the server accepted, or are stored although the answer was lost.
    pub stored_batches: usize,
    /// How many were stored before an interruption, or were found to be.
    pub stored_before: usize,
    /// The names that REDCap gave to records, each with the name that the file has for it.
    pub names: Vec<(String, String)>,
    /// How many records are in the file.
    pub records: usize,
    /// How many were sent.
    pub sent_records: usize,
    /// How many names the server gave back.
    pub ids_returned: usize,
    /// Records that were not imported.
    pub not_imported: Vec<String>,
    /// Cell by cell.
    pub proof: Proof,
    /// The log.
    pub log: LogProof,
    /// Nothing of the file differs from what was stored before.
    pub changed_nothing: bool,
    /// It was queued on the server.
    pub background: bool,
    /// The file with the old values.
    pub undo: Option<PathBuf>,
    /// Cells of rows that REDCap numbered: they are not in that file.
    not_in_undo: bool,
    /// The server's words, if it refused a batch.
    refusal: Refusal,
    rehearsal: Arc<Rehearsal>,
}

impl Receipt {
    /// The receipt of a send that begins.
    pub fn begin(
        project: &SavedProject,
        checked: &Checked,
        batches: usize,
        records: usize,
        undo: Option<PathBuf>,
        started: Timestamp,
    ) -> Self {
        Self {
            project: (project.name.clone(), project.project_id, project.url.clone()),
            file: checked.path.clone(),
            hash: checked.hash.clone(),
            started,
            ended: started,
            outcome: Outcome::Finished,
            batches,
            stored_batches: 0,
            stored_before: 0,
            names: Vec::new(),
            records,
            sent_records: 0,
            ids_returned: 0,
            not_imported: Vec::new(),
            proof: Proof::default(),
            log: LogProof::NotAsked,
            changed_nothing: false,
            background: false,
            undo,
            not_in_undo: checked.rehearsal.touched_cells().1 > 0,
            refusal: Refusal::default(),
            rehearsal: Arc::clone(&checked.rehearsal),
        }
    }

    /// Notes how the send ended.
    pub fn end(&mut self, outcome: Outcome) {
        if let Outcome::Refused { problem, .. } = &outcome {
            self.refusal = self.rehearsal.refusal(&problem.details);
        }
        self.outcome = outcome;
    }

    /// Notes that a batch was accepted.
    pub fn accepted(&mut self, batch: &Batch, answer: &ImportAnswer) {
        self.stored_batches += 1;
        self.sent_records += batch.records.len();
        self.ids_returned += match answer {
            ImportAnswer::Ids(ids) => ids.len(),
            ImportAnswer::Count(n) => usize::try_from(*n).unwrap_or(usize::MAX),
            ImportAnswer::AutoIds(pairs) => pairs.len(),
            ImportAnswer::Nothing | ImportAnswer::Queued(_) => 0,
        };
    }

    /// Whether everything was sent and every sent cell was found stored.
    pub fn is_verified(&self) -> bool {
        self.outcome == Outcome::Finished && self.proof.is_verified()
    }

    /// The result in one word or two.
    pub fn result(&self) -> &'static str {
        match (&self.outcome, self.is_verified()) {
            (_, true) => "verified",
            (Outcome::Finished, false) if self.background => "accepted, not verified",
            (Outcome::Finished, false) => "NOT verified",
            (Outcome::Refused { .. }, _) => "REFUSED",
            (Outcome::Paused { .. }, _) => "INTERRUPTED",
        }
    }

    /// Whether the server refused a batch.
    pub fn was_refused(&self) -> bool {
        matches!(self.outcome, Outcome::Refused { .. })
    }

    /// Whether sending can go on.
    pub fn can_go_on(&self) -> bool {
        matches!(self.outcome, Outcome::Paused { .. })
    }

    /// The receipt, line by line. Values only if asked for.
    pub fn lines(&self, values: bool) -> Vec<String> {
        self.lines_with(if values { Shown::Values } else { Shown::Nothing })
    }

    /// The receipt for the screen: of cells that differ both values, those of identifiers masked
    /// if the screen masks them.
    pub fn screen_lines(&self, masked: bool) -> Vec<String> {
        self.lines_with(if masked { Shown::Masked } else { Shown::Values })
    }

    /// Why a send was refused or stopped, in sentences for the screen. Nothing if it was neither.
    pub fn screen_reasons(&self, masked: bool) -> Vec<String> {
        let mut lines = Vec::new();
        self.end_lines(if masked { Shown::Masked } else { Shown::Values }, &mut lines);
        lines
    }

    fn lines_with(&self, values: Shown) -> Vec<String> {
        let (name, pid, url) = &self.project;
        let mut lines = vec![
            format!("Result: {}", self.result()),
            format!("Project: {} (PID {pid}) at {url}", one_line(name)),
            format!("File: {}", self.file.display()),
            format!("SHA-256: {}", self.hash),
            format!("Time: {} to {}", self.started.strftime("%F %T UTC"), self.ended.strftime("%T UTC")),
            format!("Batches accepted: {} of {}", self.stored_batches, self.batches),
            format!("Records sent: {} of {}", self.sent_records, self.records),
        ];
        if self.stored_before > 0 {
            lines.push(format!(
                "Stored before the interruption, not sent again: {} of {} batches",
                self.stored_before, self.batches
            ));
        }
        self.name_lines(values, &mut lines);
        if let Some(known) = of_receipt(self.changed_nothing, self.sent_records) {
            lines.push(format!("\"{}\": {}", known.says, known.truth));
        }
        if self.ids_returned > 0 {
            lines.push(format!(
                "Names returned by the server: {} of {}",
                self.ids_returned, self.sent_records
            ));
        }
        lines.push(format!("Cells sent: {}, stored equal: {}", self.proof.sent, self.proof.equal));
        if !self.proof.different.is_empty() {
            lines.push(format!("DIFFERENT: {}", self.proof.different.len()));
        }
        lines.extend(self.proof.different.iter().take(100).map(|d| {
            let keys = self.rehearsal.key_texts(d.row);
            let place: Vec<String> = std::iter::once(self.name_of(self.rehearsal.record_name(d.row), values))
                .chain(keys.into_iter().filter(|k| !k.is_empty()))
                .collect();
            let place = place.join(" ");
            let column = self.rehearsal.columns.get(d.column);
            let is_masked = values == Shown::Masked && column.is_some_and(|c| c.identifier);
            let column = column.map_or("", |c| c.name.as_str());
            let blank = |t: &str| match t {
                "" => "blank".to_owned(),
                _ if is_masked => MASK.to_owned(),
                t => one_line(t),
            };
            let told = if values != Shown::Nothing {
                format!(
                    ": sent {}, stored {}",
                    blank(self.rehearsal.value(d.row, d.column)),
                    blank(&d.stored)
                )
            } else if d.stored.is_empty() {
                ": stored blank".into()
            } else {
                ": stored something else".into()
            };
            format!("  {place} {column}{told}")
        }));
        for (reason, n) in &self.proof.unknown {
            lines.push(format!("Cannot be verified: {n} cells, because {reason}."));
        }
        match &self.log {
            LogProof::NotAsked => {}
            LogProof::NotAllowed(why) => lines.push(format!("Log: could not be read. {}", one_line(why))),
            LogProof::Lines { expected: 0, .. } => {
                lines.push("Log: nothing changed; REDCap writes no log line for that.".into());
            }
            LogProof::Lines { found, expected } => {
                lines.push(format!("Log lines: for {found} of {expected} records that were to change"));
            }
        }
        if self.background && !self.is_verified() {
            lines.push("The import was queued: accepted is not stored. Check the file again later.".into());
        }
        self.end_lines(values, &mut lines);
        if let Some(undo) = &self.undo {
            let left_out = if self.not_in_undo { "; rows that REDCap numbered are not in it" } else { "" };
            lines.push(format!("Old values: {} (import with overwrite to undo{left_out})", undo.display()));
        }
        lines
    }

    /// Which name of the file became which record.
    fn name_lines(&self, shown: Shown, lines: &mut Vec<String>) {
        if self.names.is_empty() {
            return;
        }
        lines.push(format!("New records that REDCap named: {}", self.names.len()));
        lines.extend(self.names.iter().map(|(new, given)| {
            format!("  {} became {}", self.name_of(given, shown), self.name_of(new, shown))
        }));
    }

    /// What the server said of a refused batch: its own words name values, so they are taken apart.
    fn server_lines(&self, shown: Shown, lines: &mut Vec<String>) {
        const MOST: usize = 20;
        let refusal = &self.refusal;
        lines.extend(refusal.sentences.iter().map(|s| format!("The server said: {}", one_line(s))));
        lines.extend(refusal.cells.iter().take(MOST).map(|cell| {
            let place = cell.row.map_or(String::new(), |row| {
                let column = cell.column.unwrap_or(0);
                format!("line {}, ", self.rehearsal.file.line_at(row, column))
            });
            let is_identifier =
                cell.column.and_then(|c| self.rehearsal.columns.get(c)).is_none_or(|c| c.identifier);
            let value = match shown {
                Shown::Nothing => String::new(),
                Shown::Masked if is_identifier => format!(" \"{MASK}\""),
                Shown::Masked | Shown::Values => format!(" \"{}\"", one_line(&cell.value)),
            };
            format!(
                "The server refused {place}{} {}{value}: {}",
                self.name_of(&cell.record, shown),
                one_line(&cell.field),
                one_line(&cell.message)
            )
        }));
        let more = refusal.cells.len().saturating_sub(MOST);
        if more > 0 || refusal.is_cut {
            let more = if refusal.is_cut { "more".to_owned() } else { more.to_string() };
            lines.push(format!("The server refused {more} cells besides."));
        }
    }

    /// The name of a record, masked where names are personal data and the screen masks them.
    fn name_of(&self, name: &str, shown: Shown) -> String {
        let id = self.rehearsal.id_field();
        let is_personal = self.rehearsal.columns.iter().any(|c| c.name == id && c.identifier);
        if shown == Shown::Masked && is_personal { MASK.to_owned() } else { one_line(name) }
    }

    fn end_lines(&self, shown: Shown, lines: &mut Vec<String>) {
        match &self.outcome {
            Outcome::Finished => {}
            Outcome::Refused { batch, landed, problem } => {
                lines.push(format!("Batch {batch} was refused: {}", one_line(&problem.what)));
                self.server_lines(shown, lines);
                if problem.details.contains("create new records") {
                    lines.push("The token needs the right Create Records.".into());
                }
                lines.push(match landed {
                    Landed::Nothing => format!("It was read back: nothing of batch {batch} is stored."),
                    Landed::Part => {
                        format!("It was read back: a PART of batch {batch} IS stored, although it was refused. Check the file again to see what is left.")
                    }
                    Landed::All => {
                        format!("It was read back: batch {batch} IS stored as it is in the file, although it was refused.")
                    }
                    Landed::Unknown => format!("Whether anything of batch {batch} is stored cannot be told."),
                    Landed::Unread => {
                        format!("It could not be read back, so whether anything of batch {batch} is stored is not known.")
                    }
                });
                let some: Vec<String> =
                    self.not_imported.iter().take(20).map(|name| self.name_of(name, shown)).collect();
                let more = if self.not_imported.len() > 20 { ", ..." } else { "" };
                lines.push(format!(
                    "Not imported: {}{more}",
                    if some.is_empty() { "nothing else".into() } else { some.join(", ") }
                ));
            }
            Outcome::Paused { batch, landed, left, problem } => {
                lines.push(format!("The answer to batch {batch} was lost: {}", one_line(&problem.what)));
                let told = match landed {
                    Landed::All => format!("It was read back: batch {batch} stored."),
                    Landed::Nothing => format!("It was read back: batch {batch} is not stored."),
                    Landed::Part => format!("It was read back: only a part of batch {batch} is stored."),
                    Landed::Unknown => {
                        format!("Batch {batch} cannot be told by key; compare by content.")
                    }
                    Landed::Unread => {
                        format!(
                            "Batch {batch} could not be read back, so nobody knows yet; going on reads it first."
                        )
                    }
                };
                lines.push(told);
                let go_on = "check the same file again to go on, on the command line with --resume";
                lines.push(match left {
                    0 => {
                        format!("Nothing was sent again, and no batch is left. To close this send, {go_on}.")
                    }
                    1 => format!("Nothing was sent again. 1 batch is left: {go_on}."),
                    n => format!("Nothing was sent again. {n} batches are left: {go_on}."),
                });
            }
        }
    }

    /// The receipt for scripts.
    pub fn json(&self, values: bool) -> Value {
        let (name, pid, url) = &self.project;
        json!({
            "result": self.result(),
            "verified": self.is_verified(),
            "project": { "name": name, "project_id": pid, "url": url },
            "file": self.file.display().to_string(),
            "sha256": self.hash,
            "started": self.started.to_string(),
            "ended": self.ended.to_string(),
            "batches": { "planned": self.batches, "stored": self.stored_batches, "stored_before": self.stored_before },
            "records": { "in_file": self.records, "sent": self.sent_records, "returned": self.ids_returned },
            "names": self.names.iter().map(|(new, given)| json!({ "given": given, "new": new })).collect::<Vec<_>>(),
            "not_imported": self.not_imported,
            "cells": {
                "sent": self.proof.sent,
                "equal": self.proof.equal,
                "different": self.proof.different.len(),
                "cannot_verify": self.proof.unknown.iter().map(|(_, n)| n).sum::<usize>(),
            },
            "lines": self.lines(values),
        })
    }
}
