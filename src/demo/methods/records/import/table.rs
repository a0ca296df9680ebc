//! The rows of an import as they were sent: CSV and JSON (`redcap-api.md` §5.1). XML has its own
//! file.
//!
//! Rows are read into a table as they come, never into a tree: a body of many megabytes needs a
//! small multiple of its size.

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::HashMap;
use std::fmt;

/// So many cells and rows are taken. Short cells need many times their size, so a limit of bytes
/// alone would not bound the memory.
const MOST_CELLS: usize = 8_000_000;

/// What was sent, as columns and rows. A row holds only the cells it was sent with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// The names of the columns in the order in which they first came.
    pub columns: Vec<String>,
    /// The rows: the number of a column, and the text.
    pub rows: Vec<Vec<(usize, String)>>,
    numbers: HashMap<String, usize>,
    n_cells: usize,
    /// For each column the row that had it last, so that a name that comes twice is seen.
    last_row: Vec<usize>,
}

impl Table {
    /// Begins a row.
    pub fn begin_row(&mut self) {
        self.n_cells += 1;
        if !self.is_too_large() {
            self.rows.push(Vec::new());
        }
    }

    /// Whether there was more than a table holds; the rest was dropped.
    pub fn is_too_large(&self) -> bool {
        self.n_cells > MOST_CELLS
    }

    /// Adds a cell to the last row. Of two cells with one name the later counts, as in PHP.
    pub fn cell(&mut self, column: &str, value: String) {
        self.n_cells += 1;
        if self.is_too_large() {
            return;
        }
        let number = self.column(column);
        let row_number = self.rows.len();
        let (Some(row), Some(last)) = (self.rows.last_mut(), self.last_row.get_mut(number)) else { return };
        if *last == row_number
            && let Some(cell) = row.iter_mut().find(|(c, _)| *c == number)
        {
            cell.1 = value;
            return;
        }
        *last = row_number;
        row.push((number, value));
    }

    /// The number of a column, which is added if it is new.
    fn column(&mut self, name: &str) -> usize {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = self.columns.len();
        self.columns.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        self.last_row.push(0);
        number
    }

    /// The number of a column with this name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.numbers.get(name).copied()
    }

    /// The text of a cell.
    pub fn text(row: &[(usize, String)], column: Option<usize>) -> &str {
        column.and_then(|column| row.iter().find(|(c, _)| *c == column)).map_or("", |(_, text)| text)
    }

    /// Removes rows without any text: blank lines are no rows (since 6.10).
    fn without_blank_rows(mut self) -> Self {
        self.rows.retain(|row| row.iter().any(|(_, text)| !text.trim().is_empty()));
        self
    }
}

/// Reads CSV: a byte order mark, CR LF and blank lines are tolerated. `None` if it is none.
pub fn from_csv(text: &str, delimiter: char) -> Option<Table> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return None;
    }
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(u8::try_from(delimiter).ok()?)
        .flexible(true)
        .from_reader(text.as_bytes());
    let headers: Vec<String> = reader.headers().ok()?.iter().map(|h| h.trim().to_owned()).collect();
    let mut table = Table::default();
    for header in &headers {
        table.column(header);
    }
    for record in reader.records() {
        table.begin_row();
        for (at, text) in record.ok()?.iter().enumerate() {
            match headers.get(at) {
                Some(header) => table.cell(header, text.to_owned()),
                // More cells than columns: only tolerable if there is nothing in them.
                None if text.trim().is_empty() => {}
                None => return None,
            }
        }
    }
    Some(table.without_blank_rows())
}

/// What a JSON text is.
#[derive(Debug, PartialEq, Eq)]
pub enum Json {
    /// A list of objects.
    Table(Table),
    /// One bare object, which imports nothing and says so by a count of 0 (`redcap-api.md` §5.1).
    Object,
}

