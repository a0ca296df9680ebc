//! The details that decide counts: limits, events, calculations, outliers, what cannot be read.

use super::*;
use crate::domain::event::{Event, Mapping};

/// One field of one record at a time: whether the rule finds the value.
fn finds(letter: Letter, of: &Field, others: &[(&str, &str)], value: &str) -> bool {
    let mut metadata = Metadata::default();
    metadata.info.missing_data_codes = vec![Choice::new("UNK", "Unknown"), Choice::new("-99", "Refused")];
    let mut fields = vec![Field::new("id", "base"), of.clone()];
    fields.extend(others.iter().map(|(name, _)| Field::new(*name, "base")));
    metadata.dictionary = Dictionary::new(fields);
    let mut columns = vec!["id", of.name.as_str(), "base_complete"];
    columns.extend(others.iter().map(|(name, _)| *name));
    let mut row = HashMap::from([("id", "1"), (of.name.as_str(), value), ("base_complete", "2")]);
    row.extend(others.iter().copied());
    let report = run(&metadata, &Checks::new(vec![Rule::Standard(letter)]), &table(&columns, &[row]));
    report.found() == 1
}

#[test]
fn limits_are_inclusive_and_compared_by_kind() {
    for (validation, low, high, value, out) in [
        ("integer", "1", "10", "1", false),
        ("integer", "1", "10", "10", false),
        ("integer", "1", "10", "9", false),
        ("integer", "1", "10", "11", true),
        ("integer", "1", "10", "0", true),
        ("integer", "1", "", "999", false),
        ("integer", "1", "10", "", false),
        // A text that is no number is rule C's.
        ("integer", "1", "10", "x", false),
        // A missing data code is no value, though it looks like a number.
        ("integer", "1", "10", "-99", false),
        ("number", "-1.5", "", "-1.6", true),
        ("number_1dp", "", "5.0", "5.1", true),
        ("number_comma_decimal", "1,0", "3,0", "3,1", true),
        ("number_comma_decimal", "1.0", "3.0", "0,9", true),
        ("number_2dp_comma_decimal", "", "3", "3,00", false),
        // The dictionary writes dates Y-M-D, whatever the field shows.
        ("date_dmy", "2020-01-01", "", "2019-12-31", true),
        ("date_dmy", "2020-01-01", "", "2020-01-01", false),
        ("date_mdy", "01/01/2020", "", "2019-12-31", true),
        ("date_ymd", "", "today", "2024-07-04", false),
        ("date_ymd", "", "today", "2024-07-05", true),
        ("date_ymd", "", "now", "2024-07-04", false),
        ("date_ymd", "", "2024-13-45", "2030-01-01", false),
        ("datetime_ymd", "", "now", "2024-07-04 13:46", true),
        ("datetime_ymd", "", "now", "2024-07-04 13:45", false),
        ("datetime_seconds_ymd", "", "now", "2024-07-04 13:45:31", true),
        ("datetime_ymd", "2024-01-01 09:30", "", "2024-01-01 9:05", true),
        ("time", "08:00", "17:00", "9:30", false),
        ("time", "08:00", "17:00", "17:01", true),
        ("time_hh_mm_ss", "", "00:00:30", "00:00:31", true),
        ("time_mm_ss", "", "05:30", "05:31", true),
        ("email", "a", "b", "c@x.org", false),
    ] {
        let field = field("f", "base", "text", validation, |f| {
            f.validation_min = low.into();
            f.validation_max = high.into();
        });
        assert_eq!(finds(Letter::D, &field, &[], value), out, "{validation} {low}..{high}: {value}");
    }
}

#[test]
fn sliders_have_limits_of_their_own() {
    for (low, high, value, out) in
        [("", "", "100", false), ("", "", "101", true), ("", "", "-1", true), ("1", "7", "8", true)]
    {
        let field = field("f", "base", "slider", "", |f| {
            f.validation_min = low.into();
            f.validation_max = high.into();
        });
        assert_eq!(finds(Letter::D, &field, &[], value), out, "{low}..{high}: {value}");
    }
}

