//! The undo file: the old values of exactly the cells that an import changes. Record values reach
//! the disk here, so it is written only where a person named it.

use super::export::from_home;
use super::problem::Problem;
use super::projects::store_problem;
use super::rows_file::{FileFormat, RowsFile};
use crate::domain::check::{Cell, Rehearsal};
use crate::store::part_file::PartFile;
use std::path::{Path, PathBuf};

/// Writes the old values as a CSV that an import in overwrite mode brings back. A value that is new
/// has a blank, which then erases it. Rows that REDCap numbers or names are left out: nobody knows yet
/// where they will be, and under the name in the file there may be another record.
pub fn write(r: &Rehearsal, target: &Path) -> Result<PathBuf, Problem> {
    let target = from_home(target);
    let touched = |row: usize, c: usize| matches!(r.cell(row, c), Cell::New | Cell::Changed | Cell::Erased);
    let columns: Vec<usize> =
        (0..r.columns.len()).filter(|c| (0..r.rows.len()).any(|row| touched(row, *c))).collect();
    let part = PartFile::create(&target).map_err(|e| store_problem(&e))?;
    let failed = |e: std::io::Error| {
        Problem::new(
            "The undo file could not be written",
            format!("{}: {e}", target.display()),
            "Nothing was sent.",
            "Choose another place.",
        )
    };
    let mut header: Vec<String> = vec![r.id_field().to_owned()];
    header.extend(crate::domain::check::payload::KEYS.iter().map(|k| (*k).to_owned()));
    header.extend(columns.iter().filter_map(|c| r.columns.get(*c)).map(|c| c.name.clone()));
    let mut file = RowsFile::new(part, FileFormat::Exact, &header).map_err(failed)?;
    for row in 0..r.rows.len() {
        if r.has_no_key(row) || !columns.iter().any(|c| touched(row, *c)) {
            continue;
        }
        let mut cells = vec![r.record_name(row).to_owned()];
        cells.extend(r.key_texts(row));
        // A cell that is not touched keeps its stored value, so that nothing else is erased.
        cells.extend(columns.iter().map(|c| r.stored_value(row, *c).to_owned()));
        file.row(&cells).map_err(failed)?;
    }
    file.finish().map_err(failed)?.finish(&target).map_err(|e| store_problem(&e))
}
