//! Checking an import before anything is sent: what REDCap would refuse, what it would take
//! without a word, and what would change, cell by cell.
//!
//! The way of a rehearsal: the file is read ([`SourceFile`]); its columns become fields
//! ([`columns`]); every distinct value of a column is looked at once; each row finds its place
//! ([`place`]); cells are compared with what is stored ([`Stored`]), if that is at hand; and what
//! concerns whole rows, records and the project follows. The result is a [`Rehearsal`].
//!
//! The demo server has checks of its own, written apart from these, so that tests can hold the one
//! against the other.

mod cell;
pub mod columns;
mod compare;
mod date_columns;
pub mod dates;
pub mod eav;
mod effects;
mod finding;
mod fix;
mod foreign;
mod hidden;
mod keys;
pub mod payload;
pub mod place;
pub mod receipt;
mod refusal;
mod rehearsal;
mod required;
mod rows;
mod source;
mod touched;
mod validation;
mod value;
mod verdicts;
mod view;
mod words;

pub use cell::Cell;
pub use dates::{DateOrder, DateProof};
pub use effects::Effects;
pub use finding::{Finding, Rule, Severity, Why};
pub use fix::Fix;
pub use foreign::Foreign;
pub use refusal::{Refusal, RefusedCell};
pub use rehearsal::{Record, Rehearsal, Row};
pub use source::{Format, ReadError, Settings, SourceFile, delimiter_name};
pub use touched::{Touched, touched};

use crate::domain::logic::Project;
use crate::domain::project::Metadata;
use crate::domain::table::RecordTable;
use finding::Findings;
use jiff::civil::DateTime;
use place::Places;
use std::collections::BTreeSet;
use std::sync::Arc;
use view::View;

/// What is stored of the touched records and fields.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stored {
    /// The rows of the touched records, exported with blanks for gray.
    pub rows: RecordTable,
    /// The names of all records that the token can see, if they were read.
    pub ids: Option<BTreeSet<String>>,
}

/// Checks a file against a project, and against what is stored if that was read.
pub fn rehearse(
    file: &Arc<SourceFile>,
    metadata: &Metadata,
    settings: &Settings,
    stored: Option<&Arc<Stored>>,
    now: DateTime,
) -> Rehearsal {
    let mut findings = Findings::default();
    let forms = metadata.dictionary.forms();
    let project = Project::new(metadata);
    let columns = columns::resolve(file, metadata, &forms, settings, &mut findings);
    let view = View::new(file, &columns, settings);
    if file.is_lossy {
        let what = format!("Read as {}.", file.encoding);
        findings.once(None, None, Rule::LossyText, what, None);
    }
    if let Some(eav) = &file.eav {
        eav.tell(&mut findings);
    }
    for (row, cells) in &file.ragged {
        let what = format!("It has {cells} cells, the header {}.", columns.len());
        findings.once(Some(*row), None, Rule::RaggedRow, what, None);
    }
    tell_lines(file, &mut findings);
    let dates = date_columns::of(&view, &columns, metadata, settings, &mut findings);
    let verdicts = verdicts::of(&view, &columns, metadata, &dates, now, &mut findings);
    let mut places = Places::find(&view, &columns, &project, &forms, settings, &mut findings);
    let mut compared = compare::compare(
        &view,
        &columns,
        &verdicts,
        &mut places,
        stored.map(AsRef::as_ref),
        settings.overwrite,
        &mut findings,
    );
    let facts = rows::Rows { view: &view, columns: &columns, verdicts: &verdicts, metadata, settings };
    rows::check(&facts, &places, stored.map(AsRef::as_ref), &mut compared, &mut findings);
    required::check(&facts, &places, &compared, stored.map(AsRef::as_ref), &project, now, &mut findings);
    if let Some(stored) = stored {
        hidden::check(&facts, &places, &project, &compared, stored, now, &mut findings);
    }
    if settings.auto_number {
        let what = format!(
            "{} records of the file become NEW records with names that REDCap gives.",
            places.records.len()
        );
        findings.once(None, None, Rule::AutoNumbered, what, None);
    }
    let effects = effects::of(&facts, &places, &compared, stored.map(AsRef::as_ref));
    effects.tell(&columns, &mut findings);
    let id_field = metadata.dictionary.record_id_field().map_or("", |f| f.name.as_str());
    if findings.list.iter().any(|f| f.rule == Rule::NoIdColumn)
        && columns::header_below(file, id_field).is_some()
    {
        // Whatever else is said of a file that was read from the wrong line is noise.
        findings.list.retain(|f| f.rule == Rule::NoIdColumn);
    }
    findings.list.sort_by_key(|f| (f.rule.severity(), f.row, f.column, f.rule));
    let mut counts = [0; Cell::ALL.len()];
    for cell in &compared.cells {
        if let Some(n) = counts.get_mut(*cell as usize) {
            *n += 1;
        }
    }
    let records = places
        .records
        .iter()
        .zip(&compared.is_new)
        .map(|(name, is_new)| Record { name: name.clone(), is_new: *is_new })
        .collect();
    let values = verdicts
        .iter()
        .enumerate()
        .map(|(at, list)| {
            if list.is_empty() {
                view.values(at).iter().map(|v| v.as_ref().into()).collect()
            } else {
                list.iter().map(|v| v.stored.clone()).collect()
            }
        })
        .collect();
    let events = metadata.events.list().iter().map(|e| e.unique_name.clone()).collect();
    Rehearsal {
        dates,
        rows: compared.rows,
        records,
        findings: findings.list,
        whys: findings.whys,
        counts,
        effects,
        values,
        cells: compared.cells,
        events,
        forms: forms.iter().map(|f| (*f).to_owned()).collect(),
        id_field: metadata.dictionary.record_id_field().map(|f| f.name.clone()).unwrap_or_default(),
        columns: columns.clone(),
        file: Arc::clone(file),
        settings: settings.clone(),
        stored: stored.cloned(),
    }
}

/// What is to be said of the lines of a file as such.
fn tell_lines(file: &SourceFile, findings: &mut Findings) {
    if file.table.n_rows() == 0 {
        findings.once(None, None, Rule::NoRows, "There is a header, and no row below it.", None);
    }
    let lines = &file.empty_lines;
    if !lines.is_empty() {
        let some: Vec<String> = lines.iter().take(5).map(u32::to_string).collect();
        let more = if lines.len() > some.len() { ", ..." } else { "" };
        let what = match lines.len() {
            1 => format!("Line {} is left out.", some.join("")),
            n => format!("{n} lines are left out: {}{more}.", some.join(", ")),
        };
        findings.once(None, None, Rule::EmptyLines, what, None);
    }
}
