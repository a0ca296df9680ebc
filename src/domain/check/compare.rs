//! Cell by cell: what becomes of the file in front of what is stored (`redcap-permissions.md` §7.3).

use super::columns::{FileColumn, Target};
use super::finding::{Findings, Rule};
use super::place::{Fit, Instance, Place, Places};
use super::value::Verdict;
use super::view::View;
use super::{Cell, Row, Stored};
use crate::domain::record::column;
use std::borrow::Cow;
use std::collections::HashMap;

/// The rows and cells of a file after the comparison.
pub(super) struct Compared {
    pub rows: Vec<Row>,
    pub cells: Vec<Cell>,
    /// For each record of the file whether it is new.
    pub is_new: Vec<Option<bool>>,
    /// The rows that are stored, by their places.
    pub index: StoredIndex,
}

/// The stored rows by record, event, instrument and instance, in the numbers of [`Places`].
#[derive(Default)]
pub(super) struct StoredIndex {
    rows: HashMap<(u32, Option<u32>, Option<u32>, u32), u32>,
    visits: std::collections::HashSet<(u32, Option<u32>)>,
    highest: HashMap<(u32, Option<u32>, Option<u32>), u32>,
}

impl StoredIndex {
    fn new(stored: &Stored, places: &Places<'_>, id: usize) -> Self {
        let table = &stored.rows;
        let records: HashMap<&str, u32> = places.records.iter().map(String::as_str).zip(0..).collect();
        let events = places.event_index();
        let forms = places.form_index();
        let find = |name: &str| table.column(name);
        let (event, instrument, instance) =
            (find(column::EVENT), find(column::REPEAT_INSTRUMENT), find(column::REPEAT_INSTANCE));
        // Names are compared without their case where the exact one is not found (§6.1).
        let lower: HashMap<String, u32> = records.iter().map(|(n, at)| (n.to_lowercase(), *at)).collect();
        let text = |row: usize, column: Option<usize>| column.map_or("", |c| table.cell(row, c));
        let mut index = Self::default();
        for row in 0..table.n_rows() {
            let name = table.cell(row, id);
            let Some(&record) = records.get(name).or_else(|| lower.get(&name.to_lowercase())) else {
                continue;
            };
            let event = events.get(text(row, event)).copied();
            let instrument = forms.get(text(row, instrument)).copied();
            let number = text(row, instance).parse().unwrap_or(0);
            index.rows.entry((record, event, instrument, number)).or_insert(row as u32);
            index.visits.insert((record, event));
            let highest = index.highest.entry((record, event, instrument)).or_default();
            *highest = (*highest).max(number);
        }
        index
    }

    pub fn find(&self, place: &Place) -> Option<u32> {
        let number = match place.instance {
            Instance::None => 0,
            Instance::Number(n) => n,
            Instance::New => return None,
        };
        self.rows.get(&(place.record, place.event, place.instrument, number)).copied()
    }

    pub fn has_visit(&self, place: &Place) -> bool {
        self.visits.contains(&(place.record, place.event))
    }

    pub fn highest(&self, place: &Place) -> u32 {
        self.highest.get(&(place.record, place.event, place.instrument)).copied().unwrap_or(0)
    }
}

/// A column of the file in front of the same column of the stored rows.
struct Against {
    /// For each code of the file the stored text that is equal to it, as a number; 0 is blank.
    file: Vec<u32>,
    /// For each stored code the same number.
    stored: Vec<u32>,
    codes: Vec<u32>,
    is_box: bool,
}

impl Against {
    fn new(column: &FileColumn, verdicts: &[Verdict], stored: &Stored) -> Option<Self> {
        let at = stored.rows.column(&column.name)?;
        let is_box = matches!(column.target, Target::Box(..));
        let mut numbers: HashMap<Cow<'static, str>, u32> = HashMap::new();
        numbers.insert(Cow::Borrowed(""), 0);
        if is_box {
            // An unticked box and one that was never there are the same.
            numbers.insert(Cow::Borrowed("0"), 0);
        }
        let mut number = |text: Cow<'static, str>| {
            let next = numbers.len() as u32;
            *numbers.entry(text).or_insert(next)
        };
        let mut codes_of_stored = vec![0];
        codes_of_stored.extend(
            stored.rows.distinct(at).map(|text| number(Cow::Owned(without_returns(text).into_owned()))),
        );
        let mut file = vec![0];
        file.extend(verdicts.iter().map(|v| number(Cow::Owned(without_returns(&v.stored).into_owned()))));
        Some(Self { file, stored: codes_of_stored, codes: stored.rows.codes(at), is_box })
    }

    fn stored(&self, row: Option<u32>) -> u32 {
        row.and_then(|r| self.codes.get(r as usize))
            .and_then(|code| self.stored.get(*code as usize))
            .copied()
            .unwrap_or(0)
    }
}

/// Line ends are not compared (`redcap-permissions.md` §7.6).
pub(super) fn without_returns(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) }
}

