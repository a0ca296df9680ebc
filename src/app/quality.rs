//! Data quality: the rules with their counts, and the findings of one of them.

use super::cursor::Cursor;
use super::open::Open;
use crate::domain::columns::Column;
use crate::domain::dictionary::Field;
use crate::domain::filter::Kind;
use crate::domain::logic::Project;
use crate::domain::project::Metadata;
use crate::domain::quality::{Checks, CustomRule, Exclusion, Exclusions, Finding, Rule, RuleReport};
use crate::domain::table::TableBuilder;
use crate::domain::values::{MASK, Values};
use crate::jobs::Problem;
use crate::jobs::types::{Place, QualityDone, Sheet};

/// How the last run stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum QualityLoad {
    /// The rules were not run yet.
    #[default]
    Never,
    /// They run.
    Running,
    /// They were run at that time.
    Done(jiff::Timestamp),
    /// They were stopped; the result before is shown.
    Stopped,
    /// They could not be run.
    Failed(Problem),
}

/// The data quality view.
#[derive(Debug, Clone, Default)]
pub struct QualityView {
    /// It is shown in place of the record table.
    pub shown: bool,
    /// How the last run stands.
    pub load: QualityLoad,
    /// What it gave.
    pub done: QualityDone,
    /// Findings that do not count.
    pub excluded: Exclusions,
    /// Rules of one's own, as they were typed.
    pub own: Vec<String>,
    /// The cursor in the rules.
    pub rule: Cursor,
    /// The findings of the chosen rule are shown.
    pub opened: bool,
    /// The cursor in the findings.
    pub finding: Cursor,
    /// Excluded findings are listed too.
    pub with_excluded: bool,
    /// Which findings are excluded, a list a rule; empty where none can be.
    marks: Vec<Vec<bool>>,
    /// What was left out of the last run, and why.
    pub(super) missing: Option<Problem>,
}

impl QualityView {
    /// What to run: REDCap's rules, and one's own that still fit the project.
    pub fn checks(&self, metadata: &Metadata) -> Checks {
        let mut checks = Checks::all(!metadata.info.missing_data_codes.is_empty());
        let project = Project::new(metadata);
        let own = self.own.iter().filter_map(|text| CustomRule::read("", text, &project).ok());
        checks.rules.extend(own.map(Rule::Custom));
        checks
    }

    /// Takes the result of a run in.
    pub fn take(&mut self, done: QualityDone, now: jiff::Timestamp) {
        self.load = QualityLoad::Done(now);
        if let Some(excluded) = &done.excluded {
            self.excluded.clone_from(excluded);
        }
        self.done = done;
        self.refresh();
    }

    /// The rule under the cursor.
    pub fn chosen_rule(&self) -> Option<&RuleReport> {
        self.done.report.rules.get(self.rule.at)
    }

    /// Whether a finding is excluded, by the place of its rule and its own.
    pub fn is_excluded(&self, rule: usize, finding: usize) -> bool {
        self.marks.get(rule).and_then(|marks| marks.get(finding)) == Some(&true)
    }

    /// How many findings of a rule are excluded.
    pub fn n_excluded(&self, rule: usize) -> usize {
        self.marks.get(rule).map_or(0, |marks| marks.iter().filter(|m| **m).count())
    }

    /// The findings of the chosen rule that are listed, with their places.
    pub fn listed(&self) -> Vec<(usize, &Finding)> {
        let Some(rule) = self.chosen_rule() else { return Vec::new() };
        let shown = |(at, _): &(usize, &Finding)| self.with_excluded || !self.is_excluded(self.rule.at, *at);
        rule.findings.iter().enumerate().filter(shown).collect()
    }

    /// The finding under the cursor.
    pub fn chosen(&self) -> Option<&Finding> {
        if self.opened { self.listed().get(self.finding.at).map(|(_, finding)| *finding) } else { None }
    }

    /// The exclusion of the finding under the cursor, and whether it is excluded now.
    pub fn chosen_exclusion(&self) -> Option<(Exclusion, bool)> {
        let rule = self.chosen_rule()?;
        let (at, finding) = *self.listed().get(self.finding.at)?;
        Some((Exclusion::of(&rule.rule, finding), self.is_excluded(self.rule.at, at)))
    }

    /// Takes the rule under the cursor out of the list, if it is one's own.
    pub fn remove_rule(&mut self) {
        let Some(Rule::Custom(rule)) = self.chosen_rule().map(|r| &r.rule) else { return };
        let text = rule.logic.text().to_owned();
        self.own.retain(|own| *own != text);
        self.done.report.rules.remove(self.rule.at);
        self.refresh();
    }

    /// Works out which findings are excluded, once for every drawing that asks.
    pub fn refresh(&mut self) {
        let excluded = &self.excluded;
        let marked = |rule: &RuleReport| -> Vec<bool> {
            if excluded.is_empty() {
                return Vec::new();
            }
            rule.findings.iter().map(|f| excluded.contains(&Exclusion::of(&rule.rule, f))).collect()
        };
        self.marks = self.done.report.rules.iter().map(marked).collect();
        self.clamp();
    }

