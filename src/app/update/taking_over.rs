//! Taking over the tokens of another tool's credential file. No token is ever shown, and the file
//! is only deleted after a question.

use super::{answers, loading};
use crate::app::ask::{About, Ask};
use crate::app::dialog::{Confirm, Dialog, ProblemView, Then};
use crate::app::model::{Level, Model};
use crate::app::msg::Effect;
use crate::app::running::Slot;
use crate::jobs::Problem;
use crate::jobs::types::{CREDENTIAL_COLUMNS, Imported, Job, SHREDDING_TRUTH};
use std::path::{Path, PathBuf};

/// Asks for the file.
pub fn ask(model: &mut Model) -> Vec<Effect> {
    let columns = CREDENTIAL_COLUMNS.join(", ");
    let ask = Ask::new(About::Credentials, "Take over a credential file", "File", String::new())
        .saying(format!("A CSV file as REDCapR uses it, with the columns {columns}. Drop it on the window, paste its path, or type and press Tab."))
        .saying("Each token is tested at its address and, if it works, kept in the password store of this computer. The file stays as it is until you say otherwise.");
    model.dialog = Some(Dialog::Ask(Box::new(ask)));
    Vec::new()
}

/// Tests and keeps the tokens.
pub fn start(model: &mut Model, file: PathBuf) -> Vec<Effect> {
    model.jobs.start(Slot::Add, "Testing the tokens", Job::TakeOver(file), model.now)
}

/// Lists what was kept, says what was not, and offers to delete the file if all of it is kept.
pub fn done(model: &mut Model, file: &Path, all: &[Imported]) -> Vec<Effect> {
    let mut first = None;
    for (project, _) in all.iter().filter_map(|i| i.result.as_ref().ok()) {
        let at = answers::list(model, project);
        first.get_or_insert((at, project.clone()));
    }
    let kept = all.iter().filter(|i| i.result.is_ok()).count();
    let lines: Vec<String> = all.iter().map(line).collect();
    if kept == all.len() && kept > 0 {
        let remarks: Vec<String> = all
            .iter()
            .filter_map(|i| Some(format!("{}: {} ", i.place, i.result.as_ref().ok()?.1.as_ref()?)))
            .collect();
        let text = format!(
            "{} in the password store now, and still in plain text in this file. {}{}",
            if kept == 1 { "Its token is".to_owned() } else { format!("Its {kept} tokens are") },
            remarks.concat(),
            SHREDDING_TRUTH.replace('\n', " "),
        );
        let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
        model.dialog = Some(Dialog::Confirm(Confirm {
            question: format!("Delete {name}?"),
            text,
            yes: "Delete",
            no: "Keep the file",
            on_yes: false,
            then: Then::DeleteFile(file.to_owned()),
        }));
    } else {
        let problem = Problem::new(
            if kept == 0 {
                "No token was kept".to_owned()
            } else {
                format!("{kept} of {} tokens were kept", all.len())
            },
            if lines.is_empty() {
                "The file has no lines after its header.".to_owned()
            } else {
                lines.join("\n")
            },
            "",
            "Mend those lines and take the file over again: what is kept already stays. The file was left as it is.",
        );
        model.dialog = Some(Dialog::Problem(ProblemView::of(problem)));
    }
    let Some((at, project)) = first else { return Vec::new() };
    model.projects_cursor.at = at;
    match model.open {
        // Where one works already, one stays.
        Some(_) => Vec::new(),
        None => loading::open_project(model, project),
    }
}

/// What became of one line, in words.
fn line(imported: &Imported) -> String {
    let place = &imported.place;
    match &imported.result {
        Ok((project, None)) => format!("{place}: kept, {} (PID {})", project.name, project.project_id),
        Ok((project, Some(remark))) => {
            format!("{place}: kept, {} (PID {}). {remark}", project.name, project.project_id)
        }
        Err(problem) => format!("{place}: {}", problem.one_line()),
    }
}

/// Deletes the file.
pub fn delete(model: &mut Model, file: PathBuf) -> Vec<Effect> {
    model.notify(Level::Note, "The file is overwritten and deleted.");
    model.jobs.start(Slot::Projects, "Deleting the file", Job::DeleteFile(file), model.now)
}
