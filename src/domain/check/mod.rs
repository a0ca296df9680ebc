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

pub mod columns;
mod compare;
pub mod dates;
pub mod eav;
mod effects;
mod finding;
mod fix;
mod hidden;
pub mod payload;
pub mod place;
pub mod receipt;
mod required;
mod rows;
mod source;
mod validation;
mod value;
mod view;
mod words;

pub use dates::{DateOrder, DateProof};
pub use effects::Effects;
pub use finding::{Finding, Rule, Severity, Why};
pub use fix::Fix;
pub use source::{Format, ReadError, Settings, SourceFile, delimiter_name};

use crate::domain::dictionary::{Dictionary, FieldType, status_field};
use crate::domain::logic::{self, Project};
use crate::domain::project::Metadata;
use crate::domain::table::RecordTable;
use columns::{FileColumn, Target};
use finding::Findings;
use jiff::civil::DateTime;
use place::{Place, Places};
use std::collections::BTreeSet;
use std::sync::Arc;
use value::{Checker, Verdict};
use view::View;

/// What is stored of the touched records and fields.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stored {
    /// The rows of the touched records, exported with blanks for gray.
    pub rows: RecordTable,
    /// The names of all records that the token can see, if they were read.
    pub ids: Option<BTreeSet<String>>,
}

/// What has to be read to compare a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// The records, in the order of the file.
    pub records: Vec<String>,
    /// The record id field.
    pub id_field: String,
    /// The fields and form statuses, without the record id field.
    pub fields: Vec<String>,
    /// The Data Access Groups as well.
    pub groups: bool,
}

/// What becomes of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Cell {
    /// A blank where the row can hold no value of the field, or a key.
    Nothing,
    /// A value, compared with nothing.
    Filled,
    /// A value where nothing is stored.
    New,
    /// Another value than the stored one.
    Changed,
    /// The stored value.
    Same,
    /// A blank; the stored value stays.
    Kept,
    /// A blank where nothing is stored.
    Blank,
    /// A blank that erases the stored value.
    Erased,
    /// Not sent: REDCap computes or ignores it.
    Ignored,
    /// It cannot be sent.
    Refused,
}

impl Cell {
    /// All, in the order of the summary.
    pub const ALL: [Self; 10] = [
        Self::New,
        Self::Changed,
        Self::Erased,
        Self::Same,
        Self::Kept,
        Self::Blank,
        Self::Filled,
        Self::Ignored,
        Self::Refused,
        Self::Nothing,
    ];

    /// A short word for scripts.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Filled => "not_compared",
            Self::New => "new",
            Self::Changed => "changed",
            Self::Same => "same",
            Self::Kept => "kept",
            Self::Blank => "blank",
            Self::Erased => "erased",
            Self::Ignored => "ignored",
            Self::Refused => "refused",
        }
    }

    /// The words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Filled => "not compared",
            Self::New => "new",
            Self::Changed => "changed",
            Self::Same => "same",
            Self::Kept => "blank (stored value kept)",
            Self::Blank => "blank (nothing stored)",
            Self::Erased => "will be erased",
            Self::Ignored => "ignored",
            Self::Refused => "refused",
        }
    }
}

/// A row of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Where it lands; `None` if that cannot be told.
    pub place: Option<Place>,
    /// The row of [`Stored`] at that place.
    pub stored: Option<u32>,
    /// It holds something to send.
    pub is_sent: bool,
}

/// A record of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its name.
    pub name: String,
    /// Whether it does not exist yet; `None` offline.
    pub is_new: Option<bool>,
}

/// The whole result.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    /// The file.
    pub file: Arc<SourceFile>,
    /// How it was read.
    pub settings: Settings,
    /// Its columns.
    pub columns: Vec<FileColumn>,
    /// What the columns with dates prove about their order.
    pub dates: Vec<(usize, DateProof)>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// Its records, in the order of the file.
    pub records: Vec<Record>,
    /// All that was found: the worst first, then in the order of the file.
    pub findings: Vec<Finding>,
    /// Their sentences.
    pub whys: Vec<Why>,
    /// How many cells become what.
    counts: [usize; Cell::ALL.len()],
    /// What else will happen.
    pub effects: Effects,
    /// What the file was compared with.
    pub stored: Option<Arc<Stored>>,
    /// For each column the stored form of its distinct values.
    values: Vec<Vec<Box<str>>>,
    /// Row by row, what becomes of each cell.
    cells: Vec<Cell>,
    /// The unique names of events and instruments, which places refer to.
    events: Vec<String>,
    forms: Vec<String>,
    id_field: String,
}

