//! Reading the file itself: its encoding, its delimiter, its rows with their line numbers.

use super::dates::DateOrder;
use super::eav::EavLayout;
use super::fix::Fix;
use super::foreign::{self, Foreign};
use crate::domain::table::{RecordTable, TableBuilder};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::collections::BTreeSet;
use thiserror::Error;

/// How a file is to be read and compared. What is `None` is found out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The encoding, by its name (`windows-1252`).
    pub encoding: Option<String>,
    /// What separates the cells.
    pub delimiter: Option<u8>,
    /// The order of dates in columns that do not prove their own.
    pub dates: Option<DateOrder>,
    /// Blank cells erase what is stored (`overwriteBehavior=overwrite`).
    pub overwrite: bool,
    /// REDCap gives every record a new name (`forceAutoNumber`); names in the file only group rows.
    pub auto_number: bool,
    /// Corrections that the person accepted.
    pub fixes: BTreeSet<Fix>,
}

/// Why a file cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError {
    /// Nothing in it.
    #[error("The file is empty.")]
    Empty,
    /// A file of another kind.
    #[error("This is neither CSV nor JSON: it looks like {}.", .0.what)]
    Foreign(&'static Foreign),
    /// There is no such encoding.
    #[error("There is no encoding \"{0}\".")]
    UnknownEncoding(String),
    /// The CSV ends in the middle of a quoted cell.
    #[error("A quote that begins on line {0} is never closed.")]
    OpenQuote(usize),
    /// JSON that is not a list of rows.
    #[error("The JSON cannot be read: {0}.")]
    Json(String),
    /// A file with one value a row that names too many places and fields.
    #[error("The file names {0} places and {1} fields, which is too much at once.")]
    TooWide(usize, usize),
}

impl ReadError {
    /// What a person can do.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Empty => "Choose another file.",
            Self::Foreign(kind) => kind.advice,
            Self::UnknownEncoding(_) => "Use a name such as utf-8, windows-1252 or utf-16le.",
            Self::OpenQuote(_) => "Close the quote, or write it twice if it belongs to the text.",
            Self::TooWide(..) => "Split it by records.",
            Self::Json(_) => "REDCap takes a list of rows: [{\"record_id\": \"1\", ...}, ...].",
        }
    }
}

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Cells between delimiters, one row a line.
    Csv,
    /// A JSON list of objects.
    Json,
}

/// A file as it was read.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// What it is.
    pub format: Format,
    /// The name of the encoding.
    pub encoding: &'static str,
    /// It begins with a byte order mark.
    pub has_bom: bool,
    /// What separates the cells; a comma for JSON.
    pub delimiter: u8,
    /// Some bytes do not belong to the encoding.
    pub is_lossy: bool,
    /// The rows. Columns have the names of the header, unnamed ones `""`.
    pub table: RecordTable,
    /// The line on which each row begins, from 1. For JSON its place in the list.
    pub lines: Vec<u32>,
    /// Rows with more or fewer cells than the header: the row and its number of cells.
    pub ragged: Vec<(usize, usize)>,
    /// The lines, from 1, that hold delimiters and nothing else. They are no rows.
    pub empty_lines: Vec<u32>,
    /// For a file with one value a row: how it was laid out.
    pub eav: Option<EavLayout>,
}

impl SourceFile {
    /// Reads a file.
    pub fn read(bytes: &[u8], settings: &Settings) -> Result<Self, ReadError> {
        let (text, encoding, has_bom, is_lossy) = decode(bytes, settings.encoding.as_deref())?;
        let first = text.trim_start().chars().next().ok_or(ReadError::Empty)?;
        let mut file = Self {
            format: Format::Csv,
            encoding: encoding.name(),
            has_bom,
            delimiter: b',',
            is_lossy,
            table: RecordTable::default(),
            lines: Vec::new(),
            ragged: Vec::new(),
            empty_lines: Vec::new(),
            eav: None,
        };
        if first == '[' || first == '{' {
            file.format = Format::Json;
            file.json(&text)?;
        } else {
            let (declared, rest) = declared_delimiter(&text);
            file.delimiter = settings.delimiter.or(declared).unwrap_or_else(|| guess_delimiter(rest));
            file.csv(rest, if declared.is_some() { 2 } else { 1 })?;
        }
        Ok(file)
    }

    /// The line of a row, from 1.
    pub fn line(&self, row: usize) -> u32 {
        self.lines.get(row).copied().unwrap_or(0)
    }

