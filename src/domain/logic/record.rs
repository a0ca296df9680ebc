//! A context for one place of one record of a project.

use super::context::Context;
use super::error::Problem;
use super::locate::{Spot, locate};
use super::project::Project;
use super::reference::{Item, Reference};
use super::rules::Rules;
use super::smart::{self, Surroundings};
use crate::domain::choices::checkbox_column;
use crate::domain::dictionary::{Field, FieldType};
use jiff::civil::DateTime;
use std::borrow::Cow;

/// Where an expression is evaluated. Empty parts are empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place<'a> {
    /// The unique name of the current event; empty in a classic project.
    pub event: &'a str,
    /// The repeating instrument of the current instance; empty on all other rows.
    pub instrument: &'a str,
    /// The current instance of the repeating instrument or event.
    pub instance: Option<u32>,
    /// The form that is open, for `[instrument-name]`; empty outside of forms.
    pub form: &'a str,
}

/// One stored cell of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell<'a> {
    /// The field, or the name of a form status.
    pub field: &'a str,
    /// The choice of a checkbox.
    pub code: Option<&'a str>,
    /// The event; empty in a classic project.
    pub event: &'a str,
    /// The repeating instrument; empty elsewhere.
    pub instrument: &'a str,
    /// The instance; 0 where nothing repeats.
    pub instance: u32,
}

impl<'a> Cell<'a> {
    /// The name of the export column, such as `race___2`.
    pub fn column(&self) -> Cow<'a, str> {
        self.code.map_or(Cow::Borrowed(self.field), |code| Cow::Owned(checkbox_column(self.field, code)))
    }
}

/// The stored data of one record.
pub trait RecordData {
    /// The record's name.
    fn name(&self) -> &str;

    /// The stored text of a cell, blank if nothing is stored. A ticked choice is `1`.
    ///
    /// `None` says that the column is not at hand, so that nobody knows.
    fn value(&self, cell: &Cell<'_>) -> Option<Cow<'_, str>>;

    /// The lowest and highest instance that exist at an event and repeating instrument (empty for
    /// a repeating event).
    fn instances(&self, event: &str, instrument: &str) -> Option<(u32, u32)>;

    /// The unique name of the record's Data Access Group; `None` if it is not known.
    fn dag(&self) -> Option<&str> {
        None
    }
}

/// Who is looking. What is `None` is not known, and logic that needs it cannot be evaluated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Viewer {
    /// The login.
    pub user: Option<String>,
    /// First and last name.
    pub full_name: Option<String>,
    /// The primary e-mail address.
    pub email: Option<String>,
    /// The unique name of the user's Data Access Group; empty if in none.
    pub dag: Option<String>,
    /// The number of the role.
    pub role_id: Option<String>,
    /// The unique name of the role, `U-...`; empty if in none.
    pub role: Option<String>,
    /// The label of the role; empty if in none.
    pub role_label: Option<String>,
    /// The page is a survey.
    pub is_survey: bool,
}

/// [`Context`] of one place of one record.
pub struct RecordContext<'a> {
    project: &'a Project<'a>,
    data: &'a dyn RecordData,
    place: Place<'a>,
    now: DateTime,
    rules: &'a Rules,
    viewer: Option<&'a Viewer>,
}

impl<'a> RecordContext<'a> {
    /// A place of a record. The rules must be those that the expression is evaluated with.
    pub fn new(
        project: &'a Project<'a>,
        data: &'a dyn RecordData,
        place: Place<'a>,
        rules: &'a Rules,
        now: DateTime,
    ) -> Self {
        Self { project, data, place, now, rules, viewer: None }
    }

    /// The same, seen by this user.
    #[must_use]
    pub fn seen_by(mut self, viewer: &'a Viewer) -> Self {
        self.viewer = Some(viewer);
        self
    }

