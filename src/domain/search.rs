//! Finding rows of a whole table by what their cells have in them.
//!
//! The distinct values of a column are looked at once, and then each row is one comparison of
//! numbers. What passes is the same as if every cell had been written out as it is on screen and
//! looked at: a test holds this against the plain way.

use super::choices::is_ticked;
use super::codes::Wanted;
use super::columns::Column;
use super::filter::{Kind, Test};
use super::project::Metadata;
use super::row_set::RowSet;
use super::table::RecordTable;
use super::values::Values;

/// The rows in which a column has what was looked for.
#[derive(Debug, Clone)]
pub enum Found {
    /// Those with these values in a cell of the table, and those without any if `blank`.
    Values {
        /// The place of the cell in the table.
        cell: usize,
        /// The values.
        wanted: Wanted,
        /// Also the rows that have nothing there.
        blank: bool,
    },
    /// These.
    Rows(RowSet),
}

impl Found {
    /// How many rows they are.
    pub fn count(&self, table: &RecordTable) -> usize {
        match self {
            Self::Values { cell, wanted, blank } => {
                table.count(*cell, wanted) + if *blank { table.count_blank(*cell) } else { 0 }
            }
            Self::Rows(rows) => rows.count(),
        }
    }

    /// There are certainly none.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::Values { wanted: Wanted::None, blank: false, .. })
    }

    /// Whether a row is among them.
    pub fn has(&self, table: &RecordTable, row: usize) -> bool {
        match self {
            Self::Values { cell, wanted, blank } => match table.code(row, *cell) {
                0 => *blank,
                code => wanted.has(code),
            },
            Self::Rows(rows) => rows.has(row),
        }
    }

    /// Adds them to `rows`.
    pub fn mark(&self, table: &RecordTable, rows: &mut RowSet) {
        match self {
            Self::Values { cell, wanted, blank } => {
                table.mark(*cell, wanted, rows);
                if *blank {
                    table.mark_blank(*cell, rows);
                }
            }
            Self::Rows(own) => rows.join(own),
        }
    }

    /// The rows whose value passes; each distinct value and the blank is looked at once.
    fn passing(table: &RecordTable, cell: usize, passes: &mut dyn FnMut(&str) -> bool) -> Self {
        let values = table.distinct(cell).zip(0..).filter(|(value, _)| passes(value));
        let places: Vec<u32> = values.map(|(_, place)| place).collect();
        Self::Values { cell, wanted: table.wanted(cell, &places), blank: passes("") }
    }
}

impl Column {
    /// The rows that have a word, in small letters, in their label or their code.
    pub fn find_word(&self, table: &RecordTable, word: &str, metadata: &Metadata) -> Found {
        let mut has = |cells: &[&str]| self.has_word(cells, word, metadata);
        let [cell] = self.cells.as_slice() else {
            let texts = self.choice_texts(Values::Both);
            return match texts.filter(|_| !word.contains(';') && word.trim() == word) {
                Some(texts) => self.find_ticked(table, &texts, word),
                None => self.find_each(table, &mut has),
            };
        };
        if !self.shows_what_is_stored() || word.contains(|c: char| c.is_control() || c == '⏎') {
            return Found::passing(table, *cell, &mut |value| has(&[value]));
        }
        let mut odd = |value: &str| has(&[value]);
        let mut places = if word.is_ascii() {
            table.having(*cell, word, &mut odd)
        } else {
            // No plain value has a letter that is not ASCII.
            table.odd_having(*cell, &mut odd)
        };
        // The few values that have a label of the whole project.
        for missing in &metadata.info.missing_data_codes {
            if has(&[missing.code.as_str()])
                && let Some(place) = table.place_of(*cell, &missing.code)
                && !places.contains(&place)
            {
                places.push(place);
            }
        }
        Found::Values { cell: *cell, wanted: table.wanted(*cell, &places), blank: false }
    }

