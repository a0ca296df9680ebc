//! The flat export: one row a record, event and instance; written record by record.

use super::columns::{Column, Content, Labels, Plan, status_text, with_decimal};
use super::rights::{Allowed, shift_date};
use super::rows::Layout;
use super::select::Selection;
use crate::demo::model::data::{Data, Record, Row};
use crate::demo::model::project::Project;
use crate::demo::wire::encode::{Cell, Shape, Spelling, TableWriter};
use std::io::{self, Write};

/// A flat export, ready to be written.
#[derive(Debug)]
pub struct FlatExport {
    /// Which rows.
    pub selection: Selection,
    /// Which columns.
    pub plan: Plan,
    /// For whom.
    pub allowed: Allowed,
    /// Codes or labels.
    pub labels: Labels,
    /// The decimal sign of numbers.
    pub decimal: Option<char>,
    /// The status of an untouched instrument is blank and not 0.
    pub blank_for_gray: bool,
    /// Every line break becomes two blanks, as reports do it (`redcap-wire.md`: CR LF).
    pub line_breaks_to_blanks: bool,
}

/// The spelling of record exports.
const SHAPE: Shape = Shape { empty_csv_is_blank: true, ..Shape::list("records") };

/// What a row's cells need to know, found once an export.
struct Context<'p> {
    project: &'p Project,
    data: &'p Data,
    layout: Layout,
    /// The number of each column's key; 0 if nothing was ever stored under it.
    keys: Vec<u32>,
    /// For combined columns, the number of each choice's key.
    choice_keys: Vec<Vec<u32>>,
    /// The labels of missing data codes.
    missing: Vec<(&'p str, &'p str)>,
}

impl<'p> Context<'p> {
    fn new(project: &'p Project, plan: &Plan) -> Self {
        let data: &Data = &project.data;
        let number = |key: &str| data.key_number(key).unwrap_or(0);
        Self {
            project,
            data,
            layout: Layout::new(project),
            keys: plan.columns.iter().map(|c| number(&c.key)).collect(),
            choice_keys: plan
                .columns
                .iter()
                .map(|c| match &c.content {
                    Content::Combined(choices) => choices.iter().map(|(key, _)| number(key)).collect(),
                    _ => Vec::new(),
                })
                .collect(),
            missing: project
                .info
                .missing_data_codes
                .iter()
                .map(|c| (c.code.as_str(), c.label.as_str()))
                .collect(),
        }
    }
}

impl FlatExport {
    /// Writes all rows in record order.
    pub fn write(&self, out: &mut dyn Write, project: &Project, spelling: Spelling) -> io::Result<()> {
        let context = Context::new(project, &self.plan);
        let mut writer = self.writer(out, spelling);
        // A row's values by the number of their key: filled for a row, then cleared again.
        let mut values = vec![0_u32; context.data.key_count()];
        let wanted = self.selection.rows(project);
        let mut write = |(name, record)| -> io::Result<()> {
            if self.selection.wants_record(name, record) {
                for row in context.layout.ordered(context.data, record) {
                    if wanted.has(name, record, row) {
                        self.write_row(&mut writer, &context, &mut values, name, record, row)?;
                    }
                }
            }
            Ok(())
        };
        match &self.selection.records {
            // A batch of a large project: only its records are looked at.
            Some(names) => {
                context.data.some_records(names.iter().map(String::as_str)).try_for_each(&mut write)?;
            }
            None => context.data.records().try_for_each(&mut write)?,
        }
        writer.finish()
    }

    /// Writes these rows, in this order (reports).
    pub fn write_rows(
        &self,
        out: &mut dyn Write,
        project: &Project,
        rows: &[(String, Row)],
        spelling: Spelling,
    ) -> io::Result<()> {
        let context = Context::new(project, &self.plan);
        let mut writer = self.writer(out, spelling);
        let mut values = vec![0_u32; context.data.key_count()];
        for (name, row) in rows {
            if let Some(record) = context.data.record(name) {
                self.write_row(&mut writer, &context, &mut values, name, record, row)?;
            }
        }
        writer.finish()
    }