    /// The name of the delimiter.
    pub fn delimiter_name(&self) -> &'static str {
        delimiter_name(self.delimiter)
    }

    /// One line about the file: what it is and how it was read.
    pub fn describe(&self) -> String {
        let bom = if self.has_bom { " with a byte order mark" } else { "" };
        let eav = if self.eav.is_some() { ", one value a row (EAV)" } else { "" };
        match self.format {
            Format::Csv => {
                format!("CSV, {}{bom}, cells separated by {}{eav}", self.encoding, self.delimiter_name())
            }
            Format::Json => format!("JSON, {}{bom}{eav}", self.encoding),
        }
    }

    /// Reads the text, which begins on this line of the file.
    fn csv(&mut self, text: &str, first_line: u32) -> Result<(), ReadError> {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(self.delimiter)
            .flexible(true)
            .has_headers(false)
            .from_reader(text.as_bytes());
        let mut record = csv::StringRecord::new();
        let mut lines = LineCounter { text: text.as_bytes(), at: 0, line: first_line };
        let mut builder: Option<(TableBuilder, usize)> = None;
        let mut ends_in_break = false;
        // The decoded text is valid, so a record can always be read.
        while reader.read_record(&mut record).unwrap_or(false) {
            let start = record.position().map_or(0, csv::Position::byte) as usize;
            let line = lines.line_of_row(start);
            ends_in_break = record.iter().next_back().is_some_and(|c| c.contains('\n'));
            // Spreadsheets write a line of delimiters for an empty row. It says nothing of anybody.
            if record.iter().all(|c| c.trim().is_empty()) {
                self.empty_lines.push(line);
                continue;
            }
            match &mut builder {
                None => {
                    let names: Vec<&str> = record.iter().map(str::trim).collect();
                    builder = Some((TableBuilder::new(names.iter().copied()), names.len()));
                }
                Some((builder, columns)) => {
                    if record.len() != *columns {
                        self.ragged.push((self.lines.len(), record.len()));
                    }
                    builder.push_row(record.iter());
                    self.lines.push(line);
                }
            }
        }
        // An open quote swallows the rest of the file into its last cell.
        if ends_in_break && memchr::memchr_iter(b'"', text.as_bytes()).count() % 2 == 1 {
            return Err(ReadError::OpenQuote(self.lines.last().map_or(1, |l| *l as usize)));
        }
        self.table = builder.map(|(b, _)| b.finish()).ok_or(ReadError::Empty)?;
        Ok(())
    }

    fn json(&mut self, text: &str) -> Result<(), ReadError> {
        let rows: Vec<serde_json::Map<String, serde_json::Value>> =
            serde_json::from_str(text).map_err(|e| ReadError::Json(e.to_string()))?;
        let mut names: indexmap::IndexSet<&str> = indexmap::IndexSet::new();
        for row in &rows {
            names.extend(row.keys().map(String::as_str));
        }
        let mut builder = TableBuilder::new(names.iter().copied());
        for (row, n) in rows.iter().zip(1..) {
            let cells: Vec<String> = names.iter().map(|name| json_text(row.get(*name))).collect();
            builder.push_row(cells.iter().map(String::as_str));
            self.lines.push(n);
        }
        self.table = builder.finish();
        Ok(())
    }
}

/// The name of a delimiter.
pub fn delimiter_name(delimiter: u8) -> &'static str {
    match delimiter {
        b',' => "commas",
        b';' => "semicolons",
        b'\t' => "tabs",
        b'|' => "vertical bars",
        b'^' => "carets",
        _ => "another character",
    }
}

