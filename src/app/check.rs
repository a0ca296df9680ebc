//! The file that is checked: what was found, what would change, and which of it is on screen.

use super::cursor::Cursor;
use super::open::{matches, words};
use crate::domain::check::{Cell, DateOrder, Finding, Fix, Rehearsal, Settings, Severity};
use crate::domain::project::Metadata;
use crate::domain::text::one_line;
use crate::domain::values::MASK;
use crate::jobs::Problem;
use crate::jobs::types::{CheckWanted, Checked, Receipt, SendWanted};
use std::path::PathBuf;

/// How the check stands.
#[derive(Debug, Clone, Default)]
pub enum CheckState {
    /// No file was chosen.
    #[default]
    Never,
    /// It runs.
    Running,
    /// It could not be done.
    Failed(Problem),
    /// It was stopped.
    Stopped,
    /// It is done.
    Done,
}

/// Which list is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CheckList {
    /// What was found.
    #[default]
    Findings,
    /// The cells, old and new.
    Cells,
    /// The receipt of what was sent.
    Receipt,
}

/// A line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// A finding, by its place.
    Finding(u32),
    /// A cell: row and column of the file.
    Cell(u32, u32),
    /// A line of the receipt.
    Receipt(u32),
}

/// The section's state.
#[derive(Debug, Clone, Default)]
pub struct CheckView {
    /// How it stands.
    pub state: CheckState,
    /// The file as it was typed.
    pub path: String,
    /// How it is read.
    pub settings: Settings,
    /// The last finished check; it stays on screen while the next one runs.
    pub checked: Option<Box<Checked>>,
    /// Which list is shown.
    pub list: CheckList,
    /// Only findings of this severity.
    pub severity: Option<Severity>,
    /// Only cells that become this.
    pub cell: Option<Cell>,
    /// Words that every line must have.
    pub filter: String,
    /// The lines on screen.
    pub shown: Vec<Item>,
    /// The chosen line.
    pub cursor: Cursor,
    /// What was sent of it, and what is stored.
    pub receipt: Option<Box<Receipt>>,
    /// Where the old values go before sending, as the person chose.
    pub undo: Option<PathBuf>,
    /// An interrupted send is to be gone on with.
    pub resume: bool,
    /// The file was sent before, and is to be sent once more.
    pub again: bool,
}

