//! A run over data that comes in batches.

use super::batch::{At, Batch, Columns};
use super::calculations::Calculation;
use super::fields::{Fields, concerns};
use super::finding::{Finding, Note, Report, RuleReport};
use super::outliers::Numbers;
use super::range::Range;
use super::rule::{Checks, Letter, Rule};
use super::{blanks, choices, custom, hidden, missing, types};
use crate::domain::logic::{Project, Rules, TableRows};
use crate::domain::project::Metadata;
use crate::domain::table::RecordTable;
use jiff::civil::DateTime;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What a rule says of one field at one row.
pub(super) struct Hit {
    pub note: Note,
    pub depends_on_blanks: bool,
}

impl Hit {
    pub fn plain(note: Note) -> Self {
        Self { note, depends_on_blanks: false }
    }
}

/// A run: made for a project and the rules, fed with the data, and finished with a report.
pub struct Run<'m> {
    project: Project<'m>,
    checks: &'m Checks,
    fields: Fields<'m>,
    rules: Rules,
    now: DateTime,
    ranges: Vec<Option<Range>>,
    calculations: Vec<Option<Calculation>>,
    numbers: Numbers,
    reports: Vec<RuleReport>,
    /// The fields that each kind of row holds, by event and repeating instrument.
    own: HashMap<(String, String), Arc<[usize]>>,
    records: usize,
    rows: usize,
}

impl<'m> Run<'m> {
    /// A run of these rules. `now` is what `today` and `now` mean in limits and logic.
    pub fn new(metadata: &'m Metadata, checks: &'m Checks, now: DateTime) -> Self {
        let project = Project::new(metadata);
        let fields = Fields::new(metadata, checks);
        let mut reports: Vec<RuleReport> = checks.rules.iter().cloned().map(RuleReport::new).collect();
        let mut tell = |letter: Letter, text: String| {
            for report in reports.iter_mut().filter(|r| r.rule == Rule::Standard(letter)) {
                report.remark(text.clone());
            }
        };
        let (mut ranges, mut calculations) = (Vec::new(), Vec::new());
        for checked in &fields.list {
            let field = checked.field;
            let (range, remarks) = Range::new(field, &project, now).unzip();
            for remark in remarks.into_iter().flatten() {
                tell(Letter::D, remark);
            }
            ranges.push(range);
            let (calculation, remark) = Calculation::new(field, &project);
            if let Some(remark) = remark {
                tell(Letter::H, remark);
            }
            calculations.push(calculation);
            if concerns(Letter::C, field)
                && let Some(remark) = types::remark(field)
            {
                tell(Letter::C, remark);
            }
            let unread = checked.branching.is_some_and(|n| fields.expressions.get(n) == Some(&None));
            if unread {
                let text = format!(
                    "The branching logic of {} cannot be read: the field is taken as shown.",
                    field.name
                );
                for letter in [Letter::A, Letter::B, Letter::F] {
                    tell(letter, text.clone());
                }
            }
            if field.field_type == crate::domain::dictionary::FieldType::Sql {
                tell(
                    Letter::G,
                    format!("{} is not checked: the choices of an sql field are not known.", field.name),
                );
            }
        }
        let numbers = Numbers::new(fields.list.iter().map(|c| c.field.name.as_str()));
        Self {
            project,
            checks,
            fields,
            rules: Rules::default(),
            now,
            ranges,
            calculations,
            numbers,
            reports,
            own: HashMap::new(),
            records: 0,
            rows: 0,
        }
    }

    /// Looks at a batch of rows. It must hold whole records: logic looks at all rows of a record.
    pub fn feed(&mut self, table: &RecordTable) {
        let Self { project, fields, rules, own, reports, numbers, .. } = self;
        let rows = TableRows::new(project, table);
        let batch = Batch::new(project, table, &rows, fields, rules, self.now);
        let kept = self.checks.kept;
        let mut records: HashSet<u32> = HashSet::new();
        for row in 0..table.n_rows() {
            let first_of_record = records.insert(batch.record_code(row));
            let place = rows.place(row);
            let list = own
                .entry((place.event.to_owned(), place.instrument.to_owned()))
                .or_insert_with(|| own_fields(project, fields, place.event, place.instrument))
                .clone();
            for &number in list.iter() {
                let (Some(checked), Some(columns)) = (fields.list.get(number), batch.columns.get(number))
                else {
                    continue;
                };
                if matches!(columns, Columns::Absent) || checked.is_id && !first_of_record {
                    continue;
                }
                let at = At { batch: &batch, row, checked, columns };
                for report in reports.iter_mut() {
                    let Rule::Standard(letter) = report.rule else { continue };
                    if !concerns(letter, checked.field) {
                        continue;
                    }
                    let hit = match letter {
                        Letter::A | Letter::B => blanks::check(&at),
                        Letter::C => types::check(&at),
                        Letter::D => {
                            self.ranges.get(number).and_then(Option::as_ref).and_then(|r| r.check(&at))
                        }
                        Letter::E => {
                            numbers.take(number, &at);
                            None
                        }
                        Letter::F => hidden::check(&at),
                        Letter::G => choices::check(&at),
                        Letter::H => {
                            let calculation = self.calculations.get(number).and_then(Option::as_ref);
                            match calculation.map(|c| c.check(&at)) {
                                Some(Ok(hit)) => hit,
                                Some(Err(error)) => {
                                    let name = &checked.field.name;
                                    report.remark(format!("{name} is not checked everywhere: {error}."));
                                    None
                                }
                                None => None,
                            }
                        }
                        Letter::I => missing::check(&at),
                    };
                    if let Some(hit) = hit {
                        note(report, &at, hit, kept);
                    }
                }
            }
        }
        for report in reports.iter_mut() {
            if let Rule::Custom(rule) = report.rule.clone() {
                custom::check(&rule, &batch, report, kept);
            }
        }
        self.records += records.len();
        self.rows += table.n_rows();
    }

    /// Ends the run.
    pub fn finish(mut self) -> Report {
        let letter = Rule::Standard(Letter::E);
        if let Some(report) = self.reports.iter_mut().find(|r| r.rule == letter) {
            self.numbers.report(report, self.checks.kept);
        }
        Report { rules: self.reports, records: self.records, rows: self.rows }
    }
}

fn note(report: &mut RuleReport, at: &At<'_>, hit: Hit, kept: usize) {
    report.found += 1;
    if report.findings.len() < kept {
        report.findings.push(Finding {
            place: at.batch.key(at.row),
            field: at.checked.field.name.clone(),
            value: at.text(),
            note: hit.note,
            depends_on_blanks: hit.depends_on_blanks,
        });
    }
}

/// The fields whose values a row of this event and repeating instrument holds.
fn own_fields(project: &Project<'_>, fields: &Fields<'_>, event: &str, instrument: &str) -> Arc<[usize]> {
    let holds = |form: &str| {
        if instrument.is_empty() {
            project.is_designated(event, form) && !project.form_repeats(event, form)
        } else {
            form == instrument
        }
    };
    let list = fields.list.iter().enumerate();
    list.filter(|(_, c)| c.is_id && instrument.is_empty() || holds(&c.field.form)).map(|(i, _)| i).collect()
}
