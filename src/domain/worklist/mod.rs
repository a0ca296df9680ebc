//! What is missing, and since when: visits that no row exists for, forms that were started and
//! not completed, required fields that are blank.

mod blanks;
mod plan;

pub use plan::{Anchor, anchors, checked, fields, has_schedule};

use super::project::Metadata;
use super::record::{column, natural_cmp};
use super::status::{Cell, Grid, State};
use super::table::RecordTable;
use jiff::ToSpan as _;
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap, HashSet};

/// When a visit is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The planned day.
    pub due: Date,
    /// The first day of the window.
    pub from: Date,
    /// The last day of the window.
    pub to: Date,
}

/// What is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// There is no visit, and its window ended so many days ago.
    Late(i64),
    /// There is no visit, and its window is open for so many days more.
    Due(i64),
    /// A form was started and is not complete.
    Started,
    /// Required fields of a form that was started are blank.
    RequiredBlank(Vec<String>),
    /// Other fields of a form that was started are blank.
    Blank(Vec<String>),
    /// The visit is there, the form was never saved.
    NotStarted,
    /// There is no visit, and the date to count from, in this field, is blank.
    NoAnchor(String),
    /// There is no visit, and its event has no planned day.
    NoPlan,
    /// There is no visit yet; its window begins in so many days.
    NotYet(i64),
}

/// One thing that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The record.
    pub record: String,
    /// Its Data Access Group, if the server told it.
    pub dag: String,
    /// The event's unique name; empty in a classic project.
    pub event: String,
    /// The form; empty if the whole visit is missing.
    pub form: String,
    /// The instance, where something repeats.
    pub instance: Option<u32>,
    /// When the visit is due, if that can be told.
    pub window: Option<Window>,
    /// What is missing.
    pub verdict: Verdict,
}

impl Item {
    /// The verdict in words, as precise as it is known.
    pub fn words(&self) -> String {
        let days = |n: i64| if n == 1 { "1 day".to_owned() } else { format!("{n} days") };
        let window = self.window.map_or(String::new(), |w| {
            if w.from == w.to {
                format!(", due {}", w.due)
            } else {
                format!(", due {}, window {}..{}", w.due, w.from, w.to)
            }
        });
        match &self.verdict {
            Verdict::Late(n) => format!("no visit{window}, late {}", days(*n)),
            Verdict::Due(0) => format!("no visit{window}, today is the last day"),
            Verdict::Due(n) => format!("no visit{window}, {} left", days(*n)),
            Verdict::Started => "started, not complete".to_owned(),
            Verdict::RequiredBlank(fields) => format!("required blank: {}", fields.join(", ")),
            Verdict::Blank(fields) => format!("blank, not required: {}", fields.join(", ")),
            Verdict::NotStarted => "not started".to_owned(),
            Verdict::NoAnchor(field) => format!("no visit, {field} is blank"),
            Verdict::NoPlan => "no visit, no planned day".to_owned(),
            Verdict::NotYet(_) => {
                self.window.map_or("not yet due".to_owned(), |w| format!("not yet due ({})", w.due))
            }
        }
    }

    /// The most urgent first.
    fn urgency(&self) -> (u8, i64) {
        match &self.verdict {
            Verdict::Late(n) => (0, -n),
            Verdict::Due(n) => (1, *n),
            Verdict::Started => (2, 0),
            Verdict::RequiredBlank(_) => (3, 0),
            Verdict::NotStarted => (4, 0),
            Verdict::Blank(_) => (5, 0),
            Verdict::NoAnchor(_) => (6, 0),
            Verdict::NoPlan => (7, 0),
            Verdict::NotYet(n) => (8, *n),
        }
    }
}

/// What is missing in a project.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Worklist {
    /// The most urgent first.
    pub items: Vec<Item>,
    /// The date that visits are counted from.
    pub anchor: Option<Anchor>,
    /// How many records were looked at.
    pub records: usize,
    /// Checked fields and form statuses that the server did not send: export rights left them out.
    pub unreadable: Vec<String>,
    /// Blank fields that are not listed because their branching logic could not be worked out.
    pub unknown: usize,
}