impl CheckView {
    /// Why the file cannot be sent now, as far as that is known here.
    pub fn why_not_sent(&self, write_access: bool) -> Option<&'static str> {
        let Some(r) = self.rehearsal() else { return Some("check a file first") };
        if !write_access {
            return Some("writing is switched off for this project; W switches it on");
        }
        if !r.may_be_sent() {
            return Some("REDCap would refuse it, or something waits for your decision");
        }
        if r.stored.is_none() {
            return Some("the file was not compared with what is stored");
        }
        if !r.rows.iter().any(|row| row.is_sent) {
            return Some("there is nothing to send");
        }
        None
    }

    /// What is to be sent now. `None` without a check.
    pub fn to_send(&self, erasures: usize) -> Option<SendWanted> {
        let checked = self.checked.clone()?;
        Some(SendWanted {
            erasures,
            undo: self.undo.clone(),
            resume: self.resume,
            again: self.again,
            ..SendWanted::new(checked)
        })
    }

    /// Takes the receipt of a send in. What is stored has changed, so it is to be read anew.
    pub fn take_receipt(&mut self, receipt: Box<Receipt>, masked: bool) {
        self.resume = receipt.can_go_on();
        self.again = false;
        self.receipt = Some(receipt);
        self.undo = None;
        self.list = CheckList::Receipt;
        self.cursor = Cursor::default();
        if let Some(checked) = &mut self.checked {
            checked.read_at = None;
        }
        self.refresh(masked);
    }

    /// The finished check.
    pub fn rehearsal(&self) -> Option<&Rehearsal> {
        self.checked.as_ref().map(|c| &*c.rehearsal)
    }

    /// Turns to another file: nothing that was accepted for the last one holds for it.
    pub fn choose(&mut self, path: String) {
        if path != self.path {
            self.settings = Settings { overwrite: self.settings.overwrite, ..Settings::default() };
            self.checked = None;
            self.receipt = None;
            self.again = false;
        }
        // Who chooses a file asks what is in it, also where it is the one that was sent.
        self.list = CheckList::Findings;
        self.cursor = Cursor::default();
        self.path = path;
    }

    /// What is to be checked now; offline only against the data dictionary.
    pub fn wanted(&self, metadata: &Metadata, offline: bool) -> CheckWanted {
        CheckWanted {
            path: PathBuf::from(&self.path),
            settings: self.settings.clone(),
            metadata: Box::new(metadata.clone()),
            offline,
            before: self.checked.clone(),
        }
    }

    /// Takes a finished check in.
    pub fn take(&mut self, checked: Box<Checked>, masked: bool) {
        self.state = CheckState::Done;
        if self.receipt.as_ref().is_some_and(|r| r.hash != checked.hash) {
            // The file was changed since it was sent: the receipt is of another one.
            self.receipt = None;
            self.list = CheckList::Findings;
            self.cursor = Cursor::default();
        }
        self.checked = Some(checked);
        self.refresh(masked);
    }

    /// Works out which lines are shown. Masked values are not searched.
    pub fn refresh(&mut self, masked: bool) {
        self.shown.clear();
        let Some(r) = self.checked.as_ref().map(|c| c.rehearsal.clone()) else { return };
        match self.list {
            CheckList::Findings => {
                let fits = |f: &Finding| {
                    self.severity.is_none_or(|s| f.rule.severity() == s)
                        && (self.filter.is_empty() || finding_matches(&r, f, &self.filter, masked))
                };
                let found = r.findings.iter().zip(0..).filter(|(f, _)| fits(f));
                self.shown = found.map(|(_, at)| Item::Finding(at)).collect();
            }
            CheckList::Cells => self.shown = cells(&r, self.cell, &self.filter, masked),
            CheckList::Receipt => {
                let lines = self.receipt.as_ref().map_or(0, |r| r.screen_lines(masked).len());
                self.shown = (0..lines as u32).map(Item::Receipt).collect();
            }
        }
        self.cursor.at = self.cursor.at.min(self.shown.len().saturating_sub(1));
    }

    /// The chosen line.
    pub fn chosen(&self) -> Option<Item> {
        self.shown.get(self.cursor.at).copied()
    }

    /// The correction that the chosen finding offers.
    pub fn chosen_fix(&self) -> Option<Fix> {
        let r = self.rehearsal()?;
        let Item::Finding(at) = self.chosen()? else { return None };
        r.why(r.findings.get(at as usize)?)?.fix.clone()
    }

    /// Accepts corrections; one that says something else about the same goes.
    pub fn accept(&mut self, fixes: impl IntoIterator<Item = Fix>) -> usize {
        let mut n = 0;
        for fix in fixes {
            self.settings.fixes.retain(|f| !f.conflicts_with(&fix));
            n += usize::from(self.settings.fixes.insert(fix));
        }
        n
    }

    /// The next severity to show alone, or the next kind of cells; only those that there are.
    pub fn next_kind(&mut self, masked: bool) {
        let Some(r) = self.checked.as_ref().map(|c| c.rehearsal.clone()) else { return };
        match self.list {
            CheckList::Findings => {
                let kinds: Vec<Severity> = Severity::ALL.into_iter().filter(|s| r.count_of(*s) > 0).collect();
                self.severity = next_of(&kinds, self.severity);
            }
            CheckList::Cells => {
                let kinds: Vec<Cell> =
                    Cell::ALL.into_iter().filter(|c| *c != Cell::Nothing && r.count(*c) > 0).collect();
                self.cell = next_of(&kinds, self.cell);
            }
            CheckList::Receipt => {}
        }
        self.cursor = Cursor::default();
        self.refresh(masked);
    }

    /// The next order of dates.
    pub fn next_dates(&mut self) -> &'static str {
        let order = [DateOrder::Dmy, DateOrder::Mdy, DateOrder::Ymd];
        self.settings.dates = next_of(&order, self.settings.dates);
        self.settings.dates.map_or("as the values prove", DateOrder::as_str)
    }

    /// The next delimiter.
    pub fn next_delimiter(&mut self) -> &'static str {
        self.settings.delimiter = next_of(b",;\t|", self.settings.delimiter);
        self.settings.delimiter.map_or("found out", crate::domain::check::delimiter_name)
    }

    /// The next encoding.
    pub fn next_encoding(&mut self) -> String {
        let names = ["utf-8", "windows-1252", "windows-1250", "utf-16le"].map(str::to_owned);
        self.settings.encoding = match &self.settings.encoding {
            None => names.first().cloned(),
            Some(now) => {
                let at = names.iter().position(|n| n == now).map_or(names.len(), |at| at + 1);
                names.get(at).cloned()
            }
        };
        self.settings.encoding.clone().unwrap_or_else(|| "found out".into())
    }
}