impl Rehearsal {
    /// What becomes of a cell.
    pub fn cell(&self, row: usize, column: usize) -> Cell {
        self.cells.get(row * self.columns.len() + column).copied().unwrap_or(Cell::Nothing)
    }

    /// The text that would be stored for a cell.
    pub fn value(&self, row: usize, column: usize) -> &str {
        let code = self.file.table.code(row, column) as usize;
        let values = self.values.get(column);
        code.checked_sub(1).and_then(|at| values?.get(at)).map_or("", AsRef::as_ref)
    }

    /// The text that is stored at the place of a cell, `""` if there is none.
    pub fn stored_value(&self, row: usize, column: usize) -> &str {
        let stored = self.stored.as_ref().zip(self.rows.get(row).and_then(|r| r.stored));
        let name = self.columns.get(column).map(|c| c.name.as_str());
        stored.zip(name).map_or("", |((stored, row), name)| stored.rows.get(row as usize, name))
    }

    /// How many cells become this.
    pub fn count(&self, cell: Cell) -> usize {
        self.counts.get(cell as usize).copied().unwrap_or(0)
    }

    /// How many findings are of this severity.
    pub fn count_of(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|f| f.rule.severity() == severity).count()
    }

    /// Nothing keeps the file from being sent: REDCap would refuse none of it, and nothing is open.
    pub fn may_be_sent(&self) -> bool {
        self.findings.iter().all(|f| f.rule.severity() > Severity::Stopped)
    }

    /// The sentence of a finding.
    pub fn why(&self, finding: &Finding) -> Option<&Why> {
        self.whys.get(finding.why as usize)
    }

    /// The record of a row.
    pub fn record_name(&self, row: usize) -> &str {
        let place = self.rows.get(row).and_then(|r| r.place);
        match place {
            Some(place) => self.records.get(place.record as usize).map_or("", |r| r.name.as_str()),
            None => self
                .columns
                .iter()
                .position(|c| c.target == Target::Record)
                .map_or("", |column| self.file.table.cell(row, column)),
        }
    }

    /// The unique name of an event that a place refers to.
    pub fn event_name(&self, at: Option<u32>) -> &str {
        at.and_then(|at| self.events.get(at as usize)).map_or("", String::as_str)
    }

    /// The unique name of an instrument that a place refers to.
    pub fn form_name(&self, at: Option<u32>) -> &str {
        at.and_then(|at| self.forms.get(at as usize)).map_or("", String::as_str)
    }

    /// The record id field.
    pub fn id_field(&self) -> &str {
        &self.id_field
    }

    /// All corrections that can only be meant so.
    pub fn sure_fixes(&self) -> BTreeSet<Fix> {
        self.whys.iter().filter_map(|w| w.fix.as_ref()).filter(|f| f.is_sure()).cloned().collect()
    }
}

/// What has to be read from the server to compare a file. Needs no values but the record names.
pub fn touched(file: &SourceFile, metadata: &Metadata, settings: &Settings) -> Touched {
    let forms = metadata.dictionary.forms();
    let mut unheard = Findings::default();
    let columns = columns::resolve(file, metadata, &forms, settings, &mut unheard);
    let view = View::new(file, &columns, settings);
    let keys = place::Keys::of(&columns);
    let mut records: indexmap::IndexSet<&str> = indexmap::IndexSet::new();
    if let Some(id) = keys.record.filter(|_| !settings.auto_number) {
        // In the order of the rows: corrections may make two names one.
        records.extend((0..view.n_rows()).map(|row| view.text(row, Some(id))).filter(|n| !n.is_empty()));
    }
    let dictionary = &metadata.dictionary;
    let mut fields: indexmap::IndexSet<String> = indexmap::IndexSet::new();
    let mut statuses: indexmap::IndexSet<String> = indexmap::IndexSet::new();
    for column in columns.iter().filter(|c| c.is_value()) {
        match &column.target {
            Target::Field(at) | Target::Box(at, _) => {
                let Some(field) = dictionary.fields().get(*at) else { continue };
                fields.insert(field.name.clone());
                fields.extend(branching_fields(&field.branching_logic, dictionary));
            }
            _ => {}
        }
        statuses.extend(forms.get(column.form).map(|form| status_field(form)));
    }
    // Whether a required field is asked for at all, its branching logic tells.
    let touched: BTreeSet<usize> = columns.iter().filter(|c| c.is_value()).map(|c| c.form).collect();
    for form in touched.iter().filter_map(|form| forms.get(*form)) {
        for field in dictionary.fields_of(form).filter(|f| required::is_asked(f)) {
            fields.extend(branching_fields(&field.branching_logic, dictionary));
        }
    }
    fields.extend(statuses);
    let id_field = dictionary.record_id_field().map(|f| f.name.clone()).unwrap_or_default();
    fields.shift_remove(&id_field);
    Touched {
        records: records.into_iter().map(str::to_owned).collect(),
        id_field,
        fields: fields.into_iter().collect(),
        groups: keys.group.is_some(),
    }
}

