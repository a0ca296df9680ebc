//! The project that is open: its metadata, where that came from, and a cursor for every pane.

use super::changes::ChangesView;
use super::check::CheckView;
use super::cursor::Cursor;
use super::find::FindState;
use super::grid::{GridView, State};
use super::playground::Playground;
use super::quality::QualityView;
use super::record_view::Sought;
use super::records::Records;
use super::spot::SpotView;
use super::token::TokenView;
use super::users::UserRow;
use super::worklist::WorklistView;
use crate::domain::changes::{Piece, pieces};
use crate::domain::dictionary::Field;
use crate::domain::event::Instrument;
use crate::domain::logic::{Review, Uses};
use crate::domain::project::Metadata;
use crate::domain::record::RowKey;
use crate::domain::text::{one_line, without_html};
use crate::domain::values::{MASK, Values};
use crate::jobs::Problem;
use crate::jobs::types::{SavedProject, Source};

/// A list with a cursor and a filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The chosen row among the rows that the filter leaves.
    pub cursor: Cursor,
    /// Words that every shown row must have; empty shows all.
    pub filter: String,
}

/// A project on screen.
#[derive(Debug, Clone)]
pub struct Open {
    /// The saved project.
    pub project: SavedProject,
    /// Everything known that is not data.
    pub metadata: Metadata,
    /// What is wrong or doubtful in the logic of its data dictionary.
    pub review: Review,
    /// Where its fields are used by logic.
    pub uses: Uses,
    /// Where the metadata came from; `None` until the first part is here.
    pub source: Option<Source>,
    /// Why the last load failed.
    pub problem: Option<Problem>,
    /// A remark on the saved copy, such as that it was damaged.
    pub note: Option<String>,
    /// Users, roles and groups were asked for in this session.
    pub access_asked: bool,
    /// When they were read.
    pub access_at: Option<jiff::Timestamp>,
    /// The last request found no way to the server.
    pub unreachable: bool,
    /// Something before REDCap turned a request away; nothing is sent until `r` says so.
    pub blocked: bool,
    /// Identifiers are masked.
    pub masked: bool,
    /// Labels, codes or both.
    pub values: Values,
    /// The instruments.
    pub instruments: Listing,
    /// The fields of the chosen instrument.
    pub fields: Listing,
    /// Users, roles and groups.
    pub users: Listing,
    /// The user or role that others are compared with, by name.
    pub compare_with: Option<String>,
    /// The first line of the scrolled text in Overview, in a card, in a rights page.
    pub scroll: [Cursor; 3],
    /// The data.
    pub records: Records,
    /// The status grid.
    pub grid: GridView,
    /// What the token may do.
    pub token: TokenView,
    /// What lies over the record table and the grid.
    pub over: Option<Over>,
    /// What changed.
    pub changes: ChangesView,
    /// What is missing.
    pub work: WorklistView,
    /// What a search knows of the records.
    pub find: FindState,
    /// The instrument and field to show once the codebook is here.
    pub go_to: Option<(String, String)>,
    /// Data quality.
    pub quality: QualityView,
    /// Rows that get the cursor once their lists are here.
    pub resume: super::place::Cursors,
    /// What was typed last into the logic scratchpad.
    pub logic: String,
    /// The playground.
    pub playground: Playground,
    /// The file that is checked before it is imported.
    pub check: CheckView,
    /// The spot check against the paper source.
    pub spot: SpotView,
}

/// A list that lies over the record table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// What changed.
    Changes,
    /// What is missing.
    Worklist,
}

/// Which scrolled text of [`Open::scroll`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scrolled {
    /// The overview.
    Overview = 0,
    /// The card.
    Card = 1,
    /// The rights of a user or role.
    Rights = 2,
}

