//! What a run finds.

use super::rule::Rule;
use crate::domain::record::RowKey;

/// One finding. It owns what it says, so that the data it came from can be let go.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Record, event, repeating instrument and instance.
    pub place: RowKey,
    /// The field; for a rule written in logic the first field of the logic, or empty.
    pub field: String,
    /// The stored value; empty for a blank, and for a rule written in logic.
    pub value: String,
    /// What else there is to say.
    pub note: Note,
    /// REDCap's way to treat blanks is not publicly known for sure, and here it decides
    /// (`redcap-logic.md` §6).
    pub depends_on_blanks: bool,
}

/// What makes a value a finding.
#[derive(Debug, Clone, PartialEq)]
pub enum Note {
    /// The rule says it all.
    None,
    /// The validation type that the value does not fit.
    NotOfType(String),
    /// The value is below this limit.
    Below(Limit),
    /// The value is above this limit.
    Above(Limit),
    /// The mean and the standard deviation of the field, and over how many values.
    Outlier {
        /// The mean.
        mean: f64,
        /// The sample standard deviation.
        deviation: f64,
        /// How many values there are.
        n: usize,
    },
    /// The choices that are allowed are others; for a checkbox the code that is ticked.
    NotAChoice(String),
    /// What a fresh calculation gives.
    Computed {
        /// The value; empty for a blank.
        value: String,
        /// It is made of fields that are marked as identifiers.
        personal: bool,
    },
    /// The label of the missing data code.
    Missing(String),
}

/// A limit of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// The limit as it stands in the dictionary, or the value of the field that gives it.
    pub text: String,
    /// It is the value of a field of the record.
    pub from_data: bool,
    /// That field is marked as an identifier.
    pub personal: bool,
}

impl Note {
    /// The note in words. `hide` leaves out what comes from the field's data, `hide_personal` what
    /// comes from other fields that are marked as identifiers.
    pub fn words(&self, hide: bool, hide_personal: bool) -> String {
        let limit = |limit: &Limit| {
            if limit.from_data && hide || limit.personal && hide_personal {
                "its limit".to_owned()
            } else {
                limit.text.clone()
            }
        };
        match self {
            Self::None => String::new(),
            Self::NotOfType(kind) => format!("is no {kind}"),
            Self::Below(bound) => format!("below {}", limit(bound)),
            Self::Above(bound) => format!("above {}", limit(bound)),
            Self::Outlier { .. } if hide => "more than 2 SD from the mean".to_owned(),
            Self::Outlier { mean, deviation, n } => {
                format!("mean {}, SD {}, n {n}", short(*mean), short(*deviation))
            }
            Self::NotAChoice(code) if code.is_empty() => "is not among the choices".to_owned(),
            Self::NotAChoice(_) if hide => "a ticked code is not among the choices".to_owned(),
            Self::NotAChoice(code) => format!("ticked code {code} is not among the choices"),
            Self::Computed { personal, .. } if hide || *personal && hide_personal => {
                "differs when calculated".to_owned()
            }
            Self::Computed { value, .. } if value.is_empty() => "calculated: blank".to_owned(),
            Self::Computed { value, .. } => format!("calculated: {value}"),
            Self::Missing(_) if hide => "a missing data code".to_owned(),
            Self::Missing(label) => label.clone(),
        }
    }
}

/// A number with as many digits as people read.
fn short(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What one rule found.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleReport {
    /// The rule.
    pub rule: Rule,
    /// How many findings there are, those that were not kept among them.
    pub found: usize,
    /// The findings in the order of the data, up to the limit of the run.
    pub findings: Vec<Finding>,
    /// What could not be checked, each once.
    pub remarks: Vec<String>,
}

impl RuleReport {
    pub(super) fn new(rule: Rule) -> Self {
        Self { rule, found: 0, findings: Vec::new(), remarks: Vec::new() }
    }

    pub(super) fn remark(&mut self, text: String) {
        // A remark for each of thousands of fields would bury the findings.
        const MOST: usize = 50;
        if self.remarks.len() < MOST && !self.remarks.contains(&text) {
            self.remarks.push(text);
        }
    }

    /// How many findings were counted and not kept.
    pub fn not_kept(&self) -> usize {
        self.found - self.findings.len()
    }
}

/// What a whole run found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// The rules in the order asked for.
    pub rules: Vec<RuleReport>,
    /// How many records were looked at.
    pub records: usize,
    /// How many rows: records, events and instances.
    pub rows: usize,
}

impl Report {
    /// How many findings there are in all.
    pub fn found(&self) -> usize {
        self.rules.iter().map(|r| r.found).sum()
    }
}
