//! Reads a CSV of records piece by piece into a [`RecordTable`].
//!
//! The header is looked at before it is believed: a delimiter other than the one asked for is
//! recognised, a page or an error instead of a CSV too. A row with too few or too many cells ends
//! the reading, since it is the place where an answer was cut off or where REDCap ran out of
//! memory and wrote a message into the data (`redcap-api.md` Q3).

mod line;

use self::line::Part;
use crate::api::sniff;
use crate::domain::table::{RecordTable, TableBuilder};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use std::borrow::Cow;
use std::collections::HashSet;

/// Why a body is no table.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Zero bytes.
    Empty,
    /// It ends in the middle.
    CutShort(String),
    /// It is as long as it was said to be, but its last line has no end. Records end in a line
    /// feed (`redcap-wire.md`), so something on the way may have taken a part for the whole.
    NoEnd,
    /// A row does not fit the header.
    Row(String),
    /// It is not a CSV of records; here is the beginning of what it is.
    NoCsv(Vec<u8>),
}

/// The most bytes kept of something that is no CSV.
const MAX_OTHER: usize = 256 * 1024;
/// The longest header: 40,000 columns with names of 100 characters fit.
const MAX_HEADER: usize = 8 * 1024 * 1024;

/// The state of reading.
pub(super) struct TableReader {
    /// Bytes before the end of the header, or the beginning of what is no CSV.
    start: Vec<u8>,
    other: bool,
    rows: Option<Rows>,
    seen: bool,
    last: u8,
    odd_quotes: bool,
}

/// The rows after the header.
struct Rows {
    delimiter: u8,
    core: Reader,
    /// The core has begun a row, or may have.
    begun: bool,
    /// The cells of a line that are not blank.
    parts: Vec<Part>,
    builder: TableBuilder,
    columns: usize,
    text: Vec<u8>,
    ends: Vec<usize>,
    n_text: usize,
    n_ends: usize,
    /// The first row that does not fit, and the bytes from there on.
    broken: Option<Broken>,
}

struct Broken {
    row: usize,
    cells: usize,
    /// What the row and the bytes after it say, for the search for messages.
    text: Vec<u8>,
    more: bool,
}

impl TableReader {
    pub fn new() -> Self {
        Self { start: Vec::new(), other: false, rows: None, seen: false, last: 0, odd_quotes: false }
    }

    /// Rows read so far.
    pub fn n_rows(&self) -> usize {
        self.rows.as_ref().map_or(0, |r| r.builder.n_rows())
    }

    /// Takes the next bytes.
    pub fn take(&mut self, bytes: &[u8]) {
        let Some(&last) = bytes.last() else { return };
        self.seen = true;
        self.last = last;
        if let Some(rows) = &mut self.rows {
            self.odd_quotes ^= odd_quotes(bytes);
            rows.take(bytes);
            return;
        }
        if self.other {
            let room = MAX_OTHER.saturating_sub(self.start.len());
            self.start.extend(bytes.iter().take(room));
            return;
        }
        self.start.extend_from_slice(bytes);
        self.look_for_header(false);
    }

    /// Turns to the rows once the header is complete, or gives up on it.
    fn look_for_header(&mut self, at_end: bool) {
        let text = self.start.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&self.start);
        let blank = text.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        let text = text.get(blank..).unwrap_or_default();
        let Some(&first) = text.first() else { return };
        // A page, a JSON error and XML are known by their first character.
        let no_csv = matches!(first, b'<' | b'{' | b'[') || first.is_ascii_whitespace();
        let end = text.iter().position(|b| matches!(b, b'\r' | b'\n'));
        if no_csv || text.len() > MAX_HEADER {
            self.other = true;
        } else if let Some(end) = end.or(at_end.then_some(text.len())) {
            let (header, rest) = text.split_at(end);
            match header_of(header) {
                None => self.other = true,
                Some((names, delimiter)) => {
                    let mut rows = Rows::new(names, delimiter);
                    self.odd_quotes = odd_quotes(rest);
                    rows.take(rest);
                    self.rows = Some(rows);
                    self.start = Vec::new();
                }
            }
        }
    }

    /// The table, once the body is complete. Without a known length a body that does not end in
    /// a line feed may have lost its end: records end in one.
    pub fn finish(mut self, has_length: bool) -> Result<RecordTable, Trouble> {
        if self.rows.is_none() && !self.other {
            self.look_for_header(true);
        }
        if !self.seen {
            return Err(Trouble::Empty);
        }
        if self.other {
            return Err(Trouble::NoCsv(self.start));
        }
        // Nothing but a line end: the server says that there are no rows.
        let Some(rows) = self.rows else { return Ok(RecordTable::default()) };
        if !has_length && self.last != b'\n' {
            return Err(Trouble::CutShort("The last line has no end.".into()));
        }
        let table = rows.finish(self.odd_quotes)?;
        if self.last == b'\n' { Ok(table) } else { Err(Trouble::NoEnd) }
    }
}

impl Rows {
    fn new(names: Vec<String>, delimiter: u8) -> Self {
        let columns = names.len();
        Self {
            delimiter,
            core: ReaderBuilder::new().delimiter(delimiter).build(),
            begun: false,
            parts: Vec::new(),
            builder: TableBuilder::new(names),
            columns,
            text: vec![0; 4096],
            ends: vec![0; columns + 1],
            n_text: 0,
            n_ends: 0,
            broken: None,
        }
    }