    /// The rows whose stored cells pass a test of a filter.
    pub fn find_passing(&self, table: &RecordTable, test: &Test) -> Found {
        let mut holds = |cells: &[&str]| test.holds(cells, &self.kind);
        match (self.cells.as_slice(), test, &self.kind) {
            ([cell], ..) => Found::passing(table, *cell, &mut |value| holds(&[value])),
            (cells, Test::Ticked(place, wanted), _) if *place < cells.len() => {
                let cell = cells.get(*place).copied().unwrap_or_default();
                Found::passing(table, cell, &mut |value| is_ticked(value) == *wanted)
            }
            (cells, Test::Blank(wanted), Kind::Checkbox(_)) => {
                let mut ticked = RowSet::new(table.n_rows());
                for cell in cells {
                    Found::passing(table, *cell, &mut is_ticked).mark(table, &mut ticked);
                }
                if !*wanted {
                    return Found::Rows(ticked);
                }
                let mut none = RowSet::new(table.n_rows());
                none.join_others(&ticked);
                Found::Rows(none)
            }
            _ => self.find_each(table, &mut holds),
        }
    }

    /// The rows where one of the choices that have a word is ticked.
    fn find_ticked(&self, table: &RecordTable, texts: &[String], word: &str) -> Found {
        let mut rows = RowSet::new(table.n_rows());
        for (cell, _) in self.cells.iter().zip(texts).filter(|(_, t)| t.to_lowercase().contains(word)) {
            Found::passing(table, *cell, &mut is_ticked).mark(table, &mut rows);
        }
        Found::Rows(rows)
    }