/// JSON values may be strings or numbers (`redcap-api.md` §5.1).
fn json_text(value: Option<&serde_json::Value>) -> String {
    match value {
        None | Some(serde_json::Value::Null) => String::new(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// Finds the line on which a row begins; blank lines before it belong to nobody.
struct LineCounter<'a> {
    text: &'a [u8],
    at: usize,
    line: u32,
}

impl LineCounter<'_> {
    fn line_of_row(&mut self, start: usize) -> u32 {
        let mut start = start;
        while self.text.get(start).is_some_and(|b| matches!(b, b'\r' | b'\n')) {
            start += 1;
        }
        let passed = self.text.get(self.at..start).unwrap_or_default();
        let breaks = memchr::memchr_iter(b'\n', passed).count();
        // Old Mac files end their lines with a carriage return alone.
        let returns = if breaks == 0 { memchr::memchr_iter(b'\r', passed).count() } else { 0 };
        self.line += (breaks + returns) as u32;
        self.at = start;
        self.line
    }
}

type Decoded = (String, &'static Encoding, bool, bool);

fn decode(bytes: &[u8], wanted: Option<&str>) -> Result<Decoded, ReadError> {
    if let Some(kind) = foreign::of_bytes(bytes) {
        return Err(ReadError::Foreign(kind));
    }
    let bom = Encoding::for_bom(bytes);
    let encoding = match wanted {
        Some(name) => {
            Encoding::for_label(name.as_bytes()).ok_or_else(|| ReadError::UnknownEncoding(name.to_owned()))?
        }
        None => bom.map_or_else(|| guess_encoding(bytes), |(encoding, _)| encoding),
    };
    let (text, lossy) = encoding.decode_with_bom_removal(bytes);
    if let Some(kind) = foreign::of_text(&text) {
        return Err(ReadError::Foreign(kind));
    }
    Ok((text.into_owned(), encoding, bom.is_some(), lossy))
}

fn guess_encoding(bytes: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok_and(|t| !t.contains('\0')) {
        return UTF_8;
    }
    // UTF-16 without a mark: every other byte of Latin text is zero.
    let sample = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if odd > sample.len() / 4 {
        return UTF_16LE;
    }
    if even > sample.len() / 4 {
        return UTF_16BE;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    // The hint decides only where the text itself does not: most projects are in the west.
    let guess = detector.guess(Some(b"us"), chardetng::Utf8Detection::Deny);
    // A few letters fit several encodings; the usual one is named where they read the same.
    let western = encoding_rs::WINDOWS_1252;
    if guess.decode_without_bom_handling(bytes).0 == western.decode_without_bom_handling(bytes).0 {
        return western;
    }
    guess
}

/// The delimiter that a first line such as `sep=;` declares, as Excel reads and some programs write
/// it, and the text after that line.
fn declared_delimiter(text: &str) -> (Option<u8>, &str) {
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    let declared = match line.trim_end_matches('\r').as_bytes() {
        [s, e, p, b'=', delimiter] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => Some(*delimiter),
        _ => None,
    };
    (declared, if declared.is_some() { rest } else { text })
}

/// The delimiter that the header has most of, outside quotes; commas if it has none.
fn guess_delimiter(text: &str) -> u8 {
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0), (b'|', 0), (b'^', 0)];
    let mut quoted = false;
    for byte in text.trim_start_matches(['\r', '\n']).bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(d, _)| *d == byte).for_each(|(_, n)| *n += 1),
        }
    }
    let most = counts.iter().map(|(_, n)| *n).max().unwrap_or(0);
    counts.iter().find(|(_, n)| *n == most).map_or(b',', |(d, _)| *d)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> SourceFile {
        SourceFile::read(bytes, &Settings::default()).unwrap()
    }

    #[test]
    fn the_encoding_and_the_delimiter_are_found_out() {
        let text = "id;name\n1;Siân\n2;Núñez\n";
        let (windows, _, _) = encoding_rs::WINDOWS_1252.encode(text);
        let utf16: Vec<u8> =
            [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let bare16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let with_bom = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        for (bytes, encoding, bom) in [
            (text.as_bytes(), "UTF-8", false),
            (&with_bom, "UTF-8", true),
            (&windows, "windows-1252", false),
            (&utf16, "UTF-16LE", true),
            (&bare16, "UTF-16BE", false),
        ] {
            let file = read(bytes);
            assert_eq!((file.encoding, file.has_bom, file.delimiter), (encoding, bom, b';'));
            assert_eq!(file.table.column_names().collect::<Vec<_>>(), ["id", "name"], "{encoding}");
            assert_eq!([file.table.cell(0, 1), file.table.cell(1, 1)], ["Siân", "Núñez"], "{encoding}");
        }
    }

    #[test]
    fn lines_are_counted_through_quotes_and_blank_lines() {
        let file = read(b"id,note\r\n1,\"two\r\nlines\"\r\n\r\n2,x\r\n3\r\n");
        assert_eq!(file.lines, [2, 5, 6]);
        assert_eq!(file.table.cell(0, 1), "two\r\nlines");
        assert_eq!(file.ragged, [(2, 1)]);
    }

    #[test]
    fn what_is_no_text_is_named() {
        assert_eq!(SourceFile::read(b"", &Settings::default()).unwrap_err(), ReadError::Empty);
        let zip = SourceFile::read(b"PK\x03\x04....", &Settings::default()).unwrap_err();
        assert!(matches!(zip, ReadError::Foreign(_)));
        let open = SourceFile::read(b"id,a\n1,\"x\n2,y\n", &Settings::default()).unwrap_err();
        assert_eq!(open, ReadError::OpenQuote(2));
    }

    #[test]
    fn what_spreadsheets_add_is_read_as_they_mean_it() {
        let file = read(b"sep=;\r\nid;a\r\n1;x\r\n;;;\r\n2;y,z\r\n ; \r\n");
        assert_eq!((file.delimiter, file.table.n_rows()), (b';', 2));
        assert_eq!(file.table.column_names().collect::<Vec<_>>(), ["id", "a"]);
        assert_eq!((file.lines.as_slice(), file.empty_lines.as_slice()), (&[3, 5][..], &[4, 6][..]));
        assert!(file.ragged.is_empty(), "an empty line has no wrong number of cells");
        // A column may be called sep.
        assert_eq!(read(b"sep,a\n1,2\n").table.column_names().collect::<Vec<_>>(), ["sep", "a"]);
    }

    #[test]
    fn json_rows_become_a_table() {
        let file = read(br#"[{"id":1,"a":"x"},{"id":"2","b":null}]"#);
        assert_eq!(file.table.column_names().collect::<Vec<_>>(), ["id", "a", "b"]);
        assert_eq!([file.table.cell(0, 0), file.table.cell(0, 1), file.table.cell(1, 0)], ["1", "x", "2"]);
    }
}
