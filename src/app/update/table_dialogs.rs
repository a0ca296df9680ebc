//! Keys of the dialogs that belong to the record table: its columns, a search in its cells, the
//! summary of a column, and the filter on the server.

use super::{columns, list_move, loading};
use crate::app::add_project;
use crate::app::cell_search::CellSearch;
use crate::app::columns_dialog::{self, ColumnsDialog};
use crate::app::cursor::Cursor;
use crate::app::dialog::Dialog;
use crate::app::keys::{Code, Key};
use crate::app::model::{Level, Model, Pane};
use crate::app::msg::Effect;
use crate::app::server_filter::ServerFilter;
use crate::app::summaries::{self, SummaryView};

/// Opens the dialog that chooses columns.
pub fn open_columns(model: &mut Model) {
    let Some(open) = &model.open else { return };
    let records = &open.records;
    let chosen = records.columns.get(records.column).map_or("", |c| c.name.as_str());
    let dialog = ColumnsDialog::new(&records.all, &records.layout, chosen);
    model.dialog = Some(Dialog::Columns(Box::new(dialog)));
}

/// A key for the dialog that chooses columns.
pub fn press_columns(model: &mut Model, mut dialog: Box<ColumnsDialog>, key: Key) -> Vec<Effect> {
    match dialog.key(key, model.painted.dialog_page) {
        columns_dialog::Wish::Nothing => {
            model.dialog = Some(Dialog::Columns(dialog));
            Vec::new()
        }
        columns_dialog::Wish::Close => Vec::new(),
        columns_dialog::Wish::Take(layout) => columns::set(model, layout),
    }
}

/// A key for the search in all cells.
pub fn press_search(model: &mut Model, mut search: Box<CellSearch>, key: Key) -> Vec<Effect> {
    match key.code {
        Code::Esc => return Vec::new(),
        Code::Enter => {
            go_to_hit(model, &search);
            return Vec::new();
        }
        _ => {}
    }
    match list_move(key) {
        Some(movement) => {
            let page = model.painted.dialog_page;
            search.cursor.step(movement, search.hits.len(), page);
        }
        None => {
            add_project::edit(&mut search.search, key);
            search_again(model, &mut search);
        }
    }
    model.dialog = Some(Dialog::Search(search));
    Vec::new()
}

/// Searches the table on screen for what is in the box.
pub fn search_again(model: &Model, search: &mut CellSearch) {
    if let Some(open) = &model.open {
        search.run(&open.records, &open.metadata, open.masked);
        search.cursor = Cursor::default();
    }
}

/// Puts the cursor of the table on the chosen hit.
fn go_to_hit(model: &mut Model, search: &CellSearch) {
    let (page, fit) = (model.painted.page(Pane::Main), model.painted.columns);
    let (Some(open), Some(hit)) = (&mut model.open, search.hits.get(search.cursor.at)) else { return };
    let records = &mut open.records;
    records.cursor.set(hit.row, records.rows.len(), page);
    records.column = hit.column.min(records.columns.len().saturating_sub(1));
    records.show_column(fit);
    model.pane = Pane::Main;
}

/// Opens the summary of the column under the cursor.
pub fn open_summary(model: &mut Model) {
    let Some(open) = &model.open else { return };
    let records = &open.records;
    let Some(column) = records.columns.get(records.column) else { return };
    let view = SummaryView {
        column: column.title().to_owned(),
        label: open.metadata.dictionary.field(&column.name).map(|f| f.label.clone()).unwrap_or_default(),
        masked: open.masked && column.identifier,
        summary: summaries::of_column(records, column),
    };
    model.dialog = Some(Dialog::Summary(Box::new(view)));
}

/// A key for the summary: left and right go to the next column, anything else closes it.
pub fn press_summary(model: &mut Model, view: Box<SummaryView>, key: Key) -> Vec<Effect> {
    let right = match key.code {
        Code::Right | Code::Char('l') => true,
        Code::Left | Code::Char('h') => false,
        Code::Esc | Code::Enter | Code::Char('i' | 'q') => return Vec::new(),
        _ => {
            model.dialog = Some(Dialog::Summary(view));
            return Vec::new();
        }
    };
    let fit = model.painted.columns;
    if let Some(open) = &mut model.open {
        open.records.step_column(right, fit);
    }
    open_summary(model);
    Vec::new()
}

/// Opens the box for the filter on the server.
pub fn open_server_filter(model: &mut Model) {
    let Some(open) = &model.open else { return };
    let dialog = ServerFilter::new(&open.records.server_filter, &open.metadata);
    model.dialog = Some(Dialog::ServerFilter(Box::new(dialog)));
}

/// A key for the filter on the server. Enter reads the records with it.
pub fn press_server_filter(model: &mut Model, mut dialog: Box<ServerFilter>, key: Key) -> Vec<Effect> {
    match key.code {
        Code::Esc => return Vec::new(),
        Code::Enter if dialog.is_refused() => {
            model.notify(Level::Note, "The server would refuse this. Mend it, or press Esc.");
        }
        Code::Enter => {
            model.pane = Pane::Main;
            return loading::load_filtered(model, dialog.text.value().trim());
        }
        _ => {
            add_project::edit(&mut dialog.text, key);
            if let Some(open) = &model.open {
                dialog.check(&open.metadata);
            }
        }
    }
    model.dialog = Some(Dialog::ServerFilter(dialog));
    Vec::new()
}
