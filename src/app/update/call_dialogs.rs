//! The dialogs around a call of the playground: setting a parameter, the question before a write
//! with its backup, and saving.

use super::playground;
use crate::api::catalogue::Effect as Does;
use crate::app::dialog::Dialog;
use crate::app::keys::Key;
use crate::app::model::{Level, Model};
use crate::app::msg::Effect;
use crate::app::playground::consent::{self, BackupState, WriteDialog};
use crate::app::playground::param_dialog::{self, ParamDialog};
use crate::app::playground::save_dialog::{self, Content, SaveDialog};
use crate::app::playground::{Face, code};
use crate::app::running::Slot;
use crate::jobs::types::{Bytes, Consent, Job, Place};
use std::path::PathBuf;
use std::sync::Arc;

/// Sends a read; asks before a write.
pub fn ask_or_send(model: &mut Model) -> Vec<Effect> {
    let stamp = model.now.strftime("%Y%m%d-%H%M%S").to_string();
    let Some(open) = &mut model.open else { return Vec::new() };
    if open.playground.face == Face::Calls {
        playground::take_up_call(open);
    }
    let form = open.playground.form();
    if form.method.effect == Does::Read {
        return playground::send(model, Consent::default());
    }
    model.dialog = Some(Dialog::Write(Box::new(WriteDialog::new(&form, open, &stamp))));
    Vec::new()
}

/// A key in the dialog that sets a parameter.
pub fn press_param(model: &mut Model, mut dialog: Box<ParamDialog>, key: Key) -> Vec<Effect> {
    match dialog.key(key, model.painted.dialog_page) {
        param_dialog::Wish::Nothing => model.dialog = Some(Dialog::Param(dialog)),
        param_dialog::Wish::Close => {}
        param_dialog::Wish::Set(values) => {
            if let Some(open) = &mut model.open {
                open.playground.form_mut().set(dialog.param.name, values);
            }
        }
    }
    Vec::new()
}

/// A key in the question before a write.
pub fn press_write(model: &mut Model, mut dialog: Box<WriteDialog>, key: Key) -> Vec<Effect> {
    match dialog.key(key) {
        consent::Wish::Nothing => model.dialog = Some(Dialog::Write(dialog)),
        consent::Wish::Close => {
            model.notify(Level::Note, "Nothing was sent.");
            return model.jobs.cancel(Slot::BackUp);
        }
        consent::Wish::Send => {
            let number = (dialog.number != 0).then_some(dialog.number);
            return playground::send(model, Consent { write: true, project_id: number });
        }
        consent::Wish::BackUp => {
            let project = model.open.as_ref().map(|o| o.project.clone());
            if let (Some(project), Some((request, path))) = (project, dialog.backup.clone())
                && dialog.state != BackupState::Running
            {
                dialog.state = BackupState::Running;
                model.dialog = Some(Dialog::Write(dialog));
                let job = Job::BackUp(Box::new(project), Box::new(request), path);
                return model.jobs.start(Slot::BackUp, "Writing the backup", job, model.now);
            }
            model.dialog = Some(Dialog::Write(dialog));
        }
    }
    Vec::new()
}

/// Notes how the backup ended.
pub fn backed_up(model: &mut Model, end: Result<PathBuf, String>) {
    let state = match &end {
        Ok(path) => BackupState::Done(path.clone()),
        Err(line) => BackupState::Failed(line.clone()),
    };
    match &mut model.dialog {
        Some(Dialog::Write(dialog)) => {
            dialog.state = state;
            dialog.part = consent::Part::Number;
        }
        _ => match end {
            Ok(path) => model.notify(Level::Done, format!("The backup is in {}.", path.display())),
            Err(line) => model.notify(Level::Problem, line),
        },
    }
}

/// Asks where what the main part shows is to be saved.
pub fn save(model: &mut Model) {
    let Some(open) = &model.open else { return };
    let playground = &open.playground;
    let id = open.project.project_id;
    let dialog = match (playground.face, &playground.reading) {
        (Face::Code, _) => {
            let Ok(text) = code(open) else { return };
            SaveDialog {
                file: tui_input::Input::new(playground.language.file_name().to_owned()),
                content: Content::Bytes(Bytes(Arc::new(text.into_bytes()))),
                about: format!("The program in {}. The token is not in it.", playground.language.title()),
                personal: false,
            }
        }
        (_, Some(reading)) => {
            let name = &reading.answer.file_name;
            let name = if reading.answer.views.is_empty() { name.clone() } else { format!("{id}_{name}") };
            SaveDialog {
                file: tui_input::Input::new(name),
                content: Content::Bytes(Bytes(reading.answer.body.clone())),
                about: format!("The answer as it came, {} bytes.", reading.answer.body.len()),
                personal: reading.answer.views.is_empty()
                    || reading.answer.views.iter().any(|v| v.masked.is_none()),
            }
        }
        _ => return,
    };
    model.dialog = Some(Dialog::Save(Box::new(dialog)));
}

/// A key in the dialog that saves.
pub fn press_save(model: &mut Model, mut dialog: Box<SaveDialog>, key: Key) -> Vec<Effect> {
    match dialog.key(key) {
        save_dialog::Wish::Nothing => model.dialog = Some(Dialog::Save(dialog)),
        save_dialog::Wish::Close => {}
        save_dialog::Wish::Write(path) => {
            let project = model.open.as_ref().map(|o| o.project.clone());
            let job = match (dialog.content, project) {
                (Content::Bytes(bytes), project) => {
                    let place = project.as_ref().map(Place::of).unwrap_or_default();
                    Job::Save(bytes, path, place)
                }
                (Content::FileOf(place), Some(project)) => Job::Download(Box::new(project), place, path),
                (Content::FileOf(_), None) => return Vec::new(),
            };
            return model.jobs.start(Slot::Export, "Writing the file", job, model.now);
        }
    }
    Vec::new()
}
