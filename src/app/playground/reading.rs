//! An answer on screen: which way of reading, where in it, and what is searched for.

use crate::app::cursor::{Cursor, Move};
use crate::jobs::types::{Answer, View};
use std::sync::Arc;

/// So many columns a step to the side goes.
const SIDEWAYS: usize = 8;

/// An answer that is being read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The answer.
    pub answer: Arc<Answer>,
    /// Which of its views is shown.
    pub view: usize,
    /// The line with the cursor.
    pub cursor: Cursor,
    /// How many characters are left out at the left.
    pub left: usize,
    /// The headers are shown in place of the body.
    pub headers: bool,
    /// What is searched for.
    pub search: String,
}

impl Reading {
    /// The start of an answer in its best view.
    pub fn new(answer: Arc<Answer>) -> Self {
        Self { answer, view: 0, cursor: Cursor::default(), left: 0, headers: false, search: String::new() }
    }

    /// Whether this is the answer that is read.
    pub fn shows(&self, answer: Option<&Arc<Answer>>) -> bool {
        answer.is_some_and(|a| Arc::ptr_eq(a, &self.answer))
    }

    /// The view that is shown; a file has none.
    pub fn view(&self) -> Option<&View> {
        self.answer.views.get(self.view)
    }

    /// The lines that may be shown; `None` if they are closed while identifiers are masked.
    pub fn lines(&self, masked: bool) -> Option<Arc<Vec<String>>> {
        if self.headers {
            let lines = self.answer.headers.iter().map(|(n, v)| format!("{n}: {v}")).collect();
            return Some(Arc::new(lines));
        }
        match self.view() {
            None => Some(Arc::default()),
            Some(view) if masked => view.masked.clone(),
            Some(view) => Some(view.open.clone()),
        }
    }

    /// Shows the body in the next way of reading.
    pub fn next_view(&mut self) {
        if !self.headers {
            self.view = (self.view + 1) % self.answer.views.len().max(1);
        }
        self.headers = false;
        self.start();
    }

    /// Shows the headers, or the body again.
    pub fn toggle_headers(&mut self) {
        self.headers = !self.headers;
        self.start();
    }

    fn start(&mut self) {
        self.cursor = Cursor::default();
        self.left = 0;
    }

    /// Moves.
    pub fn step(&mut self, movement: Move, masked: bool, page: usize) {
        match movement {
            Move::Left => self.left = self.left.saturating_sub(SIDEWAYS),
            Move::Right => {
                let longest = self.lines(masked).map_or(0, |l| {
                    l.iter().skip(self.cursor.top).take(page).map(|l| l.chars().count()).max().unwrap_or(0)
                });
                if self.left + SIDEWAYS < longest {
                    self.left += SIDEWAYS;
                }
            }
            _ => {
                let len = self.lines(masked).map_or(0, |l| l.len());
                self.cursor.step(movement, len, page);
            }
        }
    }

    /// Whether a line has what is searched for.
    pub fn matches(&self, line: &str) -> bool {
        !self.search.is_empty() && line.to_lowercase().contains(&self.search.to_lowercase())
    }

    /// Goes to the next line, or the one before, with what is searched for; round at the end.
    /// `from_here` takes the line with the cursor too. Returns whether there is one.
    pub fn find(&mut self, forward: bool, from_here: bool, masked: bool, page: usize) -> bool {
        let Some(lines) = self.lines(masked).filter(|l| !l.is_empty()) else { return false };
        let n = lines.len();
        let at = self.cursor.at;
        let place = |i: usize| if forward { (at + i) % n } else { (at + n - i % n) % n };
        let first = usize::from(!from_here);
        let found = (first..=n).map(place).find(|i| lines.get(*i).is_some_and(|l| self.matches(l)));
        if let Some(found) = found {
            self.cursor.set(found, n, page);
        }
        found.is_some()
    }
}
