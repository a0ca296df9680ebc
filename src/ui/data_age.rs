//! How old what is on screen is, and how much of the whole: the right end of the status line. What
//! is loading says so elsewhere.

use super::text::age;
use crate::app::changes::LogLoad;
use crate::app::grid::GridLoad;
use crate::app::model::{Model, Section};
use crate::app::open::{Open, Over};
use crate::app::quality::QualityLoad;
use crate::app::records::Load;
use crate::jobs::types::Source;
use jiff::Timestamp;

/// Under old data whose renewal failed.
const FAILED: &str = "The last load failed: this is what was read before.";

/// The words for what is on screen; nothing where no project is open, or nothing was read.
pub fn words(model: &Model) -> Option<String> {
    let open = model.open.as_ref()?;
    let ago = |at: Timestamp| age(model.now.duration_since(at).as_secs());
    match model.section {
        Section::Users if open.access_at.is_some() => open.access_at.map(|at| {
            let ago = ago(at);
            match open.metadata.access.users.known() {
                Some(_) => format!("Users read from the server {ago}."),
                None => format!("The server was asked for the users {ago}; they cannot be shown."),
            }
        }),
        Section::Check => Some(match open.check.checked.as_ref()?.read_at {
            Some(at) => format!("Stored values were read from the server {}.", ago(at)),
            None => "Not compared with stored values.".into(),
        }),
        Section::Token => Some(match open.token.tested_at {
            Some(at) => format!("Tested {}.", ago(at)),
            None => "A token is tested when you ask.".into(),
        }),
        Section::Records => records(open, ago),
        _ => Some(match open.source.as_ref()? {
            Source::Server(at) => format!("Read from the server {}.", ago(*at)),
            Source::Saved(at) => format!("Saved copy, checked {}.", ago(*at)),
        }),
    }
}

/// What lies over the record table counts, else the table.
fn records(open: &Open, ago: impl Fn(Timestamp) -> String) -> Option<String> {
    let log = match &open.records.view {
        Some(view) if view.timeline.shown => Some(&view.timeline.load),
        None if open.over == Some(Over::Changes) => Some(&open.changes.load),
        None if open.over == Some(Over::Worklist) => Some(&open.work.load),
        _ => None,
    };
    if let Some(load) = log {
        let LogLoad::Done(at) = load else {
            return load.problem().map(|_| FAILED.to_owned());
        };
        let read = ago(*at);
        return Some(match open.over {
            Some(Over::Worklist) if open.records.view.is_none() => {
                format!("Read from the server {read}, as far as this token may see.")
            }
            Some(Over::Changes) if open.records.view.is_none() && open.changes.read.refused.is_some() => {
                format!("The names of changed records were read {read}. What is newer is not here.")
            }
            _ => format!("The log was read {read}. What is newer is not here."),
        });
    }
    if let Some(view) = &open.records.view {
        return view.read_at.map(|at| format!("Read from the server {}.", ago(at)));
    }
    if open.quality.shown {
        let at = match &open.quality.load {
            QualityLoad::Done(at) => at,
            QualityLoad::Failed(_) => return Some(FAILED.to_owned()),
            QualityLoad::Stopped => return Some("Stopped: the result before is shown.".into()),
            _ => return None,
        };
        let sealed = sealed(0, open.quality.done.left_out.missing_columns.len());
        return Some(format!("All records checked {}, {sealed}.", ago(*at)));
    }
    if open.grid.shown {
        return match &open.grid.load {
            GridLoad::Done(at) => Some(format!("Read from the server {}.", ago(*at))),
            GridLoad::Failed(_) => Some(FAILED.to_owned()),
            _ => None,
        };
    }
    match &open.records.load {
        Load::Never => Some("Records are read when you ask.".into()),
        Load::Running => None,
        Load::Done(seal, at) => {
            let sealed = sealed(seal.missing_records.len(), seal.missing_columns.len());
            Some(format!("Read from the server {}, {sealed}.", ago(*at)))
        }
        Load::Stopped => Some("This is a part of the records. {pause} goes on reading.".into()),
        Load::Failed(_) if open.records.ids.is_none() => {
            Some("The load failed: no records were read.".into())
        }
        Load::Failed(_) => Some(FAILED.to_owned()),
    }
}

/// How much came of what was asked for. A Data Access Group limits what is sent without a word, so
/// "all" is never said.
fn sealed(missing_records: usize, missing_columns: usize) -> String {
    match (missing_records, missing_columns) {
        (0, 0) => "as far as this token may see".to_owned(),
        (0, n) => format!("{n} columns are left out by export rights ({{problem-details}})"),
        (1, _) => "1 record did not come back ({problem-details})".to_owned(),
        (n, _) => format!("{n} records did not come back ({{problem-details}})"),
    }
}