/// Works the list out from an export of [`fields`], with blanks for forms that were never saved.
///
/// `dags` gives each record's Data Access Group, `today` is the day in the place of the user.
pub fn build(
    table: &RecordTable,
    metadata: &Metadata,
    anchor: Option<&Anchor>,
    dags: &BTreeMap<String, String>,
    optional: bool,
    today: Date,
) -> Worklist {
    let grid = Grid::build(table, metadata);
    let dates = anchor.map(|a| anchor_dates(table, metadata, a)).unwrap_or_default();
    let mut list = Worklist { anchor: anchor.cloned(), records: grid.rows.len(), ..Worklist::default() };
    list.unreadable.extend(grid.unreadable.iter().map(|f| super::dictionary::status_field(f)));
    let empty = String::new();
    let dag_of = |record: &str| dags.get(record).unwrap_or(&empty).clone();
    let seen = seen_repeating(&grid, metadata);
    for (record, cells) in &grid.rows {
        let item = |event: &str, form: &str, window, verdict| Item {
            record: record.clone(),
            dag: dag_of(record),
            event: event.to_owned(),
            form: form.to_owned(),
            instance: None,
            window,
            verdict,
        };
        for event in events(&grid) {
            let here: Vec<(&str, Cell)> = grid
                .columns
                .iter()
                .zip(cells)
                .filter(|(c, _)| c.event == event)
                .map(|(c, cell)| (c.form.as_str(), *cell))
                .collect();
            let window = window(metadata, anchor, event, dates.get(record.as_str()).copied());
            let visited = here.iter().any(|(_, c)| !matches!(c.state, State::NoVisit | State::NotUsed));
            let in_arm = here.iter().any(|(_, c)| c.state != State::NotUsed);
            if !visited {
                let expected = metadata.event(event).is_some_and(|e| plan::is_expected(metadata, e))
                    && !only_instances(&grid, event, &seen);
                if expected && in_arm {
                    let verdict = no_visit(metadata, anchor, event, window, today);
                    list.items.push(item(event, "", window, verdict));
                }
                continue;
            }
            // Of a form whose status did not come nothing can be said.
            let known = |form: &str| !grid.unreadable.iter().any(|u| u == form);
            for (form, cell) in here.into_iter().filter(|(form, _)| known(form)) {
                let repeats = seen.contains(&(event, form))
                    || metadata
                        .repeating
                        .list()
                        .iter()
                        .any(|r| r.event == event && (r.form == form || r.is_event()));
                match cell.state {
                    State::Incomplete | State::SurveyPartial => {
                        list.items.push(item(event, form, window, Verdict::Started));
                    }
                    // A repeating form that has no instance yet is not missing.
                    State::NotStarted if !repeats => {
                        list.items.push(item(event, form, window, Verdict::NotStarted));
                    }
                    _ => {}
                }
            }
        }
    }
    blanks::add(&mut list, table, metadata, &dag_of, optional, today);
    list.items.sort_by(|a, b| a.urgency().cmp(&b.urgency()).then_with(|| natural_cmp(&a.record, &b.record)));
    list
}

/// The forms that have an instance in some record, with their events: what repeats, where the token
/// may not read the set-up.
fn seen_repeating<'g>(grid: &'g Grid, metadata: &Metadata) -> HashSet<(&'g str, &'g str)> {
    if metadata.repeating.known().is_some() {
        return HashSet::new();
    }
    let has_instance = |at: usize| grid.rows.iter().any(|(_, c)| c.get(at).is_some_and(|c| c.instances > 0));
    let columns = grid.columns.iter().enumerate().filter(|(at, _)| has_instance(*at));
    columns.map(|(_, c)| (c.event.as_str(), c.form.as_str())).collect()
}

/// Whether all that is used at an event repeats: a record without any instance of it is complete.
fn only_instances(grid: &Grid, event: &str, seen: &HashSet<(&str, &str)>) -> bool {
    grid.columns.iter().filter(|c| c.event == event).all(|c| seen.contains(&(event, c.form.as_str())))
}

/// The events of the grid in order, each once.
fn events(grid: &Grid) -> Vec<&str> {
    let mut events: Vec<&str> = grid.columns.iter().map(|c| c.event.as_str()).collect();
    events.dedup();
    events
}

/// The date of each record that visits are counted from. Missing data codes are no dates.
fn anchor_dates<'a>(table: &'a RecordTable, metadata: &Metadata, anchor: &Anchor) -> HashMap<&'a str, Date> {
    let id = metadata.dictionary.record_id_field().and_then(|f| table.column(&f.name));
    let (Some(id), Some(value)) = (id, table.column(&anchor.field)) else { return HashMap::new() };
    (0..table.n_rows())
        .filter(|&row| {
            table.get(row, column::EVENT) == anchor.event
                && table.get(row, column::REPEAT_INSTRUMENT).is_empty()
        })
        .filter_map(|row| {
            let date = table.cell(row, value).get(..10)?.parse().ok()?;
            Some((table.cell(row, id), date))
        })
        .collect()
}

/// When a visit is due: as many days after the record's date as its event is planned after the
/// event of that date (`redcap-api.md` §3.2). Arms have their own schedules.
fn window(metadata: &Metadata, anchor: Option<&Anchor>, event: &str, date: Option<Date>) -> Option<Window> {
    let start = metadata.event(&anchor?.event)?;
    let event = metadata.event(event)?;
    if start.arm_num != event.arm_num {
        return None;
    }
    let days = event.day_offset?.checked_sub(start.day_offset?)?;
    let due = date?.checked_add(days.days()).ok()?;
    let before = event.offset_min.unwrap_or(0).saturating_abs();
    let after = event.offset_max.unwrap_or(0).saturating_abs();
    Some(Window { due, from: due.checked_sub(before.days()).ok()?, to: due.checked_add(after.days()).ok()? })
}

fn no_visit(
    metadata: &Metadata,
    anchor: Option<&Anchor>,
    event: &str,
    window: Option<Window>,
    today: Date,
) -> Verdict {
    let days = |from: Date, to: Date| i64::from(from.until(to).map_or(0, |span| span.get_days()));
    match window {
        Some(w) if today > w.to => Verdict::Late(days(w.to, today)),
        Some(w) if today < w.from => Verdict::NotYet(days(today, w.from)),
        Some(w) => Verdict::Due(days(today, w.to)),
        None => {
            let arm = |name: &str| metadata.event(name).map(|e| e.arm_num);
            let planned = metadata.event(event).is_some_and(|e| e.day_offset.is_some());
            let counted = anchor.is_some_and(|a| {
                arm(&a.event) == arm(event)
                    && metadata.event(&a.event).is_some_and(|e| e.day_offset.is_some())
            });
            match anchor {
                Some(anchor) if planned && counted => Verdict::NoAnchor(anchor.field.clone()),
                _ => Verdict::NoPlan,
            }
        }
    }
}

#[cfg(test)]
mod tests;
