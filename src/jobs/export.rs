//! Writing rows to a file: those on screen, or whole instruments as they come from the server.

use super::audit::Place;
use super::open::Listener;
use super::problem::Problem;
use super::projects::store_problem;
use super::records;
use super::rows_file::{FileFormat, RowsFile};
use super::types::{RecordsDone, RecordsWanted};
use crate::api::client::Api;
use crate::domain::belonging::belonging;
use crate::domain::columns::{Column, columns};
use crate::domain::dictionary::Field;
use crate::domain::project::Metadata;
use crate::domain::record::column;
use crate::domain::table::RecordTable;
use crate::domain::values::Values;
use crate::store::part_file::PartFile;
use std::path::{Path, PathBuf};

/// Rows as a person sees them on screen.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The table.
    pub table: RecordTable,
    /// The columns to write.
    pub columns: Vec<Column>,
    /// The rows to write, in order.
    pub rows: Vec<usize>,
    /// Labels, codes or both.
    pub values: Values,
    /// The metadata that has the labels.
    pub metadata: Metadata,
    /// The project, for the audit log.
    pub project: Place,
}

/// Whole instruments, read from the server while they are written.
#[derive(Debug, Clone)]
pub struct WholeExport {
    /// What to read.
    pub wanted: RecordsWanted,
    /// The project's metadata.
    pub metadata: Metadata,
    /// Codes in the server's own columns; or labels, with a checkbox field as one column.
    pub values: Values,
    /// How the file is written.
    pub format: FileFormat,
    /// The file.
    pub path: PathBuf,
}

impl WholeExport {
    /// All records of these instruments. Fields marked as identifiers are not even asked for,
    /// unless `identifiers` says so.
    pub fn of_forms(metadata: &Metadata, forms: &[&str], identifiers: bool) -> Option<Self> {
        let mut wanted = RecordsWanted::of_forms(metadata, forms, None)?;
        if !identifiers {
            let personal = metadata.dictionary.fields().iter().filter(|f| f.identifier);
            let columns: Vec<String> = personal.clone().flat_map(Field::export_columns).collect();
            let names: Vec<&str> = personal.map(|f| f.name.as_str()).collect();
            wanted.fields.retain(|f| !names.contains(&f.as_str()));
            wanted.columns.retain(|c| !columns.contains(c));
        }
        let metadata = metadata.clone();
        let (values, format) = (Values::Codes, FileFormat::default());
        Some(Self { wanted, metadata, values, format, path: PathBuf::new() })
    }
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
    /// What did not come back from the server, if the rows were read for the file.
    pub seal: RecordsDone,
}

impl Exported {
    /// What a person must know of the file, in sentences; `None` if there is nothing.
    pub fn remark(&self) -> Option<String> {
        self.seal.unreadable_words()
    }
}

/// Writes the rows on screen. The file appears only when it is complete, readable by its owner
/// only, and replaces nothing.
pub fn write_sheet(sheet: &Sheet, format: FileFormat, target: &Path) -> Result<Exported, Problem> {
    let target = &from_home(target);
    let part = PartFile::create(target).map_err(|e| store_problem(&e))?;
    let header: Vec<String> = sheet.columns.iter().map(|c| c.name.clone()).collect();
    let mut file = RowsFile::new(part, format, &header).map_err(|e| unwritable(target, &e))?;
    for &row in &sheet.rows {
        let cells =
            sheet.columns.iter().map(|c| c.text(&sheet.table, row, sheet.values, false, &sheet.metadata));
        file.row(cells).map_err(|e| unwritable(target, &e))?;
    }
    finish(file, target, RecordsDone::default())
}

/// Reads whole instruments batch by batch and writes each batch as it comes, so that the size of
/// the project does not matter.
pub async fn whole(api: &Api, export: &WholeExport, tell: Listener<'_>) -> Result<Exported, Problem> {
    let target = from_home(&export.path);
    let part = PartFile::create(&target).map_err(|e| store_problem(&e))?;
    let mut out = Batches { export, target: &target, part: Some(part), file: None };
    let seal = records::read_each(api, &export.wanted, tell, &mut |batch| out.take(&batch.rows)).await?;
    // No record at all: the header alone.
    let none = RecordTable::new(export.wanted.columns.iter().cloned());
    out.begin(&none)?;
    match out.file {
        Some(open) => finish(open.file, &target, seal),
        None => Err(Problem::new("capscope made a mistake", "The file was lost on the way.", "", "")),
    }
}

/// The file while batches come in. Its header is known with the first of them.
struct Batches<'a> {
    export: &'a WholeExport,
    target: &'a Path,
    part: Option<PartFile>,
    file: Option<Begun>,
}

