//! The bench of a spot check: the drawn cells one after the other, with what a person said of each.

use super::spot_check::{Tally, seen};
use super::text::one_line;
use std::collections::HashMap;

/// A cell that is compared with the paper source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpotCell {
    /// The record.
    pub record: String,
    /// The event's unique name; empty in a classic project.
    pub event: String,
    /// The instance, where something repeats.
    pub instance: String,
    /// The field.
    pub field: String,
    /// Its label.
    pub label: String,
    /// What is stored, with code and label; empty if nothing is.
    pub stored: String,
    /// The field is marked as personal data.
    pub is_identifier: bool,
}

impl SpotCell {
    /// Record, event, instance and field in one line.
    pub fn place(&self) -> String {
        let parts = [&self.record, &self.event, &self.instance, &self.field];
        let parts: Vec<&str> = parts.iter().map(|p| p.as_str()).filter(|p| !p.is_empty()).collect();
        one_line(&parts.join(" "))
    }

    /// A number by which the cell is known again without keeping the record's name.
    fn number(&self) -> u64 {
        seen(&[&self.record, &self.event, &self.instance, &self.field].map(String::as_str).join("\u{1f}"))
    }
}

/// What a person says of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mark {
    /// Nothing yet.
    #[default]
    Open,
    /// The source says the same.
    Agree,
    /// The source says something else.
    Differ,
    /// The source does not tell.
    Unclear,
}

impl Mark {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "not looked at",
            Self::Agree => "agrees",
            Self::Differ => "DIFFERS",
            Self::Unclear => "unclear",
        }
    }
}

/// What was said of a cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// The mark.
    pub mark: Mark,
    /// A note, such as what the source says.
    pub note: String,
}

/// A sample on the bench.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bench {
    /// The cells, record by record.
    pub cells: Vec<SpotCell>,
    /// How many records were drawn, and of how many.
    pub records: (usize, usize),
    /// What was said of each cell.
    said: Vec<Said>,
    /// The cell that is looked at.
    pub at: usize,
}

impl Bench {
    /// A sample; what was said of its cells before is kept.
    pub fn new(cells: Vec<SpotCell>, records: (usize, usize), before: &HashMap<u64, Said>) -> Self {
        let said: Vec<Said> =
            cells.iter().map(|c| before.get(&c.number()).cloned().unwrap_or_default()).collect();
        let at = said.iter().position(|s| s.mark == Mark::Open).unwrap_or_default();
        Self { cells, records, said, at }
    }

    /// What was said, without the cells: neither names of records nor stored values are in it.
    pub fn said(&self) -> HashMap<u64, Said> {
        self.cells.iter().zip(&self.said).map(|(c, s)| (c.number(), s.clone())).collect()
    }

    /// The cell that is looked at, and what was said of it.
    pub fn now(&self) -> Option<(&SpotCell, &Said)> {
        self.cells.get(self.at).zip(self.said.get(self.at))
    }

    /// Marks the cell and goes to the next one that is open; stays at the last if none is.
    pub fn mark(&mut self, mark: Mark) {
        self.set(mark);
        self.go_to_open();
    }

    /// Marks the cell and stays.
    pub fn set(&mut self, mark: Mark) {
        if let Some(said) = self.said.get_mut(self.at) {
            said.mark = mark;
        }
    }

    /// Goes to the next cell that is open; stays if none is.
    pub fn go_to_open(&mut self) {
        let open = |range: std::ops::Range<usize>| {
            range.into_iter().find(|at| self.said.get(*at).is_some_and(|s| s.mark == Mark::Open))
        };
        let next = open(self.at + 1..self.said.len()).or_else(|| open(0..self.at));
        self.at = next.unwrap_or(self.at);
    }

    /// Writes a note to the cell.
    pub fn note(&mut self, text: &str) {
        if let Some(said) = self.said.get_mut(self.at) {
            text.trim().clone_into(&mut said.note);
        }
    }

    /// Goes so many cells on or back.
    pub fn go(&mut self, by: isize) {
        let last = self.cells.len().saturating_sub(1);
        self.at = self.at.saturating_add_signed(by).min(last);
    }

    /// How many cells agree.
    pub fn tally(&self) -> Tally {
        let count = |mark| self.said.iter().filter(|s| s.mark == mark).count();
        Tally {
            agree: count(Mark::Agree),
            differ: count(Mark::Differ),
            unclear: count(Mark::Unclear),
            open: count(Mark::Open),
        }
    }

    /// The report. Stored values and notes, which tell values, are in it only if asked for.
    pub fn report(&self, head: &[String], values: bool) -> Vec<String> {
        let mut lines = head.to_vec();
        lines.push(format!("Records: {} of {}", self.records.0, self.records.1));
        lines.extend(self.tally().sentences());
        for (mark, title) in
            [(Mark::Differ, "Different from the source:"), (Mark::Unclear, "Unclear in the source:")]
        {
            let found: Vec<_> = self.cells.iter().zip(&self.said).filter(|(_, s)| s.mark == mark).collect();
            if found.is_empty() {
                continue;
            }
            lines.push(title.into());
            lines.extend(found.iter().map(|(cell, said)| {
                if !values {
                    return format!("  {}", cell.place());
                }
                let stored = if cell.stored.is_empty() { "blank".into() } else { one_line(&cell.stored) };
                let note =
                    if said.note.is_empty() { String::new() } else { format!("; {}", one_line(&said.note)) };
                format!("  {}: stored {stored}{note}", cell.place())
            }));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bench() -> Bench {
        let cell = |record: &str, field: &str| SpotCell {
            record: record.into(),
            field: field.into(),
            stored: "82".into(),
            ..SpotCell::default()
        };
        let cells = vec![cell("001", "sex"), cell("001", "weight"), cell("002", "sex")];
        Bench::new(cells, (2, 6), &HashMap::new())
    }

    #[test]
    fn marks_go_to_the_next_open_cell_and_can_be_changed() {
        let mut bench = bench();
        bench.go(1);
        bench.mark(Mark::Differ);
        assert_eq!(bench.at, 2);
        bench.mark(Mark::Agree);
        assert_eq!(bench.at, 0, "the one that was left out");
        bench.mark(Mark::Unclear);
        bench.go(-1);
        bench.go(-1);
        assert_eq!(bench.at, 0);
        bench.mark(Mark::Agree);
        assert_eq!(bench.tally(), Tally { agree: 2, differ: 1, unclear: 0, open: 0 });
        bench.go(99);
        assert_eq!(bench.at, 2);
    }

    #[test]
    fn the_report_has_values_only_if_asked_and_marks_outlive_the_cells() {
        let mut bench = bench();
        bench.go(1);
        bench.note("paper says 28");
        bench.mark(Mark::Differ);
        let report = bench.report(&["Seed: 42".into()], false).join("\n");
        assert!(report.contains("  001 weight") && report.contains("Records: 2 of 6"), "{report}");
        assert!(!report.contains("82") && !report.contains("28"), "{report}");
        let with = bench.report(&[], true).join("\n");
        assert!(with.contains("001 weight: stored 82; paper says 28"), "{with}");
        let kept = bench.said();
        assert!(!format!("{kept:?}").contains("001"));
        let again = Bench::new(bench.cells.clone(), (2, 6), &kept);
        assert_eq!(again.tally().differ, 1);
        assert_eq!(again.at, 0);
    }
}