#[test]
fn a_limit_may_come_from_another_field() {
    let field = field("f", "base", "text", "date_ymd", range("[start]", ""));
    for (start, value, out) in [
        ("2024-01-10", "2024-01-09", true),
        ("2024-01-10", "2024-01-10", false),
        ("", "2024-01-09", false),
        ("soon", "2024-01-09", false),
    ] {
        assert_eq!(finds(Letter::D, &field, &[("start", start)], value), out, "{start}: {value}");
    }
}

#[test]
fn calculations_are_compared_with_what_they_would_be_now() {
    for (calculation, others, stored, wrong) in [
        ("[a]+[b]", &[("a", "1"), ("b", "2")][..], "3", false),
        ("[a]+[b]", &[("a", "1"), ("b", "2")], "4", true),
        ("[a]+[b]", &[("a", "1"), ("b", "2")], "", true),
        ("[a]+[b]", &[("a", "1"), ("b", "")], "", false),
        ("[a]+[b]", &[("a", "1"), ("b", "")], "1", true),
        // Rounding noise, and how a number is written.
        ("[a]*3", &[("a", "0.1")], "0.3", false),
        ("[a]/3", &[("a", "1")], "0.33333333333333", false),
        ("[a]/3", &[("a", "1")], "0.333", true),
        ("[a]*1", &[("a", "25")], "25.0", false),
        // Nothing but blanks: a sum is blank or 0, a constant is a constant.
        ("sum([a],[b])", &[("a", ""), ("b", "")], "", false),
        ("sum([a],[b])", &[("a", ""), ("b", "")], "0", false),
        ("if([a]>0,1,0)", &[("a", "")], "", true),
        ("if([a]>0,1,0)", &[("a", "")], "0", false),
        // A calculation cannot store a text.
        ("if([a]='1','male','female')", &[("a", "1")], "", false),
        ("[nothing]+1", &[], "5", false),
    ] {
        let field = field("f", "base", "calc", "", |f| f.choices_or_calculations = calculation.into());
        assert_eq!(finds(Letter::H, &field, others, stored), wrong, "{calculation} {others:?}: {stored:?}");
    }
    for (annotation, others, stored, wrong) in [
        ("@CALCTEXT(concat([a],'!'))", &[("a", "x")][..], "x!", false),
        ("@CALCTEXT(concat([a],'!'))", &[("a", "x")], "y!", true),
        ("@HIDDEN @CALCDATE([a], 7, 'd')", &[("a", "2024-01-31")], "2024-02-07", false),
        ("@CALCDATE([a], 7, 'd')", &[("a", "2024-01-31")], "2024-02-08", true),
        ("@CALCDATE([a], 7, 'd')", &[("a", "")], "", false),
        ("no calculation", &[], "anything", false),
    ] {
        let field = field("f", "base", "text", "date_ymd", |f| f.annotation = annotation.into());
        assert_eq!(finds(Letter::H, &field, others, stored), wrong, "{annotation} {others:?}: {stored:?}");
    }
}

#[test]
fn a_hidden_calculation_may_be_blank() {
    let field = field("f", "base", "calc", "", |f| {
        f.choices_or_calculations = "if([a]='1', 5, 6)".into();
        f.branching_logic = "[a]='1'".into();
    });
    assert!(!finds(Letter::H, &field, &[("a", "2")], ""));
    assert!(finds(Letter::H, &field, &[("a", "1")], ""));
    assert!(finds(Letter::F, &field, &[("a", "2")], "6"));
}

