//! The rules, and which of them are to be run.

use crate::domain::logic::{Logic, LogicError, Project, parse};

/// How many findings of a rule are kept; all are counted. REDCap's own list ends there too
/// (`redcap-validation.md` §11).
pub const FINDINGS_KEPT: usize = 15_000;

/// One of REDCap's own rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "`Letter::title` says in REDCap's words what each one is")]
pub enum Letter {
    A,
    B,
    C,
    D,
    E,
    F,
    G,
    H,
    I,
}

impl Letter {
    /// All of them in order.
    pub const ALL: [Self; 9] =
        [Self::A, Self::B, Self::C, Self::D, Self::E, Self::F, Self::G, Self::H, Self::I];

    /// The letter as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::E => "E",
            Self::F => "F",
            Self::G => "G",
            Self::H => "H",
            Self::I => "I",
        }
    }

    /// The rule of a letter; capitals do not matter.
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.as_str().eq_ignore_ascii_case(text.trim()))
    }

    /// The name of the rule on REDCap's Data Quality page.
    pub fn title(self) -> &'static str {
        match self {
            Self::A => "Blank values",
            Self::B => "Blank values (required fields only)",
            Self::C => "Field validation errors (incorrect data type)",
            Self::D => "Field validation errors (out of range)",
            Self::E => "Outliers for numerical fields",
            Self::F => "Hidden fields that contain values",
            Self::G => "Multiple choice fields with invalid values",
            Self::H => "Incorrect values for calculated fields",
            Self::I => "Fields containing missing data codes",
        }
    }

    /// What counts, in a sentence or two.
    pub fn about(self) -> &'static str {
        match self {
            Self::A => {
                "Fields without a value, where the event or instance holds any data. Fields hidden by branching logic, calculations and form status do not count; a missing data code is no blank."
            }
            Self::B => "As rule A, for required fields only.",
            Self::C => {
                "Text that does not fit the field's validation type. A missing data code is no error, and types that only this server has are not checked."
            }
            Self::D => {
                "Values below the minimum or above the maximum. The limits themselves are allowed. A limit taken from another field counts only if that field has one."
            }
            Self::E => {
                "Values more than two standard deviations from the mean of the field over all records, events and instances: integer and number fields, sliders and calculations."
            }
            Self::F => {
                "Fields that branching logic hides and that hold a value all the same. Boxes not ticked and missing data codes do not count."
            }
            Self::G => {
                "Stored codes that are not among the choices. Fields of type sql cannot be checked: their choices are not in the API."
            }
            Self::H => {
                "Calculated fields, @CALCTEXT and @CALCDATE whose stored value differs from a fresh calculation. Rounding noise does not count."
            }
            Self::I => "Values that are one of the project's missing data codes.",
        }
    }
}

/// A rule of one's own: a record, event or instance where the logic is true is a discrepancy.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomRule {
    /// Its name; the logic itself if none was given.
    pub name: String,
    /// The logic.
    pub logic: Logic,
}

impl CustomRule {
    /// Reads a rule and compares it with the project. REDCap does not check the logic of uploaded
    /// rules; a typing error there finds nothing for ever.
    pub fn read(name: &str, logic: &str, project: &Project<'_>) -> Result<Self, LogicError> {
        let parsed = parse(logic)?;
        parsed.check(project)?;
        let name = if name.trim().is_empty() { logic.trim() } else { name.trim() };
        Ok(Self { name: name.to_owned(), logic: parsed })
    }
}

/// A rule that can be run.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// One of REDCap's own.
    Standard(Letter),
    /// One written in logic.
    Custom(CustomRule),
}

impl Rule {
    /// The name under which exclusions are kept: the letter, or a number made of the logic. The
    /// logic itself may hold values and is not kept.
    pub fn key(&self) -> String {
        match self {
            Self::Standard(letter) => letter.as_str().to_owned(),
            Self::Custom(rule) => format!("logic-{:016x}", fnv1a(rule.logic.text().trim())),
        }
    }

    /// The letter, or `+` for a rule of one's own.
    pub fn sign(&self) -> &'static str {
        match self {
            Self::Standard(letter) => letter.as_str(),
            Self::Custom(_) => "+",
        }
    }

    /// The letter, or `custom`, for files and programs: a `+` looks like a formula there.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Standard(letter) => letter.as_str(),
            Self::Custom(_) => "custom",
        }
    }

    /// The name for people.
    pub fn title(&self) -> &str {
        match self {
            Self::Standard(letter) => letter.title(),
            Self::Custom(rule) => &rule.name,
        }
    }
}

/// A number for a text that is the same on every computer and in every version.
fn fnv1a(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Which rules are run, and over which fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Checks {
    /// The rules in the order in which they are reported.
    pub rules: Vec<Rule>,
    /// The instruments whose fields are checked; empty means all. Rules written in logic are
    /// not bound to instruments.
    pub forms: Vec<String>,
    /// How many findings of a rule are kept.
    pub kept: usize,
}

impl Checks {
    /// These rules over all instruments.
    pub fn new(rules: Vec<Rule>) -> Self {
        Self { rules, forms: Vec::new(), kept: FINDINGS_KEPT }
    }

    /// All of REDCap's own rules. Rule I exists only where the project has missing data codes.
    pub fn all(has_missing_codes: bool) -> Self {
        let letters = Letter::ALL.into_iter().filter(|l| *l != Letter::I || has_missing_codes);
        Self::new(letters.map(Rule::Standard).collect())
    }

    /// Whether a rule is run.
    pub fn has(&self, letter: Letter) -> bool {
        self.rules.contains(&Rule::Standard(letter))
    }

    /// The logic of the custom rules.
    pub fn logic(&self) -> impl Iterator<Item = &Logic> {
        self.rules.iter().filter_map(|rule| match rule {
            Rule::Custom(rule) => Some(&rule.logic),
            Rule::Standard(_) => None,
        })
    }

    /// Whether the fields of an instrument are checked.
    pub fn includes(&self, form: &str) -> bool {
        self.forms.is_empty() || self.forms.iter().any(|f| f == form)
    }
}
