//! Files with one value a row (EAV): `record, field_name, value`, and the keys of the place if the
//! project needs them (`redcap-api.md` §5.1). They are laid out as one row a place, so that all
//! checks see them as any other file; each cell remembers its line.

use super::columns::checkbox_of;
use super::finding::{Findings, Rule};
use super::fix::Fix;
use super::payload::KEYS;
use super::source::{ReadError, Settings, SourceFile};
use crate::domain::choices::checkbox_column;
use crate::domain::project::Metadata;
use crate::domain::table::TableBuilder;
use crate::domain::text::one_line;
use indexmap::{IndexMap, IndexSet};
use std::collections::HashMap;

/// The most cells that a file laid out may have; each costs a few bytes.
const MOST_CELLS: usize = 200_000_000;

/// What is known of a file with one value a row, after it was laid out.
#[derive(Debug, Clone, Default)]
pub struct EavLayout {
    /// How many rows the file itself has.
    pub n_values: usize,
    n_columns: usize,
    /// Cell by cell its line; 0 where the file says nothing of the field.
    lines: Vec<u32>,
    /// What is wrong with single lines.
    remarks: Vec<Remark>,
}

/// What is wrong with a line: the cell if there is one, the rule, the sentence.
type Remark = (Option<(usize, usize)>, Rule, String);

impl EavLayout {
    fn line(&self, row: usize, column: usize) -> u32 {
        self.lines.get(row * self.n_columns + column).copied().unwrap_or(0)
    }

    /// Tells what was found while the file was laid out.
    pub(super) fn tell(&self, findings: &mut Findings) {
        for (at, rule, what) in &self.remarks {
            findings.once(at.map(|(row, _)| row), at.map(|(_, column)| column), *rule, what.as_str(), None);
        }
    }
}

impl SourceFile {
    /// The line of a cell, from 1.
    pub fn line_at(&self, row: usize, column: usize) -> u32 {
        match self.eav.as_ref().map(|eav| eav.line(row, column)) {
            None | Some(0) => self.line(row),
            Some(line) => line,
        }
    }

    /// Whether the file says nothing of a field at a place, which is not the same as a blank.
    pub fn is_absent(&self, row: usize, column: usize) -> bool {
        self.eav.as_ref().is_some_and(|eav| eav.line(row, column) == 0)
    }

    /// Lays a file with one value a row out for a project. Another file stays as it is.
    pub fn for_project(self, metadata: &Metadata, settings: &Settings) -> Result<Self, ReadError> {
        let find = |name: &str| self.table.column(name);
        let id_field = metadata.dictionary.record_id_field().map_or("record", |f| f.name.as_str());
        let (Some(record), Some(field_name), Some(value)) =
            (find("record").or_else(|| find(id_field)), find("field_name"), find("value"))
        else {
            return Ok(self);
        };
        // A project may have fields of these names.
        if metadata.dictionary.field("field_name").is_some() {
            return Ok(self);
        }
        let keys: Vec<(&str, usize)> = KEYS.iter().filter_map(|k| Some((*k, find(k)?))).collect();
        let mut layout = EavLayout::default();
        for (at, name) in self.table.column_names().enumerate() {
            let is_key = keys.iter().any(|(_, k)| *k == at);
            if ![record, field_name, value].contains(&at) && !is_key {
                let what = format!(
                    "A file with one value a row has no column \"{}\": it has record, field_name, value, and the keys of the place.",
                    one_line(name)
                );
                layout.remarks.push((None, Rule::UnknownColumn, what));
            }
        }
        for (row, cells) in &self.ragged {
            let what = format!(
                "Line {}: it has {cells} cells, the header {}.",
                self.line(*row),
                self.table.n_columns()
            );
            layout.remarks.push((None, Rule::RaggedRow, what));
        }
        let lay = Laying { file: &self, metadata, settings, id_field, record, field_name, value, keys };
        lay.out(layout)
    }
}

/// A file that is being laid out.
struct Laying<'a> {
    file: &'a SourceFile,
    metadata: &'a Metadata,
    settings: &'a Settings,
    id_field: &'a str,
    record: usize,
    field_name: usize,
    value: usize,
    keys: Vec<(&'a str, usize)>,
}

