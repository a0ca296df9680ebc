//! From `domain` types to the JSON that REDCap's imports take (`redcap-api.md` §3).
//!
//! Keys that REDCap gives but does not take back (a user's name and e-mail, numbers of groups)
//! are left out: servers refuse or ignore them (Q27).

use crate::domain::dictionary::{Dictionary, Field};
use crate::domain::event::{Arm, Event, Mapping, Repeating};
use crate::domain::rights::{Dag, DagAssignment, Rights, Role, RoleAssignment, User};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

fn list(rows: Vec<Value>) -> String {
    Value::Array(rows).to_string()
}

/// Arms.
pub fn arms(arms: &[Arm]) -> String {
    list(arms.iter().map(|a| json!({"arm_num": a.num, "name": a.name})).collect())
}

/// Events. The unique name is sent where it is known: it says which event is to be changed.
pub fn events(events: &[Event]) -> String {
    let row = |e: &Event| {
        let mut row = Map::new();
        row.insert("event_name".into(), json!(e.name));
        row.insert("arm_num".into(), json!(e.arm_num));
        for (key, days) in
            [("day_offset", e.day_offset), ("offset_min", e.offset_min), ("offset_max", e.offset_max)]
        {
            if let Some(days) = days {
                row.insert(key.into(), json!(days));
            }
        }
        if !e.unique_name.is_empty() {
            row.insert("unique_event_name".into(), json!(e.unique_name));
        }
        if !e.custom_label.is_empty() {
            row.insert("custom_event_label".into(), json!(e.custom_label));
        }
        Value::Object(row)
    };
    list(events.iter().map(row).collect())
}

/// The mapping of instruments to events.
pub fn mapping(mapping: &[Mapping]) -> String {
    list(
        mapping
            .iter()
            .map(|m| json!({"arm_num": m.arm_num, "unique_event_name": m.event, "form": m.form}))
            .collect(),
    )
}

/// What repeats. Classic projects have no event column.
pub fn repeating(repeating: &[Repeating]) -> String {
    let row = |r: &Repeating| {
        let mut row = Map::new();
        if !r.event.is_empty() {
            row.insert("event_name".into(), json!(r.event));
        }
        row.insert("form_name".into(), json!(r.form));
        row.insert("custom_form_label".into(), json!(r.custom_label));
        Value::Object(row)
    };
    list(repeating.iter().map(row).collect())
}

/// The data dictionary, with all eighteen attributes of every field.
pub fn dictionary(dictionary: &Dictionary) -> String {
    let yes = |on: bool| if on { "y" } else { "" };
    let row = |f: &Field| {
        json!({
            "field_name": f.name,
            "form_name": f.form,
            "section_header": f.section_header,
            "field_type": f.field_type.as_str(),
            "field_label": f.label,
            "select_choices_or_calculations": f.choices_or_calculations,
            "field_note": f.note,
            "text_validation_type_or_show_slider_number": f.validation,
            "text_validation_min": f.validation_min,
            "text_validation_max": f.validation_max,
            "identifier": yes(f.identifier),
            "branching_logic": f.branching_logic,
            "required_field": yes(f.required),
            "custom_alignment": f.custom_alignment,
            "question_number": f.question_number,
            "matrix_group_name": f.matrix_group,
            "matrix_ranking": yes(f.matrix_ranking),
            "field_annotation": f.annotation,
        })
    };
    list(dictionary.fields().iter().map(row).collect())
}

/// Settings by their API keys, as one object.
pub fn settings(settings: &BTreeMap<String, String>) -> String {
    json!(settings).to_string()
}

fn rights_into(row: &mut Map<String, Value>, rights: &Rights) {
    for (key, value) in &rights.flags {
        row.insert(key.clone(), json!(value));
    }
    for (key, codes) in [("forms", &rights.forms), ("forms_export", &rights.forms_export)] {
        if !codes.is_empty() {
            let map: Map<String, Value> =
                codes.iter().map(|(form, code)| (form.clone(), json!(code))).collect();
            row.insert(key.into(), Value::Object(map));
        }
    }
}

/// Users. The Data Access Group is always sent: left out, it would be taken away (Q25).
pub fn users(users: &[User]) -> String {
    let row = |u: &User| {
        let mut row = Map::new();
        row.insert("username".into(), json!(u.username));
        row.insert("expiration".into(), json!(u.expiration));
        row.insert("data_access_group".into(), json!(u.dag));
        rights_into(&mut row, &u.rights);
        Value::Object(row)
    };
    list(users.iter().map(row).collect())
}

/// Roles. A role without a unique name is a new one.
pub fn roles(roles: &[Role]) -> String {
    let row = |r: &Role| {
        let mut row = Map::new();
        row.insert("unique_role_name".into(), json!(r.unique_name));
        row.insert("role_label".into(), json!(r.label));
        rights_into(&mut row, &r.rights);
        Value::Object(row)
    };
    list(roles.iter().map(row).collect())
}

/// Users in roles.
pub fn role_assignments(assignments: &[RoleAssignment]) -> String {
    list(assignments.iter().map(|a| json!({"username": a.username, "unique_role_name": a.role})).collect())
}

/// Data Access Groups. A group without a unique name is a new one.
pub fn dags(dags: &[Dag]) -> String {
    list(
        dags.iter()
            .map(|d| json!({"data_access_group_name": d.name, "unique_group_name": d.unique_name}))
            .collect(),
    )
}

/// Users in groups.
pub fn dag_assignments(assignments: &[DagAssignment]) -> String {
    list(
        assignments
            .iter()
            .map(|a| json!({"username": a.username, "redcap_data_access_group": a.dag}))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::decode;
    use crate::domain::dictionary::FieldType;

    #[test]
    fn a_dictionary_comes_back_as_it_went() {
        let mut field = Field::new("race", "demographics");
        field.field_type = FieldType::Checkbox;
        field.choices_or_calculations = "1, \"White\" | 2, Bläck".into();
        field.identifier = true;
        let before = Dictionary::new(vec![Field::new("id", "demographics"), field]);
        assert_eq!(decode::metadata(&dictionary(&before)).unwrap(), before);
    }

    #[test]
    fn a_user_always_carries_the_data_access_group() {
        let text = users(&[User { username: "a".into(), ..User::default() }]);
        assert!(text.contains("\"data_access_group\":\"\""), "{text}");
        assert!(!text.contains("email"), "{text}");
    }

    #[test]
    fn structure_comes_back_as_it_went() {
        let before = vec![Arm { num: 1, name: "Drug A".into() }];
        assert_eq!(decode::arms(&arms(&before)).unwrap(), before);
        let before = vec![Mapping { arm_num: 2, event: "e_arm_2".into(), form: "f".into() }];
        assert_eq!(decode::mapping(&mapping(&before)).unwrap(), before);
        let before =
            vec![Repeating { event: "e_arm_1".into(), form: String::new(), custom_label: "x".into() }];
        assert_eq!(decode::repeating(&repeating(&before)).unwrap(), before);
    }
}
