//! Hiding, moving, freezing and widening columns of the record table.

use crate::app::model::{Level, Model};
use crate::app::msg::{Effect, Remember};
use crate::domain::columns::arrange;
use crate::domain::layout::Layout;

/// What can be done to the column under the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is no longer shown.
    Hide,
    /// It stays when the table scrolls, or scrolls again.
    Freeze,
    /// One place to the left or right.
    Move(bool),
    /// Narrower, or wider.
    Widen(bool),
}

/// Changes the column under the cursor and keeps that for the next time.
pub fn change(model: &mut Model, change: Change) -> Vec<Effect> {
    let Some(open) = &mut model.open else { return Vec::new() };
    let records = &mut open.records;
    let Some(column) = records.columns.get(records.column) else { return Vec::new() };
    let (name, fixed) = (column.name.clone(), column.fixed);
    let refused = match change {
        Change::Hide if records.column == 0 => Some("The record id stays: rows mean nothing without it."),
        Change::Freeze | Change::Move(_) if fixed => Some("REDCap's own columns stay first."),
        _ => None,
    };
    if let Some(why) = refused {
        model.notify(Level::Note, why);
        return Vec::new();
    }
    let layout = &mut records.layout;
    let told = match change {
        Change::Hide => {
            layout.toggle(&name);
            Some(format!("{name} is hidden. {{columns}} shows all columns."))
        }
        Change::Freeze => {
            layout.freeze(&name);
            let frozen = layout.frozen.contains(&name);
            Some(format!(
                "{name} {}",
                if frozen { "stays when the table scrolls." } else { "scrolls again." }
            ))
        }
        Change::Move(right) => {
            let arranged = arrange(&records.all, layout);
            let names: Vec<&str> = arranged.iter().filter(|c| !c.fixed).map(|c| c.name.as_str()).collect();
            layout.shift(&names, &name, right);
            None
        }
        Change::Widen(wider) => {
            let now = layout.widths.get(&name).copied();
            let shown = model.painted.widths.iter().find(|(n, _)| *n == name).map(|(_, w)| *w);
            layout.widen(&name, now.or(shown).unwrap_or(12), wider);
            None
        }
    };
    records.show_columns();
    if !matches!(change, Change::Hide) {
        records.column = records.columns.iter().position(|c| c.name == name).unwrap_or(records.column);
    }
    records.show_column(model.painted.columns);
    if let Some(told) = told {
        model.notify(Level::Note, told);
    }
    keep(model)
}

/// Takes a whole layout, as the dialog of the columns made it.
pub fn set(model: &mut Model, layout: Layout) -> Vec<Effect> {
    let Some(open) = &mut model.open else { return Vec::new() };
    open.records.layout = layout;
    open.records.show_columns();
    open.records.refresh(&open.metadata, open.masked);
    keep(model)
}

/// Remembers the layout of the table on screen, in this session and for the next.
fn keep(model: &mut Model) -> Vec<Effect> {
    let Some(open) = &model.open else { return Vec::new() };
    let Some(form) = open.records.form.clone() else { return Vec::new() };
    let (project, layout) = (open.project.id.clone(), open.records.layout.clone());
    model.layouts.entry(project.clone()).or_default().insert(form.clone(), layout.clone());
    vec![Effect::Remember(Remember::Layout { project, form, layout })]
}
