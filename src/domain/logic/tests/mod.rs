//! Tests of the whole engine over small projects. The test vectors of the reference are in
//! `tests/logic_vectors.rs`.

mod messages;
mod references;
mod robustness;
mod switches;
mod tags;

use super::*;
use crate::domain::choices::Choice;
use crate::domain::dictionary::{Dictionary, Field, FieldType};
use crate::domain::event::{Arm, Event, Mapping, Repeating};
use crate::domain::project::{Metadata, Readable};
use crate::domain::table::{RecordTable, TableBuilder};
use jiff::civil::date;

pub(super) fn now() -> DateTime {
    date(2024, 7, 4).at(13, 45, 30, 0)
}

fn field(name: &str, form: &str, kind: FieldType, choices: &str, validation: &str) -> Field {
    let mut field = Field::new(name, form);
    field.field_type = kind;
    field.choices_or_calculations = choices.into();
    field.validation = validation.into();
    field
}

/// Two arms; `base` at the first event, `visit` at the next two, `meds` repeats at visit 1, the
/// whole last event of arm 1 repeats.
pub(super) fn study() -> Metadata {
    let mut metadata = Metadata { version: "14.5.2".into(), ..Metadata::default() };
    metadata.info.is_longitudinal = true;
    metadata.info.missing_data_codes = vec![Choice::new("UNK", "Unknown")];
    metadata.dictionary = Dictionary::new(vec![
        Field::new("id", "base"),
        field("sex", "base", FieldType::Radio, "1, Female | 2, Male", ""),
        field("race", "base", FieldType::Checkbox, "1, White | 2, Other", ""),
        field("agrees", "base", FieldType::YesNo, "", ""),
        field("born", "base", FieldType::Text, "", "date_mdy"),
        field("weight", "visit", FieldType::Text, "", "number_comma_decimal"),
        field("note", "visit", FieldType::Notes, "", ""),
        field("drug", "meds", FieldType::Text, "", ""),
        field("pill", "meds", FieldType::Text, "", "integer"),
        field("event_note", "unscheduled", FieldType::Text, "", ""),
        field("other", "other_arm", FieldType::Text, "", ""),
    ]);
    let event = |name: &str, arm_num| Event {
        name: name.to_uppercase(),
        arm_num,
        unique_name: format!("{name}_arm_{arm_num}"),
        ..Event::default()
    };
    metadata.arms =
        Readable::Known(vec![Arm { num: 1, name: "Drug".into() }, Arm { num: 2, name: "Placebo".into() }]);
    metadata.events = Readable::Known(vec![
        event("base", 1),
        event("v1", 1),
        event("v2", 1),
        event("extra", 1),
        event("base", 2),
    ]);
    let map = |arm_num, event: &str, form: &str| Mapping { arm_num, event: event.into(), form: form.into() };
    metadata.mapping = Readable::Known(vec![
        map(1, "base_arm_1", "base"),
        map(1, "v1_arm_1", "visit"),
        map(1, "v1_arm_1", "meds"),
        map(1, "v2_arm_1", "visit"),
        map(1, "extra_arm_1", "unscheduled"),
        map(2, "base_arm_2", "base"),
        map(2, "base_arm_2", "other_arm"),
    ]);
    let repeat = |event: &str, form: &str| Repeating {
        event: event.into(),
        form: form.into(),
        custom_label: String::new(),
    };
    metadata.repeating = Readable::Known(vec![repeat("v1_arm_1", "meds"), repeat("extra_arm_1", "")]);
    metadata
}

const COLUMNS: [&str; 17] = [
    "id",
    "redcap_event_name",
    "redcap_repeat_instrument",
    "redcap_repeat_instance",
    "sex",
    "race___1",
    "race___2",
    "agrees",
    "born",
    "base_complete",
    "weight",
    "note",
    "visit_complete",
    "drug",
    "pill",
    "event_note",
    "other",
];

/// One record at all events, and one that has only its first.
pub(super) fn data() -> RecordTable {
    let mut table = TableBuilder::new(COLUMNS);
    table.push_row(["7", "base_arm_1", "", "", "2", "1", "0", "1", "1990-06-15", "2"]);
    table.push_row(["7", "v1_arm_1", "", "", "", "", "", "", "", "", "70,5", "ok", "2"]);
    table.push_row(["7", "v2_arm_1", "", "", "", "", "", "", "", "", "68", "", "1"]);
    table.push_row(["7", "v1_arm_1", "meds", "1", "", "", "", "", "", "", "", "", "", "Aspirin", "2"]);
    table.push_row(["7", "v1_arm_1", "meds", "3", "", "", "", "", "", "", "", "", "", "Statin", "5"]);
    table.push_row(["7", "extra_arm_1", "", "1", "", "", "", "", "", "", "", "", "", "", "", "fell"]);
    table.push_row(["7", "extra_arm_1", "", "2", "", "", "", "", "", "", "", "", "", "", "", "rose"]);
    table.push_row(["8", "base_arm_1", "", "", "1", "0", "0", "", "", "0"]);
    table.finish()
}

/// The value of an expression in a row, by both ways of evaluation, which must agree.
fn in_row(expression: &str, row: usize, rules: &Rules) -> Result<String, EvalError> {
    let (metadata, table) = (study(), data());
    let project = Project::new(&metadata);
    let rows = TableRows::new(&project, &table);
    let logic = parse(expression).unwrap();
    let record = rows.record(row);
    let context = RecordContext::new(&project, &record, rows.place(row), rules, now());
    let by_record = logic.eval(&context, rules);
    let by_table = logic.bind(&rows, rules, now()).and_then(|bound| bound.value(row));
    // A column that is not at hand fails the whole table, and a record only where it is needed.
    if !matches!(by_table, Err(EvalError { problem: Problem::NotLoaded(_), .. })) {
        assert_eq!(by_record, by_table, "{expression} in row {row}");
    }
    by_table.map(|value| value.to_text(rules).into_owned())
}
