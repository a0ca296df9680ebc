use super::*;
use crate::domain::choices::Choice;
use crate::domain::dictionary::{Dictionary, Field, FieldType};
use crate::domain::event::{Event, Instrument, Mapping, Repeating};
use crate::domain::project::{ProjectInfo, Readable};
use crate::domain::table::TableBuilder;

fn field(name: &str, form: &str, kind: &str, validation: &str, branching: &str, required: bool) -> Field {
    Field {
        field_type: FieldType::from(kind),
        validation: validation.into(),
        branching_logic: branching.into(),
        required,
        ..Field::new(name, form)
    }
}

/// The parts of BREATHE (`needs.md` §4.0) that the list looks at.
fn breathe() -> Metadata {
    let mut birth = field("dob", "demographics", "text", "date_mdy", "", false);
    birth.identifier = true;
    let fields = vec![
        field("study_id", "demographics", "text", "", "", false),
        field("mrn", "demographics", "text", "", "", true),
        birth,
        field("sex", "demographics", "radio", "", "", false),
        field("consent_date", "demographics", "text", "date_ymd", "", true),
        field("visit_date", "visit", "text", "date_dmy", "", true),
        field("pregnant", "visit", "yesno", "", "[screening_arm_1][sex] = '2'", false),
        field("ae_term", "ae_log", "text", "", "", false),
    ];
    let event = |name: &str, day, min, max| Event {
        name: name.into(),
        arm_num: 1,
        unique_name: format!("{name}_arm_1"),
        day_offset: Some(day),
        offset_min: Some(min),
        offset_max: Some(max),
        ..Event::default()
    };
    let map =
        |event: &str, form: &str| Mapping { arm_num: 1, event: format!("{event}_arm_1"), form: form.into() };
    let repeat = |event: &str, form: &str| Repeating {
        event: format!("{event}_arm_1"),
        form: form.into(),
        custom_label: String::new(),
    };
    let instrument = |name: &str| Instrument { name: name.into(), label: name.into() };
    Metadata {
        info: ProjectInfo {
            is_longitudinal: true,
            has_repeating: true,
            missing_data_codes: vec![Choice::new("UNK", "Unknown")],
            ..ProjectInfo::default()
        },
        dictionary: Dictionary::new(fields),
        instruments: ["demographics", "visit", "ae_log"].map(instrument).to_vec(),
        events: Readable::Known(vec![
            event("screening", -7, 0, 0),
            event("baseline", 0, 0, 0),
            event("week_4", 28, 3, 7),
            event("week_12", 84, 7, 7),
            event("unscheduled", 85, 0, 0),
            event("ongoing", 86, 0, 0),
        ]),
        mapping: Readable::Known(vec![
            map("screening", "demographics"),
            map("baseline", "visit"),
            map("week_4", "visit"),
            map("week_12", "visit"),
            map("unscheduled", "visit"),
            map("ongoing", "ae_log"),
        ]),
        repeating: Readable::Known(vec![repeat("unscheduled", ""), repeat("ongoing", "ae_log")]),
        ..Metadata::default()
    }
}

fn table() -> RecordTable {
    let mut table = TableBuilder::new([
        "study_id",
        "redcap_event_name",
        "redcap_repeat_instrument",
        "redcap_repeat_instance",
        "mrn",
        "sex",
        "consent_date",
        "visit_date",
        "pregnant",
        "demographics_complete",
        "visit_complete",
        "ae_log_complete",
    ]);
    for row in [
        ["002", "screening_arm_1", "", "", "0054321", "1", "2026-01-07", "", "", "2", "", ""],
        ["002", "baseline_arm_1", "", "", "", "", "", "2026-01-12", "", "", "2", ""],
        ["002", "week_4_arm_1", "", "", "", "", "", "2026-02-10", "", "", "0", ""],
        ["003", "screening_arm_1", "", "", "0000777", "2", "2026-01-26", "", "", "2", "", ""],
        ["003", "baseline_arm_1", "", "", "", "", "", "2026-02-02", "", "", "2", ""],
        ["003", "ongoing_arm_1", "ae_log", "2", "", "", "", "", "", "", "", "2"],
        ["004", "screening_arm_1", "", "", "0099887", "1", "2026-02-16", "", "", "2", "", ""],
        ["004", "baseline_arm_1", "", "", "", "", "", "", "", "", "", ""],
        ["005", "screening_arm_1", "", "", "UNK", "1", "", "", "", "1", "", ""],
    ] {
        table.push_row(row);
    }
    table.finish()
}

fn baseline() -> Anchor {
    Anchor { field: "visit_date".into(), event: "baseline_arm_1".into() }
}

