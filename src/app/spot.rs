//! A spot check against the paper source on screen: what is drawn, and one cell after the other.

use super::actions::Scope;
use super::add_project::{edit, insert};
use super::keys::{Code, Key};
use super::open::Open;
use crate::domain::spot_bench::{Bench, Said};
use crate::domain::text::one_line;
use crate::jobs::types::{Sample, SpotWanted};
use std::collections::HashMap;
use tui_input::Input;

/// The spot check of a project. It lives as long as capscope runs; nothing of it is kept on disk.
#[derive(Debug, Clone, Default)]
pub struct SpotView {
    /// What was drawn; `None` before the first sample.
    pub wanted: Option<SpotWanted>,
    /// The cells; `None` while they are read, or after the screen was locked.
    pub bench: Option<Bench>,
    /// Something was said since the last report was written.
    pub unsaved: bool,
    /// What was said of cells that are not on the bench now.
    kept: HashMap<u64, Said>,
}

impl SpotView {
    /// Takes a drawn sample in; what was said of its cells before is kept.
    pub fn take(&mut self, sample: Sample) {
        let records = (sample.records.len(), sample.of);
        self.bench = Some(Bench::new(sample.cells, records, &self.kept));
    }

    /// Begins another sample: what was said of the last one is forgotten.
    pub fn begin(&mut self, wanted: SpotWanted) {
        *self = Self { wanted: Some(wanted), ..Self::default() };
    }

    /// The same without names of records and stored values; they are read again when it goes on.
    #[must_use]
    pub fn without_values(self) -> Self {
        let kept = match &self.bench {
            Some(bench) => bench.said(),
            None => self.kept,
        };
        Self { wanted: self.wanted, unsaved: self.unsaved, bench: None, kept }
    }

    /// Whether something was said that no report holds.
    pub fn has_marks(&self) -> bool {
        let judged = |t: crate::domain::spot_check::Tally| t.judged() + t.unclear > 0;
        self.bench.as_ref().map_or(!self.kept.is_empty(), |b| judged(b.tally()))
    }

    /// How the sample was drawn, for the report.
    pub fn head(&self, open: &Open, day: &str) -> Vec<String> {
        let Some(wanted) = &self.wanted else { return Vec::new() };
        let share = if wanted.by_group { ", each Data Access Group with its share" } else { "" };
        vec![
            "Spot check against the source".into(),
            format!(
                "Project: {} (PID {}) at {}",
                one_line(&open.project.name),
                open.project.project_id,
                open.project.url
            ),
            format!("Day: {day}"),
            format!("Fields: {}", wanted.fields.join(", ")),
            format!("Seed: {}{share}", wanted.seed),
        ]
    }
}

/// The dialog.
#[derive(Debug, Clone)]
pub enum SpotDialog {
    /// What is to be drawn.
    Setup(SpotSetup),
    /// One cell after the other.
    Bench(BenchDialog),
}

/// A box of the setup, in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// How many records.
    #[default]
    Records,
    /// The seed.
    Seed,
    /// Whether groups get their share.
    Groups,
}

/// What is to be drawn, as it is typed.
#[derive(Debug, Clone, Default)]
pub struct SpotSetup {
    /// The fields, chosen before.
    pub fields: Vec<String>,
    /// How many records.
    pub records: Input,
    /// The seed.
    pub seed: Input,
    /// Each Data Access Group gets its share; `None` if the project has none that are known.
    pub groups: Option<bool>,
    /// What has the focus.
    pub part: Part,
    /// What is wrong.
    pub complaint: String,
}

/// What a dialog wants after a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Nothing more.
    Nothing,
    /// Close it.
    Close,
    /// Draw this.
    Draw(SpotWanted),
}

impl SpotSetup {
    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Wish {
        let parts: &[Part] = match self.groups {
            Some(_) => &[Part::Records, Part::Seed, Part::Groups],
            None => &[Part::Records, Part::Seed],
        };
        let at = parts.iter().position(|p| *p == self.part).unwrap_or_default();
        let go = |by: usize| parts.get((at + by) % parts.len()).copied().unwrap_or_default();
        self.complaint.clear();
        match key.code {
            Code::Esc => return Wish::Close,
            Code::Enter => return self.draw(),
            Code::Tab | Code::Down => self.part = go(1),
            Code::BackTab | Code::Up => self.part = go(parts.len() - 1),
            Code::Char(' ') if self.part == Part::Groups => self.groups = self.groups.map(|on| !on),
            _ => match self.part {
                Part::Records => edit(&mut self.records, key),
                Part::Seed => edit(&mut self.seed, key),
                Part::Groups => {}
            },
        }
        Wish::Nothing
    }

    /// How many cells there will be, if that can be told.
    pub fn cells(&self) -> Option<usize> {
        let records = self.records.value().trim().parse::<usize>().ok()?;
        records.checked_mul(self.fields.len())
    }

    fn draw(&mut self) -> Wish {
        let n = self.records.value().trim().parse::<usize>().ok().filter(|n| *n > 0);
        let seed = self.seed.value().trim().parse::<u64>();
        match (n, seed) {
            (None, _) => {
                self.part = Part::Records;
                self.complaint = "Type how many records are drawn, such as 20.".into();
                Wish::Nothing
            }
            (_, Err(_)) => {
                self.part = Part::Seed;
                self.complaint = "The seed is a whole number.".into();
                Wish::Nothing
            }
            (Some(n), Ok(seed)) => Wish::Draw(SpotWanted {
                fields: self.fields.clone(),
                n,
                seed,
                by_group: self.groups == Some(true),
            }),
        }
    }
}

/// The bench on screen; the cells themselves are in [`SpotView`].
#[derive(Debug, Clone, Default)]
pub struct BenchDialog {
    /// The note that is being typed.
    pub note: Option<Input>,
    /// The note is of a cell that was just marked; the next one comes after it.
    pub then_next: bool,
    /// The value of this one cell is shown although it is masked.
    pub revealed: bool,
}

impl SpotDialog {
    /// Where a key pressed now works.
    pub fn scope(&self) -> Scope {
        match self {
            Self::Setup(_) => Scope::SpotSetupDialog,
            Self::Bench(bench) if bench.note.is_some() => Scope::AskDialog,
            Self::Bench(_) => Scope::SpotDialog,
        }
    }

    /// Takes pasted text into the box that has the focus.
    pub fn paste(&mut self, text: &str) {
        let input = match self {
            Self::Setup(setup) => match setup.part {
                Part::Records => &mut setup.records,
                Part::Seed => &mut setup.seed,
                Part::Groups => return,
            },
            Self::Bench(bench) => match &mut bench.note {
                Some(note) => note,
                None => return,
            },
        };
        insert(input, text);
    }
}
