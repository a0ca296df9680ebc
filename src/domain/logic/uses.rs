//! Where each field is used by the logic of others.

use super::parse;
use super::tags;
use crate::domain::dictionary::{Dictionary, Field, FieldType};
use std::collections::HashMap;

/// One use of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The field whose logic refers to it.
    pub field: String,
    /// Which logic of that field, in REDCap's words.
    pub place: &'static str,
}

/// The uses of each field that has any, by its name, in dictionary order.
pub type Uses = HashMap<String, Vec<Use>>;

/// Finds all uses. A form status is found under its own name. What cannot be read uses nothing.
pub fn uses(dictionary: &Dictionary) -> Uses {
    let mut uses = Uses::new();
    for field in dictionary.fields() {
        for (place, names) in references(field) {
            for name in names {
                let list = uses.entry(name.clone()).or_default();
                let known = list.iter().any(|u| u.place == place && u.field == field.name);
                if name != field.name && !known {
                    list.push(Use { field: field.name.clone(), place });
                }
            }
        }
    }
    uses.retain(|_, list| !list.is_empty());
    uses
}

/// The fields that the logic of a field refers to, by place.
fn references(field: &Field) -> Vec<(&'static str, Vec<String>)> {
    let of = |text: &str| -> Vec<String> {
        parse(text).map(|logic| logic.fields().map(str::to_owned).collect()).unwrap_or_default()
    };
    let mut found = vec![("Branching logic", of(&field.branching_logic))];
    if field.field_type == FieldType::Calc {
        found.push(("Calculation", of(&field.choices_or_calculations)));
    }
    for limit in [&field.validation_min, &field.validation_max] {
        if limit.contains('[') {
            found.push(("Range", of(limit)));
        }
    }
    if field.annotation.contains('@') {
        if let Some(Ok(computed)) = tags::computed(&field.annotation) {
            let names = computed.references().filter_map(|r| r.field().map(str::to_owned)).collect();
            let date = matches!(computed, tags::Computed::Date(_));
            found.push((if date { "@CALCDATE" } else { "@CALCTEXT" }, names));
        }
        for tag in tags::find(&field.annotation).iter().filter(|t| t.name == "IF") {
            if let Ok(read) = tags::read_if(&field.annotation, tag) {
                found.push(("@IF", read.condition.fields().map(str::to_owned).collect()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_come_from_the_logic_and_not_from_texts() {
        let field = |name: &str, change: &dyn Fn(&mut Field)| {
            let mut field = Field::new(name, "base");
            change(&mut field);
            field
        };
        let dictionary = Dictionary::new(vec![
            field("a", &|f| f.label = "[b] is only piped".into()),
            field("b", &|f| f.branching_logic = "[a]='1' and [a]<>'2' and '[c]'='x'".into()),
            field("c", &|f| {
                f.field_type = FieldType::Calc;
                f.choices_or_calculations = "[ A ] + 1".into();
            }),
            field("d", &|f| {
                f.field_type = FieldType::Calc;
                f.choices_or_calculations = "sum([A], [e1_arm_1][c][2], [d])".into();
            }),
            field("e", &|f| f.validation_max = "[b]".into()),
            field("f", &|f| {
                f.annotation = "@HIDDEN @CALCTEXT(concat([a])) @IF([box(1)]='1', @READONLY, '')".into();
            }),
            field("g", &|f| f.annotation = "@CALCDATE([a], [c], 'd')".into()),
            field("broken", &|f| f.branching_logic = "[a".into()),
        ]);
        let uses = uses(&dictionary);
        let of = |name: &str| -> Vec<String> {
            uses.get(name).into_iter().flatten().map(|u| format!("{} of {}", u.place, u.field)).collect()
        };
        assert_eq!(of("a"), ["Branching logic of b", "Calculation of d", "@CALCTEXT of f", "@CALCDATE of g"]);
        assert_eq!(of("b"), ["Range of e"]);
        assert_eq!(of("c"), ["Calculation of d", "@CALCDATE of g"]);
        assert_eq!(of("box"), ["@IF of f"]);
        assert!(of("d").is_empty());
    }
}
