//! The dialog that sets one parameter: type it, or choose from what the project has.

use super::choices::{Choice, choices};
use super::form::Form;
use crate::api::catalogue::{Kind, Param};
use crate::app::add_project::{edit, insert};
use crate::app::cursor::{Cursor, Move};
use crate::app::keys::{Code, Key};
use crate::app::open::{Open, matches};
use tui_input::Input;

/// The state of the dialog.
#[derive(Debug, Clone)]
pub struct ParamDialog {
    /// The parameter.
    pub param: &'static Param,
    /// What is typed: the value, or what narrows the list.
    pub input: Input,
    /// What can be chosen.
    pub choices: Vec<Choice>,
    /// A sentence about what to type.
    pub hint: &'static str,
    /// The values that are ticked, where several are possible.
    pub ticked: Vec<String>,
    /// The cursor in the choices that are found.
    pub cursor: Cursor,
}

/// What the dialog wants after a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Nothing more.
    Nothing,
    /// Close it and change nothing.
    Close,
    /// Set these values.
    Set(Vec<String>),
}

impl ParamDialog {
    /// The dialog for the parameter under the form's cursor.
    pub fn new(form: &Form, open: &Open) -> Option<Self> {
        let param = form.param()?;
        let (choices, hint) = choices(form.method, param, open);
        let values = form.get(param.name);
        let list = matches!(param.kind, Kind::Array(_));
        let first = values.first().cloned().unwrap_or_default();
        let at = choices.iter().position(|c| c.value == first).unwrap_or_default();
        let typed = if choices.is_empty() && !list { first } else { String::new() };
        Some(Self {
            param,
            input: Input::new(typed),
            ticked: if list { values.to_vec() } else { Vec::new() },
            cursor: Cursor { at, top: 0 },
            choices,
            hint,
        })
    }

    /// Several values are possible.
    pub fn is_list(&self) -> bool {
        matches!(self.param.kind, Kind::Array(_))
    }

    /// Only what is in the list is possible.
    pub fn is_closed(&self) -> bool {
        matches!(self.param.kind, Kind::Choice(_) | Kind::Bool | Kind::ZeroOne)
    }

    /// The choices that what is typed leaves.
    pub fn found(&self) -> Vec<&Choice> {
        let typed = self.input.value();
        self.choices.iter().filter(|c| matches(typed, &[&c.value, &c.label])).collect()
    }

    /// What Enter or Tab would take: what is typed exactly, else what the cursor is on, else what
    /// is typed.
    fn meant(&self) -> Option<String> {
        let typed = self.input.value();
        if self.choices.iter().any(|c| c.value == typed && !typed.is_empty()) {
            return Some(typed.to_owned());
        }
        match self.found().get(self.cursor.at) {
            Some(choice) => Some(choice.value.clone()),
            None if self.is_closed() || typed.is_empty() => None,
            None => Some(typed.to_owned()),
        }
    }

    /// Takes a key. `page` is how many choices fit.
    pub fn key(&mut self, key: Key, page: usize) -> Wish {
        match key.code {
            Code::Esc => return Wish::Close,
            Code::Enter if self.is_list() => {
                let mut values = self.ticked.clone();
                let typing = !self.input.value().is_empty();
                if (typing || values.is_empty())
                    && let Some(meant) = self.meant()
                    && !values.contains(&meant)
                {
                    values.push(meant);
                }
                return Wish::Set(values);
            }
            Code::Enter => {
                return match self.meant() {
                    Some(value) => Wish::Set(vec![value]),
                    None if self.is_closed() => Wish::Nothing,
                    None => Wish::Set(Vec::new()),
                };
            }
            Code::Tab if self.is_list() => {
                if let Some(meant) = self.meant() {
                    match self.ticked.iter().position(|t| *t == meant) {
                        Some(at) => {
                            self.ticked.remove(at);
                        }
                        None => self.ticked.push(meant),
                    }
                    if !self.input.value().is_empty() {
                        self.input = Input::default();
                    }
                }
            }
            Code::Up => self.go(Move::Up, page),
            Code::Down => self.go(Move::Down, page),
            Code::PageUp => self.go(Move::PageUp, page),
            Code::PageDown => self.go(Move::PageDown, page),
            _ => {
                edit(&mut self.input, key);
                self.cursor = Cursor::default();
            }
        }
        Wish::Nothing
    }

    fn go(&mut self, movement: Move, page: usize) {
        let len = self.found().len();
        self.cursor.step(movement, len, page);
    }

    /// Takes pasted text. Rows to import keep what they need of their line breaks: CSV and XML
    /// rows end with one, so they are kept as they are.
    pub fn paste(&mut self, text: &str) {
        if self.param.kind == Kind::Data {
            let mut value = self.input.value().to_owned();
            value.push_str(&text.replace("\r\n", "\n"));
            self.input = Input::new(value);
        } else {
            insert(&mut self.input, text.trim());
        }
    }
}