    fn field_value(
        &self,
        reference: &Reference,
        name: &str,
        code: Option<&str>,
    ) -> Result<Cow<'_, str>, Problem> {
        let known = field_problem(self.project, name, code)?;
        if self.project.is_record_id(name) {
            return Ok(Cow::Borrowed(self.data.name()));
        }
        if let Some(text) = without_looking(self.project, &known, code, self.rules) {
            return Ok(Cow::Borrowed(text));
        }
        let unticked = if code.is_some() { "0" } else { "" };
        let instances = |event: &str, instrument: &str| self.data.instances(event, instrument);
        match locate(self.project, known.form, reference, &self.place, self.rules, &instances) {
            Spot::Blank => Ok(Cow::Borrowed(unticked)),
            Spot::Row { event, instrument, instance } => {
                let cell = |code| Cell { field: name, code, event, instrument, instance };
                let not_loaded = || Problem::NotLoaded(cell(code).column().into_owned());
                let text = self.data.value(&cell(code)).ok_or_else(not_loaded)?;
                if !text.is_empty() {
                    return Ok(text);
                }
                if known.field.is_none() && self.rules.unsaved_status_is_zero {
                    return Ok(Cow::Borrowed("0"));
                }
                let codes = &self.project.metadata().info.missing_data_codes;
                let is_ticked = |code| self.data.value(&cell(Some(code))).is_some_and(|t| t == "1");
                let blank = code.is_some()
                    && !self.rules.coded_checkbox_is_unticked
                    && codes.iter().any(|c| is_ticked(c.code.as_str()));
                Ok(Cow::Borrowed(if blank { "" } else { unticked }))
            }
        }
    }

    /// The exported completion time of a survey instrument, at this place.
    fn completed(&self, form: &str) -> Option<String> {
        let place = &self.place;
        let (instrument, instance) = self.project.row_of_form(form, place);
        let field = format!("{form}_timestamp");
        let cell = Cell { field: &field, code: None, event: place.event, instrument, instance };
        self.data.value(&cell).map(Cow::into_owned)
    }
}

/// A field or form status that exists.
pub(super) struct KnownField<'m> {
    /// `None` for a form status.
    pub field: Option<&'m Field>,
    pub form: &'m str,
}

/// Finds a field, or says why a reference to it can have no value anywhere (§11).
pub(super) fn field_problem<'m>(
    project: &Project<'m>,
    name: &str,
    code: Option<&str>,
) -> Result<KnownField<'m>, Problem> {
    let Some(form) = project.form_of(name) else { return Err(Problem::UnknownField(name.to_owned())) };
    let field = project.field(name);
    if code.is_none() && field.is_some_and(|f| f.field_type == FieldType::Checkbox) {
        return Err(Problem::CheckboxWithoutChoice(name.to_owned()));
    }
    Ok(KnownField { field, form })
}

/// The value of a reference that depends on no data: a choice that does not exist (§11).
pub(super) fn without_looking(
    project: &Project<'_>,
    known: &KnownField<'_>,
    code: Option<&str>,
    rules: &Rules,
) -> Option<&'static str> {
    if project.has_choice(&known.field?.name, code?) {
        return None;
    }
    Some(if rules.unknown_choice_is_unticked { "0" } else { "" })
}

impl Context for RecordContext<'_> {
    fn value(&self, reference: &Reference) -> Result<Cow<'_, str>, Problem> {
        match &reference.item {
            Item::Field { name, code, .. } => self.field_value(reference, name, code.as_deref()),
            Item::Smart { name, params } => {
                let surroundings = Surroundings {
                    project: self.project,
                    record: self.data.name(),
                    dag: self.data.dag(),
                    place: &self.place,
                    viewer: self.viewer,
                    instances: &|event, instrument| self.data.instances(event, instrument),
                    completed: &|form| self.completed(form),
                };
                smart::value(name, params, reference, &surroundings).map(|text| Cow::Owned(text.into_owned()))
            }
        }
    }

    fn now(&self) -> DateTime {
        self.now
    }

    fn is_missing_code(&self, text: &str) -> bool {
        self.project.is_missing_code(text)
    }

    fn field(&self, name: &str) -> Option<&Field> {
        self.project.field(name)
    }
}
