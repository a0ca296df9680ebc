//! A question with one box to type into: a file, or a number that says yes.

use super::add_project::edit;
use super::keys::{Code, Key};
use crate::jobs::types::Completion;
use tui_input::Input;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The file to check.
    CheckFile,
    /// The credential file whose tokens are taken over.
    Credentials,
    /// The file for the findings.
    FindingsFile,
    /// The file for the rights table.
    RightsFile,
    /// The file for the receipt.
    ReceiptFile,
    /// The file for the report of a spot check.
    SpotReport {
        /// With stored values and notes.
        values: bool,
    },
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
    /// Files to choose from with Up and Down: those that were checked last.
    pub recent: Vec<String>,
    /// Which of them stands in the box.
    pub chosen: Option<usize>,
    /// The names that fit what was typed, after Tab.
    pub names: Vec<String>,
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
    /// Complete the name of the file.
    Complete(String),
}

impl Ask {
    /// A question.
    pub fn new(about: About, title: &'static str, label: &'static str, start: String) -> Self {
        Self {
            about,
            title,
            text: Vec::new(),
            label,
            input: Input::new(start),
            complaint: String::new(),
            recent: Vec::new(),
            chosen: None,
            names: Vec::new(),
        }
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
            Code::Tab if self.is_file() => {
                return Wish::Complete(self.input.value().to_owned());
            }
            Code::Down | Code::Up if !self.recent.is_empty() => self.choose(key.code == Code::Down),
            _ => {
                self.complaint.clear();
                self.names.clear();
                self.chosen = None;
                edit(&mut self.input, key);
            }
        }
        Wish::Nothing
    }

    /// Whether the box holds the path of a file.
    pub fn is_file(&self) -> bool {
        !matches!(self.about, About::Erasures(_))
    }

    /// Puts the next or the last of the recent files into the box.
    fn choose(&mut self, down: bool) {
        let last = self.recent.len() - 1;
        let at = match (self.chosen, down) {
            (None, true) => 0,
            (None, false) => last,
            (Some(at), true) => {
                if at == last {
                    0
                } else {
                    at + 1
                }
            }
            (Some(at), false) => at.checked_sub(1).unwrap_or(last),
        };
        if let Some(path) = self.recent.get(at) {
            self.input = Input::new(path.clone());
            self.chosen = Some(at);
        }
        self.names.clear();
        self.complaint.clear();
    }

    /// Takes in what a path can become, unless something else was typed since.
    pub fn complete(&mut self, found: Completion) {
        if self.input.value() != found.typed || !self.is_file() {
            return;
        }
        self.complaint.clear();
        if found.names.is_empty() {
            self.complaint = "No file or folder begins so.".into();
        }
        // One name is in the box; several are shown to choose from.
        self.names = if found.names.len() > 1 { found.names } else { Vec::new() };
        self.input = Input::new(found.completed);
    }
}

/// A path as people paste it: without quotes, without `file://`.
pub fn path_of(text: &str) -> String {
    let text = text.trim().trim_matches(['"', '\'']);
    text.strip_prefix("file://").unwrap_or(text).to_owned()
}
