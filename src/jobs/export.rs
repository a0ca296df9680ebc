//! Writing rows that are on screen, or a whole instrument, to a file.

use super::problem::Problem;
use super::projects::store_problem;
use crate::store::part_file::PartFile;
use std::path::{Path, PathBuf};

/// Rows to write: already as text, as the person chose to see them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// The header.
    pub header: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

/// What became of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The file.
    pub path: PathBuf,
    /// How many rows it has.
    pub rows: usize,
    /// How many cells were guarded against being run as a formula.
    pub guarded: usize,
}

/// Writes rows as CSV. The file appears only when it is complete, readable by its owner only, and
/// replaces nothing.
pub fn write_csv(sheet: &Sheet, target: &Path) -> Result<Exported, Problem> {
    let target = &from_home(target);
    let part = PartFile::create(target).map_err(|e| store_problem(&e))?;
    let mut writer = csv::Writer::from_writer(part);
    let failed = |e: csv::Error| {
        Problem::new(
            "The file could not be written",
            format!("{}: {e}", target.display()),
            "",
            "Choose another place.",
        )
    };
    let mut guarded = 0;
    writer.write_record(&sheet.header).map_err(failed)?;
    for row in &sheet.rows {
        let cells: Vec<String> = row
            .iter()
            .map(|cell| {
                let safe = guard(cell);
                guarded += usize::from(safe != *cell);
                safe
            })
            .collect();
        writer.write_record(&cells).map_err(failed)?;
    }
    let part = writer.into_inner().map_err(|e| {
        Problem::new("The file could not be written", e.to_string(), "", "Choose another place.")
    })?;
    let path = part.finish(target).map_err(|e| store_problem(&e))?;
    Ok(Exported { path, rows: sheet.rows.len(), guarded })
}

/// `~/x.csv` is a file in the user's home folder, as a shell would have it.
fn from_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), directories::UserDirs::new()) {
        (Ok(rest), Some(user)) => user.home_dir().join(rest),
        _ => path.to_owned(),
    }
}

/// Keeps a spreadsheet from running a cell as a formula: an apostrophe goes before text that
/// begins like one. Numbers stay as they are.
fn guard(cell: &str) -> String {
    let risky = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if risky && cell.parse::<f64>().is_err() { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_guarded_and_numbers_are_not() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-5.2", "-5.2"),
            ("+1", "+1"),
            ("-cmd", "'-cmd"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(guard(cell), written);
        }
    }

    #[test]
    fn cells_with_anything_in_them_come_back() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("x.csv");
        let row = vec!["a,b".to_owned(), "say \"hi\"\nthere".to_owned(), "Siân".to_owned()];
        let sheet = Sheet { header: vec!["x".into(), "y".into(), "z".into()], rows: vec![row.clone()] };
        let exported = write_csv(&sheet, &target).unwrap();
        assert_eq!((exported.rows, exported.guarded), (1, 0));
        let mut reader = csv::Reader::from_path(target).unwrap();
        let back: Vec<String> = reader.records().next().unwrap().unwrap().iter().map(str::to_owned).collect();
        assert_eq!(back, row);
    }
}
