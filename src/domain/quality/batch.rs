//! One batch of rows, with what was worked out once for all of them.

use super::fields::{Checked, Fields};
use crate::domain::choices::checkbox_column;
use crate::domain::dictionary::FieldType;
use crate::domain::logic::{Bound, Item, Logic, Place, Project, RecordContext, Rules, TableRows, Verdict};
use crate::domain::record::column;
use crate::domain::table::RecordTable;
use jiff::civil::DateTime;
use std::collections::{HashMap, HashSet};

/// What branching logic says of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Yes,
    No,
    /// The logic has a mistake, or needs what is not at hand. Never counted as hidden.
    Unknown,
}

/// The columns that hold a field.
pub(super) enum Columns {
    /// The server did not send it.
    Absent,
    One(usize),
    Boxes(Vec<BoxColumn>),
}

/// One choice of a checkbox as a column.
pub(super) struct BoxColumn {
    pub column: usize,
    pub code: String,
    pub kind: BoxKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BoxKind {
    Choice,
    MissingCode,
    /// The column is of neither.
    Unknown,
}

/// A batch.
pub(super) struct Batch<'b> {
    pub project: &'b Project<'b>,
    pub table: &'b RecordTable,
    pub rows: &'b TableRows<'b>,
    pub rules: &'b Rules,
    pub now: DateTime,
    expressions: &'b [Option<Logic>],
    bound: Vec<Option<Bound<'b>>>,
    pub columns: Vec<Columns>,
    /// The (record, event) that hold any data, as codes of the key columns.
    with_data: HashSet<(u32, u32)>,
    rows_with_data: Vec<bool>,
    record: Option<usize>,
    event: Option<usize>,
    instrument: Option<usize>,
}

/// Ties an expression to the rows, if that gives the same as looking at each row by itself.
pub(super) fn bind<'b>(
    logic: &'b Logic,
    rows: &'b TableRows<'b>,
    rules: &'b Rules,
    now: DateTime,
) -> Option<Bound<'b>> {
    // Smart variables may ask for the form, which rows of a table do not have.
    if logic.references().any(|r| matches!(r.item, Item::Smart { .. })) {
        return None;
    }
    logic.bind(rows, rules, now).ok()
}

impl<'b> Batch<'b> {
    pub fn new(
        project: &'b Project<'b>,
        table: &'b RecordTable,
        rows: &'b TableRows<'b>,
        fields: &'b Fields<'b>,
        rules: &'b Rules,
        now: DateTime,
    ) -> Self {
        let by_name: HashMap<&str, usize> = table.column_names().zip(0..).collect();
        let find = |name: &str| by_name.get(name).copied();
        let id = project.metadata().dictionary.record_id_field().map(|f| f.name.as_str());
        let expressions = fields.expressions.as_slice();
        let mut batch = Self {
            project,
            table,
            rows,
            rules,
            now,
            expressions,
            bound: expressions.iter().map(|e| e.as_ref().and_then(|e| bind(e, rows, rules, now))).collect(),
            columns: columns_of(project, table, fields, &by_name),
            with_data: HashSet::new(),
            rows_with_data: Vec::new(),
            record: id.and_then(find),
            event: find(column::EVENT),
            instrument: find(column::REPEAT_INSTRUMENT),
        };
        batch.find_data();
        batch
    }

    /// Notes which rows hold anything besides their place. A box that is not ticked is exported as
    /// 0 and says nothing.
    fn find_data(&mut self) {
        let mut holds = vec![false; self.table.n_rows()];
        for (at, name) in self.table.column_names().enumerate() {
            if Some(at) == self.record || column::SYSTEM.contains(&name) {
                continue;
            }
            let is_box = name.contains("___");
            let says_nothing: Vec<bool> =
                self.table.distinct(at).map(|value| is_box && value == "0").collect();
            for (held, code) in holds.iter_mut().zip(self.table.codes(at)) {
                let value = (code as usize).checked_sub(1);
                *held |= value.is_some_and(|v| says_nothing.get(v) == Some(&false));
            }
        }
        for (row, held) in holds.iter().enumerate() {
            if *held {
                self.with_data.insert(self.record_event(row));
            }
        }
        self.rows_with_data = holds;
    }

    fn code(&self, row: usize, column: Option<usize>) -> u32 {
        column.map_or(0, |c| self.table.code(row, c))
    }

    pub fn record_code(&self, row: usize) -> u32 {
        self.code(row, self.record)
    }

    fn record_event(&self, row: usize) -> (u32, u32) {
        (self.record_code(row), self.code(row, self.event))
    }

    /// Whether the row's record-event, or its instance, holds any data. The only row of a classic
    /// record always does: the record's name is stored there.
    pub fn holds_data(&self, row: usize) -> bool {
        let place = self.rows.place(row);
        if place.instance.is_some() {
            return self.rows_with_data.get(row) == Some(&true);
        }
        place.event.is_empty() || self.with_data.contains(&self.record_event(row))
    }

