//! What an import does besides storing values, and what nobody can see beforehand.

use super::columns::{FileColumn, Target, is_computed};
use super::compare::Compared;
use super::finding::{Findings, Rule};
use super::keys::Keys;
use super::place::{Place, Places};
use super::rows::Rows;
use super::{Cell, Stored};
use crate::domain::dictionary::{FieldType, status_field};
use crate::domain::logic::{self, tags};
use crate::domain::project::Metadata;
use crate::domain::record::column;
use std::collections::HashSet;

/// Side effects, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effects {
    /// New records.
    pub new_records: usize,
    /// New rows of events: the record and the event.
    pub new_visits: Vec<(String, String)>,
    /// Forms that were never saved and become Incomplete, because a value without a status makes
    /// them so (`redcap-validation.md` §2).
    pub gray_to_red: usize,
    /// Rows that move their record to another Data Access Group: the row, and both groups.
    pub moves: Vec<(usize, String, String)>,
    /// Fields that REDCap computes from fields of the file.
    pub computed: Vec<String>,
    /// Surveys are on: alerts and invitations may be sent.
    pub surveys: bool,
    /// Whether the comparison was made.
    pub compared: bool,
}

impl Effects {
    /// What will happen, a sentence each.
    pub fn sentences(&self) -> Vec<String> {
        let mut list = Vec::new();
        let n = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        if self.new_records > 0 {
            list.push(format!("{} created.", n(self.new_records, "record is", "records are")));
        }
        if !self.new_visits.is_empty() {
            let some: Vec<String> = self
                .new_visits
                .iter()
                .take(6)
                .map(|(r, e)| format!("{r} {e}").trim_end().to_owned())
                .collect();
            let more = match self.new_visits.len().saturating_sub(6) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            list.push(format!(
                "{} created: {}{more}.",
                n(self.new_visits.len(), "new visit will be", "new visits will be"),
                some.join(", ")
            ));
        }
        if self.gray_to_red > 0 {
            list.push(format!(
                "{} from gray (not started) to red (Incomplete).",
                n(self.gray_to_red, "form goes", "forms go")
            ));
        }
        if !self.moves.is_empty() {
            list.push(format!(
                "{} the Data Access Group of a record.",
                n(self.moves.len(), "row changes", "rows change")
            ));
        }
        if !self.computed.is_empty() {
            let some: Vec<&str> = self.computed.iter().take(6).map(String::as_str).collect();
            let more = match self.computed.len().saturating_sub(6) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            list.push(format!("REDCap computes {}{more} anew; check them afterwards.", some.join(", ")));
        }
        if self.surveys {
            list.push("Surveys are on: alerts and invitations may e-mail participants.".into());
        }
        list.push("Data entry triggers do not fire. No reason for change can be sent.".into());
        list.push("Whether records or forms are locked cannot be read; REDCap refuses locked ones.".into());
        list
    }

    /// Moves of records between groups, as findings of their rows.
    pub(super) fn tell(&self, columns: &[FileColumn], findings: &mut Findings) {
        let at = Keys::of(columns).group;
        for (row, from, to) in &self.moves {
            let name = |group: &str| if group.is_empty() { "no group".to_owned() } else { group.to_owned() };
            let what = format!("From {} to {}.", name(from), name(to));
            findings.once(Some(*row), at, Rule::GroupMove, what, None);
        }
    }
}

/// Works the side effects out.
pub(super) fn of(
    rows: &Rows<'_>,
    places: &Places<'_>,
    compared: &Compared,
    stored: Option<&Stored>,
) -> Effects {
    let Rows { view, columns, verdicts, metadata, settings } = *rows;
    let overwrite = settings.overwrite;
    let mut effects = Effects {
        new_records: compared.is_new.iter().filter(|n| **n == Some(true)).count(),
        computed: computed(columns, metadata),
        surveys: metadata.info.surveys_enabled,
        compared: stored.is_some(),
        ..Effects::default()
    };
    let Some(stored) = stored else { return effects };
    let n_forms = metadata.dictionary.forms().len();
    let statuses: Vec<Option<usize>> =
        (0..n_forms).map(|form| stored.rows.column(&status_field(places.form_name(form)))).collect();
    let mut status_columns: Vec<Option<usize>> = vec![None; n_forms];
    for (at, column) in columns.iter().enumerate().filter(|(_, c)| c.target == Target::Status) {
        if let Some(slot) = status_columns.get_mut(column.form) {
            *slot = Some(at);
        }
    }
    let mut visits: HashSet<(u32, Option<u32>)> = HashSet::new();
    let mut reds: HashSet<(Place, usize)> = HashSet::new();
    let group = Keys::of(columns).group;
    let stored_group = stored.rows.column(column::DAG);
    for (row, state) in compared.rows.iter().enumerate().filter(|(_, r)| r.is_sent) {
        let Some(place) = state.place else { continue };
        let name = places.records.get(place.record as usize).map_or("", String::as_str);
        let is_new = compared.is_new.get(place.record as usize) == Some(&Some(true));
        if place.event.is_some()
            && !compared.index.has_visit(&place)
            && visits.insert((place.record, place.event))
        {
            let event = place.event.map_or("", |e| places.event_name(e));
            effects.new_visits.push((name.to_owned(), event.to_owned()));
        }
        let touched: HashSet<usize> = columns
            .iter()
            .enumerate()
            .filter(|(at, c)| {
                c.is_value()
                    && matches!(compared.cells.get(row * columns.len() + at), Some(Cell::New | Cell::Changed))
            })
            .map(|(_, c)| c.form)
            .collect();
        for form in touched {
            let status = statuses.get(form).copied().flatten();
            let is_gray = state
                .stored
                .is_none_or(|r| status.is_some_and(|c| stored.rows.cell(r as usize, c).is_empty()));
            let sent = status_columns.get(form).copied().flatten().map_or("", |c| {
                let code = view.codes(c).get(row).copied().unwrap_or(0) as usize;
                code.checked_sub(1).and_then(|i| verdicts.get(c)?.get(i)).map_or("", |v| v.stored.as_ref())
            });
            if is_gray && matches!(sent, "" | "0") && reds.insert((place, form)) {
                effects.gray_to_red += 1;
            }
        }
        if let (Some(_), Some(old)) = (group, stored_group) {
            let to = view.text(row, group);
            let from = state.stored.map_or("", |r| stored.rows.cell(r as usize, old));
            // A blank leaves the group, but takes the record out of it where blanks erase.
            if (overwrite || !to.is_empty()) && to != from && !is_new {
                effects.moves.push((row, from.to_owned(), to.to_owned()));
            }
        }
    }
    effects
}

/// The computed fields that refer to a field of the file.
fn computed(columns: &[FileColumn], metadata: &Metadata) -> Vec<String> {
    let sent: HashSet<&str> = columns
        .iter()
        .filter_map(|c| match &c.target {
            Target::Field(at) | Target::Box(at, _) => metadata.dictionary.fields().get(*at),
            _ => None,
        })
        .map(|f| f.name.as_str())
        .collect();
    let refers = |field: &&crate::domain::dictionary::Field| {
        if field.field_type == FieldType::Calc {
            return logic::parse(&field.choices_or_calculations)
                .is_ok_and(|l| l.fields().any(|f| sent.contains(f)));
        }
        match tags::computed(&field.annotation) {
            Some(Ok(computed)) => computed.references().any(|r| r.field().is_some_and(|f| sent.contains(f))),
            _ => false,
        }
    };
    metadata
        .dictionary
        .fields()
        .iter()
        .filter(|f| is_computed(f))
        .filter(refers)
        .map(|f| f.name.clone())
        .collect()
}