    /// Takes bytes. The core takes an empty slice for the end, so it never gets one before that.
    fn take(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.feed(bytes);
        }
    }

    fn feed(&mut self, mut bytes: &[u8]) {
        let at_end = bytes.is_empty();
        while at_end || !bytes.is_empty() {
            if let Some(broken) = &mut self.broken {
                broken.more |= bytes.iter().any(|b| !b.is_ascii_whitespace());
                let room = MAX_OTHER.saturating_sub(broken.text.len());
                broken.text.extend(bytes.iter().take(room));
                return;
            }
            if !self.begun {
                bytes = self.plain_lines(bytes);
                if self.broken.is_some() || bytes.is_empty() && !at_end {
                    continue;
                }
            }
            self.begun = true;
            let text = self.text.get_mut(self.n_text..).unwrap_or_default();
            let ends = self.ends.get_mut(self.n_ends..).unwrap_or_default();
            let (result, read, wrote, ended) = self.core.read_record(bytes, text, ends);
            bytes = bytes.get(read..).unwrap_or_default();
            self.n_text += wrote;
            self.n_ends += ended;
            match result {
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return,
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                // Far too many cells: a row like that is broken, but it is read to its end.
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => {
                    self.begun = false;
                    self.row();
                }
            }
        }
    }

    /// Takes whole lines that have neither quotes nor anything else to think about, and leaves
    /// the rest to the core: what comes out is the same, and most lines of an export are plain.
    fn plain_lines<'b>(&mut self, mut bytes: &'b [u8]) -> &'b [u8] {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            let (line, rest) = bytes.split_at(end);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if !line.is_empty() {
                let Ok(text) = std::str::from_utf8(line) else { break };
                if self.columns == 1 || memchr::memchr2(b'"', b'\r', line).is_some() {
                    break;
                }
                // A row that does not fit is broken for the core too.
                if line::split(line, self.delimiter, &mut self.parts) != self.columns {
                    break;
                }
                self.builder.push_parts(text, &self.parts);
            }
            bytes = rest.get(1..).unwrap_or_default();
        }
        bytes
    }

    /// A row is complete.
    fn row(&mut self) {
        let text = self.text.get(..self.n_text).unwrap_or_default();
        let ends = self.ends.get(..self.n_ends).unwrap_or_default();
        self.n_text = 0;
        self.n_ends = 0;
        if ends.len() != self.columns || (self.columns == 1 && is_message(text)) {
            let row = self.builder.n_rows() + 1;
            self.broken = Some(Broken { row, cells: ends.len(), text: text.to_vec(), more: false });
            return;
        }
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let places = starts.zip(ends.iter().copied());
        match std::str::from_utf8(text) {
            Ok(text) if text.is_ascii() || ends.iter().all(|&end| text.is_char_boundary(end)) => {
                self.builder.push_row(places.map(|(from, to)| text.get(from..to).unwrap_or_default()));
            }
            _ => {
                // Not UTF-8: what cannot be read is shown as such, the rest stays (Q23).
                let cells: Vec<Cow<'_, str>> = places
                    .map(|(from, to)| String::from_utf8_lossy(text.get(from..to).unwrap_or_default()))
                    .collect();
                self.builder.push_row(cells.iter().map(AsRef::as_ref));
            }
        }
    }

    fn finish(mut self, odd_quotes: bool) -> Result<RecordTable, Trouble> {
        // The end of the body: a last row without a line end comes out now.
        self.feed(&[]);
        if let Some(broken) = self.broken {
            let Broken { row, cells, text, more } = broken;
            let said = String::from_utf8_lossy(&text);
            if is_message(said.trim_start().as_bytes()) || sniff::trouble(&said).is_some() {
                return Err(Trouble::NoCsv(text));
            }
            let cause = format!("Row {row} has {cells} cells instead of {}.", self.columns);
            return Err(if more { Trouble::Row(cause) } else { Trouble::CutShort(cause) });
        }
        if odd_quotes {
            return Err(Trouble::CutShort("The last value is not closed.".into()));
        }
        Ok(self.builder.finish())
    }
}

/// The column names and the delimiter of a header, if it is one of a raw export: names of
/// letters, digits and `_` (`redcap-api.md` §7), each once.
fn header_of(line: &[u8]) -> Option<(Vec<String>, u8)> {
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let delimiter = line.iter().copied().find(|&b| !is_name(b) && b != b'"').unwrap_or(b',');
    if !matches!(delimiter, b',' | b';' | b'\t' | b'|' | b'^') {
        return None;
    }
    let mut seen = HashSet::new();
    let mut names = Vec::new();
    for cell in line.split(|&b| b == delimiter) {
        let cell = cell.strip_prefix(b"\"").and_then(|c| c.strip_suffix(b"\"")).unwrap_or(cell);
        if cell.is_empty() || !cell.iter().all(|&b| is_name(b)) || !seen.insert(cell) {
            return None;
        }
        names.push(String::from_utf8_lossy(cell).into_owned());
    }
    Some((names, delimiter))
}

/// Whether a row is no data but a message that was written into it.
fn is_message(text: &[u8]) -> bool {
    let starts = |prefix: &[u8]| text.get(..prefix.len()).is_some_and(|t| t.eq_ignore_ascii_case(prefix));
    starts(b"<br")
        || starts(b"<b>")
        || starts(b"<html")
        || starts(b"<!doctype")
        || starts(b"{\"error\"")
        || starts(b"error:")
}

/// Whether the number of quotes is odd: inside a quoted value every quote is doubled, so only an
/// open value leaves an odd number.
fn odd_quotes(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'"', bytes).count() % 2 == 1
}

#[cfg(test)]
mod tests;