    /// Keeps the cursors on rows that are there.
    pub fn clamp(&mut self) {
        self.rule.at = self.rule.at.min(self.done.report.rules.len().saturating_sub(1));
        let listed = self.listed().len();
        self.finding.at = self.finding.at.min(listed.saturating_sub(1));
    }
}

/// What went wrong with the last run, or what was left out of it.
pub fn problem(quality: &QualityView) -> Option<&Problem> {
    match &quality.load {
        QualityLoad::Failed(problem) => Some(problem),
        QualityLoad::Done(_) => quality.missing.as_ref(),
        _ => None,
    }
}

/// The value of a finding as it is shown: with its label, and masked where it is personal.
pub fn value_of(open: &Open, finding: &Finding) -> String {
    let field = open.metadata.dictionary.field(&finding.field);
    let masked = open.masked && field.is_some_and(|f| f.identifier);
    match field {
        _ if finding.value.is_empty() => String::new(),
        _ if masked => MASK.to_owned(),
        Some(field) if open.values != Values::Codes => labelled(field, finding, open),
        _ => finding.value.clone(),
    }
}

fn labelled(field: &Field, finding: &Finding, open: &Open) -> String {
    let shown = crate::domain::values::Shown::field(field);
    // The ticked codes of a checkbox are a text here, not a cell a choice.
    if field.field_type.as_str() == "checkbox" {
        return finding.value.clone();
    }
    shown.text(&[&finding.value], open.values, &open.metadata.info)
}

/// What else there is to say of a finding; what comes from personal data is left out while masked.
pub fn note_of(open: &Open, finding: &Finding) -> String {
    let identifier = open.metadata.dictionary.field(&finding.field).is_some_and(|f| f.identifier);
    let mut note = finding.note.words(open.masked && identifier, open.masked);
    if finding.depends_on_blanks {
        note.push_str(if note.is_empty() { "" } else { "; " });
        note.push_str("depends on blank handling");
    }
    note
}

/// The record's name as it is shown.
pub fn record_of(open: &Open, finding: &Finding) -> String {
    let identifier = open.metadata.dictionary.record_id_field().is_some_and(|f| f.identifier);
    if open.masked && identifier { MASK.to_owned() } else { finding.place.record.clone() }
}

/// Event, repeating instrument and instance of a finding in words.
pub fn place_of(open: &Open, finding: &Finding) -> String {
    let place = &finding.place;
    let mut words = Vec::new();
    if !place.event.is_empty() {
        words.push(open.metadata.event_label(&place.event));
    }
    if !place.instrument.is_empty() {
        words.push(crate::domain::text::without_html(open.metadata.instrument_label(&place.instrument)));
    }
    if let Some(instance) = place.instance {
        words.push(format!("#{instance}"));
    }
    words.join("  ")
}

/// The findings that are listed, or of all rules, as rows of a file. `identifiers` writes the
/// values of identifier fields too.
pub fn sheet(open: &Open, identifiers: bool) -> Sheet {
    let view = &open.quality;
    let id = open.metadata.dictionary.record_id_field().map_or("record_id", |f| f.name.as_str());
    let header = [
        "rule",
        "rule_name",
        id,
        "redcap_event_name",
        "redcap_repeat_instrument",
        "redcap_repeat_instance",
        "field",
        "value",
        "note",
        "excluded",
    ];
    let mut table = TableBuilder::new(header);
    let only = view.opened.then_some(view.rule.at);
    for (at, rule) in view.done.report.rules.iter().enumerate() {
        if only.is_some_and(|only| only != at) {
            continue;
        }
        for (number, finding) in rule.findings.iter().enumerate() {
            let excluded = view.is_excluded(at, number);
            if excluded && !view.with_excluded {
                continue;
            }
            let place = &finding.place;
            let identifier = open.metadata.dictionary.field(&finding.field).is_some_and(|f| f.identifier);
            let hide = identifier && !identifiers;
            let value = if hide { String::new() } else { finding.value.clone() };
            let mut note = finding.note.words(hide, !identifiers);
            if finding.depends_on_blanks {
                note.push_str(if note.is_empty() { "" } else { "; " });
                note.push_str("depends on blank handling");
            }
            let instance = place.instance.map(|n| n.to_string()).unwrap_or_default();
            table.push_row([
                rule.rule.word(),
                rule.rule.title(),
                &place.record,
                &place.event,
                &place.instrument,
                &instance,
                &finding.field,
                &value,
                &note,
                if excluded { "1" } else { "0" },
            ]);
        }
    }
    let table = table.finish();
    let columns = header.iter().enumerate().map(|(at, name)| Column::plain(name, at, Kind::Text)).collect();
    let rows = (0..table.n_rows()).collect();
    Sheet {
        table,
        columns,
        rows,
        values: Values::Codes,
        metadata: Metadata::default(),
        project: Place::of(&open.project),
    }
}
