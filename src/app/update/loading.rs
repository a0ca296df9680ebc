//! Starting and stopping jobs for what is on screen.

use super::{failing, looking, moving, working};
use crate::app::dialog::Dialog;
use crate::app::grid::{self, GridLoad};
use crate::app::model::{Level, Model, Pane, Section};
use crate::app::msg::Effect;
use crate::app::open::{Open, Over};
use crate::app::place;
use crate::app::playground::save_dialog::{Content, SaveDialog};
use crate::app::quality::QualityLoad;
use crate::app::record_view::{RecordView, Sought};
use crate::app::records::{FIRST_RECORDS, Load};
use crate::app::running::Slot;
use crate::domain::record::RowKey;
use crate::domain::text::without_html;
use crate::jobs::types::{Excluded, Job, RecordWanted, RecordsWanted, SavedProject, Source};

/// Opens a project: what is saved of it comes first, then what the server says.
pub fn open_project(model: &mut Model, project: SavedProject) -> Vec<Effect> {
    let mut effects = Vec::new();
    place::keep(model);
    let another = model.open.as_ref().is_none_or(|o| o.project.id != project.id);
    if another {
        for slot in [
            Slot::Access,
            Slot::Records,
            Slot::Record,
            Slot::Grid,
            Slot::Quality,
            Slot::Log,
            Slot::Timeline,
            Slot::Work,
            Slot::Find,
            Slot::Survey,
            Slot::Call,
            Slot::Compare,
            Slot::BackUp,
            Slot::Check,
            Slot::Spot,
            Slot::Token,
        ] {
            effects.extend(model.jobs.cancel(slot));
        }
        effects.extend(super::live::stop_watch(model));
        effects.extend(super::live::stop_read_back(model));
        // Marks of a spot check wait for the project to be opened again.
        if let Some(open) = model.open.take().filter(|o| o.spot.has_marks()) {
            model.spots.insert(open.project.id, open.spot.without_values());
        }
        let spot = model.spots.remove(&project.id).unwrap_or_default();
        let resume = model.places.get(&project.id).cloned().unwrap_or_default();
        model.open = Some(Open { resume, spot, ..Open::new(project.clone(), model.options.mask) });
    }
    if model.section == Section::Activity {
        model.section = Section::Overview;
    }
    model.pane = moving::first_pane(model, model.section);
    effects.extend(place::keep(model));
    effects.extend(model.jobs.start(
        Slot::Open,
        "Reading the project",
        Job::Open(Box::new(project)),
        model.now,
    ));
    effects
}

/// Users are read when their section is first shown: most visits do not need them.
pub fn load_what_is_shown(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    let from_server = matches!(open.source, Some(Source::Server(_)));
    if model.section != Section::Users || open.access_asked || !from_server {
        return Vec::new();
    }
    open.access_asked = true;
    let job = Job::Access(Box::new(open.project.clone()), Box::new(open.metadata.clone()));
    model.jobs.start(Slot::Access, "Reading users and rights", job, now)
}

/// Reads the records of an instrument; without a limit all records of the one in the table.
pub fn load_records(model: &mut Model, limit: Option<usize>) -> Vec<Effect> {
    let Some(open) = &mut model.open else { return Vec::new() };
    // "All" means all of the instrument that is in the table; the list's cursor may be elsewhere.
    let form = match (limit, &open.records.form) {
        (None, Some(form)) => Some(form.clone()),
        _ => open.instrument().map(|i| i.name.clone()),
    };
    let Some(form) = form else { return Vec::new() };
    let records = &open.records;
    // The rest of what is on screen: nothing is read twice and the cursor stays.
    let part = records.ids.as_ref().is_some_and(|ids| (1..ids.len()).contains(&records.records_read));
    if limit.is_none() && part {
        return go_on(model, None);
    }
    // A filter of another instrument would be forgotten and mislead.
    let same = records.form.as_ref() == Some(&form);
    let filter = if same { records.server_filter.clone() } else { String::new() };
    begin(model, &form, limit, filter)
}