    /// The rows that pass; each is looked at.
    fn find_each(&self, table: &RecordTable, passes: &mut dyn FnMut(&[&str]) -> bool) -> Found {
        let mut rows = RowSet::new(table.n_rows());
        for row in 0..table.n_rows() {
            let cells: Vec<&str> = self.cells.iter().map(|&c| table.cell(row, c)).collect();
            if passes(&cells) {
                rows.add(row);
            }
        }
        Found::Rows(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::choices::Choice;
    use crate::domain::columns::columns;
    use crate::domain::dictionary::{Dictionary, Field, FieldType};
    use crate::domain::event::{Event, Repeating};
    use crate::domain::filter::{self, Term};
    use crate::domain::project::{ProjectInfo, Readable};
    use crate::domain::record::column;
    use crate::domain::table::TableBuilder;
    use proptest::prelude::*;

    /// A project with a column of every kind.
    fn metadata() -> Metadata {
        let mut fields = ["id", "note", "age", "seen", "sex", "race"].map(|n| Field::new(n, "base")).to_vec();
        fields[2].validation = "integer".into();
        fields[3].validation = "date_ymd".into();
        fields[4].field_type = FieldType::Radio;
        fields[4].choices_or_calculations = "1, Male | 2, <b>Fémale</b> | 3, A 1".into();
        fields[5].field_type = FieldType::Checkbox;
        fields[5].choices_or_calculations = "1, White; grey | 2, BLACK a | 3, Ünknown".into();
        let mut event = Event { unique_name: "week_a_arm_1".into(), ..Event::default() };
        event.name = "Week A".into();
        let repeating = Repeating { event: "x".into(), form: "base".into(), custom_label: String::new() };
        Metadata {
            info: ProjectInfo {
                missing_data_codes: vec![Choice::new("UNK", "Not aßked"), Choice::new("a", "Letter")],
                ..ProjectInfo::default()
            },
            dictionary: Dictionary::new(fields),
            events: Readable::Known(vec![event]),
            repeating: Readable::Known(vec![repeating]),
            ..Metadata::default()
        }
    }

    const NAMES: [&str; 11] = [
        "id",
        column::EVENT,
        column::REPEAT_INSTRUMENT,
        "note",
        "age",
        "seen",
        "sex",
        "race___1",
        "race___2",
        "race___3",
        "base_complete",
    ];

    fn table(rows: &[(String, u8, Vec<u8>)]) -> RecordTable {
        let mut table = TableBuilder::new(NAMES);
        let of = |list: &[&'static str], n: u8| list[usize::from(n) % list.len()];
        for (at, (note, age, rest)) in rows.iter().enumerate() {
            let rest = |at: usize| rest.get(at).copied().unwrap_or(0);
            let (id, age) = (at.to_string(), age.to_string());
            table.push_row([
                id.as_str(),
                of(&["", "week_a_arm_1", "other"], rest(0)),
                of(&["", "base"], rest(1)),
                note,
                &age,
                of(&["", "2026-03-01", "2025-12-31", "UNK"], rest(2)),
                of(&["", "1", "2", "3", "UNK", "9"], rest(3)),
                of(&["", "0", "1"], rest(4)),
                of(&["0", "1", ""], rest(5)),
                of(&["0", "1", "UNK"], rest(6)),
                of(&["", "0", "1", "2"], rest(7)),
            ]);
        }
        table.finish()
    }

    fn rows() -> impl Strategy<Value = Vec<(String, u8, Vec<u8>)>> {
        let note = "|UNK|a|[aAbBsSß éÉ1;\u{130}\u{212a}\t\n\r\u{7}\u{3a3}]{0,5}";
        prop::collection::vec((note, 0..14_u8, prop::collection::vec(any::<u8>(), 8)), 0..30)
    }

    proptest! {
        /// Rows that have a word are those in which the text on screen has it.
        #[test]
        fn a_word_is_found_as_if_every_cell_were_written_out(
            rows in rows(),
            word in "[aAbBsSß éÉ1;kKiσ]{1,3}|unk|male|base|week|not a|grey|e; b|black|unverified|asked|\u{23ce}",
        ) {
            let (table, metadata) = (table(&rows), metadata());
            let word = word.to_lowercase();
            for column in columns(&table, &metadata, &["base"]) {
                let hits = column.find_word(&table, &word, &metadata);
                let mut found = RowSet::new(table.n_rows());
                hits.mark(&table, &mut found);
                let count = hits.count(&table);
                prop_assert!((0..table.n_rows()).all(|row| hits.has(&table, row) == found.has(row)));
                prop_assert!(count == 0 || !hits.is_none());
                let plain: Vec<usize> = (0..table.n_rows())
                    .filter(|&row| {
                        let cells: Vec<&str> = column.cells.iter().map(|&c| table.cell(row, c)).collect();
                        column.has_word(&cells, &word, &metadata)
                    })
                    .collect();
                prop_assert_eq!((count, found.iter().collect::<Vec<_>>()), (plain.len(), plain), "{}", column.name);
            }
        }

        /// Rows that pass a comparison are those whose cells pass it.
        #[test]
        fn a_comparison_passes_as_if_every_cell_were_looked_at(
            rows in rows(),
            typed in prop::sample::select(vec![
                "age >= 7", "age = blank", "note: a", "note = blank", "note != a", "seen >= 2026", "sex = Male",
                "sex != 2", "race = 2", "race = blank", "race != blank", "race != BLACK a", "id: 1", "event: week",
            ]),
        ) {
            let (table, metadata) = (table(&rows), metadata());
            let columns = columns(&table, &metadata, &["base"]);
            let known: Vec<filter::Column> = columns.iter().map(|c| c.for_filter(false)).collect();
            let (query, mistake) = filter::parse_as_far(typed, &known);
            prop_assert_eq!(mistake, None);
            let terms: Vec<&Term> = query.any.iter().flatten().collect();
            prop_assert!(!terms.is_empty());
            for term in terms {
                let Term::Compare(at, test) = term else { panic!("a comparison: {term:?}") };
                let column = &columns[*at];
                let mut found = RowSet::new(table.n_rows());
                column.find_passing(&table, test).mark(&table, &mut found);
                let plain: Vec<usize> = (0..table.n_rows())
                    .filter(|&row| {
                        let cells: Vec<&str> = column.cells.iter().map(|&c| table.cell(row, c)).collect();
                        test.holds(&cells, &column.kind)
                    })
                    .collect();
                prop_assert_eq!(found.iter().collect::<Vec<_>>(), plain);
            }
        }
    }
}
