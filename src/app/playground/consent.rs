//! Before something is changed: what it does, a way back, and the project's number typed.

use super::form::Form;
use crate::api::catalogue::{Action, Effect, Gate, Method, find};
use crate::api::request::Request;
use crate::app::add_project::edit;
use crate::app::keys::{Code, Key};
use crate::app::open::Open;
use std::path::PathBuf;
use tui_input::Input;

/// Whether something may be changed in this project from the screen; if not, why not.
///
/// Write access is switched on for each saved project. The demo's studies in development are
/// invented and kept nowhere, so they can be changed; those in production show what a person
/// meets with a real one.
pub fn may_write(open: &Open) -> Result<(), String> {
    if open.project.write_access {
        return Ok(());
    }
    let production = open.metadata.info.in_production;
    if open.project.id.starts_with(DEMO) {
        // Until the project is read, nobody knows whether it is in production.
        if open.source.is_none() {
            return Err("the project is not read yet".into());
        }
        return if production {
            Err("this project is in production, and writing is not switched on for it: {write-access} in section 1 or 5 does that".into())
        } else {
            Ok(())
        };
    }
    let state = if production { "this project is in production and " } else { "" };
    Err(format!(
        "{state}writing is not switched on for it: {{write-access}} in section 1 or 5 does that, or 'capscope project write {} on'",
        quoted(&open.project.name)
    ))
}

/// How the ids of demo projects begin.
const DEMO: &str = "demo-";

fn quoted(name: &str) -> String {
    if name.contains(char::is_whitespace) { format!("\"{name}\"") } else { name.to_owned() }
}

/// The part of the dialog with the focus, in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// The box for the number.
    #[default]
    Number,
    /// The button that makes a backup.
    Backup,
    /// The button that does nothing.
    Cancel,
}

const PARTS: [Part; 3] = [Part::Number, Part::Backup, Part::Cancel];

/// How far the backup is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum BackupState {
    /// Not asked for.
    #[default]
    None,
    /// Being written.
    Running,
    /// In this file.
    Done(PathBuf),
    /// It failed, and why.
    Failed(String),
}

/// The state of the dialog.
#[derive(Debug, Clone)]
pub struct WriteDialog {
    /// What would be sent.
    pub form: Form,
    /// The project in words.
    pub project: String,
    /// The number to type; 0 if the call makes a project or the number is not known: none is asked for.
    pub number: u64,
    /// The project is in production.
    pub production: bool,
    /// What is typed.
    pub typed: Input,
    /// What has the focus.
    pub part: Part,
    /// The way back: what would be read into which file.
    pub backup: Option<(Request, PathBuf)>,
    /// How far that is.
    pub state: BackupState,
    /// Why Enter did nothing.
    pub complaint: String,
}

/// What the dialog wants after a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// Nothing more.
    Nothing,
    /// Close it; nothing is sent.
    Close,
    /// Send the call.
    Send,
    /// Make the backup.
    BackUp,
}

impl WriteDialog {
    /// The question for this form in this project. `stamp` makes the backup's name unique.
    pub fn new(form: &Form, open: &Open, stamp: &str) -> Self {
        let id = open.project.project_id;
        let creates = form.method.gate == Gate::SuperToken;
        // A token that tells no number reads nothing that could be kept.
        let backup = if creates || id == 0 { None } else { backup_of(form.method) };
        Self {
            form: form.clone(),
            project: open.heading(),
            number: if creates { 0 } else { id },
            production: open.metadata.info.in_production,
            typed: Input::default(),
            part: Part::default(),
            backup: backup.map(|request| {
                let ending = if request.method().content == "project_xml" { "xml" } else { "csv" };
                let name = format!("{id}_{}_backup_{stamp}.{ending}", request.method().content);
                (request, PathBuf::from(name))
            }),
            state: BackupState::default(),
            complaint: String::new(),
        }
    }

    /// What happens, in a word that cannot be overlooked.
    pub fn verb(&self) -> &'static str {
        match self.form.method.effect {
            Effect::Destroy => "DELETES OR REPLACES",
            _ => "CHANGES",
        }
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Wish {
        match key.code {
            Code::Esc => return Wish::Close,
            Code::Tab | Code::Down => self.go(1),
            Code::BackTab | Code::Up => self.go(PARTS.len() - 1),
            Code::Enter => match self.part {
                Part::Cancel => return Wish::Close,
                Part::Backup => return Wish::BackUp,
                Part::Number => {
                    let typed = self.typed.value().trim();
                    let wanted = if self.number == 0 { "yes".to_owned() } else { self.number.to_string() };
                    if self.state == BackupState::Running {
                        self.complaint = "The backup is still being written.".into();
                    } else if typed == wanted {
                        return Wish::Send;
                    } else {
                        self.complaint = format!("Nothing was sent: type {wanted} to send it.");
                    }
                }
            },
            _ if self.part == Part::Number => {
                self.complaint.clear();
                edit(&mut self.typed, key);
            }
            _ => {}
        }
        Wish::Nothing
    }

    fn go(&mut self, by: usize) {
        let at = PARTS.iter().position(|p| *p == self.part).unwrap_or_default();
        self.part = PARTS.get((at + by) % PARTS.len()).copied().unwrap_or_default();
        if self.part == Part::Backup && self.backup.is_none() {
            self.go(by);
        }
    }
}

/// The read that keeps what a write may change: the export of the same thing, or the whole
/// project where there is none.
fn backup_of(method: &Method) -> Option<Request> {
    let own = find(method.content, Action::Export)
        .filter(|m| m.effect == Effect::Read && m.params.iter().all(|p| !p.required))
        .filter(|m| m.param("format").is_some());
    match own {
        Some(own) => Some(Request::new(own).set("format", "csv").set("returnFormat", "csv")),
        None => Request::find("project_xml", Action::Export)
            .map(|r| r.set("returnFormat", "xml").set("exportFiles", "true")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::catalogue::METHODS;

    #[test]
    fn every_write_has_a_way_back_that_only_reads() {
        for method in METHODS.iter().filter(|m| m.effect != Effect::Read) {
            let backup = backup_of(method).unwrap();
            assert!(backup.is_read() && backup.missing().is_empty(), "{}", method.title);
        }
        let of = |content| backup_of(find(content, Action::Delete).unwrap()).unwrap().method().content;
        assert_eq!((of("record"), of("user"), of("file")), ("record", "user", "project_xml"));
    }
}
