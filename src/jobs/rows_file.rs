//! Rows of text as CSV or JSON, written one after the other.

use crate::domain::text::{guarded, is_formula};
use std::io::{self, Write};

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FileFormat {
    /// CSV in UTF-8; cells that a spreadsheet would run as a formula get an apostrophe.
    #[default]
    Csv,
    /// The same with the mark by which Excel knows UTF-8.
    Excel,
    /// CSV with every cell exactly as it is, for programs and for importing again.
    Exact,
    /// A list of objects.
    Json,
}

impl FileFormat {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Excel, Self::Exact, Self::Json];

    /// Its name on screen.
    pub fn words(self) -> &'static str {
        match self {
            Self::Csv => "CSV, formulas made harmless",
            Self::Excel => "CSV for Excel, formulas made harmless",
            Self::Exact => "CSV exactly as stored, to import again",
            Self::Json => "JSON",
        }
    }

    /// The ending of file names.
    pub fn ending(self) -> &'static str {
        if self == Self::Json { "json" } else { "csv" }
    }
}

/// A file of rows while it is written.
pub struct RowsFile<W: Write> {
    format: FileFormat,
    header: Vec<String>,
    out: Out<W>,
    rows: usize,
    guarded: usize,
}

enum Out<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Json(W),
}

impl<W: Write> RowsFile<W> {
    /// Begins with the header.
    pub fn new(mut out: W, format: FileFormat, header: &[String]) -> io::Result<Self> {
        let out = match format {
            FileFormat::Json => {
                out.write_all(b"[")?;
                Out::Json(out)
            }
            _ => {
                if format == FileFormat::Excel {
                    out.write_all("\u{feff}".as_bytes())?;
                }
                let mut writer = csv::Writer::from_writer(out);
                // Names of columns come from the server too.
                let safe = |name: &String| match format {
                    FileFormat::Exact => name.clone(),
                    _ => guarded(name).into_owned(),
                };
                writer.write_record(header.iter().map(safe))?;
                Out::Csv(Box::new(writer))
            }
        };
        Ok(Self { format, header: header.to_vec(), out, rows: 0, guarded: 0 })
    }

    /// Adds a row with a cell for each column of the header.
    pub fn row(&mut self, cells: impl IntoIterator<Item = impl AsRef<str>>) -> io::Result<()> {
        match &mut self.out {
            Out::Csv(writer) => {
                let exact = self.format == FileFormat::Exact;
                for cell in cells {
                    let cell = cell.as_ref();
                    if !exact && is_formula(cell) {
                        self.guarded += 1;
                        writer.write_field(guarded(cell).as_ref())?;
                    } else {
                        writer.write_field(cell)?;
                    }
                }
                writer.write_record(None::<&[u8]>)?;
            }
            Out::Json(out) => {
                out.write_all(if self.rows == 0 { b"\n{" } else { b",\n{" })?;
                for (i, (name, cell)) in self.header.iter().zip(cells).enumerate() {
                    if i > 0 {
                        out.write_all(b",")?;
                    }
                    serde_json::to_writer(&mut *out, name)?;
                    out.write_all(b":")?;
                    serde_json::to_writer(&mut *out, cell.as_ref())?;
                }
                out.write_all(b"}")?;
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// How many rows were written.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many cells got an apostrophe.
    pub fn guarded(&self) -> usize {
        self.guarded
    }

    /// Writes what is still to be written and gives the file back.
    pub fn finish(self) -> io::Result<W> {
        match self.out {
            Out::Csv(writer) => writer.into_inner().map_err(csv::IntoInnerError::into_error),
            Out::Json(mut out) => {
                out.write_all(b"\n]\n")?;
                Ok(out)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(format: FileFormat, rows: &[[&str; 2]]) -> (String, usize) {
        let header = ["a".to_owned(), "b".to_owned()];
        let mut file = RowsFile::new(Vec::new(), format, &header).unwrap();
        for row in rows {
            file.row(row).unwrap();
        }
        let guarded = file.guarded();
        (String::from_utf8(file.finish().unwrap()).unwrap(), guarded)
    }

    #[test]
    fn formulas_are_guarded_and_numbers_are_not() {
        for (cell, risky) in [
            ("=1+1", true),
            ("@SUM(A1)", true),
            ("-5.2", false),
            ("+1", false),
            ("-cmd", true),
            ("+1 555 0100", true),
            ("a=b", false),
            ("", false),
            ("\t=1", true),
            ("\r\n=1", true),
            ("\n=1", true),
            ("＝1+1", true),
            ("-1e5", false),
        ] {
            assert_eq!(is_formula(cell), risky, "{cell}");
        }
    }

    #[test]
    fn each_format_has_its_shape() {
        let rows = [["=1", "x,\"y\"\nz"], ["Siân", ""]];
        let quoted = "\"x,\"\"y\"\"\nz\"";
        assert_eq!(written(FileFormat::Csv, &rows), (format!("a,b\n'=1,{quoted}\nSiân,\n"), 1));
        assert_eq!(written(FileFormat::Excel, &rows), (format!("\u{feff}a,b\n'=1,{quoted}\nSiân,\n"), 1));
        assert_eq!(written(FileFormat::Exact, &rows), (format!("a,b\n=1,{quoted}\nSiân,\n"), 0));
        let file = RowsFile::new(Vec::new(), FileFormat::Excel, &["=cmd".to_owned()]).unwrap();
        let text = String::from_utf8(file.finish().unwrap()).unwrap();
        assert_eq!(text, "\u{feff}'=cmd\n");
        let json = "[\n{\"a\":\"=1\",\"b\":\"x,\\\"y\\\"\\nz\"},\n{\"a\":\"Siân\",\"b\":\"\"}\n]\n";
        assert_eq!(written(FileFormat::Json, &rows), (json.to_owned(), 0));
        assert_eq!(written(FileFormat::Json, &[]), ("[\n]\n".to_owned(), 0));
    }

    proptest! {
        /// Exact CSV and JSON give back every text.
        #[test]
        fn what_is_written_exactly_reads_back(a in "\\PC*|[\r\n\"',= ]{0,9}", b in any::<String>()) {
            let (text, _) = written(FileFormat::Exact, &[[&a, &b]]);
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let back: Vec<String> = reader.records().next().unwrap().unwrap().iter().map(str::to_owned).collect();
            prop_assert_eq!(back, vec![a.clone(), b.clone()]);
            let (text, _) = written(FileFormat::Json, &[[&a, &b]]);
            let back: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(back[0]["a"].as_str(), Some(a.as_str()));
            prop_assert_eq!(back[0]["b"].as_str(), Some(b.as_str()));
        }
    }
}