fn told(list: &Worklist) -> Vec<String> {
    list.items
        .iter()
        .map(|i| {
            let place = i.event.trim_end_matches("_arm_1");
            format!("{} {place} {}: {}", i.record, i.form, i.words())
        })
        .collect()
}

#[test]
fn s4_missing_visits_on_the_10th_of_march() {
    let metadata = breathe();
    let dags = BTreeMap::from([("003".to_owned(), "site_a".to_owned())]);
    let today: Date = "2026-03-10".parse().unwrap();
    let list = build(&table(), &metadata, Some(&baseline()), &dags, false, today);
    let told = told(&list);
    for line in [
        "002 week_4 visit: started, not complete",
        "003 week_4 : no visit, due 2026-03-02, window 2026-02-27..2026-03-09, late 1 day",
        "002 week_12 : not yet due (2026-04-06)",
        "004 week_4 : no visit, visit_date is blank",
        "004 baseline visit: not started",
        "005 screening demographics: required blank: consent_date",
    ] {
        assert!(told.iter().any(|t| t == line), "{line:?} is not in {told:#?}");
    }
    // The late visit is the first. UNK is an answer, and nothing is asked of what repeats.
    assert!(told[0].starts_with("003 week_4"), "{told:#?}");
    assert_eq!(list.items[0].dag, "site_a");
    for word in ["mrn", "pregnant", "unscheduled", "ongoing"] {
        assert!(!told.iter().any(|t| t.contains(word)), "{word} is in {told:#?}");
    }
    assert_eq!((list.records, list.unknown), (4, 0));
}

#[test]
fn s4_what_branching_hides_is_not_missing() {
    let metadata = breathe();
    let today: Date = "2026-03-10".parse().unwrap();
    let list = build(&table(), &metadata, Some(&baseline()), &BTreeMap::new(), true, today);
    let told = told(&list);
    assert!(told.iter().any(|t| t == "003 baseline visit: blank, not required: pregnant"), "{told:#?}");
    // 002 is male: nobody asks him.
    assert!(!told.iter().any(|t| t.starts_with("002") && t.contains("pregnant")), "{told:#?}");
}

#[test]
fn the_window_decides_between_late_due_and_not_yet() {
    let metadata = breathe();
    for (today, expected) in [
        ("2026-02-26", "not yet due (2026-03-02)"),
        ("2026-02-27", "no visit, due 2026-03-02, window 2026-02-27..2026-03-09, 10 days left"),
        ("2026-03-09", "no visit, due 2026-03-02, window 2026-02-27..2026-03-09, today is the last day"),
        ("2026-03-19", "no visit, due 2026-03-02, window 2026-02-27..2026-03-09, late 10 days"),
    ] {
        let list =
            build(&table(), &metadata, Some(&baseline()), &BTreeMap::new(), false, today.parse().unwrap());
        let item = list.items.iter().find(|i| i.record == "003" && i.event == "week_4_arm_1").unwrap();
        assert_eq!(item.words(), expected, "{today}");
    }
}

#[test]
fn visits_are_counted_from_the_day_0_and_never_first_from_a_birthday() {
    let metadata = breathe();
    let found = anchors(&metadata);
    assert_eq!(found[0], baseline());
    assert!(found.iter().any(|a| a.field == "consent_date"));
    assert_eq!(found.last().unwrap().field, "dob");
}

#[test]
fn only_named_fields_are_asked_for() {
    let metadata = breathe();
    let names = fields(&metadata, Some(&baseline()), false);
    assert_eq!(
        names,
        ["demographics_complete", "visit_complete", "ae_log_complete", "visit_date", "mrn", "consent_date"]
    );
    // What branching looks at comes along with the field, identifiers do not.
    let names = fields(&metadata, Some(&baseline()), true);
    assert!(names.contains(&"sex".to_owned()) && !names.contains(&"dob".to_owned()), "{names:?}");
}

#[test]
fn a_classic_project_has_forms_and_blanks_but_no_visits() {
    let mut metadata = breathe();
    metadata.info.is_longitudinal = false;
    metadata.events = Readable::NotHere(String::new());
    metadata.mapping = Readable::NotHere(String::new());
    metadata.repeating = Readable::NotHere(String::new());
    let mut table =
        TableBuilder::new(["study_id", "consent_date", "mrn", "demographics_complete", "visit_complete"]);
    table.push_row(["1", "", "7", "0", ""]);
    let today: Date = "2026-03-10".parse().unwrap();
    let list = build(&table.finish(), &metadata, None, &BTreeMap::new(), false, today);
    let told = told(&list);
    assert_eq!(
        told,
        [
            "1  demographics: started, not complete",
            "1  demographics: required blank: consent_date",
            "1  visit: not started",
        ]
    );
    // What the server left out is named.
    assert_eq!(list.unreadable, ["ae_log_complete", "visit_date"]);
}