impl Open {
    /// A project of which nothing is known yet.
    pub fn new(project: SavedProject, mask: bool) -> Self {
        Self {
            project,
            metadata: Metadata::default(),
            review: Review::default(),
            uses: Uses::default(),
            source: None,
            problem: None,
            note: None,
            access_asked: false,
            access_at: None,
            unreachable: false,
            blocked: false,
            masked: mask,
            values: Values::default(),
            instruments: Listing::default(),
            fields: Listing::default(),
            users: Listing::default(),
            compare_with: None,
            scroll: [Cursor::default(); 3],
            records: Records::default(),
            grid: GridView::default(),
            token: TokenView::default(),
            over: None,
            changes: ChangesView::default(),
            work: WorklistView::default(),
            find: FindState::default(),
            go_to: None,
            quality: QualityView::default(),
            resume: super::place::Cursors::default(),
            logic: String::new(),
            playground: Playground::default(),
            check: CheckView::default(),
            spot: SpotView::default(),
        }
    }

    /// What the top line calls the project: the name it was saved under, which tells tokens of one
    /// project apart, and the title where that says something else.
    pub fn heading(&self) -> String {
        let (name, title) = (&self.project.name, self.title());
        if title.is_empty() || *name == title { name.clone() } else { format!("{name}: {title}") }
    }

    /// The title of the project, without HTML; the saved name until the server told it.
    pub fn title(&self) -> String {
        let title = without_html(&self.metadata.info.title);
        if title.is_empty() { self.project.name.clone() } else { title }
    }

    /// The record under the cursor, in the findings, the status grid or the record table.
    pub fn chosen_record(&self) -> Option<&str> {
        match self.over {
            Some(Over::Changes) => self.changes.record(),
            Some(Over::Worklist) => self.work.chosen().map(|i| i.record.as_str()),
            None if self.quality.shown => self.quality.chosen().map(|f| f.place.record.as_str()),
            None if self.grid.shown => self.grid.record(),
            None => self.records.chosen_record(),
        }
    }

    /// The place in the record that is under the cursor, and the field or the instrument there.
    pub fn chosen_place(&self) -> Option<(RowKey, Sought)> {
        match self.over {
            Some(Over::Changes) => None,
            // What is missing is shown where it is missing.
            Some(Over::Worklist) => self.work.chosen().map(|item| {
                let place =
                    RowKey { event: item.event.clone(), instance: item.instance, ..RowKey::default() };
                (place, if item.form.is_empty() { Sought::Visit } else { Sought::Form(item.form.clone()) })
            }),
            None if self.quality.shown => None,
            None if self.grid.shown => self.grid.grid.columns.get(self.grid.column).map(|column| {
                (
                    RowKey { event: column.event.clone(), ..RowKey::default() },
                    Sought::Form(column.form.clone()),
                )
            }),
            None => self.records.chosen_place(&self.metadata),
        }
    }

    /// The event of the visit under the cursor, if the record has no row there.
    pub fn absent_visit(&self) -> Option<String> {
        let event = match self.over {
            Some(Over::Changes) => return None,
            Some(Over::Worklist) => self.work.chosen().filter(|i| i.form.is_empty()).map(|i| &i.event)?,
            None if self.grid.shown && !self.quality.shown => {
                let cell = self.grid.grid.cell(self.grid.chosen()?, self.grid.column)?;
                let column = self.grid.grid.columns.get(self.grid.column)?;
                (cell.state == State::NoVisit).then_some(&column.event)?
            }
            None => return None,
        };
        Some(one_line(&self.metadata.event_label(event)))
    }

    /// The name of a record as it is shown: masked where the record id field is an identifier.
    pub fn shown_record(&self, record: &str) -> String {
        let identifier = self.metadata.dictionary.record_id_field().is_some_and(|f| f.identifier);
        if self.masked && identifier { MASK.to_owned() } else { one_line(record) }
    }

