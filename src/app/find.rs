//! The search over records and over the codebooks of all projects.

use super::changes::LogLoad;
use super::cursor::Cursor;
use super::open::Open;
use crate::domain::find::{Codebook, FieldHit, How, Index, RecordHit, fields};
use crate::domain::values::MASK;
use tui_input::Input;

/// How many hits of each kind are listed.
pub const LISTED: usize = 200;

/// What the search knows of the records of the open project. Holds values; gone with the project.
#[derive(Debug, Clone, Default)]
pub struct FindState {
    /// How the reading of the records stands.
    pub load: LogLoad,
    /// The records, once they were read.
    pub index: Option<Index>,
    /// Fields that the server left out.
    pub missing: Vec<String>,
    /// Fields that are looked into besides the project's own.
    pub chosen: Vec<String>,
}

/// The dialog.
#[derive(Debug, Clone, Default)]
pub struct Find {
    /// What is searched for.
    pub text: Input,
    /// Records that were found.
    pub records: Vec<RecordHit>,
    /// Fields that were found.
    pub fields: Vec<FieldHit>,
    /// How many were found in all, of each kind.
    pub totals: (usize, usize),
    /// The records were not read yet, so the first line offers that.
    pub offer: bool,
    /// The cursor in the lines.
    pub cursor: Cursor,
}

/// A line of the dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Read the records, so that they can be searched.
    Read,
    /// A record, by its place.
    Record(usize),
    /// A field, by its place.
    Field(usize),
}

impl Find {
    /// Searches anew.
    pub fn search(&mut self, open: Option<&Open>, books: &[Codebook]) {
        let text = self.text.value();
        let index = open.and_then(|o| o.find.index.as_ref());
        self.offer =
            open.is_some_and(|o| o.find.index.is_none() && !o.metadata.dictionary.fields().is_empty());
        self.records = index.map(|i| i.search(text)).unwrap_or_default();
        self.fields = Codebook::search(books, text);
        self.totals = (self.records.len(), self.fields.len());
        // Fields of the open project first among equals.
        if let Some(open) = open {
            let title = |h: &FieldHit| h.project != open.project.id;
            self.fields.sort_by_key(|h| (h.part, title(h)));
        }
        self.records.truncate(LISTED);
        self.fields.truncate(LISTED);
        self.cursor.at = self.cursor.at.min(self.lines().len().saturating_sub(1));
    }

    /// The lines of the list.
    pub fn lines(&self) -> Vec<Line> {
        let offer = self.offer.then_some(Line::Read);
        let records = (0..self.records.len()).map(Line::Record);
        let fields = (0..self.fields.len()).map(Line::Field);
        offer.into_iter().chain(records).chain(fields).collect()
    }

    /// The line under the cursor.
    pub fn chosen(&self) -> Option<Line> {
        self.lines().get(self.cursor.at).copied()
    }
}

/// The fields that a search of the open project looks into, besides the record id.
pub fn searched(open: &Open) -> Vec<String> {
    fields(&open.metadata, &open.find.chosen)
}

/// How a hit is shown: the value if it may be read, else a mask. Of a long number the last two
/// digits stay, so that two people can be told apart.
pub fn shown_value(open: &Open, hit: &RecordHit) -> String {
    let personal = open.masked && open.metadata.dictionary.field(&hit.field).is_some_and(|f| f.identifier);
    let value = crate::domain::text::one_line(&hit.value);
    if !personal {
        return value;
    }
    let number = value.len() >= 6 && value.bytes().all(|b| b.is_ascii_digit());
    match value.get(value.len().saturating_sub(2)..) {
        Some(end) if number => format!("•••••{end}"),
        _ => MASK.to_owned(),
    }
}

/// What a hit says: the field and how it matched, and who else this may be.
pub fn told(open: &Open, hit: &RecordHit) -> String {
    let how = match hit.how {
        How::Is => String::new(),
        how => format!("{} ", how.words()),
    };
    let twins = open.find.index.as_ref().map(|i| i.twins(&hit.record)).unwrap_or_default();
    let twin = twins.first().map_or(String::new(), |(other, fields)| {
        let more = if twins.len() > 1 { format!(" and {} more", twins.len() - 1) } else { String::new() };
        format!("  possible duplicate of {}{more}: same {}", open.shown_record(other), fields.join(", "))
    });
    format!("{how}{}{twin}", shown_value(open, hit))
}