/// The next of a list, then none, then the first again.
fn next_of<T: Copy + PartialEq>(list: &[T], now: Option<T>) -> Option<T> {
    match now {
        None => list.first().copied(),
        Some(now) => list.iter().position(|t| *t == now).and_then(|at| list.get(at + 1)).copied(),
    }
}

fn finding_matches(r: &Rehearsal, f: &Finding, filter: &str, masked: bool) -> bool {
    let row = f.row.map(|row| row as usize);
    let record = row.map_or(String::new(), |row| record_text(r, row, masked));
    matches(filter, &[&r.where_is(f), f.rule.title(), f.rule.tag(), &r.sentence(f, masked), &record])
}

/// The cells that become this; without a wish those that change something.
fn cells(r: &Rehearsal, wanted: Option<Cell>, filter: &str, masked: bool) -> Vec<Item> {
    let asked = words(filter);
    let mut list = Vec::new();
    for row in 0..r.rows.len() {
        let mut place = None;
        for (at, column) in r.columns.iter().enumerate() {
            let cell = r.cell(row, at);
            let fits = match wanted {
                Some(wanted) => cell == wanted,
                None => matches!(cell, Cell::New | Cell::Changed | Cell::Erased),
            };
            if !fits {
                continue;
            }
            if !asked.is_empty() {
                let place: &String = place.get_or_insert_with(|| place_text(r, row, masked));
                let values = format!("{} {}", new_text(r, row, at, masked), old_text(r, row, at, masked));
                if !matches(filter, &[place.as_str(), column.name.as_str(), &values]) {
                    continue;
                }
            }
            list.push(Item::Cell(row as u32, at as u32));
        }
    }
    list
}

/// The record of a row, masked if record names are personal data.
pub fn record_text(r: &Rehearsal, row: usize, masked: bool) -> String {
    let is_identifier = r.columns.iter().any(|c| c.name == r.id_field() && c.identifier);
    if masked && is_identifier { MASK.into() } else { one_line(r.record_name(row)) }
}

/// Record, event, instrument and instance of a row, in one line.
pub fn place_text(r: &Rehearsal, row: usize, masked: bool) -> String {
    use crate::domain::check::place::Instance;
    let mut text = record_text(r, row, masked);
    let Some(place) = r.rows.get(row).and_then(|r| r.place) else { return text };
    for part in [r.event_name(place.event), r.form_name(place.instrument)] {
        if !part.is_empty() {
            text.push_str(&format!(" {part}"));
        }
    }
    match place.instance {
        Instance::None => {}
        Instance::Number(n) => text.push_str(&format!(" #{n}")),
        Instance::New => text.push_str(" new instance"),
    }
    text
}

/// The value that a cell sends, for the screen.
pub fn new_text(r: &Rehearsal, row: usize, column: usize, masked: bool) -> String {
    shown(r, column, r.value(row, column), masked)
}

/// The value that is stored at the place of a cell, for the screen.
pub fn old_text(r: &Rehearsal, row: usize, column: usize, masked: bool) -> String {
    shown(r, column, r.stored_value(row, column), masked)
}

fn shown(r: &Rehearsal, column: usize, text: &str, masked: bool) -> String {
    let is_identifier = r.columns.get(column).is_some_and(|c| c.identifier);
    if masked && is_identifier && !text.is_empty() { MASK.into() } else { one_line(text) }
}
