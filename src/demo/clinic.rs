//! Data entry as people do it in a browser, simulated: a form is saved, the log tells, and the
//! project's Data Entry Trigger fires. Imports through the API fire none, as in REDCap.

use super::model::data::Place;
use super::model::log::LogType;
use super::model::project::Project;
use super::model::state::State;
use super::rng::Rng;
use super::trigger::{Saved, TriggerUrl, TriggerUrlError, fire};
use crate::domain::dictionary::status_field;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The forms a clinic of people saves, on the projects of a running demo server.
#[derive(Debug, Clone)]
pub struct Clinic {
    state: Arc<State>,
    base: String,
    urls: Arc<Mutex<BTreeMap<u64, TriggerUrl>>>,
    rng: Arc<Mutex<Rng>>,
}

/// A form that was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedForm {
    /// The record.
    pub record: String,
    /// The instrument.
    pub instrument: String,
    /// The status with which the trigger was answered; `None` if the project has no trigger, or
    /// nobody answered it. REDCap itself does not tell anybody.
    pub answered: Option<u16>,
}

impl Clinic {
    pub(super) fn new(state: Arc<State>, base: String) -> Self {
        let rng = Arc::new(Mutex::new(Rng::from_text("capscope demo clinic")));
        Self { state, base, urls: Arc::default(), rng }
    }

    /// Sets where the triggers of all projects go, as Project Setup does for one.
    pub fn set_trigger_urls(&self, url: &str) -> Result<(), TriggerUrlError> {
        let url = TriggerUrl::parse(url)?;
        let ids = self.state.projects().into_iter().map(|p| p.info.project_id);
        *self.urls() = ids.map(|id| (id, url.clone())).collect();
        Ok(())
    }

    /// Saves one form that exists already, with another status, and fires the project's trigger.
    /// `None` if the project has no form to save.
    pub async fn save_a_form(&self, project_id: u64) -> Option<SavedForm> {
        let saved = self.enter(project_id)?;
        let url = self.urls().get(&project_id).cloned();
        let answered = match url {
            Some(url) => fire(&url, &saved).await,
            None => None,
        };
        Some(SavedForm { record: saved.record, instrument: saved.instrument, answered })
    }

    /// Saves so many forms a minute, over all projects, until it is dropped.
    pub async fn open(self, per_minute: u32) {
        let mut ticks = tokio::time::interval(Duration::from_secs(60) / per_minute.max(1));
        loop {
            ticks.tick().await;
            let ids: Vec<u64> = self.state.projects().iter().map(|p| p.info.project_id).collect();
            let at = self.rng.lock().unwrap_or_else(PoisonError::into_inner).below(ids.len());
            let Some(&id) = ids.get(at) else { continue };
            // People do not wait for each other, nor for the triggers of others.
            let clinic = self.clone();
            tokio::spawn(async move { clinic.save_a_form(id).await });
        }
    }

    fn urls(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, TriggerUrl>> {
        self.urls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores what a save changes, and says what its trigger tells.
    fn enter(&self, project_id: u64) -> Option<Saved> {
        let project = self.state.project(project_id)?;
        let form = {
            let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
            choose(&project, &mut rng)?
        };
        let now = State::now();
        let key = status_field(&form.instrument);
        let stored = self.state.edit(project_id, |project| {
            let place = Place {
                event: form.event,
                instrument: if form.repeats { &form.instrument } else { "" },
                instance: form.instance,
            };
            Arc::make_mut(&mut project.data).set(&form.record, place, &key, &form.status, now);
            let action = format!("Update record {}", form.record);
            let details = format!("{key} = '{}'", form.status);
            project.add_log(LogType::RecordEdit, now, &form.username, &action, &details, &form.record);
            Ok(())
        });
        stored.ok()?;
        let event = project.event_by_id(form.event).map(|e| e.unique_name.clone());
        Some(Saved {
            project_id,
            username: form.username,
            instrument: form.instrument,
            record: form.record,
            event: event.filter(|_| project.info.is_longitudinal).unwrap_or_default(),
            dag: form.dag,
            status: form.status,
            instance: (form.instance > 0).then_some(form.instance),
            repeats: form.repeats,
            redcap_url: self.base.clone(),
            version: self.state.behaviour.version.clone(),
        })
    }
}

/// A form that is about to be saved.
struct Form {
    record: String,
    instrument: String,
    event: u64,
    instance: u32,
    repeats: bool,
    dag: String,
    status: String,
    username: String,
}

/// Any form of any record that was saved before, the status it gets now, and who saves it.
fn choose(project: &Project, rng: &mut Rng) -> Option<Form> {
    let data = &project.data;
    let at = rng.below(data.records().count());
    let (name, record) = data.records().nth(at)?;
    let mut forms = Vec::new();
    for row in record.rows() {
        for (key, _) in row.cells() {
            if let Some(form) = project.status_of(data.key(*key)) {
                forms.push((row, form, data.get(row, data.key(*key))));
            }
        }
    }
    let (row, form, status) = *forms.get(rng.below(forms.len()))?;
    let dag = record.dag.and_then(|id| project.dag_by_id(id)).map(|d| d.unique_name.clone());
    let dag = dag.unwrap_or_default();
    // Users in a group save forms of their group's records only.
    let users = project.users.iter().filter(|u| u.dag.is_empty() || u.dag == dag);
    let users: Vec<&str> = users.map(|u| u.username.as_str()).collect();
    let by_participant = project.is_survey(form) && rng.chance(50);
    let username = if by_participant { "[survey respondent]" } else { rng.pick(&users)? };
    // A participant either goes on to the next page or is done; staff use all three.
    let status = match (by_participant, status) {
        (true, "0") | (false, "1") => "2",
        (true, _) | (false, "2") => "0",
        (false, _) => "1",
    };
    Some(Form {
        record: name.to_owned(),
        instrument: form.to_owned(),
        event: row.event,
        instance: row.instance,
        repeats: !data.instrument_of(row).is_empty(),
        dag,
        status: status.to_owned(),
        username: username.to_owned(),
    })
}
