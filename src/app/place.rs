//! Where one is in the lists of a project, so that one is there again at the next start.
//!
//! Rows are known by their number: the name of a record may tell who it is, and this is kept in a
//! file. Filters are never part of it.

use super::model::Model;
use super::msg::{Effect, Remember};
use super::open::Open;
use std::collections::BTreeMap;

/// The row of the cursor in each list, by the list's name.
pub type Cursors = BTreeMap<String, usize>;

const INSTRUMENTS: &str = "instruments";
const FIELDS: &str = "fields";
const USERS: &str = "users";

/// Where the cursors of a project are, without those on a first row.
pub fn of(open: &Open) -> Cursors {
    // A list that a filter makes shorter has other rows at the same numbers.
    let listed = |list: &super::open::Listing| if list.filter.is_empty() { list.cursor.at } else { 0 };
    let mut rows = vec![
        (INSTRUMENTS.to_owned(), listed(&open.instruments)),
        (FIELDS.to_owned(), if open.instruments.filter.is_empty() { listed(&open.fields) } else { 0 }),
        (USERS.to_owned(), listed(&open.users)),
    ];
    let records = &open.records;
    if let Some(form) = &records.form
        && records.filter.is_empty()
        && records.sort.is_none()
    {
        rows.push((records_of(form), records.cursor.at));
    }
    // Before the project was read nothing is known but what was kept.
    let mut cursors = open.resume.clone();
    cursors.extend(rows.into_iter().filter(|(_, at)| *at > 0));
    cursors
}

/// Puts the cursors of a project where they were, once its codebook is here.
pub fn put_back(open: &mut Open) {
    let instruments = open.shown_instruments().len();
    if let Some(at) = take(open, INSTRUMENTS, instruments) {
        open.instruments.cursor.at = at;
    }
    let fields = open.shown_fields().len();
    if let Some(at) = take(open, FIELDS, fields) {
        open.fields.cursor.at = at;
    }
    let users = open.shown_users().len();
    if let Some(at) = take(open, USERS, users) {
        open.users.cursor.at = at;
        open.leave_heading(true);
    }
}

/// A row that waits for its list; none while the list is empty, which it may be for a moment only.
fn take(open: &mut Open, name: &str, len: usize) -> Option<usize> {
    let last = len.checked_sub(1)?;
    open.resume.remove(name).map(|at| at.min(last))
}

/// The row of an instrument's record table that is to be under the cursor once it is here.
pub fn take_record_row(open: &mut Open, form: &str) -> usize {
    open.resume.remove(&records_of(form)).unwrap_or_default()
}

fn records_of(form: &str) -> String {
    format!("records of {form}")
}

/// Keeps where one is in the open project, in this session and for the next start.
pub fn keep(model: &mut Model) -> Option<Effect> {
    let open = model.open.as_ref()?;
    let (project, cursors) = (open.project.id.clone(), of(open));
    model.places.insert(project.clone(), cursors.clone());
    Some(Effect::Remember(Remember::Place { project, section: model.section.number(), cursors }))
}