/// The fields that a branching logic asks for, as far as they hold data.
fn branching_fields(text: &str, dictionary: &Dictionary) -> Vec<String> {
    let Ok(logic) = logic::parse(text) else { return Vec::new() };
    let holds = |name: &&str| {
        dictionary.status_form(name).is_some()
            || dictionary
                .field(name)
                .is_some_and(|f| f.holds_data() && !matches!(f.field_type, FieldType::File))
    };
    logic.fields().filter(holds).map(str::to_owned).collect()
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
    let dates = dates_of(&view, &columns, metadata, settings, &mut findings);
    let verdicts = verdicts_of(&view, &columns, metadata, &dates, now, &mut findings);
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
        hidden::check(&view, &columns, &verdicts, &places, &project, &compared, stored, now, &mut findings);
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

/// What each column with dates proves about their order.
fn dates_of(
    view: &View<'_>,
    columns: &[FileColumn],
    metadata: &Metadata,
    settings: &Settings,
    findings: &mut Findings,
) -> Vec<(usize, DateProof)> {
    let mut found = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let Target::Field(field) = &column.target else { continue };
        let Some(field) = metadata.dictionary.fields().get(*field) else { continue };
        if field.field_type != FieldType::Text || !validation::is_date(&field.validation) {
            continue;
        }
        let mut first = vec![usize::MAX; view.values(at).len()];
        for (row, code) in view.codes(at).iter().enumerate() {
            if let Some(slot) = (*code as usize).checked_sub(1).and_then(|i| first.get_mut(i)) {
                *slot = (*slot).min(row);
            }
        }
        let values = view.values(at).iter().map(AsRef::as_ref).zip(first.iter().copied());
        let proof = dates::prove(values.clone(), settings.dates);
        let example = values.clone().find(|(v, _)| {
            let day = v.split([' ', 'T']).next().unwrap_or(v);
            dates::date(day, DateOrder::Mdy).is_some() && dates::date(day, DateOrder::Ymd).is_none()
        });
        match proof {
            DateProof::Mixed => {
                let what = format!("{} has dates that can only be read in different orders.", column.name);
                findings.once(None, Some(at), Rule::MixedDates, what, None);
            }
            DateProof::Ambiguous => {
                let both = example.map_or(String::new(), |(text, _)| {
                    let read = |order| dates::date(text, order).map_or(String::new(), |d| d.to_string());
                    format!(" {text} is {} or {}.", read(DateOrder::Dmy), read(DateOrder::Mdy))
                });
                let what = format!("{}:{both} Choose the order.", column.name);
                findings.once(None, Some(at), Rule::AmbiguousDates, what, None);
            }
            _ => {}
        }
        found.push((at, proof));
    }
    found
}

/// Looks at every distinct value of every column that holds values.
fn verdicts_of(
    view: &View<'_>,
    columns: &[FileColumn],
    metadata: &Metadata,
    dates: &[(usize, DateProof)],
    now: DateTime,
    findings: &mut Findings,
) -> Vec<Vec<Verdict>> {
    let info = &metadata.info;
    let mut all = Vec::with_capacity(columns.len());
    for (at, column) in columns.iter().enumerate() {
        let checker = match &column.target {
            Target::Field(field) => {
                let Some(field) = metadata.dictionary.fields().get(*field) else {
                    all.push(Vec::new());
                    continue;
                };
                if field.field_type == FieldType::Text && !validation::is_known(&field.validation) {
                    let what = format!(
                        "{} has the validation {}, which only this server knows.",
                        column.name, field.validation
                    );
                    findings.once(None, Some(at), Rule::NotChecked, what, None);
                }
                let proof = dates.iter().find(|(c, _)| *c == at).map_or(DateProof::Nothing, |(_, p)| *p);
                Checker::field(&column.name, field, proof, info, now)
            }
            Target::Box(..) => Checker::checkbox(&column.name, info),
            Target::Status => Checker::status(&column.name, info),
            _ => {
                all.push(Vec::new());
                continue;
            }
        };
        let check = |text: &std::borrow::Cow<'_, str>, findings: &mut Findings| {
            if text.trim().is_empty() { Verdict::default() } else { checker.check(text, findings) }
        };
        all.push(view.values(at).iter().map(|text| check(text, findings)).collect());
    }
    all
}
