//! A question with one box to type into: a file, or a number that says yes.

use super::add_project::edit;
use super::keys::{Code, Key};
use tui_input::Input;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The file to check.
    CheckFile,
    /// The file for the findings.
    FindingsFile,
    /// The file for the rights table.
    RightsFile,
    /// The file for the receipt.
    ReceiptFile,
    /// The file for the old values, before sending. It may be left blank.
    UndoFile,
    /// How many values are erased.
    Erasures(usize),
}

/// The dialog.
#[derive(Debug, Clone)]
pub struct Ask {
    /// What is asked for.
    pub about: About,
    /// The title.
    pub title: &'static str,
    /// What there is to know, paragraph by paragraph.
    pub text: Vec<String>,
    /// The name of the box.
    pub label: &'static str,
    /// The box.
    pub input: Input,
    /// What is wrong with what was typed.
    pub complaint: String,
}

/// What the dialog wants after a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Nothing more.
    Nothing,
    /// Close it.
    Close,
    /// Take what was typed.
    Accept(String),
}

impl Ask {
    /// A question.
    pub fn new(about: About, title: &'static str, label: &'static str, start: String) -> Self {
        Self { about, title, text: Vec::new(), label, input: Input::new(start), complaint: String::new() }
    }

    /// With a paragraph to read.
    #[must_use]
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        self.text.push(text.into());
        self
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Wish {
        match key.code {
            Code::Esc => return Wish::Close,
            Code::Enter => return Wish::Accept(self.input.value().trim().to_owned()),
            _ => {
                self.complaint.clear();
                edit(&mut self.input, key);
            }
        }
        Wish::Nothing
    }
}

/// A path as people paste it: without quotes, without `file://`.
pub fn path_of(text: &str) -> String {
    let text = text.trim().trim_matches(['"', '\'']);
    text.strip_prefix("file://").unwrap_or(text).to_owned()
}
