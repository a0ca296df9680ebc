//! A spot check: draws records, writes a worksheet to compare with the paper source, and counts
//! what a person marked in it.

use super::check::read_rows;
use super::export::from_home;
use super::open::Listener;
use super::problem::Problem;
use super::projects::store_problem;
use super::rows_file::{FileFormat, RowsFile};
use super::types::{JobEvent, Progress};
use crate::api::client::{Api, RecordQuery};
use crate::domain::check::Touched;
use crate::domain::project::Metadata;
use crate::domain::record::column;
use crate::domain::spot_bench::SpotCell;
use crate::domain::spot_check::{Tally, sample};
use crate::domain::text::{one_line, without_html};
use crate::store::part_file::PartFile;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is to be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpotWanted {
    /// The fields to compare.
    pub fields: Vec<String>,
    /// How many records.
    pub n: usize,
    /// The seed of the sample.
    pub seed: u64,
    /// Each Data Access Group gets its share.
    pub by_group: bool,
}

/// A sample: cell by cell what is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sample {
    /// The records.
    pub records: Vec<String>,
    /// Of how many.
    pub of: usize,
    /// The cells, record by record.
    pub cells: Vec<SpotCell>,
}

/// What was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// The records.
    pub records: Vec<String>,
    /// Of how many.
    pub of: usize,
    /// How many cells are to be compared.
    pub cells: usize,
    /// The worksheet.
    pub sheet: PathBuf,
}

/// The columns of the worksheet.
const HEADER: [&str; 8] = ["record", "event", "instance", "field", "label", "stored", "mark", "remark"];

/// Draws a sample and writes the worksheet.
pub async fn draw(
    api: &Api,
    metadata: &Metadata,
    wanted: &SpotWanted,
    sheet: &Path,
    tell: Listener<'_>,
) -> Result<Drawn, Problem> {
    let sample = gather(api, metadata, wanted, tell).await?;
    let sheet = write(&sample.cells, sheet)?;
    Ok(Drawn { records: sample.records, of: sample.of, cells: sample.cells.len(), sheet })
}

/// Draws a sample and reads what is stored of it.
pub async fn gather(
    api: &Api,
    metadata: &Metadata,
    wanted: &SpotWanted,
    tell: Listener<'_>,
) -> Result<Sample, Problem> {
    let id_field = metadata.dictionary.record_id_field().map(|f| f.name.clone()).unwrap_or_default();
    for name in &wanted.fields {
        if metadata.dictionary.field(name).is_none_or(|f| !f.holds_data()) {
            return Err(Problem::new(
                "The sample was not drawn",
                format!("The project has no field {} that holds data.", one_line(name)),
                "",
                "Give names of fields as the codebook has them.",
            ));
        }
    }
    let step = |text: &str| {
        tell(JobEvent::Progress(Progress { step: text.to_owned(), ..Progress::default() }));
    };
    step("Reading record names");
    let query =
        RecordQuery { fields: vec![id_field.clone()], dags: wanted.by_group, ..RecordQuery::default() };
    let names = api.records(&query, &mut |_| {}).await?;
    let mut groups: BTreeMap<&str, &str> = BTreeMap::new();
    for row in 0..names.n_rows() {
        let group = groups.entry(names.get(row, &id_field)).or_default();
        if group.is_empty() {
            *group = names.get(row, column::DAG);
        }
    }
    let all: Vec<(String, String)> =
        groups.iter().map(|(name, group)| ((*name).to_owned(), (*group).to_owned())).collect();
    let records = sample(&all, wanted.n, wanted.seed);
    step("Reading the drawn records");
    let touched = Touched {
        records: records.clone(),
        id_field: id_field.clone(),
        fields: wanted.fields.clone(),
        groups: false,
    };
    let table = read_rows(api, &touched, &records).await?;
    let mut cells = Vec::new();
    for record in &records {
        for name in &wanted.fields {
            let Some(field) = metadata.dictionary.field(name) else { continue };
            // One cell a record and field: where the field is first used.
            let event = metadata.events_of_form(&field.form).next().map_or("", |e| e.unique_name.as_str());
            let row = (0..table.n_rows()).find(|row| {
                table.get(*row, &id_field) == record
                    && (event.is_empty() || table.get(*row, column::EVENT) == event)
                    && matches!(table.get(*row, column::REPEAT_INSTRUMENT), i if i.is_empty() || i == field.form)
            });
            let columns = field.export_columns();
            let stored: Vec<&str> = columns.iter().map(|c| row.map_or("", |row| table.get(row, c))).collect();
            let stored = crate::domain::values::Shown::field(field).text(
                &stored,
                crate::domain::values::Values::Both,
                &metadata.info,
            );
            let instance = row.map_or("", |row| table.get(row, column::REPEAT_INSTANCE));
            cells.push(SpotCell {
                record: record.clone(),
                event: event.to_owned(),
                instance: instance.to_owned(),
                field: name.clone(),
                label: one_line(&without_html(&field.label)),
                stored,
                is_identifier: field.identifier,
            });
        }
    }
    Ok(Sample { records, of: all.len(), cells })
}