#[test]
fn outliers_are_beyond_two_sample_deviations_of_the_pooled_values() {
    let metadata = |kind: &str, validation: &str| {
        let mut metadata = Metadata::default();
        metadata.info.missing_data_codes = vec![Choice::new("-99", "Refused")];
        metadata.dictionary =
            Dictionary::new(vec![Field::new("id", "base"), field("f", "base", kind, validation, |_| ())]);
        metadata
    };
    let found = |kind: &str, validation: &str, values: &[&str]| {
        let rows: Vec<HashMap<&str, &str>> =
            values.iter().map(|v| HashMap::from([("id", *v), ("f", *v)])).collect();
        let checks = Checks::new(vec![Rule::Standard(Letter::E)]);
        let report = run(&metadata(kind, validation), &checks, &table(&["id", "f"], &rows));
        report.rules[0].findings.iter().map(|f| f.value.clone()).collect::<Vec<_>>()
    };
    let spread = &["1", "2", "3", "4", "5", "6", "7", "8", "9", "100"][..];
    assert_eq!(found("text", "integer", spread), ["100"]);
    assert_eq!(found("text", "number", spread), ["100"]);
    assert_eq!(found("slider", "", spread), ["100"]);
    assert_eq!(found("calc", "", spread), ["100"]);
    assert!(found("text", "number_1dp", spread).is_empty());
    assert!(found("text", "number_comma_decimal", spread).is_empty());
    assert!(found("text", "", spread).is_empty());
    assert!(found("text", "integer", &["5"]).is_empty());
    assert!(found("text", "integer", &["5", "5", "5", "5"]).is_empty());
    // Ten times 0 and one time 1: mean 1/11, sample deviation 0.3015, limit 0.694: 1 is out. Of
    // five values none can be.
    assert_eq!(found("text", "integer", &["0", "0", "0", "0", "0", "0", "0", "0", "0", "0", "1"]), ["1"]);
    assert!(found("text", "integer", &["0", "0", "0", "0", "1000"]).is_empty());
    // The code of a missing value and words take no part.
    assert!(found("text", "integer", &["1", "2", "3", "2", "1", "3", "-99", "x", ""]).is_empty());
}

/// Two events; `base` at the first, `visit` at both; the second event repeats in another project.
fn visits(repeats: bool) -> Metadata {
    let mut metadata = Metadata::default();
    metadata.info.is_longitudinal = true;
    metadata.dictionary = Dictionary::new(vec![
        Field::new("id", "base"),
        Field::new("a", "base"),
        Field::new("b", "visit"),
        field("c", "visit", "text", "", |f| f.branching_logic = "[e1_arm_1][a]='1'".into()),
    ]);
    let event = |name: &str| Event { unique_name: name.into(), arm_num: 1, ..Event::default() };
    metadata.events = Readable::Known(vec![event("e1_arm_1"), event("e2_arm_1")]);
    let map = |event: &str, form: &str| Mapping { arm_num: 1, event: event.into(), form: form.into() };
    metadata.mapping =
        Readable::Known(vec![map("e1_arm_1", "base"), map("e1_arm_1", "visit"), map("e2_arm_1", "visit")]);
    if repeats {
        let repeating =
            Repeating { event: "e2_arm_1".into(), form: String::new(), custom_label: String::new() };
        metadata.repeating = Readable::Known(vec![repeating]);
    }
    metadata
}