/// A file with its header.
struct Begun {
    file: RowsFile<PartFile>,
    /// The server's columns, in order.
    raw: Vec<String>,
    /// What is made of them, if labels are wanted.
    shown: Option<Vec<Column>>,
}

impl Batches<'_> {
    fn begin(&mut self, first: &RecordTable) -> Result<(), Problem> {
        let Some(part) = self.part.take() else { return Ok(()) };
        let raw = header(self.export, first);
        let forms: Vec<&str> = self.export.wanted.forms.iter().map(String::as_str).collect();
        let labels = self.export.values != Values::Codes;
        let shown =
            labels.then(|| columns(&RecordTable::new(raw.iter().cloned()), &self.export.metadata, &forms));
        let names = match &shown {
            Some(shown) => shown.iter().map(|c| c.name.clone()).collect(),
            None => raw.clone(),
        };
        let file =
            RowsFile::new(part, self.export.format, &names).map_err(|e| unwritable(self.target, &e))?;
        self.file = Some(Begun { file, raw, shown });
        Ok(())
    }

    fn take(&mut self, batch: &RecordTable) -> Result<(), Problem> {
        if batch.n_rows() == 0 {
            return Ok(());
        }
        self.begin(batch)?;
        let Some(Begun { file, raw, shown }) = &mut self.file else { return Ok(()) };
        let is_new = |c: &&&str| batch.column(c).is_some() && !raw.iter().any(|had| had == **c);
        if let Some(late) = column::SYSTEM.iter().find(is_new) {
            return Err(Problem::new(
                "The columns changed on the way",
                format!("The column {late} came only with later records."),
                "The project's repeating instruments could not be read, or were changed meanwhile.",
                "Open the project again and repeat the export.",
            ));
        }
        // Servers leave the repeat columns out of a batch in which nothing repeats.
        let mut table = RecordTable::new(raw.iter().cloned());
        table.append(batch);
        let (metadata, values) = (&self.export.metadata, self.export.values);
        let forms: Vec<&str> = self.export.wanted.forms.iter().map(String::as_str).collect();
        let belongs = belonging(&table, metadata, &forms);
        for row in (0..table.n_rows()).filter(|&row| belongs(row)) {
            let written = match shown {
                Some(shown) => file.row(shown.iter().map(|c| c.text(&table, row, values, false, metadata))),
                None => file.row((0..raw.len()).map(|column| table.cell(row, column))),
            };
            written.map_err(|e| unwritable(self.target, &e))?;
        }
        Ok(())
    }
}

/// The record id, REDCap's own columns that this project has, and the columns asked for that the
/// first batch brought.
fn header(export: &WholeExport, first: &RecordTable) -> Vec<String> {
    let info = &export.metadata.info;
    let own = column::SYSTEM.iter().filter(|name| {
        let expected = match **name {
            column::EVENT => info.is_longitudinal,
            column::REPEAT_INSTRUMENT | column::REPEAT_INSTANCE => info.has_repeating,
            _ => false,
        };
        expected || first.column(name).is_some()
    });
    let wanted = export.wanted.columns.iter().filter(|name| first.column(name).is_some());
    std::iter::once(export.wanted.id_field.clone())
        .chain(own.map(|name| (*name).to_owned()))
        .chain(wanted.cloned())
        .collect()
}

fn finish(file: RowsFile<PartFile>, target: &Path, seal: RecordsDone) -> Result<Exported, Problem> {
    let (rows, guarded) = (file.rows(), file.guarded());
    let part = file.finish().map_err(|e| unwritable(target, &e))?;
    let path = part.finish(target).map_err(|e| store_problem(&e))?;
    Ok(Exported { path, rows, guarded, seal })
}

fn unwritable(target: &Path, error: &std::io::Error) -> Problem {
    Problem::new(
        "The file could not be written",
        format!("{}: {error}", target.display()),
        "",
        "Choose another place.",
    )
}

/// Writes a text, under the same rules. Its lines are counted as rows.
pub fn write_text(text: &str, target: &Path) -> Result<Exported, Problem> {
    let target = &from_home(target);
    let mut part = PartFile::create(target).map_err(|e| store_problem(&e))?;
    std::io::Write::write_all(&mut part, text.as_bytes()).map_err(|e| {
        Problem::new(
            "The file could not be written",
            format!("{}: {e}", target.display()),
            "",
            "Choose another place.",
        )
    })?;
    let path = part.finish(target).map_err(|e| store_problem(&e))?;
    Ok(Exported { path, rows: text.lines().count(), guarded: 0, seal: RecordsDone::default() })
}

/// `~/x.csv` is a file in the user's home folder, as a shell would have it.
pub fn from_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), directories::UserDirs::new()) {
        (Ok(rest), Some(user)) => user.home_dir().join(rest),
        _ => path.to_owned(),
    }
}
