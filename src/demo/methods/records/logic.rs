//! The store as the logic engine of the domain sees it: for filters and for calculations.

use crate::demo::model::data::{Data, Place, Record, Row};
use crate::demo::model::project::Project;
use crate::demo::pipeline::Call;
use crate::domain::logic::{self, Cell, RecordData, Viewer};
use crate::domain::project::{Metadata, Readable};
use crate::domain::rights::Access;
use std::borrow::Cow;

/// The metadata of a project as logic needs them. A classic project has no events there, however
/// it is kept here.
pub fn metadata_of(project: &Project, version: &str) -> Metadata {
    let longitudinal = project.info.is_longitudinal;
    let mut repeating = project.repeating.clone();
    if !longitudinal {
        for line in &mut repeating {
            line.event.clear();
        }
    }
    let of_events = |list: &Vec<_>| Readable::Known(list.clone());
    Metadata {
        version: version.to_owned(),
        info: project.info.clone(),
        dictionary: project.dictionary.clone(),
        instruments: project.instruments.clone(),
        arms: if longitudinal { Readable::Known(project.arms.clone()) } else { Readable::NotAsked },
        events: if longitudinal { of_events(&project.events) } else { Readable::NotAsked },
        mapping: if longitudinal { Readable::Known(project.mapping.clone()) } else { Readable::NotAsked },
        repeating: Readable::Known(repeating),
        access: Access { dags: Readable::Known(project.dags.clone()), ..Access::default() },
    }
}

/// The user of a call, for `[user-name]` and its kin.
pub fn viewer_of(call: &Call<'_>) -> Viewer {
    let (user, role) = (&call.user, call.project.role_of(&call.user.username));
    Viewer {
        user: Some(user.username.clone()),
        full_name: Some(format!("{} {}", user.firstname, user.lastname).trim().to_owned()),
        email: Some(user.email.clone()),
        dag: Some(user.dag.clone()),
        // Roles have no numbers here; their unique names are known.
        role_id: None,
        role: Some(role.map_or_else(String::new, |r| r.unique_name.clone())),
        role_label: Some(role.map_or_else(String::new, |r| r.label.clone())),
        is_survey: false,
    }
}

/// One record of the store.
#[derive(Debug, Clone, Copy)]
pub struct StoredRecord<'d> {
    /// The project.
    pub project: &'d Project,
    /// All of its data.
    pub data: &'d Data,
    /// The record's name.
    pub name: &'d str,
    /// The record.
    pub record: &'d Record,
}

impl<'d> StoredRecord<'d> {
    /// The place of a row as logic names it.
    pub fn place(&self, row: &Row, form: &'d str) -> logic::Place<'d> {
        let event = match self.project.event_by_id(row.event) {
            Some(event) if self.project.info.is_longitudinal => event.unique_name.as_str(),
            _ => "",
        };
        let instance = row.repeats().then_some(row.instance);
        logic::Place { event, instrument: self.data.instrument_of(row), instance, form }
    }

    fn event_id(&self, event: &str) -> Option<u64> {
        if event.is_empty() {
            return Some(self.project.first_event_id());
        }
        self.project.event(event)?.event_id
    }
}

impl RecordData for StoredRecord<'_> {
    fn name(&self) -> &str {
        self.name
    }

    fn value(&self, cell: &Cell<'_>) -> Option<Cow<'_, str>> {
        let Some(event) = self.event_id(cell.event) else { return Some(Cow::Borrowed("")) };
        let place = Place { event, instrument: cell.instrument, instance: cell.instance };
        let Some(row) = self.data.row(self.record, place) else { return Some(Cow::Borrowed("")) };
        let stored = match cell.code {
            Some(code) => self.data.get(row, &format!("{}({code})", cell.field)),
            None => self.data.get(row, cell.field),
        };
        // A file field reads as the document's number, as EAV exports show it.
        Some(Cow::Borrowed(stored))
    }

    fn instances(&self, event: &str, instrument: &str) -> Option<(u32, u32)> {
        let event = self.event_id(event)?;
        let instances = self
            .record
            .rows()
            .iter()
            .filter(|row| row.event == event && row.repeats() && self.data.instrument_of(row) == instrument)
            .map(|row| row.instance);
        Some((instances.clone().min()?, instances.max()?))
    }

    fn dag(&self) -> Option<&str> {
        Some(self.record.dag.and_then(|id| self.project.dag_by_id(id)).map_or("", |d| &d.unique_name))
    }
}