/// Reads records with this logic as filter on the server; empty for all.
pub fn load_filtered(model: &mut Model, logic: &str) -> Vec<Effect> {
    let Some(open) = &model.open else { return Vec::new() };
    let form = open.records.form.clone().or_else(|| open.instrument().map(|i| i.name.clone()));
    form.map_or_else(Vec::new, |form| begin(model, &form, Some(FIRST_RECORDS), logic.to_owned()))
}

/// Starts a load from its first record.
fn begin(model: &mut Model, form: &str, limit: Option<usize>, filter: String) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    let Some(mut wanted) = RecordsWanted::of_forms(&open.metadata, &[form], limit) else { return Vec::new() };
    wanted.filter_logic.clone_from(&filter);
    let layout = model.layouts.get(&open.project.id).and_then(|l| l.get(form));
    let row = place::take_record_row(open, form);
    let records = &mut open.records;
    records.begin(form, layout.cloned().unwrap_or_default());
    records.resume = row;
    records.server_filter = filter;
    records.limit = limit;
    records.view = None;
    open.over = None;
    open.grid.shown = false;
    open.quality.shown = false;
    let job = Job::Records(Box::new(open.project.clone()), wanted);
    model.jobs.start(Slot::Records, "Reading records", job, now)
}

/// Goes on with a load that ended before it had all records.
fn go_on(model: &mut Model, limit: Option<usize>) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    let records = &mut open.records;
    let (Some(form), Some(ids)) = (records.form.clone(), records.ids.clone()) else { return Vec::new() };
    let Some(mut wanted) = RecordsWanted::of_forms(&open.metadata, &[&form], limit) else {
        return Vec::new();
    };
    wanted.filter_logic.clone_from(&records.server_filter);
    wanted.after = Some((ids, records.records_read));
    records.go_on();
    records.limit = limit;
    records.view = None;
    open.grid.shown = false;
    let job = Job::Records(Box::new(open.project.clone()), wanted);
    model.jobs.start(Slot::Records, "Reading records", job, now)
}

/// Pauses the load of records, or goes on with one that was paused, stopped or failed.
pub fn pause(model: &mut Model) -> Vec<Effect> {
    let limit = model.open.as_ref().and_then(|o| o.records.limit);
    if model.jobs.get(Slot::Records).is_none() {
        return go_on(model, limit);
    }
    let effects = stop(model, Slot::Records);
    if model.open.as_ref().is_some_and(|o| o.records.can_go_on()) {
        model.notify(Level::Note, "Paused. What was read so far is shown. {pause} goes on.");
    }
    effects
}

/// Opens the record under the cursor, at the place that was chosen.
pub fn open_record(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    let Some(record) = open.chosen_record().map(str::to_owned) else { return Vec::new() };
    let seek = open.chosen_place();
    let absent = open.absent_visit();
    let Some(job) = load_record(open, &record) else { return Vec::new() };
    if let Some(view) = &mut open.records.view {
        view.seek = seek;
    }
    if let Some(event) = absent {
        let text = format!("There is no row at {event} in this record: nothing was entered there.");
        model.notify(Level::Note, text);
    }
    model.jobs.start(Slot::Record, "Reading the record", job, now)
}

/// Asks where the file under the cursor is to be kept.
pub fn ask_download(model: &mut Model) {
    let Some(open) = &model.open else { return };
    let view = open.records.view.as_ref();
    let Some((place, name)) = view.and_then(|v| v.file(&open.metadata)) else { return };
    // The server's name is only a proposal: no folder of it is taken over.
    let name: String =
        name.chars().map(|c| if matches!(c, '/' | '\\') || c.is_control() { '_' } else { c }).collect();
    let dialog = SaveDialog {
        file: tui_input::Input::new(name),
        about: format!("The file of {}, read from the server.", place.name),
        content: Content::FileOf(Box::new(place)),
        personal: true,
    };
    model.dialog = Some(Dialog::Save(Box::new(dialog)));
}

