//! Tables as CSV, JSON and XML, written row by row so that a long export needs little memory.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

/// The format of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values.
    Csv,
    /// JSON.
    Json,
    /// XML, REDCap's default.
    Xml,
}

impl Format {
    /// Reads the word on the wire.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "xml" => Some(Self::Xml),
            _ => None,
        }
    }

    /// The content type of a body (`redcap-api.md` §1.4).
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
            Self::Xml => "text/xml; charset=utf-8",
        }
    }
}

/// One cell of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// Text; a string in JSON.
    Text(Cow<'a, str>),
    /// A number; a number in JSON.
    Int(i64),
    /// Names and numbers, as `forms` of a user: a map in JSON, `a:1,b:2` in CSV, elements in XML.
    Map(Vec<(&'a str, i64)>),
}

impl<'a> Cell<'a> {
    /// A text cell.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// 0 or 1 as a number.
    pub fn flag(on: bool) -> Self {
        Self::Int(i64::from(on))
    }
}

/// What is particular about the spelling of one export.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// The XML element around everything.
    pub root: &'static str,
    /// The XML element around a row.
    pub item: &'static str,
    /// The last CSV line ends in a line feed (`redcap-wire.md`: not for arms and mappings).
    pub last_line_feed: bool,
    /// A CSV without rows is one line feed without a header (`redcap-wire.md`: records).
    pub empty_csv_is_blank: bool,
    /// JSON is the one row as an object and not a list (`content=project`).
    pub single: bool,
}

impl Shape {
    /// The usual list.
    pub const fn list(root: &'static str) -> Self {
        Self { root, item: "item", last_line_feed: true, empty_csv_is_blank: false, single: false }
    }
}

/// How a table is spelled: its format, and what a format leaves open.
#[derive(Debug, Clone, Copy)]
pub struct Spelling {
    /// The format.
    pub format: Format,
    /// What stands between the cells of CSV.
    pub delimiter: char,
    /// JSON as PHP writes it: `/` and what is not ASCII are escaped.
    pub php_escapes: bool,
}

/// Writes a table in one of the formats.
pub struct TableWriter<'w> {
    out: &'w mut dyn Write,
    spelling: Spelling,
    shape: Shape,
    keys: Vec<String>,
    headers: Vec<String>,
    rows: u64,
    line: String,
}

impl std::fmt::Debug for TableWriter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableWriter")
            .field("spelling", &self.spelling)
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

impl<'w> TableWriter<'w> {
    /// A writer for rows with these keys. CSV shows `headers` instead, if there are any.
    pub fn new(
        out: &'w mut dyn Write,
        spelling: Spelling,
        shape: Shape,
        keys: Vec<String>,
        headers: Option<Vec<String>>,
    ) -> Self {
        let headers = headers.unwrap_or_else(|| keys.clone());
        Self { out, spelling, shape, keys, headers, rows: 0, line: String::new() }
    }