#[test]
fn blanks_count_where_the_event_holds_data_and_uses_the_form() {
    let columns =
        ["id", column::EVENT, column::REPEAT_INSTANCE, "a", "b", "c", "base_complete", "visit_complete"];
    let rows = |lines: &[[&'static str; 8]]| {
        let mut builder = TableBuilder::new(columns);
        for line in lines {
            builder.push_row(*line);
        }
        builder.finish()
    };
    let blanks = |metadata: &Metadata, table: &RecordTable| {
        let report = run(metadata, &Checks::new(vec![Rule::Standard(Letter::A)]), table);
        let place = |f: &Finding| {
            let instance = f.place.instance.map(|n| format!("#{n}")).unwrap_or_default();
            format!("{} {}{instance} {}", f.place.record, f.place.event, f.field)
        };
        report.rules[0].findings.iter().map(place).collect::<Vec<_>>()
    };
    let table = rows(&[
        ["1", "e1_arm_1", "", "1", "", "", "2", ""],
        // The field `a` is not used here; `c` is shown through the other event.
        ["1", "e2_arm_1", "", "", "x", "", "", "2"],
        // Nothing is stored at this event: a row of blanks says nothing.
        ["2", "e1_arm_1", "", "2", "y", "", "2", "2"],
        ["2", "e2_arm_1", "", "", "", "", "", ""],
        // A form that was saved empty holds its status.
        ["3", "e1_arm_1", "", "", "y", "", "0", "0"],
    ]);
    assert_eq!(
        blanks(&visits(false), &table),
        ["1 e1_arm_1 b", "1 e1_arm_1 c", "1 e2_arm_1 c", "3 e1_arm_1 a"]
    );
    let table = rows(&[
        ["1", "e1_arm_1", "", "2", "y", "", "2", "2"],
        ["1", "e2_arm_1", "1", "", "", "", "", "0"],
        ["1", "e2_arm_1", "2", "", "", "", "", ""],
    ]);
    assert_eq!(blanks(&visits(true), &table), ["1 e2_arm_1#1 b"]);
}

#[test]
fn what_cannot_be_judged_is_said_and_never_counted_as_hidden() {
    let dictionary = Dictionary::new(vec![
        Field::new("id", "base"),
        field("f", "base", "text", "", |f| f.branching_logic = "[id".into()),
        field("g", "base", "text", "", |f| f.branching_logic = "[user-name]='x'".into()),
        field("own", "base", "text", "site_type", |_| ()),
        field("query", "base", "sql", "", |_| ()),
        field("broken", "base", "calc", "", choices("[id")),
        field("drifts", "base", "calc", "", choices("datediff([id],'today','y')")),
    ]);
    let metadata = Metadata { dictionary, ..Metadata::default() };
    let columns = ["id", "f", "g", "own", "query", "broken", "drifts", "base_complete"];
    let row = HashMap::from([("id", "1"), ("f", "x"), ("g", "x"), ("own", "?"), ("query", "9")]);
    let report = run(&metadata, &Checks::all(false), &table(&columns, &[row]));
    let of = |letter: Letter| report.rules.iter().find(|r| r.rule == Rule::Standard(letter)).unwrap();
    assert_eq!(of(Letter::F).found, 0);
    assert!(of(Letter::F).remarks[0].contains("branching logic of f cannot be read"));
    assert!(of(Letter::C).remarks[0].contains("site_type"));
    assert!(of(Letter::G).remarks[0].contains("query"));
    let calculations = of(Letter::H).remarks.join("\n");
    assert!(calculations.contains("broken is not checked") && calculations.contains("drifts uses 'today'"));
}

#[test]
fn what_depends_on_blanks_is_marked() {
    let dictionary = Dictionary::new(vec![
        Field::new("id", "base"),
        Field::new("age", "base"),
        field("f", "base", "text", "", |f| f.branching_logic = "[age] < 18".into()),
    ]);
    let metadata = Metadata { dictionary, ..Metadata::default() };
    let row = |age| HashMap::from([("id", "1"), ("age", age), ("f", "x")]);
    for (age, marked) in [("", true), ("20", false)] {
        let checks = Checks::new(vec![Rule::Standard(Letter::F)]);
        let report = run(&metadata, &checks, &table(&["id", "age", "f"], &[row(age)]));
        assert_eq!(report.rules[0].findings[0].depends_on_blanks, marked, "{age:?}");
    }
}

#[test]
fn columns_that_are_not_here_are_not_blank() {
    let metadata = feature();
    let row = HashMap::from([("record_id", "1"), ("name", "x")]);
    let report = run(&metadata, &Checks::all(true), &table(&["record_id", "name"], &[row]));
    assert_eq!(report.found(), 0);
}

#[test]
fn a_ticked_box_that_is_no_choice_is_found() {
    let metadata = feature();
    let row = HashMap::from([("record_id", "1"), ("box___7", "1"), ("box___1", "0")]);
    let checks = Checks::new(vec![Rule::Standard(Letter::G)]);
    let report = run(&metadata, &checks, &table(&["record_id", "box___1", "box___7"], &[row]));
    assert_eq!(report.rules[0].findings[0].note, Note::NotAChoice("7".into()));
}