/// Opens the record of this name, from wherever it was named.
pub fn open_named(model: &mut Model, record: &str) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    load_record(open, record)
        .map_or_else(Vec::new, |job| model.jobs.start(Slot::Record, "Reading the record", job, now))
}

fn load_record(open: &mut Open, record: &str) -> Option<Job> {
    let wanted = RecordWanted {
        record: record.to_owned(),
        id_field: open.metadata.dictionary.record_id_field()?.name.clone(),
        forms: open.metadata.instruments.iter().map(|i| i.name.clone()).collect(),
    };
    if open.records.view.as_ref().is_none_or(|v| v.record != record) {
        open.records.view = Some(RecordView::loading(record));
    }
    Some(Job::Record(Box::new(open.project.clone()), wanted))
}

/// Loads the part that is on screen again; what is shown stays until the new is here. Where
/// requests were turned away before REDCap, this is a person's word that one may be sent again.
pub fn reload(model: &mut Model) -> Vec<Effect> {
    let mut effects = resume(model);
    effects.extend(read_again(model));
    effects
}

/// Lets requests through again if they were stopped.
pub fn resume(model: &mut Model) -> Vec<Effect> {
    let Some(open) = &mut model.open else { return Vec::new() };
    if !std::mem::take(&mut open.blocked) {
        return Vec::new();
    }
    vec![Effect::Resume(Box::new(open.project.clone()))]
}

fn read_again(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    let project = open.project.clone();
    if open.problem.is_some() || open.source.is_none() {
        return model.jobs.start(Slot::Open, "Reading the project", Job::Open(Box::new(project)), now);
    }
    match model.section {
        Section::Records if open.records.view.as_ref().is_some_and(|v| v.timeline.shown) => {
            looking::read_timeline(model)
        }
        Section::Records if open.records.view.is_some() => {
            let record = open.records.view.as_ref().map(|v| v.record.clone()).unwrap_or_default();
            load_record(open, &record)
                .map_or_else(Vec::new, |job| model.jobs.start(Slot::Record, "Reading the record", job, now))
        }
        Section::Records if open.over == Some(Over::Changes) => looking::read_changes(model),
        Section::Records if open.over == Some(Over::Worklist) => working::read(model),
        Section::Records if open.quality.shown => run_quality(model),
        Section::Records if open.grid.shown => read_grid(model),
        Section::Records if open.records.form.is_some() => {
            let all = open
                .records
                .ids
                .as_ref()
                .is_some_and(|ids| ids.len() > FIRST_RECORDS && open.records.records_read == ids.len());
            load_records(model, if all { None } else { Some(FIRST_RECORDS) })
        }
        Section::Check if !open.check.path.is_empty() => super::check::start(model),
        Section::Token => super::token::test(model, false),
        Section::Users => {
            open.access_asked = false;
            load_what_is_shown(model)
        }
        _ => model.jobs.start(Slot::Open, "Reading the project", Job::Open(Box::new(project)), now),
    }
}

/// Stops the job of a slot and says so; what was read so far stays.
pub fn stop(model: &mut Model, slot: Slot) -> Vec<Effect> {
    let effects = model.jobs.cancel(slot);
    failing::stopped(model, slot);
    let something = model.open.as_ref().is_some_and(|o| o.records.table.n_rows() > 0);
    let text = if slot == Slot::Records && something {
        "Stopped. What was read so far is shown."
    } else {
        "Stopped."
    };
    model.notify(Level::Note, text);
    effects
}

/// Notes that the record load of this model was stopped.
pub fn mark_records_stopped(open: &mut Open) {
    if open.records.load == Load::Running {
        open.records.load = Load::Stopped;
        open.records.settle(&open.metadata, open.masked);
    }
}

