//! How a stored value is shown: label, code or both; masked when it is personal data.

use crate::domain::choices::{Choice, is_ticked};
use crate::domain::dictionary::{Field, FieldType, status_label};
use crate::domain::project::ProjectInfo;
use crate::domain::text::one_line;

/// Labels, codes, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Values {
    /// The words people see.
    #[default]
    Labels,
    /// The codes that are stored.
    Codes,
    /// Both.
    Both,
}

impl Values {
    /// The next of the three.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Labels => Self::Codes,
            Self::Codes => Self::Both,
            Self::Both => Self::Labels,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Labels => "labels",
            Self::Codes => "codes",
            Self::Both => "labels and codes",
        }
    }
}

/// What stands in place of a masked value. Its width never tells anything.
pub const MASK: &str = "••••••";

/// A field with its choices read once, for showing many values of it.
#[derive(Debug, Clone)]
pub struct Shown {
    choices: Vec<Choice>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Choice,
    Checkbox,
    Status,
}

impl Shown {
    /// For a dictionary field.
    pub fn field(field: &Field) -> Self {
        let choices = field.choices();
        let kind = match field.field_type {
            FieldType::Checkbox => Kind::Checkbox,
            _ if choices.is_empty() => Kind::Plain,
            _ => Kind::Choice,
        };
        Self { choices, kind }
    }

    /// For an instrument's form status.
    pub fn status() -> Self {
        Self { choices: Vec::new(), kind: Kind::Status }
    }

    /// For text without choices.
    pub fn plain() -> Self {
        Self { choices: Vec::new(), kind: Kind::Plain }
    }

    /// The text for stored cells: one, or one a choice of a checkbox field. Blank gives `""`.
    pub fn text(&self, cells: &[&str], values: Values, info: &ProjectInfo) -> String {
        let raw = cells.first().copied().unwrap_or("");
        let text = match self.kind {
            Kind::Checkbox => return self.ticked(cells, values),
            _ if raw.is_empty() => return String::new(),
            Kind::Status => status_label(raw).map(|label| both(raw, label, values)),
            Kind::Choice => self.choices.iter().find(|c| c.code == raw).map(|c| both(raw, &c.label, values)),
            Kind::Plain => None,
        };
        let text = text.or_else(|| info.missing_label(raw).map(|label| format!("{label} ({raw})")));
        one_line(&text.unwrap_or_else(|| raw.to_owned()))
    }

    /// Nothing has a label but the missing data codes of the project.
    pub fn is_plain(&self) -> bool {
        self.kind == Kind::Plain
    }

    /// The text of each choice of a checkbox field when it is ticked.
    pub fn choice_texts(&self, values: Values) -> Option<Vec<String>> {
        let text = |c: &Choice| one_line(&both(&c.code, &c.label, values));
        (self.kind == Kind::Checkbox).then(|| self.choices.iter().map(text).collect())
    }

    fn ticked(&self, cells: &[&str], values: Values) -> String {
        let ticked: Vec<String> = self
            .choices
            .iter()
            .zip(cells)
            .filter(|(_, cell)| is_ticked(cell))
            .map(|(choice, _)| both(&choice.code, &choice.label, values))
            .collect();
        one_line(&ticked.join("; "))
    }
}

/// A choice as it is to be shown.
fn both(code: &str, label: &str, values: Values) -> String {
    match values {
        Values::Labels => crate::domain::text::without_html(label),
        Values::Codes => code.to_owned(),
        Values::Both => Choice::new(code, label).whole(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: FieldType, choices: &str) -> Field {
        let mut field = Field::new("f", "form");
        field.field_type = kind;
        field.choices_or_calculations = choices.into();
        field
    }

    #[test]
    fn one_key_cycles_label_code_both() {
        let sex = Shown::field(&field(FieldType::Radio, "1, Male | 2, Female"));
        let smoker = Shown::field(&field(FieldType::Radio, "1, 0 per day | 2, 1"));
        let info = ProjectInfo::default();
        let show = |shown: &Shown, code: &str| {
            [Values::Labels, Values::Codes, Values::Both].map(|v| shown.text(&[code], v, &info))
        };
        assert_eq!(show(&sex, "2"), ["Female", "2", "2 Female"]);
        assert_eq!(show(&smoker, "2"), ["1", "2", "2 = \"1\""]);
        assert_eq!(show(&sex, "9"), ["9", "9", "9"]);
    }

    #[test]
    fn ticked_checkboxes_stand_in_one_line() {
        let race = Shown::field(&field(FieldType::Checkbox, "0, None | 1, White | 2, Black"));
        assert_eq!(race.text(&["1", "0", "1"], Values::Labels, &ProjectInfo::default()), "None; Black");
        assert_eq!(race.text(&["", "", ""], Values::Labels, &ProjectInfo::default()), "");
    }

    #[test]
    fn a_missing_data_code_is_a_word_not_a_blank() {
        let info =
            ProjectInfo { missing_data_codes: vec![Choice::new("UNK", "Unknown")], ..ProjectInfo::default() };
        assert_eq!(Shown::plain().text(&["UNK"], Values::Labels, &info), "Unknown (UNK)");
    }
}
