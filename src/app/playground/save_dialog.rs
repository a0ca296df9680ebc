//! The dialog that writes an answer or a program to a file.

use crate::app::add_project::edit;
use crate::app::keys::{Code, Key};
use crate::jobs::types::{Bytes, RecordPlace};
use std::path::PathBuf;
use tui_input::Input;

/// The state of the dialog.
#[derive(Debug, Clone)]
pub struct SaveDialog {
    /// The file.
    pub file: Input,
    /// What is written.
    pub content: Content,
    /// What the file will hold, in words.
    pub about: String,
    /// It may hold values that identify people, readable.
    pub personal: bool,
}

/// What is written.
#[derive(Debug, Clone)]
pub enum Content {
    /// What is here already.
    Bytes(Bytes),
    /// A file of a record, which is read when it is wanted.
    FileOf(Box<RecordPlace>),
}

/// What the dialog wants after a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Nothing more.
    Nothing,
    /// Close it.
    Close,
    /// Write to this file.
    Write(PathBuf),
}

impl SaveDialog {
    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Wish {
        match key.code {
            Code::Esc => Wish::Close,
            Code::Enter => match self.file.value().trim() {
                "" => Wish::Nothing,
                name => Wish::Write(PathBuf::from(name)),
            },
            _ => {
                edit(&mut self.file, key);
                Wish::Nothing
            }
        }
    }
}