/// Reads JSON. `None` if it is none, or no list of flat objects.
pub fn from_json(text: &str) -> Option<Json> {
    let mut deserializer = serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}'));
    let json = Whole.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    Some(json)
}

struct Whole;

impl<'de> DeserializeSeed<'de> for Whole {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Whole {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut table = Table::default();
        while seq.next_element_seed(Row(&mut table))?.is_some() {}
        Ok(Json::Table(table))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Json::Object)
    }
}

struct Row<'t>(&'t mut Table);

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with texts and numbers")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.0.begin_row();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(Cell)?;
            self.0.cell(key.trim(), value);
        }
        Ok(())
    }
}

/// One value as text. Numbers become text as PHP makes it of them: `22.0` is `22`.
struct Cell;

impl<'de> DeserializeSeed<'de> for Cell {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Cell {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a number")
    }

    fn visit_str<E>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_string<E>(self, text: String) -> Result<String, E> {
        Ok(text)
    }

    fn visit_i64<E>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_u64<E>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_f64<E>(self, number: f64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_bool<E>(self, truth: bool) -> Result<String, E> {
        Ok(if truth { "1" } else { "" }.to_owned())
    }

    fn visit_unit<E>(self) -> Result<String, E> {
        Ok(String::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<String, A::Error> {
        Err(A::Error::custom("a list is no value"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cells(table: &Table) -> Vec<Vec<(&str, &str)>> {
        table
            .rows
            .iter()
            .map(|row| row.iter().map(|(c, text)| (table.columns[*c].as_str(), text.as_str())).collect())
            .collect()
    }

    #[test]
    fn csv_of_every_make_is_read() {
        for (text, delimiter, rows) in [
            ("a,b\n1,2\n", ',', vec![vec![("a", "1"), ("b", "2")]]),
            ("\u{feff}a,b\r\n1,2\r\n\r\n,\r\n", ',', vec![vec![("a", "1"), ("b", "2")]]),
            ("a;b\n1;\"x\ny\"", ';', vec![vec![("a", "1"), ("b", "x\ny")]]),
            ("a\tb\n1\t\n", '\t', vec![vec![("a", "1"), ("b", "")]]),
            ("a,b\n1\n", ',', vec![vec![("a", "1")]]),
            ("a,b\n1,2,,\n", ',', vec![vec![("a", "1"), ("b", "2")]]),
            ("a,a\n1,2\n", ',', vec![vec![("a", "2")]]),
            ("a\n", ',', vec![]),
        ] {
            assert_eq!(cells(&from_csv(text, delimiter).unwrap()), rows, "{text:?}");
        }
        for text in ["", " \n", "a\n1,2\n"] {
            assert_eq!(from_csv(text, ','), None, "{text:?}");
        }
    }

    #[test]
    fn json_of_every_make_is_read() {
        let Some(Json::Table(table)) = from_json(
            "\u{feff}[{\"a\":1,\"b\":\"x\"},{\"b\":22.0,\"c\":1.5,\"d\":null,\"e\":true,\"f\":false,\"b\":2}] ",
        ) else {
            panic!("no table")
        };
        assert_eq!(
            cells(&table),
            [vec![("a", "1"), ("b", "x")], vec![("b", "2"), ("c", "1.5"), ("d", ""), ("e", "1"), ("f", "")]]
        );
        assert_eq!(from_json("{\"a\":{\"b\":[1]}}"), Some(Json::Object));
        assert_eq!(from_json("[]"), Some(Json::Table(Table::default())));
        for text in ["", "x", "1", "null", "[1]", "[{\"a\":[1]}]", "[{\"a\":{}}]", "[{\"a\":1}", "[] []"] {
            assert_eq!(from_json(text), None, "{text:?}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(from_json(&deep), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_stumble(text in "\\PC*|[ -~\n\r\t\"]*", delimiter in "[,;|^\t]") {
            let _ = from_csv(&text, delimiter.chars().next().unwrap());
            let _ = from_json(&text);
        }
    }
}