/// Shows the status grid in place of the record table, or the table again. It is read when it is
/// first shown.
pub fn toggle_grid(model: &mut Model) -> Vec<Effect> {
    let Some(open) = &mut model.open else { return Vec::new() };
    // From a list that lies over it, the grid is what was asked for.
    open.grid.shown = open.over.take().is_some() || open.quality.shown || !open.grid.shown;
    open.quality.shown = false;
    model.pane = Pane::Main;
    if open.grid.shown && matches!(open.grid.load, GridLoad::Never | GridLoad::Failed(_)) {
        return read_grid(model);
    }
    Vec::new()
}

fn read_grid(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    let Some(wanted) = grid::wanted(&open.metadata) else { return Vec::new() };
    open.grid.load = GridLoad::Running;
    let metadata = Box::new(open.metadata.clone());
    let job = Job::Grid(Box::new(open.project.clone()), wanted, metadata);
    model.jobs.start(Slot::Grid, "Reading the status of all instruments", job, now)
}

/// Shows data quality in place of the record table, or the table again. The rules are run when it
/// is first shown.
pub fn toggle_quality(model: &mut Model) -> Vec<Effect> {
    let Some(open) = &mut model.open else { return Vec::new() };
    // It takes the place of a list that lies over the table.
    open.quality.shown = open.over.take().is_some() || !open.quality.shown;
    open.records.view = None;
    model.pane = Pane::Main;
    if open.quality.shown && matches!(open.quality.load, QualityLoad::Never | QualityLoad::Failed(_)) {
        return run_quality(model);
    }
    Vec::new()
}

/// Runs the data quality rules; what was found before stays until the new result is here.
pub fn run_quality(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    open.quality.load = QualityLoad::Running;
    let checks = open.quality.checks(&open.metadata);
    let project = Box::new(open.project.clone());
    let job = Job::Quality(project, Box::new(open.metadata.clone()), Box::new(checks));
    model.jobs.start(Slot::Quality, "Checking data quality", job, now)
}

/// Opens the record of the finding under the cursor, at its field.
pub fn open_finding(model: &mut Model) -> Vec<Effect> {
    let Some(finding) = model.open.as_ref().and_then(|o| o.quality.chosen()).cloned() else {
        return Vec::new();
    };
    open_record_at(model, finding.place, finding.field)
}

/// Opens a record with the cursor at a field of a row.
pub fn open_record_at(model: &mut Model, place: RowKey, field: String) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    let Some(job) = load_record(open, &place.record) else { return Vec::new() };
    if let Some(view) = &mut open.records.view {
        view.seek = Some((place, if field.is_empty() { Sought::Visit } else { Sought::Field(field) }));
    }
    model.pane = Pane::Main;
    model.jobs.start(Slot::Record, "Reading the record", job, now)
}

/// Excludes the finding under the cursor, or includes it again.
pub fn toggle_excluded(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(open) = &mut model.open else { return Vec::new() };
    let Some((exclusion, is_excluded)) = open.quality.chosen_exclusion() else { return Vec::new() };
    let what = if is_excluded {
        open.quality.excluded.remove(&exclusion);
        Excluded::No
    } else {
        open.quality.excluded.insert(exclusion.clone());
        Excluded::Yes
    };
    open.quality.refresh();
    let job = Job::Exclude(Box::new(open.project.clone()), vec![exclusion], what);
    let effects = model.jobs.start(Slot::Exclude, "Keeping what is excluded", job, now);
    let text = match what {
        Excluded::Yes => "Excluded: it no longer counts. {show-excluded} lists excluded findings too.",
        Excluded::No => "Included: it counts again.",
    };
    model.notify(Level::Done, text);
    effects
}

/// Takes over the number and the title of a project whose token could not tell them when it was
/// added. The job that read them keeps them.
pub fn learn(model: &mut Model) {
    let Some(open) = model.open.as_mut().filter(|o| o.project.number().is_none()) else { return };
    open.project.project_id = open.metadata.info.project_id;
    open.project.title = without_html(&open.metadata.info.title);
    if let Some(saved) = model.projects.iter_mut().find(|p| p.id == open.project.id) {
        *saved = open.project.clone();
    }
}