/// Compares all cells.
pub(super) fn compare(
    view: &View<'_>,
    columns: &[FileColumn],
    verdicts: &[Vec<Verdict>],
    places: &mut Places<'_>,
    stored: Option<&Stored>,
    overwrite: bool,
    findings: &mut Findings,
) -> Compared {
    let id = stored.and_then(|s| s.rows.column(places.id_field()));
    let index = match (stored, id) {
        (Some(stored), Some(id)) => StoredIndex::new(stored, places, id),
        _ => StoredIndex::default(),
    };
    let mut against: Vec<Option<Against>> = Vec::with_capacity(columns.len());
    for (at, (column, list)) in columns.iter().zip(verdicts).enumerate() {
        let found = stored.filter(|_| column.is_value()).and_then(|s| Against::new(column, list, s));
        if found.is_none() && column.is_value() && stored.is_some_and(|s| s.rows.n_rows() > 0) {
            let what = format!(
                "The server did not send {} (export rights): its stored values cannot be compared.",
                column.name
            );
            findings.once(None, Some(at), Rule::NotChecked, what, None);
        }
        against.push(found);
    }
    let nothing_stored = stored.is_some_and(|s| s.rows.n_rows() == 0);
    let n_rows = view.n_rows();
    let mut cells = Vec::with_capacity(n_rows * columns.len());
    let mut rows = Vec::with_capacity(n_rows);
    let codes: Vec<&[u32]> = (0..columns.len()).map(|c| view.codes(c)).collect();
    let mut misfits: HashMap<(Option<u32>, Option<u32>, usize), u32> = HashMap::new();
    let mut unseen: HashMap<usize, u32> = HashMap::new();
    let mut fits: Vec<Fit> = Vec::new();
    let mut fits_of = None;
    for row in 0..n_rows {
        let place = places.rows.get(row).copied().flatten();
        let stored_row = place.as_ref().and_then(|p| index.find(p));
        if let Some(place) = &place
            && fits_of != Some((place.event, place.instrument))
        {
            fits = places.fits(place, columns).to_vec();
            fits_of = Some((place.event, place.instrument));
        }
        for (at, column) in columns.iter().enumerate() {
            let code = codes.get(at).and_then(|c| c.get(row)).copied().unwrap_or(0);
            if !column.is_value() {
                let ignored = code > 0 && matches!(column.target, Target::Ignored | Target::Unknown);
                let cell = match (ignored, &column.target) {
                    (true, Target::Unknown) => Cell::Refused,
                    (true, _) => Cell::Ignored,
                    (false, _) => Cell::Nothing,
                };
                cells.push(cell);
                continue;
            }
            if view.file.is_absent(row, at) {
                cells.push(Cell::Nothing);
                continue;
            }
            let verdict = (code as usize)
                .checked_sub(1)
                .and_then(|i| verdicts.get(at)?.get(i))
                .filter(|v| !v.stored.is_empty() || v.is_bad || !v.found.is_empty());
            if let Some(verdict) = verdict {
                for (rule, why) in &verdict.found {
                    findings.add(Some(row), Some(at), *rule, *why);
                }
            }
            let fit = fits.get(at).copied().unwrap_or(Fit::Yes);
            let cell = match (&place, verdict) {
                (None, None) => Cell::Nothing,
                (None, Some(_)) => Cell::Refused,
                (Some(_), None) if fit != Fit::Yes => Cell::Nothing,
                (Some(place), Some(_)) if fit != Fit::Yes => {
                    if let Fit::No(rule) = fit {
                        let why = *misfits
                            .entry((place.event, place.instrument, at))
                            .or_insert_with(|| findings.why(places.misfit(place, column, rule), None));
                        findings.add(Some(row), Some(at), rule, why);
                    }
                    Cell::Refused
                }
                (Some(_), Some(verdict)) if verdict.is_bad => Cell::Refused,
                (Some(_), verdict) => match against.get(at).and_then(Option::as_ref) {
                    Some(against) => {
                        let old = against.stored(stored_row);
                        let new = against.file.get(code as usize).copied().unwrap_or(0);
                        match (verdict.is_some(), old, new) {
                            (true, old, new) if old == new => Cell::Same,
                            (true, 0, _) if !against.is_box || stored_row.is_none() => Cell::New,
                            (true, _, _) => Cell::Changed,
                            (false, 0, _) => Cell::Blank,
                            (false, _, _) if overwrite => Cell::Erased,
                            (false, _, _) => Cell::Kept,
                        }
                    }
                    None if nothing_stored && verdict.is_some() => Cell::New,
                    None if verdict.is_some() => Cell::Filled,
                    None if overwrite && stored_row.is_some() => {
                        let why = *unseen.entry(at).or_insert_with(|| {
                            findings
                                .why(format!("{} is blank; its stored value is hidden.", column.name), None)
                        });
                        findings.add(Some(row), Some(at), Rule::UnseenErasure, why);
                        Cell::Refused
                    }
                    None => Cell::Blank,
                },
            };
            cells.push(cell);
        }
        rows.push(Row { place, stored: stored_row, is_sent: false });
    }
    let here: std::collections::HashSet<u32> = index.visits.iter().map(|(record, _)| *record).collect();
    let is_new = places.records.iter().zip(0..).map(|(name, at)| {
        let stored = stored?;
        let is_here = here.contains(&at);
        let is_listed = stored.ids.as_ref().is_some_and(|ids| ids.contains(name));
        Some(!is_here && !is_listed)
    });
    let is_new = is_new.collect();
    Compared { rows, cells, is_new, index }
}
