//! Copying what is under the cursor.

use crate::app::actions::{self, Scope};
use crate::app::clipboard;
use crate::app::model::{Level, Model, Section};
use crate::app::msg::Effect;
use crate::app::open::Open;
use crate::app::quality;
use crate::app::record_view::Line;
use crate::app::timeline;
use crate::app::users::UserRow;
use crate::domain::values::MASK;

/// Copies the text under the cursor, or says that there is none.
pub fn copy(model: &mut Model) -> Vec<Effect> {
    let text = match actions::place(model) {
        Scope::Projects => model.chosen_project().map(|p| p.url.clone()),
        Scope::Live => super::live::address(model),
        place => model.open.as_ref().and_then(|open| copied(open, place, model.section)),
    };
    if text.as_deref() == Some(MASK) {
        model.notify(Level::Note, "This value is masked: nothing was copied. {mask} shows it.");
        return Vec::new();
    }
    match text.filter(|t| !t.is_empty()) {
        Some(text) => {
            model.clipboard.data = clipboard::holds_data(actions::place(model), model.section);
            vec![Effect::Copy(text)]
        }
        None => {
            model.notify(Level::Note, "There is nothing to copy here.");
            Vec::new()
        }
    }
}

/// The details of a log line, masked as they are on screen.
fn details_text(open: &Open, details: &str) -> String {
    let pieces = open.details(details).into_iter();
    pieces
        .map(|(name, text)| if name.is_empty() { text } else { format!("{name} = {text}") })
        .collect::<Vec<_>>()
        .join(", ")
}

/// The text under the cursor, as it is shown: masked stays masked.
fn copied(open: &Open, place: Scope, section: Section) -> Option<String> {
    match place {
        Scope::Instruments | Scope::RecordForms => open.instrument().map(|i| i.name.clone()),
        Scope::Fields => open.field().map(|f| f.name.clone()),
        Scope::Card if section == Section::Instruments => open.field().map(|f| f.name.clone()),
        Scope::Users | Scope::Card if section == Section::Users || place == Scope::Users => {
            match open.user_row()? {
                UserRow::User(i) => open.metadata.access.users.list().get(i).map(|u| u.username.clone()),
                UserRow::Role(i) => open.metadata.access.roles.list().get(i).map(|r| r.label.clone()),
                UserRow::Dag(i) => open.metadata.access.dags.list().get(i).map(|d| d.unique_name.clone()),
                UserRow::Heading(_) | UserRow::Who => None,
            }
        }
        Scope::Table | Scope::Card
            if section == Section::Records && open.records.view.is_none() && !open.quality.shown =>
        {
            let column = open.records.columns.get(open.records.column)?;
            let row = open.records.chosen_row()?;
            Some(open.records.text(column, row, open.values, open.masked, &open.metadata))
        }
        Scope::Token => open.token.copied(),
        Scope::Card if section == Section::Token => open.token.copied(),
        Scope::Grid => open.grid.record().map(|r| open.shown_record(r)),
        Scope::Worklist => {
            let item = open.work.chosen()?;
            Some(format!("{}: {}", open.shown_record(&item.record), item.words()))
        }
        Scope::Changes => open.changes.record().map(|r| open.shown_record(r)),
        Scope::Timeline => {
            let timeline = &open.records.view.as_ref()?.timeline;
            match timeline.lines.get(timeline.cursor.at)? {
                timeline::Line::Day(day, _) => Some(day.clone()),
                timeline::Line::Entry(at, _) => {
                    let entry = timeline.read.entries.get(*at)?;
                    Some(details_text(open, &entry.details))
                }
            }
        }
        Scope::Form | Scope::Answer | Scope::Code | Scope::Compare => super::playground::copied(open, place),
        Scope::Quality => open.quality.chosen_rule().map(|r| r.rule.title().to_owned()),
        Scope::Findings => open.quality.chosen().map(|f| quality::record_of(open, f)),
        Scope::Record | Scope::Card if open.records.view.is_some() && section == Section::Records => {
            let view = open.records.view.as_ref()?;
            match view.lines.get(view.cursor.at)? {
                Line::Place(text) | Line::Note(text) => Some(text.clone()),
                Line::Instrument { label, .. } => Some(label.clone()),
                Line::TableHead { .. } => None,
                // Tabs go into a spreadsheet as cells.
                Line::TableRow { fields, row } => {
                    let value = |f: &usize| view.value(*f, *row, open.values, open.masked, &open.metadata);
                    Some(fields.iter().map(value).collect::<Vec<_>>().join("\t"))
                }
                Line::Field { field, row, .. } => {
                    Some(view.value(*field, *row, open.values, open.masked, &open.metadata))
                }
            }
        }
        _ => None,
    }
}