    /// The place of a row seen from a form.
    pub fn place(&self, row: usize, form: &'b str) -> Place<'b> {
        Place { form, ..self.rows.place(row) }
    }

    /// The record's name, event, repeating instrument and instance of a row, as text.
    pub fn key(&self, row: usize) -> crate::domain::record::RowKey {
        let cell = |column: Option<usize>| column.map_or("", |c| self.table.cell(row, c)).to_owned();
        crate::domain::record::RowKey {
            record: cell(self.record),
            event: cell(self.event),
            instrument: cell(self.instrument),
            instance: self.rows.place(row).instance,
        }
    }

    /// Evaluates something at a row as the form sees it.
    pub fn at<T>(&self, row: usize, form: &'b str, look: impl FnOnce(&RecordContext<'_>) -> T) -> T {
        let record = self.rows.record(row);
        look(&RecordContext::new(self.project, &record, self.place(row, form), self.rules, self.now))
    }

    /// Whether the form shows a field at a row.
    pub fn shown(&self, checked: &Checked<'b>, row: usize) -> Shown {
        let Some(number) = checked.branching else { return Shown::Yes };
        let truth = match (self.bound.get(number), self.expressions.get(number)) {
            (Some(Some(bound)), _) => bound.is_true(row).ok(),
            (_, Some(Some(logic))) => {
                self.at(row, &checked.field.form, |context| logic.is_true(context, self.rules).ok())
            }
            _ => None,
        };
        match truth {
            Some(true) => Shown::Yes,
            Some(false) => Shown::No,
            None => Shown::Unknown,
        }
    }

    /// Whether what branching logic says depends on how blanks are treated.
    pub fn shown_depends_on_blanks(&self, checked: &Checked<'b>, row: usize) -> bool {
        let Some(Some(Some(logic))) = checked.branching.map(|number| self.expressions.get(number)) else {
            return false;
        };
        self.at(row, &checked.field.form, |context| {
            logic.verdict(context, self.rules) == Ok(Verdict::DependsOnBlanks)
        })
    }
}

/// Where each field is in a table.
fn columns_of(
    project: &Project<'_>,
    table: &RecordTable,
    fields: &Fields<'_>,
    by_name: &HashMap<&str, usize>,
) -> Vec<Columns> {
    let missing = &project.metadata().info.missing_data_codes;
    // All columns of checkboxes by the field they belong to.
    let mut boxes: HashMap<&str, Vec<(usize, &str)>> = HashMap::new();
    for (at, name) in table.column_names().enumerate() {
        if let Some((field, _)) = name.split_once("___") {
            boxes.entry(field).or_default().push((at, name));
        }
    }
    let of_box = |checked: &Checked<'_>, (column, name): (usize, &str)| {
        let field = checked.field.name.as_str();
        let choices = checked.field.choices();
        let named = |code: &str| checkbox_column(field, code) == name;
        if let Some(choice) = choices.iter().find(|c| named(&c.code)) {
            return BoxColumn { column, code: choice.code.clone(), kind: BoxKind::Choice };
        }
        match missing.iter().find(|c| named(&c.code)) {
            Some(code) => BoxColumn { column, code: code.code.clone(), kind: BoxKind::MissingCode },
            None => {
                let code = name.split_once("___").map_or("", |(_, code)| code).to_owned();
                BoxColumn { column, code, kind: BoxKind::Unknown }
            }
        }
    };
    let list = fields.list.iter().map(|checked| {
        let name = checked.field.name.as_str();
        if checked.field.field_type == FieldType::Checkbox {
            return match boxes.get(name) {
                Some(columns) => Columns::Boxes(columns.iter().map(|c| of_box(checked, *c)).collect()),
                None => Columns::Absent,
            };
        }
        by_name.get(name).map_or(Columns::Absent, |column| Columns::One(*column))
    });
    list.collect()
}

/// One field at one row of a batch.
pub(super) struct At<'b> {
    pub batch: &'b Batch<'b>,
    pub row: usize,
    pub checked: &'b Checked<'b>,
    pub columns: &'b Columns,
}

impl<'b> At<'b> {
    /// The stored text; blank for a checkbox, see [`At::ticked`].
    pub fn value(&self) -> &'b str {
        match self.columns {
            Columns::One(column) => self.batch.table.cell(self.row, *column),
            _ => "",
        }
    }

    /// The boxes that are ticked.
    pub fn ticked(&self) -> impl Iterator<Item = &'b BoxColumn> + '_ {
        let boxes = match self.columns {
            Columns::Boxes(boxes) => boxes.as_slice(),
            _ => &[],
        };
        boxes.iter().filter(|b| self.batch.table.cell(self.row, b.column) == "1")
    }

    /// The stored text, or the ticked codes of a checkbox.
    pub fn text(&self) -> String {
        match self.columns {
            Columns::Boxes(_) => self.ticked().map(|b| b.code.as_str()).collect::<Vec<_>>().join(", "),
            _ => self.value().to_owned(),
        }
    }

    /// Whether nothing is stored: no text, no ticked box.
    pub fn is_blank(&self) -> bool {
        match self.columns {
            Columns::Boxes(_) => self.ticked().next().is_none(),
            _ => self.value().is_empty(),
        }
    }

    /// Whether what is stored is one of the project's missing data codes.
    pub fn is_missing_code(&self) -> bool {
        match self.columns {
            Columns::Boxes(_) => self.ticked().any(|b| b.kind == BoxKind::MissingCode),
            _ => self.batch.project.is_missing_code(self.value()),
        }
    }

    /// Whether the form shows the field.
    pub fn shown(&self) -> Shown {
        self.batch.shown(self.checked, self.row)
    }
}