    /// The details of a log line about a record: field and value, masked where they must be;
    /// text that is no value stands alone with an empty name.
    pub fn details(&self, details: &str) -> Vec<(String, String)> {
        let pieces = pieces(details, &self.metadata.dictionary).into_iter();
        pieces
            .map(|piece| match piece {
                Piece::Value { name, personal: true, .. } if self.masked => (name, MASK.to_owned()),
                Piece::Value { name, value, .. } => (name, one_line(&value)),
                Piece::Text(text) => (String::new(), one_line(&text)),
            })
            .collect()
    }

    /// The instruments that the filter leaves.
    pub fn shown_instruments(&self) -> Vec<&Instrument> {
        self.metadata
            .instruments
            .iter()
            .filter(|i| matches(&self.instruments.filter, &[&i.label, &i.name]))
            .collect()
    }

    /// The chosen instrument.
    pub fn instrument(&self) -> Option<&Instrument> {
        self.shown_instruments().get(self.instruments.cursor.at).copied()
    }

    /// The fields of the chosen instrument that the filter leaves.
    pub fn shown_fields(&self) -> Vec<&Field> {
        let Some(instrument) = self.instrument() else { return Vec::new() };
        self.metadata
            .dictionary
            .fields_of(&instrument.name)
            .filter(|f| matches(&self.fields.filter, &[&f.name, &f.label, f.field_type.as_str()]))
            .collect()
    }

    /// The chosen field.
    pub fn field(&self) -> Option<&Field> {
        self.shown_fields().get(self.fields.cursor.at).copied()
    }

    /// The rows of the Users list that the filter leaves.
    pub fn shown_users(&self) -> Vec<UserRow> {
        super::users::rows(&self.metadata.access, &self.users.filter)
    }

    /// The chosen row of the Users list.
    pub fn user_row(&self) -> Option<UserRow> {
        self.shown_users().get(self.users.cursor.at).copied()
    }

    /// Headings of the Users list are no places for the cursor: moves it on to the next row
    /// that is none, the other way if there is none.
    pub fn leave_heading(&mut self, down: bool) {
        let rows = self.shown_users();
        let is_row = |at: &usize| rows.get(*at).is_some_and(|row| !matches!(row, UserRow::Heading(_)));
        let at = self.users.cursor.at;
        let below = (at..rows.len()).find(is_row);
        let above = (0..at).rev().find(is_row);
        if let Some(at) = if down { below.or(above) } else { above.filter(|_| !is_row(&at)).or(below) } {
            self.users.cursor.at = at;
        }
    }

    /// Where a field is used by the logic of others: the place in REDCap's words, and the fields.
    pub fn used_by(&self, name: &str) -> Vec<(&'static str, Vec<&str>)> {
        let mut places: Vec<(&'static str, Vec<&str>)> = Vec::new();
        for used in self.uses.get(name).into_iter().flatten() {
            match places.iter_mut().find(|(place, _)| *place == used.place) {
                Some((_, fields)) => fields.push(&used.field),
                None => places.push((used.place, vec![&used.field])),
            }
        }
        places
    }
}

/// The words of a filter in small letters. What stands between double quotes is one word.
pub fn words(filter: &str) -> Vec<String> {
    filter
        .split('"')
        .enumerate()
        .flat_map(|(i, part)| {
            let quoted = i % 2 == 1;
            let words: Vec<&str> = if quoted { vec![part] } else { part.split_whitespace().collect() };
            words.into_iter().filter(|w| !w.trim().is_empty()).map(str::to_lowercase).collect::<Vec<_>>()
        })
        .collect()
}

/// Whether every word of the filter is in one of the texts; capitals do not matter.
pub fn matches(filter: &str, texts: &[&str]) -> bool {
    words(filter).iter().all(|word| texts.iter().any(|text| text.to_lowercase().contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_words_belong_together() {
        for (filter, expected) in [
            ("year 2", vec!["year", "2"]),
            ("\"Year 2\" x", vec!["year 2", "x"]),
            ("\"open", vec!["open"]),
            ("  ", vec![]),
        ] {
            assert_eq!(words(filter), expected, "{filter}");
        }
    }
}
