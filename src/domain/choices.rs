//! Choice lists such as `1, Female | 2, Male`, and the names of checkbox columns.

use super::text::{one_line, without_html};
use serde::{Deserialize, Serialize};

/// One choice of a radio button, drop-down or checkbox field, or one missing data code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The stored code, such as `1` or `UNK`. Case matters.
    pub code: String,
    /// The words people see. May hold HTML.
    pub label: String,
}

impl Choice {
    /// A choice from its two parts.
    pub fn new(code: impl Into<String>, label: impl Into<String>) -> Self {
        Self { code: code.into(), label: label.into() }
    }

    /// Code and label, each once: `2 Female`. A label that begins with a number stands in quotes,
    /// so that it is not taken for the code (`2 = "1"`), unless the number is the code (`1 - Mild`).
    pub fn whole(&self) -> String {
        let (code, label) = (&self.code, one_line(&without_html(&self.label)));
        let digit = |c: char| c.is_ascii_digit();
        let has_code = label.strip_prefix(code.as_str()).is_some_and(|rest| {
            let after = rest.trim_start().strip_prefix(['-', '–', '=', ':', ')', '.']);
            // `1.5 mg` and `1-2 per day` are numbers of their own.
            rest.is_empty() && !label.starts_with(digit)
                || after.is_some_and(|words| !words.trim_start().starts_with(digit))
        });
        if label.is_empty() {
            code.clone()
        } else if has_code {
            label
        } else if label.trim_start_matches(['-', '+']).starts_with(digit) {
            format!("{code} = \"{label}\"")
        } else {
            format!("{code} {label}")
        }
    }
}

/// Reads a choice string: parts between `|`, each split at its first comma, both sides trimmed.
///
/// Blanks around `|` and after the comma may be missing (`3,Asian|4,Other`).
/// A list without any comma is numbered from 1, as REDCap does on import
/// (reference `redcap-api.md` §6.4). Once one part has a comma, a part without one is
/// a code that is its own label, as fields with an external ontology show it.
pub fn parse_choices(text: &str) -> Vec<Choice> {
    let parts: Vec<&str> = text.split('|').map(str::trim).filter(|p| !p.is_empty()).collect();
    let coded = parts.iter().any(|p| p.contains(','));
    parts
        .iter()
        .enumerate()
        .map(|(i, part)| match part.split_once(',') {
            Some((code, label)) => Choice::new(code.trim(), label.trim()),
            None if coded => Choice::new(*part, *part),
            None => Choice::new((i + 1).to_string(), *part),
        })
        .collect()
}

/// The export column of one checkbox choice: `race` and `-99` give `race____99`.
///
/// The code is lower-cased and every character outside `[a-z0-9]` becomes `_`
/// (reference `redcap-api.md` §4.6). Two codes may collide; REDCap has the same trap.
pub fn checkbox_column(field: &str, code: &str) -> String {
    let mut column = String::with_capacity(field.len() + 3 + code.len());
    column.push_str(field);
    column.push_str("___");
    for c in code.chars() {
        let c = c.to_ascii_lowercase();
        column.push(if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '_' });
    }
    column
}

/// Whether the cell of a checkbox choice says that it is ticked, in codes or in labels.
pub fn is_ticked(cell: &str) -> bool {
    cell == "1" || cell.eq_ignore_ascii_case("checked")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_label_are_each_told_once_and_never_mixed_up() {
        for (code, label, whole) in [
            ("2", "Female", "2 Female"),
            ("1", "1 - Mild", "1 - Mild"),
            ("1", "1 = Mild", "1 = Mild"),
            ("2", "1", "2 = \"1\""),
            ("1", "1", "1 = \"1\""),
            ("1", "0 per day", "1 = \"0 per day\""),
            ("1", "1st visit", "1 = \"1st visit\""),
            ("1", "1.5 mg", "1 = \"1.5 mg\""),
            ("1", "1-2 per day", "1 = \"1-2 per day\""),
            ("0", "-1", "0 = \"-1\""),
            ("Asthma", "Asthma", "Asthma"),
            ("3", "", "3"),
            ("3", "<b>More</b>", "3 More"),
        ] {
            assert_eq!(Choice::new(code, label).whole(), whole, "{code}, {label}");
        }
    }

    fn check(text: &str, expected: &[(&str, &str)]) {
        let found: Vec<(String, String)> =
            parse_choices(text).into_iter().map(|c| (c.code, c.label)).collect();
        let expected: Vec<(String, String)> =
            expected.iter().map(|(c, l)| ((*c).to_owned(), (*l).to_owned())).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn choice_strings_are_read_as_redcap_writes_them() {
        check("", &[]);
        check("1, Female | 2, Male", &[("1", "Female"), ("2", "Male")]);
        check("3,Asian|4,Other", &[("3", "Asian"), ("4", "Other")]);
        check("1, Yes, with help | 0, No", &[("1", "Yes, with help"), ("0", "No")]);
        check("Red | Green", &[("1", "Red"), ("2", "Green")]);
        check("A1, One | BARE", &[("A1", "One"), ("BARE", "BARE")]);
        check("1, | 2, Two", &[("1", ""), ("2", "Two")]);
        check(" | 1, One | ", &[("1", "One")]);
    }

    #[test]
    fn checkbox_columns_follow_the_attested_examples() {
        for (field, code, column) in [
            ("race", "1", "race___1"),
            ("race", "-99", "race____99"),
            ("race", "A1", "race___a1"),
            ("race", "k>=9", "race___k__9"),
            ("race", "a___b", "race___a___b"),
        ] {
            assert_eq!(checkbox_column(field, code), column);
        }
    }
}