    /// Writes one row; its cells are in the order of the keys.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        let mut line = std::mem::take(&mut self.line);
        line.clear();
        if self.rows == 0 {
            self.begin(&mut line);
        }
        match self.spelling.format {
            Format::Csv => {
                if self.rows > 0 {
                    line.push('\n');
                }
                for (i, cell) in cells.iter().enumerate() {
                    if i > 0 {
                        line.push(self.spelling.delimiter);
                    }
                    csv_cell(&mut line, cell, self.spelling.delimiter);
                }
            }
            Format::Json => {
                if self.rows > 0 {
                    line.push(',');
                }
                line.push('{');
                for (i, (key, cell)) in self.keys.iter().zip(cells).enumerate() {
                    if i > 0 {
                        line.push(',');
                    }
                    push_json_string(&mut line, key, self.spelling.php_escapes);
                    line.push(':');
                    json_cell(&mut line, cell, self.spelling.php_escapes);
                }
                line.push('}');
            }
            Format::Xml => {
                if !self.shape.single {
                    let _ = write!(line, "<{}>", self.shape.item);
                }
                for (key, cell) in self.keys.iter().zip(cells) {
                    let _ = write!(line, "<{key}>");
                    xml_cell(&mut line, cell);
                    let _ = write!(line, "</{key}>");
                }
                if !self.shape.single {
                    let _ = write!(line, "</{}>", self.shape.item);
                }
            }
        }
        self.rows += 1;
        let written = self.out.write_all(line.as_bytes());
        self.line = line;
        written
    }

    fn begin(&self, line: &mut String) {
        match self.spelling.format {
            Format::Csv => {
                line.push_str(&self.header_line());
                line.push('\n');
            }
            Format::Json if self.shape.single => {}
            Format::Json => line.push('['),
            Format::Xml => {
                let _ = write!(line, "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><{}>", self.shape.root);
            }
        }
    }

    /// Header names are never quoted for a blank (`redcap-wire.md`), only where they must be.
    fn header_line(&self) -> String {
        let mut line = String::new();
        for (i, header) in self.headers.iter().enumerate() {
            if i > 0 {
                line.push(self.spelling.delimiter);
            }
            if header.contains([self.spelling.delimiter, '"', '\n', '\r']) {
                quoted(&mut line, header);
            } else {
                line.push_str(header);
            }
        }
        line
    }

    /// Ends the table.
    pub fn finish(self) -> io::Result<()> {
        let end = match (self.spelling.format, self.rows) {
            (Format::Csv, 0) if self.shape.empty_csv_is_blank => "\n".to_owned(),
            (Format::Csv, 0) => self.header_line() + "\n",
            (Format::Csv, _) if self.shape.last_line_feed => "\n".to_owned(),
            (Format::Csv, _) => String::new(),
            (Format::Json, 0) => "[]".to_owned(),
            (Format::Json, _) if self.shape.single => String::new(),
            (Format::Json, _) => "]".to_owned(),
            (Format::Xml, 0) => {
                format!("<?xml version=\"1.0\" encoding=\"UTF-8\" ?><{0}></{0}>", self.shape.root)
            }
            (Format::Xml, _) => format!("</{}>", self.shape.root),
        };
        self.out.write_all(end.as_bytes())
    }
}

fn csv_cell(line: &mut String, cell: &Cell<'_>, delimiter: char) {
    match cell {
        Cell::Text(text) if text.contains([delimiter, '"', ' ', '\n', '\r', '\t']) => quoted(line, text),
        Cell::Text(text) => line.push_str(text),
        Cell::Int(number) => {
            let _ = write!(line, "{number}");
        }
        Cell::Map(pairs) => {
            let packed: Vec<String> = pairs.iter().map(|(k, v)| format!("{k}:{v}")).collect();
            csv_cell(line, &Cell::text(packed.join(",")), delimiter);
        }
    }
}

fn quoted(line: &mut String, text: &str) {
    line.push('"');
    for c in text.chars() {
        if c == '"' {
            line.push('"');
        }
        line.push(c);
    }
    line.push('"');
}

fn json_cell(line: &mut String, cell: &Cell<'_>, php_escapes: bool) {
    match cell {
        Cell::Text(text) => push_json_string(line, text, php_escapes),
        Cell::Int(number) => {
            let _ = write!(line, "{number}");
        }
        // PHP writes an empty map as an empty list.
        Cell::Map(pairs) if pairs.is_empty() => line.push_str("[]"),
        Cell::Map(pairs) => {
            line.push('{');
            for (i, (key, number)) in pairs.iter().enumerate() {
                if i > 0 {
                    line.push(',');
                }
                push_json_string(line, key, php_escapes);
                let _ = write!(line, ":{number}");
            }
            line.push('}');
        }
    }
}

fn xml_cell(line: &mut String, cell: &Cell<'_>) {
    match cell {
        Cell::Text(text) if text.is_empty() => {}
        // A CDATA section cannot hold its own end mark, so that mark is split over two.
        Cell::Text(text) => {
            let _ = write!(line, "<![CDATA[{}]]>", xml_chars(text).replace("]]>", "]]]]><![CDATA[>"));
        }
        Cell::Int(number) => {
            let _ = write!(line, "{number}");
        }
        Cell::Map(pairs) => {
            for (key, number) in pairs {
                let _ = write!(line, "<{key}>{number}</{key}>");
            }
        }
    }
}