impl Laying<'_> {
    fn out(&self, mut layout: EavLayout) -> Result<SourceFile, ReadError> {
        let table = &self.file.table;
        let first = 1 + self.keys.len();
        let mut places: IndexMap<Vec<&str>, u32> = IndexMap::new();
        let mut fields: IndexSet<String> = IndexSet::new();
        // For each cell the row of the file and its text.
        let mut cells: HashMap<(usize, usize), (usize, &str)> = HashMap::new();
        // Names are looked up once: the code of a name stands for it.
        let mut columns: HashMap<u32, usize> = HashMap::new();
        for row in 0..table.n_rows() {
            let line = self.file.line(row);
            let mut place = vec![table.cell(row, self.record).trim_matches([' ', '\t'])];
            place.extend(self.keys.iter().map(|(_, at)| table.cell(row, *at).trim_matches([' ', '\t'])));
            let name = table.cell(row, self.field_name).trim();
            let text = table.cell(row, self.value);
            let at = places.entry(place);
            let at_row = at.index();
            at.or_insert(line);
            if name == self.id_field {
                let record = table.cell(row, self.record).trim();
                if text.trim() != record {
                    let what = format!(
                        "Line {line}: the value of {} is another record name than the row's own.",
                        self.id_field
                    );
                    layout.remarks.push((None, Rule::ConflictingRows, what));
                }
                continue;
            }
            let (column, text) = match self.box_of(name, text) {
                // Which field it is depends on the value, so it cannot be remembered by the name.
                Some(name) => (first + fields.insert_full(name).0, "1"),
                None => {
                    let key = table.code(row, self.field_name);
                    let column = match columns.get(&key) {
                        Some(at) => *at,
                        None => first + fields.insert_full(name.to_owned()).0,
                    };
                    columns.insert(key, column);
                    (column, text)
                }
            };
            if let Some((before, old)) = cells.get(&(at_row, column)) {
                let (rule, how) = if *old == text {
                    (Rule::IdenticalRows, "the same value")
                } else {
                    (Rule::ConflictingRows, "different values")
                };
                let what = format!("Lines {} and {line} give it {how}.", self.file.line(*before));
                layout.remarks.push((Some((at_row, column)), rule, what));
                continue;
            }
            cells.insert((at_row, column), (row, text));
        }
        let n_columns = first + fields.len();
        if places.len().saturating_mul(n_columns) > MOST_CELLS {
            return Err(ReadError::TooWide(places.len(), fields.len()));
        }
        layout.n_values = table.n_rows();
        layout.n_columns = n_columns;
        layout.lines = vec![0; places.len() * n_columns];
        let names = std::iter::once(self.id_field)
            .chain(self.keys.iter().map(|(name, _)| *name))
            .chain(fields.iter().map(String::as_str));
        let mut builder = TableBuilder::new(names);
        let mut line: Vec<&str> = Vec::with_capacity(n_columns);
        for (row, (place, first_line)) in places.iter().enumerate() {
            line.clear();
            line.extend(place);
            for column in first..n_columns {
                let cell = cells.get(&(row, column));
                line.push(cell.map_or("", |(_, text)| text));
                if let (Some((source, _)), Some(slot)) =
                    (cell, layout.lines.get_mut(row * n_columns + column))
                {
                    *slot = self.file.line(*source);
                }
            }
            for slot in layout.lines.iter_mut().skip(row * n_columns).take(first) {
                *slot = *first_line;
            }
            builder.push_row(line.iter().copied());
        }
        Ok(SourceFile {
            table: builder.finish(),
            lines: places.values().copied().collect(),
            ragged: Vec::new(),
            eav: Some(layout),
            ..self.file.clone()
        })
    }

    /// A ticked box as EAV exports write it (`race`, `2`), if the person accepted that reading:
    /// imports name the box itself (`race___2`, `1`; `redcap-api.md` §4.5).
    fn box_of(&self, name: &str, text: &str) -> Option<String> {
        if !self.settings.fixes.contains(&Fix::ExportedBoxes) || text.trim().is_empty() {
            return None;
        }
        checkbox_of(self.metadata, name).map(|field| checkbox_column(&field.name, text.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dictionary::{Dictionary, Field, FieldType};

    fn metadata() -> Metadata {
        let race = Field {
            field_type: FieldType::Checkbox,
            choices_or_calculations: "1, A | 2, B".into(),
            ..Field::new("race", "f")
        };
        let fields = vec![Field::new("study_id", "f"), Field::new("age", "f"), race];
        Metadata { dictionary: Dictionary::new(fields), ..Metadata::default() }
    }

    fn laid(text: &str, settings: &Settings) -> SourceFile {
        SourceFile::read(text.as_bytes(), settings).unwrap().for_project(&metadata(), settings).unwrap()
    }

    #[test]
    fn values_are_laid_out_by_place_and_remember_their_lines() {
        let text =
            "record,field_name,value\n1,study_id,1\n1,age,7\n2,note,x\n1,note,\"two\nlines\"\n2,age,\n";
        let file = laid(text, &Settings::default());
        assert_eq!(file.table.column_names().collect::<Vec<_>>(), ["study_id", "age", "note"]);
        assert_eq!((file.table.n_rows(), file.table.cell(0, 2)), (2, "two\nlines"));
        assert_eq!([file.line_at(0, 1), file.line_at(0, 2), file.line_at(1, 2)], [3, 5, 4]);
        // A blank is not the same as nothing.
        assert_eq!((file.line_at(1, 1), file.is_absent(1, 1)), (7, false));
        let json =
            r#"[{"record":1,"field_name":"age","value":"7"},{"record":2,"field_name":"note","value":"x"}]"#;
        let file = laid(json, &Settings::default());
        assert!(file.is_absent(0, 2) && !file.is_absent(0, 1));
        assert_eq!(file.line_at(1, 2), 2);
        assert!(file.describe().contains("one value a row (EAV)"));
    }

    #[test]
    fn ticked_boxes_of_an_export_are_read_so_only_if_it_was_accepted() {
        let text = "record,field_name,value\n1,race,1\n1,race,2\n";
        let file = laid(text, &Settings::default());
        assert_eq!(file.table.column_names().collect::<Vec<_>>(), ["study_id", "race"]);
        let settings = Settings { fixes: [Fix::ExportedBoxes].into(), ..Settings::default() };
        let file = laid(text, &settings);
        assert_eq!(file.table.column_names().collect::<Vec<_>>(), ["study_id", "race___1", "race___2"]);
        assert_eq!([file.table.cell(0, 1), file.table.cell(0, 2)], ["1", "1"]);
    }

    #[test]
    fn a_flat_file_stays_as_it_is() {
        let file = laid("study_id,value\n1,x\n", &Settings::default());
        assert!(file.eav.is_none() && !file.is_absent(0, 1));
    }
}
