//! The details of a log line: `field = 'value'` pieces, so that values can be masked.

use crate::domain::dictionary::Dictionary;

/// A piece of a log line's details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A value that was saved. The name is the field's, with the choice of a checkbox.
    Value {
        /// The field, as the line names it: `weight`, `race(2)`.
        name: String,
        /// The value, without its quotation marks; `checked` or `unchecked` for a checkbox.
        value: String,
        /// It must be masked in privacy mode: the field is marked as an identifier, or the
        /// dictionary does not know it.
        personal: bool,
    },
    /// Anything else.
    Text(String),
}

/// Takes the details of a line about a record apart.
///
/// REDCap does not escape quotation marks in values (`O'Brien`). So a value ends where the next
/// assignment to a known field or the instance mark begins, or at the end.
pub fn pieces(details: &str, dictionary: &Dictionary) -> Vec<Piece> {
    let starts = starts(details);
    let mut pieces = Vec::new();
    let first = starts.first().map_or(details.len(), |s| s.at);
    push_text(&mut pieces, details.get(..first).unwrap_or_default());
    for (i, start) in starts.iter().enumerate() {
        let end = starts.get(i + 1).map_or(details.len(), |next| next.at);
        let text = details.get(start.value..end).unwrap_or_default();
        let text = text.trim_end().trim_end_matches(',').trim_end();
        let value = if start.quoted { text.strip_suffix('\'').unwrap_or(text) } else { text };
        let name = details.get(start.at..start.name_end).unwrap_or_default();
        let field = name.split('(').next().unwrap_or_default();
        // A field that is gone from the dictionary may have been an identifier.
        let personal = dictionary.field(field).is_none_or(|f| f.identifier);
        // A form status is no field of the dictionary and names nobody.
        let status = field.strip_suffix("_complete").is_some_and(|form| {
            dictionary.field(field).is_none() && dictionary.fields_of(form).next().is_some()
        });
        pieces.push(Piece::Value {
            name: name.to_owned(),
            value: value.to_owned(),
            personal: personal && !status,
        });
    }
    pieces
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    let text = text.trim().trim_end_matches(',').trim();
    if !text.is_empty() {
        pieces.push(Piece::Text(text.to_owned()));
    }
}

/// Where an assignment begins, where its name ends, and where its value begins.
struct Start {
    at: usize,
    name_end: usize,
    value: usize,
    quoted: bool,
}

fn starts(details: &str) -> Vec<Start> {
    let mut starts = Vec::new();
    let mut from = 0;
    while let Some(found) = details.get(from..).and_then(|rest| rest.find(" = ")) {
        let equals = from + found;
        from = equals + 3;
        let Some(at) = name_before(details, equals) else { continue };
        let rest = details.get(from..).unwrap_or_default();
        let quoted = rest.starts_with('\'');
        let ticked = rest.starts_with("checked") || rest.starts_with("unchecked");
        if !quoted && !ticked {
            continue;
        }
        starts.push(Start { at, name_end: equals, value: from + usize::from(quoted), quoted });
    }
    starts
}

/// Where the field name before an equals sign begins: at the start of the details, or after the
/// end of the assignment before.
fn name_before(details: &str, equals: usize) -> Option<usize> {
    let before = details.get(..equals)?;
    let at = before.rfind([',', '\n', ' ']).map_or(0, |i| i + 1);
    let name = before.get(at..)?;
    let (field, choice) = match name.split_once('(') {
        Some((field, choice)) => (field, Some(choice)),
        None => (name, None),
    };
    let is_name = !field.is_empty()
        && field.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && choice.is_none_or(|c| c.ends_with(')'));
    let lead = before.get(..at)?.trim_end();
    (is_name && (lead.is_empty() || lead.ends_with(',') || lead.ends_with('\''))).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dictionary::Field;
    use proptest::prelude::*;

    fn dictionary() -> Dictionary {
        let mut fields: Vec<Field> =
            ["study_id", "last_name", "mrn", "weight", "race"].map(|n| Field::new(n, "base")).to_vec();
        fields[1].identifier = true;
        fields[2].identifier = true;
        Dictionary::new(fields)
    }

    fn value(name: &str, value: &str, personal: bool) -> Piece {
        Piece::Value { name: name.into(), value: value.into(), personal }
    }

    #[test]
    fn values_are_told_from_their_fields_whatever_is_in_them() {
        let dictionary = dictionary();
        for (details, expected) in [
            ("weight = '81'", vec![value("weight", "81", false)]),
            (
                "last_name = 'O'Brien', mrn = '0000777', study_id = '003'",
                vec![
                    value("last_name", "O'Brien", true),
                    value("mrn", "0000777", true),
                    value("study_id", "003", false),
                ],
            ),
            (
                "[instance = 2], weight = '71.9',\nrace(2) = checked,\nrace(3) = unchecked",
                vec![
                    Piece::Text("[instance = 2]".into()),
                    value("weight", "71.9", false),
                    value("race(2)", "checked", false),
                    value("race(3)", "unchecked", false),
                ],
            ),
            ("gone_field = 'secret'", vec![value("gone_field", "secret", true)]),
            ("base_complete = '2'", vec![value("base_complete", "2", false)]),
            (
                "Action: Lock instrument\nForm: Base",
                vec![Piece::Text("Action: Lock instrument\nForm: Base".into())],
            ),
            ("", vec![]),
        ] {
            assert_eq!(pieces(details, &dictionary), expected, "{details}");
        }
    }

    proptest! {
        /// Whatever a name has in it, its value is one piece that is masked, and the rest is told.
        #[test]
        fn an_identifier_never_spills_into_what_is_shown(name in "[A-Za-z' ,-]{0,12}") {
            let details = format!("weight = '80', last_name = '{name}', study_id = '1'");
            let told = pieces(&details, &dictionary());
            prop_assert_eq!(told.len(), 3);
            prop_assert_eq!(&told[0], &value("weight", "80", false));
            let masked = matches!(&told[1], Piece::Value { personal: true, .. });
            prop_assert!(masked, "{:?}", told[1]);
            prop_assert_eq!(&told[2], &value("study_id", "1", false));
        }
    }
}
