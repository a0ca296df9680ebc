//! Which rows of the record table are on screen, and in which order.
//!
//! Rows come in batches while the screen is in use. What a batch costs does not grow with what is
//! already here, so that a project of half a million rows stays as quick as a small one.

use super::records::{Load, Records};
use super::sorting::{Rule, sort_rows};
use crate::domain::belonging::belonging;
use crate::domain::columns::{Column, arrange, columns};
use crate::domain::filter::{self, Term};
use crate::domain::project::Metadata;
use crate::domain::record::{column, natural_cmp};
use crate::domain::row_set::RowSet;
use crate::domain::table::RecordTable;
use crate::jobs::types::RecordsPart;
use std::cmp::Ordering;
use std::collections::HashSet;
use std::ops::Range;

/// With an order of the user's own, all rows are put in order again when the table has grown by
/// one part in this many.
const GROWTH: usize = 4;

impl Records {
    /// Takes a batch in. Batches hold whole records and come in the order of their names, so the
    /// new rows belong below the old ones.
    pub fn take(&mut self, part: RecordsPart, metadata: &Metadata, masked: bool) {
        if self.fresh {
            self.fresh = false;
            self.table = RecordTable::default();
            self.all.clear();
            self.columns.clear();
            self.rows.clear();
            self.order.clear();
            self.records_shown = 0;
            self.in_order = 0;
            self.ids = None;
        }
        let from = self.table.n_rows();
        if from == 0 {
            self.table = part.rows;
        } else {
            self.table.append(&part.rows);
        }
        if part.ids.is_some() {
            self.ids = part.ids;
        }
        self.records_read = part.records_read;
        let new = from..self.table.n_rows();
        let known = self.all.len();
        self.all = self.make_columns(metadata, new.clone());
        self.show_columns();
        if self.all.len() != known {
            // Only now can be said what the filter's names are.
            self.read_filter(masked);
        }
        self.add(new, metadata, masked);
    }

    /// Puts the columns in the user's order and leaves out those that are hidden.
    pub fn show_columns(&mut self) {
        self.columns = arrange(&self.all, &self.layout);
        self.columns.retain(|c| !self.layout.hidden.contains(&c.name));
        self.column = self.column.min(self.columns.len().saturating_sub(1));
        self.left = self.left.min(self.columns.len().saturating_sub(self.n_frozen() + 1));
    }

    /// Reads the filter as it was typed. Where something cannot be read, what stands before it is
    /// in force, with a sentence on what is wrong.
    pub fn read_filter(&mut self, masked: bool) {
        let known: Vec<filter::Column> = self.all.iter().map(|c| c.for_filter(masked)).collect();
        let (query, mistake) = filter::parse_as_far(&self.filter, &known);
        self.query = query;
        self.mistake = mistake.map(|m| m.what);
        self.reading = self.query.words(&known);
    }

    /// Works out which rows are shown, and in which order: records by name as people sort them,
    /// the rows of a record as the server sent them, or by the column the user chose.
    ///
    /// Masked values are not searched: what a filter finds would tell what they are.
    pub fn refresh(&mut self, metadata: &Metadata, masked: bool) {
        let form = [self.form.as_deref().unwrap_or_default()];
        let belongs = belonging(&self.table, metadata, &form);
        let mut order: Vec<usize> = (0..self.table.n_rows()).filter(|&row| belongs(row)).collect();
        if let Some(id) = self.id_cell() {
            sort_rows(&mut order, &self.table, id, &Rule::Names, false);
        }
        if let Some(sort) = &self.sort
            && let Some(column) = self.all.iter().find(|c| c.name == sort.column)
            && let Some(&cell) = column.cells.first()
        {
            // Rows that are equal here stay in the order of their records.
            sort_rows(&mut order, &self.table, cell, &Rule::of(column, metadata), sort.down);
        }
        drop(belongs);
        self.order = order;
        self.in_order = self.table.n_rows();
        self.filter_again(metadata, masked);
    }

    /// Works out which rows are shown after only the filter was changed: their order stays.
    pub fn filter_again(&mut self, metadata: &Metadata, masked: bool) {
        self.read_filter(masked);
        self.rows = match self.passing(metadata, masked) {
            Some(passing) => self.order.iter().copied().filter(|&row| passing.has(row)).collect(),
            None => self.order.clone(),
        };
        self.records_shown = self.count_records(&self.rows);
        self.hold_cursor();
    }

    /// Puts rows in order that came since the last time, once no more are coming.
    pub fn settle(&mut self, metadata: &Metadata, masked: bool) {
        if self.in_order < self.table.n_rows() {
            self.refresh(metadata, masked);
        }
        self.table.shrink();
    }

