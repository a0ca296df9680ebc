//! A rehearsal in words: the summary, and findings as lines.

use super::{Cell, DateProof, Finding, Rehearsal, Rule, Severity};
use crate::domain::text::{guarded_csv, one_line};

impl Rehearsal {
    /// What is to be known at once, a sentence a line.
    pub fn summary(&self) -> Vec<String> {
        let new = self.records.iter().filter(|r| r.is_new == Some(true)).count();
        let records = match self.stored {
            Some(_) => format!("{} ({new} new)", counted(self.records.len(), "record")),
            None => counted(self.records.len(), "record"),
        };
        let rows = match &self.file.eav {
            Some(eav) => {
                format!("{} at {}", counted(eav.n_values, "value"), counted(self.rows.len(), "place"))
            }
            None => {
                let is_double = |f: &&Finding| matches!(f.rule, Rule::ConflictingRows | Rule::IdenticalRows);
                let doubles = match self.findings.iter().filter(is_double).count() {
                    0 => String::new(),
                    n => format!(" ({n} of them for a place that another has)"),
                };
                format!("{}{doubles}", counted(self.rows.len(), "row"))
            }
        };
        let mut lines = vec![self.file.describe(), format!("{rows}, {records}")];
        for (column, proof) in &self.dates {
            let name = self.columns.get(*column).map_or("", |c| c.name.as_str());
            let words = match proof {
                DateProof::Proven { order, row } => {
                    format!(
                        "dates are {} (line {} proves it)",
                        order.as_str(),
                        self.file.line_at(*row, *column)
                    )
                }
                DateProof::Chosen(order) => format!("dates are read as {}", order.as_str()),
                DateProof::Ambiguous => "day and month cannot be told apart".into(),
                DateProof::Mixed => "dates are written in different orders".into(),
                DateProof::Nothing => continue,
            };
            lines.push(format!("{name}: {words}"));
        }
        let counts: Vec<String> = Cell::ALL
            .into_iter()
            .filter(|c| *c != Cell::Nothing && self.count(*c) > 0)
            .map(|c| format!("{} {}", self.count(c), c.words()))
            .collect();
        if !counts.is_empty() {
            lines.push(format!("Cells: {}", counts.join(", ")));
        }
        let severities: Vec<String> = Severity::ALL
            .into_iter()
            .filter(|s| self.count_of(*s) > 0)
            .map(|s| match s {
                Severity::Refused | Severity::Stopped => format!("{} {}", self.count_of(s), s.word()),
                Severity::Warning | Severity::Note => counted(self.count_of(s), s.word()),
            })
            .collect();
        if !severities.is_empty() {
            lines.push(format!("Findings: {}", severities.join(", ")));
        }
        lines.push(self.verdict().to_owned());
        lines
    }

    /// The one sentence about the whole file.
    pub fn verdict(&self) -> &'static str {
        let has = |severity| self.count_of(severity) > 0;
        if self.rows.is_empty() && !has(Severity::Refused) {
            "The file has no rows: there is nothing to import."
        } else if has(Severity::Refused) {
            "REDCap would refuse this file. As far as is known it then stores nothing of it."
        } else if has(Severity::Stopped) {
            "REDCap might take this file, but it needs a decision of yours first."
        } else if self.stored.is_none() {
            "No mistake was found without the server. What would change is not known."
        } else if has(Severity::Warning) {
            "REDCap will accept this file. It will accept the warnings without saying anything, too."
        } else {
            "Nothing to object to."
        }
    }

    /// The line of a finding about a row.
    pub fn line_of(&self, finding: &Finding, row: usize) -> u32 {
        match finding.column {
            Some(column) => self.file.line_at(row, column as usize),
            None => self.file.line(row),
        }
    }

    /// Where a finding is: line and column.
    pub fn where_is(&self, finding: &Finding) -> String {
        let column = finding.column.and_then(|at| Some((at, self.columns.get(at as usize)?)));
        let column = column.map(|(at, c)| match one_line(&c.header) {
            name if name.is_empty() => format!("{} without a name", at + 1),
            name => name,
        });
        match (finding.row, column) {
            (Some(row), Some(column)) => {
                let at = finding.column.unwrap_or(0) as usize;
                format!("line {}, {column}", self.file.line_at(row as usize, at))
            }
            (Some(row), None) => format!("line {}", self.file.line(row as usize)),
            (None, Some(column)) => format!("column {column}"),
            (None, None) => "the file".into(),
        }
    }

    /// The sentence of a finding. Sentences may quote a value of the file; with `masked`, those of
    /// identifier fields do not.
    pub fn sentence(&self, finding: &Finding, masked: bool) -> String {
        if masked && let Some(text) = self.why(finding).and_then(|w| w.masked.clone()) {
            return text;
        }
        if masked && self.is_identifier(finding) && Self::quotes(finding.rule) {
            return "The value is masked: the field is an identifier.".into();
        }
        self.why(finding).map(|w| w.what.clone()).unwrap_or_default()
    }

    /// Whether a finding is about a field that is marked as personal data.
    pub fn is_identifier(&self, finding: &Finding) -> bool {
        finding.column.and_then(|c| self.columns.get(c as usize)).is_some_and(|c| c.identifier)
    }

    /// Whether the sentences of a rule quote values.
    fn quotes(rule: Rule) -> bool {
        matches!(
            rule,
            Rule::BadCode
                | Rule::BadFormat
                | Rule::BadDate
                | Rule::OutOfRange
                | Rule::InventedCode
                | Rule::OutOfSlider
                | Rule::LabelIsCode
                | Rule::LostDigits
                | Rule::NoMissingCodes
                | Rule::LongId
                | Rule::LostZeros
                | Rule::NewRecord
                | Rule::AmbiguousDates
        )
    }

    /// A correction in words, masked like its sentence.
    pub fn fix_words(&self, finding: &Finding, masked: bool) -> Option<String> {
        let fix = self.why(finding)?.fix.as_ref()?;
        if masked && self.is_identifier(finding) && matches!(fix, super::Fix::Value { .. }) {
            return Some("correct the value (masked)".into());
        }
        Some(fix.to_string())
    }

    /// Findings as CSV. A cell that a spreadsheet would run as a formula gets an apostrophe.
    pub fn findings_csv<'a>(&self, shown: impl Iterator<Item = &'a Finding>, masked: bool) -> String {
        let header = HEADER.map(str::to_owned).to_vec();
        guarded_csv(std::iter::once(header).chain(self.finding_rows(shown, masked)))
    }

    /// Findings as rows of a table; the header is [`HEADER`].
    fn finding_rows<'a>(&self, shown: impl Iterator<Item = &'a Finding>, masked: bool) -> Vec<Vec<String>> {
        shown
            .map(|f| {
                let row = f.row.map(|row| row as usize);
                let column = f.column.and_then(|c| self.columns.get(c as usize));
                vec![
                    f.rule.severity().word().to_owned(),
                    f.rule.tag().to_owned(),
                    row.map_or(String::new(), |row| self.line_of(f, row).to_string()),
                    row.map_or(String::new(), |row| one_line(self.record_name(row))),
                    column.map_or(String::new(), |c| one_line(&c.header)),
                    f.rule.title().to_owned(),
                    self.sentence(f, masked),
                    self.fix_words(f, masked).unwrap_or_default(),
                ]
            })
            .collect()
    }
}

/// A number of things: `1 row`, `2 rows`.
fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// The header of [`Rehearsal::finding_rows`].
const HEADER: [&str; 8] =
    ["severity", "rule", "line", "record", "column", "what is wrong", "details", "suggestion"];
