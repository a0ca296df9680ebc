//! A dialog that chooses one of several things, or ticks some of them, with a search.

use super::cursor::Cursor;
use super::keys::{Code, Key};
use super::open::matches;
use crate::domain::worklist::Anchor;
use crate::jobs::types::SavedProject;
use tui_input::Input;

/// What the choice is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// From which date visits are counted.
    Anchor(Vec<Anchor>),
    /// Which token is put beside the open one.
    Tokens(Vec<SavedProject>),
    /// Into which fields a search looks besides its own.
    SearchFields(Vec<String>),
    /// Which fields a spot check compares.
    SpotFields(Vec<String>),
    /// The colours of the screen, and those before the dialog.
    Colours {
        /// What Esc brings back.
        before: super::looks::ThemeKind,
    },
}

/// The state of the dialog.
#[derive(Debug, Clone)]
pub struct Picker {
    /// Its title.
    pub title: String,
    /// One sentence.
    pub help: &'static str,
    /// The things, in the order of what they are about: a name and what is said of it.
    pub items: Vec<(String, String)>,
    /// Which of them are ticked, if several may be.
    pub ticked: Option<Vec<bool>>,
    /// What is searched for.
    pub search: Input,
    /// The cursor in the found things.
    pub cursor: Cursor,
    /// What the choice is about.
    pub about: About,
}

/// What the dialog wants after a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Nothing more.
    Nothing,
    /// Close it.
    Close,
    /// These were chosen, by their places.
    Take(Vec<usize>),
}

impl Picker {
    /// The places of the things that the search leaves.
    pub fn found(&self) -> Vec<usize> {
        let search = self.search.value();
        let fits = |(name, text): &(String, String)| matches(search, &[name, text]);
        self.items.iter().enumerate().filter(|(_, item)| fits(item)).map(|(at, _)| at).collect()
    }

    /// Takes a key. `page` is how many rows fit.
    pub fn key(&mut self, key: Key, page: usize) -> Wish {
        let found = self.found();
        let chosen = found.get(self.cursor.at).copied();
        match key.code {
            Code::Esc => return Wish::Close,
            Code::Enter => {
                return match (&self.ticked, chosen) {
                    (Some(ticked), _) => Wish::Take(
                        ticked.iter().enumerate().filter(|(_, on)| **on).map(|(at, _)| at).collect(),
                    ),
                    (None, Some(at)) => Wish::Take(vec![at]),
                    (None, None) => Wish::Nothing,
                };
            }
            Code::Tab if self.ticked.is_some() => self.tick(chosen),
            _ => match super::update::list_move(key) {
                Some(movement) => self.cursor.step(movement, found.len(), page),
                None => {
                    super::add_project::edit(&mut self.search, key);
                    self.cursor = Cursor::default();
                }
            },
        }
        Wish::Nothing
    }

    fn tick(&mut self, at: Option<usize>) {
        if let (Some(ticked), Some(at)) = (&mut self.ticked, at)
            && let Some(on) = ticked.get_mut(at)
        {
            *on = !*on;
        }
    }
}
