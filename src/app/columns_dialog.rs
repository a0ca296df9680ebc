//! The dialog that chooses and orders the columns of the record table.

use super::cursor::{Cursor, Move};
use super::keys::{Code, Key};
use crate::domain::columns::{Column, arrange};
use crate::domain::layout::Layout;

/// The state of the dialog.
#[derive(Debug, Clone, Default)]
pub struct ColumnsDialog {
    all: Vec<Column>,
    /// The columns as they will be.
    pub layout: Layout,
    /// The cursor in [`ColumnsDialog::rows`].
    pub cursor: Cursor,
}

/// What the dialog wants after a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Nothing more.
    Nothing,
    /// Close it; the table stays as it was.
    Close,
    /// Show the columns so.
    Take(Layout),
}

impl ColumnsDialog {
    /// The dialog for these columns, with the cursor on the one of this name.
    pub fn new(all: &[Column], layout: &Layout, chosen: &str) -> Self {
        let mut dialog = Self { all: all.to_vec(), layout: layout.clone(), cursor: Cursor::default() };
        dialog.cursor.at = dialog.rows().iter().position(|c| c.name == chosen).unwrap_or_default();
        dialog
    }

    /// All columns in their order.
    pub fn rows(&self) -> Vec<Column> {
        arrange(&self.all, &self.layout)
    }

    /// Takes a key. `page` is how many rows fit.
    pub fn key(&mut self, key: Key, page: usize) -> Wish {
        let rows = self.rows();
        let movement = match key.code {
            Code::Esc => return Wish::Close,
            Code::Enter => return Wish::Take(self.layout.clone()),
            Code::Up | Code::Char('k') => Move::Up,
            Code::Down | Code::Char('j') => Move::Down,
            Code::PageUp => Move::PageUp,
            Code::PageDown => Move::PageDown,
            Code::Home => Move::First,
            Code::End => Move::Last,
            _ => {
                self.change(key, &rows);
                return Wish::Nothing;
            }
        };
        self.cursor.step(movement, rows.len(), page);
        Wish::Nothing
    }

    fn change(&mut self, key: Key, rows: &[Column]) {
        match key.code {
            Code::Char('a') => return self.layout.hidden.clear(),
            Code::Char('n') => {
                let names = rows.iter().filter(|c| !c.fixed).map(|c| c.name.clone());
                return self.layout.hidden.extend(names);
            }
            Code::Char('0') => return self.layout = Layout::default(),
            _ => {}
        }
        let Some(column) = rows.get(self.cursor.at).filter(|_| self.cursor.at > 0) else { return };
        let name = column.name.clone();
        match key.code {
            Code::Char(' ') => self.layout.toggle(&name),
            Code::Char('f') if !column.fixed => self.layout.freeze(&name),
            Code::Left | Code::Right if !column.fixed => {
                let names: Vec<&str> = rows.iter().filter(|c| !c.fixed).map(|c| c.name.as_str()).collect();
                self.layout.shift(&names, &name, key.code == Code::Right);
            }
            _ => return,
        }
        if key.code != Code::Char(' ') {
            self.cursor.at = self.rows().iter().position(|c| c.name == name).unwrap_or(self.cursor.at);
        }
    }
}