    fn writer<'w>(&self, out: &'w mut dyn Write, spelling: Spelling) -> TableWriter<'w> {
        let names = self.plan.columns.iter().map(|c| c.name.clone()).collect();
        let headers = self
            .labels
            .headers
            .then(|| self.plan.columns.iter().map(|c| c.header.clone()).collect::<Vec<String>>());
        TableWriter::new(out, spelling, SHAPE, names, headers)
    }

    fn write_row(
        &self,
        writer: &mut TableWriter<'_>,
        context: &Context<'_>,
        values: &mut [u32],
        name: &str,
        record: &Record,
        row: &Row,
    ) -> io::Result<()> {
        for &(key, value) in row.cells() {
            if let Some(slot) = values.get_mut(key as usize) {
                *slot = value;
            }
        }
        let on_row: Vec<bool> = (0..context.project.instruments.len())
            .map(|form| context.layout.on_row(context.data, row, form))
            .collect();
        let cells: Vec<Cell<'_>> = self
            .plan
            .columns
            .iter()
            .enumerate()
            .map(|(i, column)| {
                let here = column.form.is_none_or(|form| on_row.get(form).copied().unwrap_or(false));
                if here { self.cell(context, values, i, column, name, record, row) } else { Cell::text("") }
            })
            .collect();
        writer.row(&cells)?;
        for &(key, _) in row.cells() {
            if let Some(slot) = values.get_mut(key as usize) {
                *slot = 0;
            }
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn cell<'c>(
        &'c self,
        context: &Context<'c>,
        values: &[u32],
        place: usize,
        column: &'c Column,
        name: &'c str,
        record: &Record,
        row: &Row,
    ) -> Cell<'c> {
        let (project, data) = (context.project, context.data);
        let number = |key: u32| values.get(key as usize).copied().unwrap_or(0);
        let key = context.keys.get(place).copied().unwrap_or(0);
        let stored = data.text(number(key));
        match &column.content {
            Content::RecordId => Cell::Text(self.allowed.record_name(project, name)),
            Content::Event => Cell::text(event_text(project, row, self.labels)),
            Content::RepeatInstrument => {
                let form = data.instrument_of(row);
                Cell::text(if self.labels.values { project.instrument_label(form) } else { form })
            }
            Content::RepeatInstance if row.repeats() => Cell::Int(row.instance.into()),
            Content::RepeatInstance => Cell::text(""),
            Content::Dag => {
                let dag = record.dag.and_then(|id| project.dag_by_id(id));
                Cell::text(dag.map_or("", |d| if self.labels.values { &d.name } else { &d.unique_name }))
            }
            Content::SurveyIdentifier | Content::Timestamp => Cell::text(stored),
            Content::Value { labels, number, shifted } => {
                if *shifted && let Some(moved) = shift_date(name, stored) {
                    return Cell::text(moved);
                }
                if let (true, Some(decimal)) = (*number, self.decimal)
                    && let Some(text) = with_decimal(stored, decimal)
                {
                    return Cell::text(text);
                }
                if self.labels.values {
                    if let Some(label) = labels.get(stored) {
                        return Cell::text(label.as_str());
                    }
                    if let Some((_, label)) = context.missing.iter().find(|(code, _)| *code == stored) {
                        return Cell::text(*label);
                    }
                }
                self.plain_text(stored)
            }
            Content::File => {
                let file = stored.parse().ok().and_then(|id: u64| project.files.get(&id));
                Cell::text(file.map_or("", |f| f.name.as_str()))
            }
            Content::Checkbox { ticked, unticked } => {
                Cell::text(if stored.is_empty() { unticked } else { ticked.as_str() })
            }
            Content::Combined(choices) => {
                let keys = context.choice_keys.get(place).map_or(&[][..], Vec::as_slice);
                let ticked: Vec<&str> = choices
                    .iter()
                    .zip(keys)
                    .filter(|(_, key)| number(**key) != 0)
                    .map(|((_, shown), _)| shown.as_str())
                    .collect();
                Cell::text(ticked.join(","))
            }
            Content::Status => {
                let code = if stored.is_empty() && !self.blank_for_gray { "0" } else { stored };
                Cell::text(status_text(code, self.labels.values))
            }
        }
    }

    fn plain_text<'c>(&self, text: &'c str) -> Cell<'c> {
        if self.line_breaks_to_blanks && text.contains(['\r', '\n']) {
            return Cell::text(text.replace("\r\n", "\n").replace(['\r', '\n'], "  "));
        }
        Cell::text(text)
    }
}

/// The event of a row: its unique name, or in label mode its name, with the arm if there are
/// several (`redcap-api.md` §4.4).
pub fn event_text(project: &Project, row: &Row, labels: Labels) -> String {
    let Some(event) = project.event_by_id(row.event) else { return String::new() };
    if !labels.values {
        return event.unique_name.clone();
    }
    match project.arms.iter().find(|a| a.num == event.arm_num) {
        Some(arm) if labels.name_the_arm && project.arms.len() > 1 => {
            format!("{} (Arm {}: {})", event.name, arm.num, arm.name)
        }
        _ => event.name.clone(),
    }
}
