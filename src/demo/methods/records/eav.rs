//! The EAV export: one row a value (`redcap-api.md` §4.5).

use super::columns::{Labels, Wanted, is_number, status_text, used_codes, with_decimal};
use super::flat::event_text;
use super::rights::{Allowed, shift_date};
use super::rows::Layout;
use super::select::Selection;
use crate::demo::model::data::{Data, Row, checkbox_key};
use crate::demo::model::project::Project;
use crate::demo::wire::encode::{Cell, Shape, Spelling, TableWriter};
use crate::domain::dictionary::{Field, FieldType, status_field};
use crate::domain::record::column;
use std::io::{self, Write};

/// An EAV export, ready to be written.
#[derive(Debug)]
pub struct EavExport {
    /// Which rows.
    pub selection: Selection,
    /// Which fields.
    pub wanted: Wanted,
    /// For whom.
    pub allowed: Allowed,
    /// Codes or labels.
    pub labels: Labels,
    /// The decimal sign of numbers.
    pub decimal: Option<char>,
}

impl EavExport {
    /// Writes the values of every record: those that people entered, then the calculations,
    /// which come last in each record (`redcap-wire.md`).
    pub fn write(&self, out: &mut dyn Write, project: &Project, spelling: Spelling) -> io::Result<()> {
        let data: &Data = &project.data;
        let layout = Layout::new(project);
        let (longitudinal, repeating) = (project.info.is_longitudinal, project.has_repeating());
        let mut keys = vec!["record".to_owned()];
        if longitudinal {
            keys.push(column::EVENT.into());
        }
        if repeating {
            keys.extend([column::REPEAT_INSTRUMENT.into(), column::REPEAT_INSTANCE.into()]);
        }
        keys.extend(["field_name".into(), "value".into()]);
        let shape = Shape { empty_csv_is_blank: true, ..Shape::list("records") };
        let mut writer = TableWriter::new(out, spelling, shape, keys, None);
        let wanted_rows = self.selection.rows(project);
        for (name, record) in data.records() {
            if !self.selection.wants_record(name, record) {
                continue;
            }
            let rows: Vec<&Row> = layout
                .ordered(data, record)
                .into_iter()
                .filter(|row| wanted_rows.has(name, record, row))
                .collect();
            for calculations in [false, true] {
                for row in &rows {
                    for (field, value) in self.values(project, data, &layout, name, row, calculations) {
                        let mut cells = vec![Cell::Text(self.allowed.record_name(project, name))];
                        if longitudinal {
                            cells.push(Cell::text(event_text(project, row, self.labels)));
                        }
                        if repeating {
                            cells.push(Cell::text(data.instrument_of(row)));
                            cells.push(if row.repeats() {
                                Cell::Int(row.instance.into())
                            } else {
                                Cell::text("")
                            });
                        }
                        cells.extend([Cell::text(field), Cell::text(value)]);
                        writer.row(&cells)?;
                    }
                }
            }
        }
        writer.finish()
    }

    /// The values of a row, in dictionary order.
    fn values(
        &self,
        project: &Project,
        data: &Data,
        layout: &Layout,
        name: &str,
        row: &Row,
        calculations: bool,
    ) -> Vec<(String, String)> {
        let id_field = project.record_id_field();
        let mut values = Vec::new();
        for (place, instrument) in project.instruments.iter().enumerate() {
            let form = instrument.name.as_str();
            if !layout.on_row(data, row, place) {
                continue;
            }
            for field in project.fields_of(form) {
                if !self.wanted.has(&field.name, form)
                    || (field.field_type == FieldType::Calc) != calculations
                {
                    continue;
                }
                if field.name == id_field {
                    // The record id is a row of its own (§4.5).
                    values.push((field.name.clone(), self.allowed.record_name(project, name).into_owned()));
                } else if self.allowed.field(field) {
                    self.field_values(&mut values, project, name, row, field);
                }
            }
            let status = status_field(form);
            if !calculations && self.allowed.form(form) && self.wanted.has(&status, form) {
                let code = data.get(row, &status);
                if !code.is_empty() {
                    let text = status_text(code, self.labels.values).to_owned();
                    values.push((status, text));
                }
            }
        }
        values
    }

    fn field_values(
        &self,
        values: &mut Vec<(String, String)>,
        project: &Project,
        name: &str,
        row: &Row,
        field: &Field,
    ) {
        let data: &Data = &project.data;
        if field.field_type == FieldType::Checkbox {
            for choice in field.choices().into_iter().chain(used_codes(project, field)) {
                if !data.get(row, &checkbox_key(&field.name, &choice)).is_empty() {
                    let shown = if self.labels.values { choice.label } else { choice.code };
                    values.push((field.name.clone(), shown));
                }
            }
            return;
        }
        let stored = data.get(row, &field.name);
        if stored.is_empty() {
            return;
        }
        let shifted = if self.allowed.shifts(field) { shift_date(name, stored) } else { None };
        let decimal = self.decimal.filter(|_| is_number(field)).and_then(|d| with_decimal(stored, d));
        let label = if self.labels.values {
            field.choices().into_iter().find(|c| c.code == stored).map(|c| c.label)
        } else {
            None
        };
        let value = shifted.or(decimal).or(label).unwrap_or_else(|| stored.to_owned());
        values.push((field.name.clone(), value));
    }
}