    /// Adds new rows of the table below those on screen, or puts all in order where that is due.
    fn add(&mut self, new: Range<usize>, metadata: &Metadata, masked: bool) {
        let Some(id) = self.id_cell() else { return self.refresh(metadata, masked) };
        let end = new.end;
        let form = [self.form.as_deref().unwrap_or_default()];
        let belongs = belonging(&self.table, metadata, &form);
        let mut order: Vec<usize> = new.clone().filter(|&row| belongs(row)).collect();
        drop(belongs);
        order.sort_by(|&a, &b| natural_cmp(self.table.cell(a, id), self.table.cell(b, id)));
        let due = if self.sort.is_some() {
            (end - self.in_order) * GROWTH >= end
        } else {
            // A server that sends records again, or out of order.
            match (self.order.last(), order.first()) {
                (Some(&last), Some(&first)) => {
                    natural_cmp(self.table.cell(last, id), self.table.cell(first, id)) != Ordering::Less
                }
                _ => false,
            }
        };
        if due || self.rows.is_empty() && self.sort.is_some() {
            return self.refresh(metadata, masked);
        }
        let passes = self.passing_new(&new, metadata, masked);
        let rows: Vec<usize> = order.iter().copied().filter(|&row| passes(row)).collect();
        drop(passes);
        self.order.extend(order);
        self.records_shown += self.count_records(&rows);
        self.rows.extend(rows);
        if self.sort.is_none() {
            self.in_order = end;
        }
        self.hold_cursor();
    }

    /// Keeps the cursor on a row that is there, or puts it where it was at the last start.
    fn hold_cursor(&mut self) {
        let last = self.rows.len().saturating_sub(1);
        if self.cursor.at > 0 {
            self.resume = 0;
        } else if self.resume > 0 && (self.resume <= last || matches!(self.load, Load::Done(..))) {
            self.cursor.at = std::mem::take(&mut self.resume);
        }
        self.cursor.at = self.cursor.at.min(last);
    }

    fn id_cell(&self) -> Option<usize> {
        self.all.first()?.cells.first().copied()
    }

    fn count_records(&self, rows: &[usize]) -> usize {
        let Some(id) = self.id_cell() else { return 0 };
        // A few new rows below many: only they are counted.
        if rows.len() * 16 < self.table.n_distinct(id) {
            return rows.iter().map(|&r| self.table.code(r, id)).collect::<HashSet<_>>().len();
        }
        let mut seen = RowSet::new(self.table.n_distinct(id) + 1);
        seen.extend(rows.iter().map(|&r| self.table.code(r, id) as usize));
        seen.count()
    }

    /// The columns of the table on screen. REDCap's repeat columns are shown only where a row of
    /// this instrument has something in them; only new rows can change that.
    fn make_columns(&self, metadata: &Metadata, new: Range<usize>) -> Vec<Column> {
        let form = [self.form.as_deref().unwrap_or_default()];
        let belongs = belonging(&self.table, metadata, &form);
        let mut columns = columns(&self.table, metadata, &form);
        columns.retain(|c| {
            let repeat = c.name == column::REPEAT_INSTRUMENT || c.name == column::REPEAT_INSTANCE;
            let Some(&cell) = c.cells.first().filter(|_| repeat) else { return true };
            self.all.iter().any(|had| had.name == c.name)
                || new.clone().any(|row| !self.table.cell(row, cell).is_empty() && belongs(row))
        });
        columns
    }

    /// Which rows of the whole table pass the filter; `None` if all do.
    fn passing(&self, metadata: &Metadata, masked: bool) -> Option<RowSet> {
        if self.query.any.is_empty() {
            return None;
        }
        let n_rows = self.table.n_rows();
        let mut passing = RowSet::new(n_rows);
        for terms in &self.query.any {
            let mut all: Option<RowSet> = None;
            for term in terms {
                let mut own = RowSet::new(n_rows);
                match term {
                    Term::Word(word) => {
                        for column in self.searched(masked) {
                            let found = column.find_word(&self.table, word, metadata);
                            if !found.is_none() {
                                found.mark(&self.table, &mut own);
                                if own.is_full() {
                                    break;
                                }
                            }
                        }
                    }
                    Term::Compare(place, test) => {
                        if let Some(column) = self.all.get(*place) {
                            column.find_passing(&self.table, test).mark(&self.table, &mut own);
                        }
                    }
                }
                match &mut all {
                    Some(all) => all.keep(&own),
                    None => all = Some(own),
                }
            }
            if let Some(all) = all {
                passing.join(&all);
            }
        }
        Some(passing)
    }