fn write(cells: &[SpotCell], target: &Path) -> Result<PathBuf, Problem> {
    let target = from_home(target);
    let part = PartFile::create(&target).map_err(|e| store_problem(&e))?;
    let failed = |e: std::io::Error| {
        let what = format!("{}: {e}", target.display());
        Problem::new("The worksheet could not be written", what, "", "Choose another place.")
    };
    // It is filled in with a spreadsheet, which must not run what stands in a record.
    let mut file = RowsFile::new(part, FileFormat::Csv, &HEADER.map(str::to_owned)).map_err(failed)?;
    for c in cells {
        let row = [&c.record, &c.event, &c.instance, &c.field, &c.label, &c.stored].map(String::as_str);
        file.row(row.into_iter().chain(["", ""])).map_err(failed)?;
    }
    file.finish().map_err(failed)?.finish(&target).map_err(|e| store_problem(&e))
}

/// Counts the marks of a worksheet: `agree`, `differ`, `unclear`, or their first letters. The
/// report names records and fields, never a value.
pub fn report(sheet: &Path) -> Result<(Tally, Vec<String>), Problem> {
    let failed = |what: String| {
        Problem::new(
            "The worksheet cannot be read",
            format!("{}: {what}", sheet.display()),
            "",
            "Save it as CSV, with the columns that capscope wrote.",
        )
    };
    let mut reader = csv::Reader::from_path(from_home(sheet)).map_err(|e| failed(e.to_string()))?;
    let header = reader.headers().map_err(|e| failed(e.to_string()))?.clone();
    let at = |name: &str| header.iter().position(|h| h.trim_start_matches('\u{feff}') == name);
    let (Some(record), Some(field), Some(mark)) = (at("record"), at("field"), at("mark")) else {
        return Err(failed("a column record, field or mark is missing.".into()));
    };
    let event = at("event");
    let mut tally = Tally::default();
    let mut differing = Vec::new();
    for (row, n) in reader.records().zip(2..) {
        let row = row.map_err(|e| failed(e.to_string()))?;
        let text = |column: usize| row.get(column).unwrap_or_default().trim().to_owned();
        let place = format!("{} {} {}", text(record), event.map_or(String::new(), text), text(field));
        match text(mark).to_lowercase().as_str() {
            "a" | "agree" => tally.agree += 1,
            "d" | "differ" => {
                tally.differ += 1;
                differing.push(one_line(&place));
            }
            "u" | "unclear" => tally.unclear += 1,
            "" => tally.open += 1,
            other => {
                return Err(failed(format!(
                    "line {n} has the mark \"{}\"; marks are agree, differ, unclear.",
                    one_line(other)
                )));
            }
        }
    }
    let mut lines = tally.sentences();
    if !differing.is_empty() {
        lines.push("Different from the source:".into());
        lines.extend(differing.iter().map(|d| format!("  {d}")));
    }
    Ok((tally, lines))
}
