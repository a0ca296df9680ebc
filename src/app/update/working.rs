//! The list of what is missing: reading it, and what it goes by.

use super::finding;
use super::looking::show_over;
use crate::app::changes::LogLoad;
use crate::app::cursor::Cursor;
use crate::app::dialog::Dialog;
use crate::app::keys::Key;
use crate::app::looks::{self, ThemeKind};
use crate::app::model::{Level, Model, Pane, Section};
use crate::app::msg::Effect;
use crate::app::open::Over;
use crate::app::picker::{About, Picker, Wish};
use crate::app::running::Slot;
use crate::app::worklist::{Worklist, anchor_words, group_label};
use crate::domain::text::{one_line, without_html};
use crate::domain::worklist::anchors;
use crate::jobs::types::Job;

/// Shows what is missing, or goes back to the table. It is read when it is first shown.
pub fn toggle(model: &mut Model) -> Vec<Effect> {
    let in_records = model.section == Section::Records && model.pane == Pane::Main;
    let Some(open) = &mut model.open else { return Vec::new() };
    if open.over == Some(Over::Worklist) && open.records.view.is_none() && in_records {
        open.over = None;
        return Vec::new();
    }
    show_over(model, Over::Worklist);
    let fresh =
        model.open.as_ref().is_some_and(|o| matches!(o.work.load, LogLoad::Never | LogLoad::Failed(_)));
    if fresh { read(model) } else { Vec::new() }
}

/// Reads it, again or for the first time.
pub fn read(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let today = model.options.zone.to_datetime(now).date();
    let Some(open) = &mut model.open else { return Vec::new() };
    open.work.load = LogLoad::Running;
    let (project, metadata) = (Box::new(open.project.clone()), Box::new(open.metadata.clone()));
    let job = Job::Worklist(project, open.work.wanted(today), metadata);
    model.jobs.start(Slot::Work, "Reading what is filled in", job, now)
}

/// Takes a list in.
pub fn took(model: &mut Model, list: Worklist) {
    let now = model.now;
    if let Some(open) = &mut model.open {
        open.work.take(list, &open.metadata, open.masked, now);
    }
}

/// Lists blank fields that are not required too, or not any more.
pub fn toggle_optional(model: &mut Model) -> Vec<Effect> {
    let Some(open) = &mut model.open else { return Vec::new() };
    open.work.optional = !open.work.optional;
    read(model)
}

/// Shows the records of one Data Access Group, then of the next, then all.
pub fn next_group(model: &mut Model) {
    let Some(open) = &mut model.open else { return };
    open.work.next_group();
    open.work.cursor = Cursor::default();
    open.work.refresh(&open.metadata, open.masked);
    let text = match &open.work.dag {
        None => "Records of all groups are shown.".to_owned(),
        Some(dag) if dag.is_empty() => "Records in no Data Access Group are shown.".to_owned(),
        Some(dag) => format!("Records of {} are shown.", one_line(&group_label(&open.metadata, dag))),
    };
    model.notify(Level::Note, text);
}

/// Opens the dialog that chooses the date to count visits from.
pub fn choose_anchor(model: &mut Model) {
    let Some(open) = &model.open else { return };
    let all = anchors(&open.metadata);
    let items = all
        .iter()
        .map(|a| {
            let field = open.metadata.dictionary.field(&a.field);
            let label = field.map_or(String::new(), |f| without_html(&one_line(&f.label)));
            (anchor_words(&open.metadata, a), label)
        })
        .collect();
    let now = open.work.list.anchor.as_ref();
    let at = all.iter().position(|a| Some(a) == now).unwrap_or_default();
    model.dialog = Some(Dialog::Pick(Box::new(Picker {
        title: "Count visits from".into(),
        help: "The planned days of the events are counted from this date. It is remembered.",
        items,
        ticked: None,
        search: tui_input::Input::default(),
        cursor: Cursor { at, top: 0 },
        about: About::Anchor(all),
    })));
}

/// A key for the dialog that chooses.
pub fn press_picker(model: &mut Model, mut picker: Box<Picker>, key: Key) -> Vec<Effect> {
    match picker.key(key, model.painted.dialog_page) {
        Wish::Nothing => {
            if matches!(picker.about, About::Colours { .. }) {
                looks::preview(model, &picker);
            }
            model.dialog = Some(Dialog::Pick(picker));
            Vec::new()
        }
        Wish::Close => {
            if let About::Colours { before } = picker.about {
                model.options.theme = before;
            }
            Vec::new()
        }
        Wish::Take(places) => match picker.about {
            About::Anchor(all) => {
                let chosen = places.first().and_then(|&at| all.get(at)).cloned();
                if let Some(open) = &mut model.open {
                    open.work.anchor = chosen;
                }
                read(model)
            }
            About::SpotFields(names) => {
                let chosen = places.iter().filter_map(|&at| names.get(at)).cloned().collect();
                super::spot::took_fields(model, chosen);
                Vec::new()
            }
            About::Tokens(others) => match places.first().and_then(|&at| others.into_iter().nth(at)) {
                Some(other) => super::token::test_beside(model, other),
                None => Vec::new(),
            },
            About::SearchFields(names) => {
                let chosen = places.iter().filter_map(|&at| names.get(at)).cloned().collect();
                finding::took_fields(model, chosen)
            }
            About::Colours { before } => {
                let chosen = places.first().and_then(|at| ThemeKind::ALL.get(*at));
                looks::take(model, chosen.copied().unwrap_or(before));
                Vec::new()
            }
        },
    }
}