/// Text without the control characters that XML 1.0 cannot hold.
fn xml_chars(text: &str) -> Cow<'_, str> {
    let bad = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    if text.contains(bad) { Cow::Owned(text.replace(bad, "")) } else { Cow::Borrowed(text) }
}

/// Text between XML tags or inside an attribute.
pub fn xml_text(text: &str) -> String {
    xml_chars(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A JSON string with its marks.
pub fn json_string(text: &str, php_escapes: bool) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_json_string(&mut out, text, php_escapes);
    out
}

fn push_json_string(out: &mut String, text: &str, php_escapes: bool) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '/' if php_escapes => out.push_str("\\/"),
            c if c < ' ' || (php_escapes && !c.is_ascii()) => {
                let mut units = [0_u16; 2];
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(format: Format, shape: Shape, rows: &[Vec<Cell<'_>>]) -> String {
        let mut out = Vec::new();
        let keys = vec!["id".to_owned(), "note".to_owned()];
        let spelling = Spelling { format, delimiter: ',', php_escapes: true };
        let mut writer = TableWriter::new(&mut out, spelling, shape, keys, None);
        for row in rows {
            writer.row(row).unwrap();
        }
        writer.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_table_in_three_formats() {
        let shape = Shape::list("records");
        let rows =
            [vec![Cell::text("1"), Cell::text("a \"b\"\né/")], vec![Cell::Int(2), Cell::text("x]]>y")]];
        assert_eq!(table(Format::Csv, shape, &rows), "id,note\n1,\"a \"\"b\"\"\né/\"\n2,x]]>y\n");
        assert_eq!(
            table(Format::Json, shape, &rows),
            r#"[{"id":"1","note":"a \"b\"\n\u00e9\/"},{"id":2,"note":"x]]>y"}]"#
        );
        assert_eq!(
            table(Format::Xml, shape, &rows),
            "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><records><item><id><![CDATA[1]]></id><note><![CDATA[a \"b\"\né/]]></note></item>\
             <item><id>2</id><note><![CDATA[x]]]]><![CDATA[>y]]></note></item></records>"
        );
    }

    #[test]
    fn a_table_without_rows() {
        let blank = Shape { empty_csv_is_blank: true, ..Shape::list("records") };
        for (format, shape, body) in [
            (Format::Csv, blank, "\n"),
            (Format::Csv, Shape::list("items"), "id,note\n"),
            (Format::Json, blank, "[]"),
            (Format::Xml, blank, "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><records></records>"),
        ] {
            assert_eq!(table(format, shape, &[]), body);
        }
    }

    #[test]
    fn maps_follow_the_format() {
        let forms = || vec![Cell::text("u"), Cell::Map(vec![("demo", 130), ("labs", 129)])];
        let shape = Shape::list("users");
        assert_eq!(table(Format::Csv, shape, &[forms()]), "id,note\nu,\"demo:130,labs:129\"\n");
        assert_eq!(table(Format::Json, shape, &[forms()]), r#"[{"id":"u","note":{"demo":130,"labs":129}}]"#);
        assert!(
            table(Format::Xml, shape, &[forms()]).contains("<note><demo>130</demo><labs>129</labs></note>")
        );
    }

    proptest! {
        #[test]
        fn csv_and_json_can_be_read_back(text in "\\PC*|[ -~\n\r\t\"]*") {
            let rows = [vec![Cell::text("1"), Cell::text(text.clone())]];
            let csv = table(Format::Csv, Shape::list("records"), &rows);
            let mut reader = csv::Reader::from_reader(csv.as_bytes());
            let record = reader.records().next().unwrap().unwrap();
            prop_assert_eq!(record.get(1).unwrap(), text.as_str());
            let json = table(Format::Json, Shape::list("records"), &rows);
            let value: serde_json::Value = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(value[0]["note"].as_str().unwrap(), text.as_str());
        }
    }
}