    /// The columns in which words are looked for.
    fn searched(&self, masked: bool) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(move |c| !(masked && c.identifier))
    }

    /// Tells whether a row of a few new ones passes the filter. What it costs does not grow with
    /// the rows that are already here.
    fn passing_new(&self, new: &Range<usize>, metadata: &Metadata, masked: bool) -> impl Fn(usize) -> bool {
        let hits = |term: &Term| {
            let mut hit = vec![false; new.len()];
            match term {
                Term::Word(word) => {
                    for column in self.searched(masked) {
                        let mut has = |cells: &[&str]| column.has_word(cells, word, metadata);
                        column.mark_range(&self.table, new, &mut has, &mut hit);
                    }
                }
                Term::Compare(place, test) => {
                    if let Some(column) = self.all.get(*place) {
                        let mut holds = |cells: &[&str]| test.holds(cells, &column.kind);
                        column.mark_range(&self.table, new, &mut holds, &mut hit);
                    }
                }
            }
            hit
        };
        let hits: Vec<Vec<Vec<bool>>> =
            self.query.any.iter().map(|all| all.iter().map(hits).collect()).collect();
        let start = new.start;
        move |row| {
            let passes = |hit: &Vec<bool>| hit.get(row - start).copied().unwrap_or(false);
            hits.is_empty() || hits.iter().any(|all| all.iter().all(passes))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::sorting::Sort;
    use crate::domain::dictionary::{Dictionary, Field};
    use crate::domain::event::Repeating;
    use crate::domain::project::Readable;
    use crate::domain::table::TableBuilder;
    use crate::domain::values::Values;
    use proptest::prelude::*;

    fn metadata() -> Metadata {
        let mut fields = ["id", "age", "city"].map(|name| Field::new(name, "base")).to_vec();
        fields[1].validation = "integer".into();
        let repeating =
            Repeating { event: "week_1".into(), form: "base".into(), custom_label: String::new() };
        Metadata {
            dictionary: Dictionary::new(fields),
            repeating: Readable::Known(vec![repeating]),
            ..Metadata::default()
        }
    }

    type Row = (u8, u8, u8, u8);

    /// Batches of whole records in the order of their names, as the worker sends them.
    fn batches(mut rows: Vec<Row>, per_batch: usize) -> Vec<RecordsPart> {
        rows.sort_by_key(|r| r.0);
        let mut names: Vec<u8> = rows.iter().map(|r| r.0).collect();
        names.dedup();
        let part = |names: &[u8]| {
            let columns = ["id", column::EVENT, column::REPEAT_INSTRUMENT, column::REPEAT_INSTANCE];
            let mut table = TableBuilder::new(columns.into_iter().chain(["age", "city"]));
            for (id, kind, age, city) in rows.iter().filter(|r| names.contains(&r.0)) {
                let (event, instrument, instance) = match kind % 4 {
                    0 => ("week_0", "", ""),
                    1 => ("week_1", "", ""),
                    2 => ("week_1", "base", "1"),
                    _ => ("week_1", "other", "1"),
                };
                let (id, age) = (id.to_string(), age.to_string());
                let city = ["", "Oslo", "oslo east", "Rome"][usize::from(city % 4)];
                table.push_row([id.as_str(), event, instrument, instance, &age, city]);
            }
            RecordsPart { ids: None, rows: table.finish(), records_read: 0 }
        };
        names.chunks(per_batch).map(part).collect()
    }

    proptest! {
        /// Whatever the filter and the order: rows added batch by batch are the rows of one pass.
        #[test]
        fn rows_added_in_batches_are_as_if_all_came_at_once(
            rows in prop::collection::vec((0..30_u8, any::<u8>(), 0..4_u8, any::<u8>()), 0..60),
            per_batch in 1..5_usize,
            filter in prop::sample::select(
                vec!["", "oslo", "oslo 1", "east week_1", "age >= 1", "city = blank or age = 2"]),
            sort in prop::sample::select(vec![None, Some(("city", false)), Some(("age", true))]),
        ) {
            let metadata = metadata();
            let mut records = Records::default();
            records.begin("base", crate::domain::layout::Layout::default());
            filter.clone_into(&mut records.filter);
            records.read_filter(false);
            records.sort = sort.map(|(column, down)| Sort { column: column.into(), down });
            for part in batches(rows, per_batch) {
                records.take(part, &metadata, false);
            }
            records.settle(&metadata, false);
            let added = (records.rows.clone(), records.records_shown);
            records.refresh(&metadata, false);
            prop_assert_eq!(added, (records.rows.clone(), records.records_shown));
            let once = Records { all: Vec::new(), ..records.clone() };
            let columns: Vec<String> =
                once.make_columns(&metadata, 0..once.table.n_rows()).into_iter().map(|c| c.name).collect();
            let had: Vec<String> = records.columns.iter().map(|c| c.name.clone()).collect();
            if records.table.n_rows() > 0 {
                prop_assert_eq!(had, columns);
            }
            for (&row, shown) in records.rows.iter().zip(1..) {
                let all: Vec<String> = records.columns.iter()
                    .map(|c| records.text(c, row, Values::Both, false, &metadata).to_lowercase()).collect();
                for word in crate::app::open::words(filter).iter().filter(|_| !filter.contains('=')) {
                    prop_assert!(all.iter().any(|t| t.contains(word)), "row {} lacks {}", shown, word);
                }
            }
        }
    }

    #[test]
    fn records_that_come_again_are_put_in_their_place() {
        let metadata = metadata();
        let mut records = Records::default();
        records.begin("base", crate::domain::layout::Layout::default());
        for ids in [vec![3, 4], vec![1, 2]] {
            let rows: Vec<Row> = ids.into_iter().map(|id| (id, 0, 0, 0)).collect();
            for part in batches(rows, 9) {
                records.take(part, &metadata, false);
            }
        }
        let ids: Vec<&str> = records.rows.iter().map(|&r| records.table.cell(r, 0)).collect();
        assert_eq!(ids, ["1", "2", "3", "4"]);
        assert_eq!(records.records_shown, 4);
    }
}
