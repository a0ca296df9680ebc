//! Tests of the whole engine over small projects. The test vectors of the reference are in
//! `tests/logic_vectors.rs`.

use super::*;
use crate::domain::choices::Choice;
use crate::domain::dictionary::{Dictionary, Field, FieldType};
use crate::domain::event::{Arm, Event, Mapping, Repeating};
use crate::domain::project::{Metadata, Readable};
use crate::domain::table::{RecordTable, TableBuilder};
use jiff::civil::date;
use proptest::prelude::*;

fn now() -> DateTime {
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
fn study() -> Metadata {
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
fn data() -> RecordTable {
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

#[test]
fn references_mean_what_the_place_makes_of_them() {
    for (row, expression, result) in [
        (0, "[sex]", "2"),
        (1, "[sex]", ""),
        (1, "[base_arm_1][sex]", "2"),
        (1, "[BASE_ARM_1][SEX]", "2"),
        (1, "[weight]", "70.5"),
        (2, "[weight]-[previous-event-name][weight]", "-2.5"),
        (1, "[next-event-name][weight]", "68"),
        // `visit` is not used at the base event, so the first event that has it is v1.
        (0, "[first-event-name][weight]", "70.5"),
        (0, "[last-event-name][weight]", "68"),
        (0, "[next-event-name][weight]", "70.5"),
        (1, "[event-name][weight]", "70.5"),
        (1, "[no_such_event][weight]", ""),
        (1, "[base_arm_2][sex]", ""),
        // An instance sees itself and the plain row of its event.
        (3, "[drug]", "Aspirin"),
        (4, "[drug]", "Statin"),
        (4, "[drug][current-instance]", "Statin"),
        (4, "[weight]", "70.5"),
        (4, "[drug][1]", "Aspirin"),
        (4, "[drug][first-instance]", "Aspirin"),
        (3, "[drug][last-instance]", "Statin"),
        (4, "[drug][previous-instance]", ""),
        (3, "[drug][previous-instance]", ""),
        (4, "[drug][next-instance]", ""),
        // From outside an instance must be named.
        (1, "[drug]", ""),
        (1, "[drug][3]", "Statin"),
        (0, "[v1_arm_1][drug][last-instance]", "Statin"),
        (0, "[v1_arm_1][drug]", ""),
        // Repeating events.
        (6, "[event_note]", "rose"),
        (6, "[event_note][previous-instance]", "fell"),
        (0, "[extra_arm_1][event_note][last-instance]", "rose"),
        // Checkboxes are 1 or 0 and never blank.
        (0, "[race(1)]", "1"),
        (0, "[race(2)]", "0"),
        (1, "[race(1)]", "0"),
        (1, "[base_arm_1][race(1)]", "1"),
        (0, "[race(9)]", "0"),
        (7, "[race(1)]", "0"),
        // Statuses, the record id, smart variables.
        (0, "[base_complete]", "2"),
        (1, "[base_complete]", ""),
        (4, "[visit_complete]", "2"),
        (4, "[id]", "7"),
        (4, "[record-name]", "7"),
        (4, "[event-name]", "v1_arm_1"),
        (4, "[event-label]", "V1"),
        (4, "[event-number]", "2"),
        (4, "[previous-event-name]", "base_arm_1"),
        (0, "[previous-event-name]", ""),
        (4, "[last-event-label]", "EXTRA"),
        (4, "[arm-number]", "1"),
        (4, "[arm-label]", "Drug"),
        (4, "[current-instance]", "3"),
        (4, "[previous-instance]", "2"),
        (3, "[last-instance]", "3"),
        (3, "[first-instance]", "1"),
        (0, "[current-instance]", ""),
        (4, "[instrument-name]", "meds"),
        (4, "[is-form]", "1"),
        (4, "[redcap-version]", "14.5.2"),
        // With a space the event is ignored.
        (1, "[base_arm_1] [sex]", ""),
    ] {
        assert_eq!(in_row(expression, row, &Rules::default()).unwrap(), result, "{expression} in row {row}");
    }
}

#[test]
fn switches_of_references_do_what_they_say() {
    let one = Rules { other_instance: OtherInstance::One, ..Rules::default() };
    assert_eq!(in_row("[drug]", 1, &one).unwrap(), "Aspirin");
    let strict = Rules { ignore_instance_of_single: false, ..Rules::default() };
    assert_eq!(in_row("[sex][1]", 0, &strict).unwrap(), "");
    assert_eq!(in_row("[sex][1]", 0, &Rules::default()).unwrap(), "2");
    let zero = Rules { unsaved_status_is_zero: true, ..Rules::default() };
    assert_eq!(in_row("[visit_complete]", 3, &zero).unwrap(), "2");
    let blank = Rules { unknown_choice_is_unticked: false, ..Rules::default() };
    assert_eq!(in_row("[race(9)]", 0, &blank).unwrap(), "");
}

#[test]
fn a_checkbox_with_a_missing_code_follows_its_switch() {
    let metadata = study();
    let project = Project::new(&metadata);
    let mut table = TableBuilder::new(["id", "redcap_event_name", "race___1", "race___2", "race___unk"]);
    table.push_row(["1", "base_arm_1", "", "", "1"]);
    table.push_row(["2", "base_arm_1", "0", "1", "0"]);
    table.push_row(["3", "base_arm_1", "", "", ""]);
    let table = table.finish();
    let rows = TableRows::new(&project, &table);
    let logic = parse("[race(1)]").unwrap();
    for (unticked, results) in [(true, ["0", "0", "0"]), (false, ["", "0", "0"])] {
        let rules = Rules { coded_checkbox_is_unticked: unticked, ..Rules::default() };
        let bound = logic.bind(&rows, &rules, now()).unwrap();
        for (row, result) in results.into_iter().enumerate() {
            assert_eq!(bound.value(row).unwrap().to_text(&rules), result);
            let record = rows.record(row);
            let context = RecordContext::new(&project, &record, rows.place(row), &rules, now());
            assert_eq!(logic.eval(&context, &rules).unwrap().to_text(&rules), result);
        }
    }
}

#[test]
fn what_cannot_be_known_is_an_error_and_never_false() {
    let rules = Rules::default();
    for (expression, problem) in [
        ("[nothing]=1", Problem::UnknownField("nothing".into())),
        ("[race]=1", Problem::CheckboxWithoutChoice("race".into())),
        ("nosuch([sex])", Problem::UnknownFunction("nosuch".into())),
        ("[user-name]='a'", Problem::Unavailable("user-name".into())),
        ("[survey-url:base]=''", Problem::Unavailable("survey-url".into())),
        ("[other_arm_complete]=1", Problem::NotLoaded("other_arm_complete".into())),
        ("datediff([born], 'today', [sex])", Problem::UnknownUnit("2".into())),
    ] {
        assert_eq!(in_row(expression, 0, &rules).map_err(|e| e.problem), Err(problem), "{expression}");
    }
    // A part that is not reached does no harm.
    let refuse = Rules { undefined_number: OrRefuse::Refuse, ..Rules::default() };
    assert_eq!(in_row("[sex]='1' and sqrt(-1)=1", 0, &refuse).unwrap(), "0");
    assert!(in_row("[sex]='2' and sqrt(-1)=1", 0, &refuse).is_err());
}

#[test]
fn survey_times_come_from_the_exported_columns() {
    let metadata = study();
    let project = Project::new(&metadata);
    let mut table = TableBuilder::new(["id", "redcap_event_name", "base_timestamp"]);
    table.push_row(["1", "base_arm_1", "2024-03-01 10:20:30"]);
    table.push_row(["2", "base_arm_1", "[not completed]"]);
    let table = table.finish();
    let (rows, rules) = (TableRows::new(&project, &table), Rules::default());
    for (text, results) in [
        ("[survey-time-completed:base:value]", ["2024-03-01 10:20:30", ""]),
        ("[survey-date-completed:base:value]", ["2024-03-01", ""]),
    ] {
        let logic = parse(text).unwrap();
        let bound = logic.bind(&rows, &rules, now()).unwrap();
        for (row, result) in results.into_iter().enumerate() {
            assert_eq!(bound.value(row).unwrap().to_text(&rules), result);
            let record = rows.record(row);
            let context = RecordContext::new(&project, &record, rows.place(row), &rules, now());
            assert_eq!(logic.eval(&context, &rules).unwrap().to_text(&rules), result);
        }
    }
    assert!(parse("[survey-date-completed:visit]<>''").unwrap().bind(&rows, &rules, now()).is_err());
}

#[test]
fn comma_decimals_are_numbers() {
    let rules = Rules::default();
    assert_eq!(in_row("round([weight] / (1.54)^(2), 1)", 1, &rules).unwrap(), "29.7");
    assert_eq!(in_row("[weight] = 70.5 and [weight] > '9'", 1, &rules).unwrap(), "1");
}

#[test]
fn a_viewer_makes_user_variables_known() {
    let (metadata, table) = (study(), data());
    let project = Project::new(&metadata);
    let viewer = Viewer { user: Some("ann".into()), dag: Some(String::new()), ..Viewer::default() };
    let rows = TableRows::new(&project, &table).seen_by(&viewer);
    let rules = Rules::default();
    let mine = parse("[user-name]='ann' and [user-dag-name]='' and [event-name]='v1_arm_1'").unwrap();
    assert_eq!(mine.bind(&rows, &rules, now()).unwrap().matching().unwrap(), [1, 3, 4]);
    assert!(parse("[user-email]=''").unwrap().bind(&rows, &rules, now()).is_err());
}

#[test]
fn filters_test_base_rows_and_instance_rows() {
    let (metadata, table) = (study(), data());
    let project = Project::new(&metadata);
    let rows = TableRows::new(&project, &table);
    let rules = Rules::default();
    for (filter, matching) in [
        ("", vec![0, 1, 2, 3, 4, 5, 6, 7]),
        ("[sex]='2'", vec![0]),
        // The plain fields of the event are seen on its instances.
        ("[weight]>70", vec![1, 3, 4]),
        ("[weight]>70 and [pill]>2", vec![4]),
        ("[base_arm_1][sex]='2'", vec![0, 1, 2, 3, 4, 5, 6]),
        ("[pill] > [weight]/20", vec![4]),
        ("not ([pill] > [weight]/20 or [sex]<>'')", vec![1, 2, 3, 5, 6]),
        ("[note]='' and ([sex]='1' or [pill]=2)", vec![7]),
    ] {
        let logic = parse(filter).unwrap();
        let bound = logic.bind(&rows, &rules, now()).unwrap();
        assert_eq!(bound.matching().unwrap(), matching, "{filter}");
    }
}

#[test]
fn what_depends_on_blanks_says_so() {
    let (metadata, table) = (study(), data());
    let project = Project::new(&metadata);
    let rows = TableRows::new(&project, &table);
    let rules = Rules::default();
    let verdict = |text: &str, row| {
        let record = rows.record(row);
        let context = RecordContext::new(&project, &record, rows.place(row), &rules, now());
        parse(text).unwrap().verdict(&context, &rules).unwrap()
    };
    assert_eq!(verdict("[weight]<80", 1), Verdict::True);
    assert_eq!(verdict("[weight]<80", 0), Verdict::DependsOnBlanks);
    assert_eq!(verdict("[weight]=0", 0), Verdict::DependsOnBlanks);
    assert_eq!(verdict("[weight]<80 and [weight]<>''", 0), Verdict::False);
}

#[test]
fn lints_say_what_is_doubtful() {
    use LintKind::*;
    let metadata = study();
    let project = Project::new(&metadata);
    let on = |field| Purpose::Branching { field };
    for (purpose, text, kinds) in [
        (Purpose::Filter, "[sex]='1' and [weight]>50", &[][..]),
        (Purpose::Filter, "[wieght]>50", &[UnknownField]),
        (Purpose::Filter, "[race]='1'", &[CheckboxWithoutChoice]),
        (Purpose::Filter, "[race(9)]='1'", &[UnknownChoice]),
        (Purpose::Filter, "[sex(1)]='1'", &[ChoiceOfOtherField]),
        (Purpose::Filter, "[bsae_arm_1][sex]='1'", &[UnknownEvent]),
        (Purpose::Filter, "[v1_arm_1][sex]='1'", &[NotAtEvent]),
        (on("note"), "[base_arm_2][other]<>''", &[OtherArm]),
        (on("note"), "[sex]='1'", &[NotAtEvent]),
        (on("note"), "[v1_arm_1][drug]<>''", &[InstanceMissing]),
        (on("sex"), "[sex]='1'", &[SelfReference]),
        (Purpose::Filter, "[sex][2]='1'", &[InstanceOfSingle]),
        (Purpose::Filter, "[sex] != '1'", &[UndocumentedOperator]),
        (
            Purpose::Filter,
            "!([sex] == '1' && [id]='1' || [id]='2')",
            &[
                UndocumentedOperator,
                MixedAndOr,
                UndocumentedOperator,
                UndocumentedOperator,
                UndocumentedOperator,
            ],
        ),
        (Purpose::Filter, "[weight]^2 > 4", &[BarePower]),
        (Purpose::Filter, "([weight])^(2) > 4", &[]),
        (Purpose::Filter, "[base_arm_1] [sex]='1'", &[SpaceInReference]),
        (Purpose::Filter, "[Sex]='1'", &[UpperCaseName]),
        (Purpose::Filter, "[sex:label]='1'", &[PipingModifier]),
        (Purpose::Filter, "[sex:value]='1'", &[]),
        (Purpose::Filter, "[sex]='Female'", &[NotACode]),
        (Purpose::Filter, "[sex]=3", &[NotACode]),
        (Purpose::Filter, "[sex]='UNK'", &[]),
        (Purpose::Filter, "[agrees]='Yes'", &[NotACode]),
        (Purpose::Filter, "[race(1)]='2'", &[NotACode]),
        (Purpose::Filter, "[weight] < 50", &[UnguardedLess]),
        (Purpose::Filter, "50 >= [weight]", &[UnguardedLess]),
        (Purpose::Filter, "[weight] < 50 and [weight] <> ''", &[]),
        (Purpose::Filter, "[weight] < 50 and [weight] > 20", &[]),
        (Purpose::Filter, "[weight] = 0", &[UnquotedZero]),
        (Purpose::Filter, "[weight] = '0'", &[]),
        (on("note"), "[weight] > [weight] + 2", &[RightHandArithmetic]),
        (Purpose::Filter, "[born] > '06/15/1990'", &[DateForm]),
        (Purpose::Filter, "datediff([born], 'Today', 'y') > 1", &[DateForm]),
        (Purpose::Filter, "left([born], 4) = '1990'", &[TextOfShownDate]),
        (Purpose::Calculation { field: "x" }, "datediff([born], 'today', 'y')", &[TodayInCalculation]),
        (Purpose::Calculation { field: "x" }, "if([sex]='1', 'female', 2)", &[TextInCalculation]),
        (Purpose::CalcText { field: "x" }, "if([sex]='1', 'female', 2)", &[]),
        (Purpose::Calculation { field: "x" }, "if(contains([note],'x'),1,0)", &[TextTestInCalculation]),
        (Purpose::Filter, "today() > 1", &[UnknownFunction]),
        (Purpose::Filter, "[mycap-project-code] = ''", &[UnsupportedVariable]),
    ] {
        let found: Vec<LintKind> =
            parse(text).unwrap().lint(&project, purpose).into_iter().map(|lint| lint.kind).collect();
        assert_eq!(found, kinds, "{text}");
    }
    let lints = parse("[wieght]>50").unwrap().lint(&project, Purpose::Filter);
    assert_eq!((lints[0].at.clone(), lints[0].hint.as_str()), (0..8, "Did you mean [weight]?"));
}

#[test]
fn a_check_refuses_what_a_server_refuses() {
    let metadata = study();
    let project = Project::new(&metadata);
    for (text, at) in [
        ("[sex]='1' and [gone]='1'", Some(14..20)),
        ("nosuch([sex])", Some(0..13)),
        ("[bsae_arm_1][sex]='1'", None),
    ] {
        assert_eq!(parse(text).unwrap().check(&project).err().map(|e| e.at), at, "{text}");
    }
}

#[test]
fn errors_of_the_grammar_say_where_and_what() {
    for (text, at, words) in [
        ("([age]>18", 0..1, "not closed"),
        ("[age]>18)", 8..9, "no opening"),
        ("[age >18", 0..8, "not closed"),
        ("[age]='18\"", 6..10, "not closed"),
        ("datediff([age],'today')", 0..23, "no unit"),
        ("datediff([age],'today','years')", 23..30, "no unit"),
        ("[age] > ", 8..8, "ends where a value"),
        ("[age] 18", 6..8, "operator is missing"),
        ("if([age]>1,2)", 0..13, "takes 3 arguments"),
        ("age>18", 0..3, "neither a field nor a text"),
        ("[age] > and 1", 8..11, "expected before and"),
        ("[age] > * 1", 8..9, "value is expected"),
        ("round(1", 5..6, "not closed"),
        ("1, 2", 1..2, "comma"),
        ("(1, 2)", 2..3, "comma"),
        ("[a] [1]", 4..7, "no field"),
        ("[a] [current-instance]", 4..22, "operator is missing"),
        ("[a(1)] [b]", 7..10, "operator is missing"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(error.at, at, "{text}: {error}");
        assert!(error.message.contains(words), "{text}: {error}");
        assert!(!error.hint.is_empty(), "{text}");
    }
    let strict = Rules { lenient_operators: false, any_case_functions: false, ..Rules::default() };
    for text in ["[a]==1", "[a]=1 && [b]=1", "not [a]=1", "ROUND(1)"] {
        assert!(parse(text).is_ok() && parse_with(text, &strict).is_err(), "{text}");
    }
    assert!(parse_with("[a]!=1 AND [b]=1", &strict).is_ok());
}

#[test]
fn tags_are_found_and_their_logic_is_read() {
    let found = tags::find("me@ORG.org @HIDDEN @DEFAULT='@IF(' @IF([a]=')', @X(1), '') @Y(");
    let names: Vec<(&str, Option<&str>)> = found.iter().map(|t| (t.name, t.argument)).collect();
    assert_eq!(names, [("HIDDEN", None), ("DEFAULT", None), ("IF", Some("[a]=')', @X(1), ''")), ("Y", None)]);
    assert!(found[3].is_open);
    let error = tags::computed("x @CALCTEXT([a] > )").unwrap().unwrap_err();
    assert_eq!(error.at, 18..18);
    assert!(tags::computed("@CALCDATE([a], 1)").unwrap().is_err());
    assert!(tags::computed("@CALCDATE([a], 1, 'year')").unwrap().is_err());
    assert!(tags::computed("@HIDDEN").is_none());
}

fn computed(annotation: &str, validation: &str) -> String {
    let (metadata, table) = (study(), data());
    let project = Project::new(&metadata);
    let rows = TableRows::new(&project, &table);
    let (record, rules) = (rows.record(0), Rules::default());
    let context = RecordContext::new(&project, &record, rows.place(0), &rules, now());
    tags::computed(annotation).unwrap().unwrap().eval(&context, &rules, validation).unwrap()
}

#[test]
fn computed_texts_and_dates_are_those_of_the_reference() {
    for (annotation, validation, result) in [
        ("@CALCTEXT(if([sex]='1', 'female', 'male'))", "", "male"),
        ("@CALCTEXT(if([sex]='2', [born], [event-label]))", "", "1990-06-15"),
        ("@CALCDATE('2024-01-31', 7, 'd')", "date_ymd", "2024-02-07"),
        ("@CALCDATE('2024-01-31', -30, 'd')", "date_mdy", "2024-01-01"),
        ("@CALCDATE('2024-01-31', 1, 'M')", "date_ymd", "2024-03-01"),
        ("@CALCDATE('2024-01-31', 1, 'y')", "datetime_seconds_ymd", "2025-01-30 05:49:12"),
        ("@CALCDATE('now', 0.5, 'h')", "datetime_ymd", "2024-07-04 14:15"),
        ("@CALCDATE([born], [sex]*2, \"d\")", "date_ymd", "1990-06-19"),
        ("@CALCDATE(if([sex]='2', 'today', [born]), 1, 'd')", "date_ymd", "2024-07-05"),
        ("@CALCDATE([born], [weight], 'd')", "date_ymd", ""),
        ("@CALCDATE([weight], 1, 'd')", "date_ymd", ""),
        ("@CALCDATE(, 1, 'd')", "date_ymd", ""),
    ] {
        assert_eq!(computed(annotation, validation), result, "{annotation}");
    }
}

#[test]
fn if_tags_choose_tags() {
    let (metadata, table) = (study(), data());
    let project = Project::new(&metadata);
    let rows = TableRows::new(&project, &table);
    let (record, rules) = (rows.record(0), Rules::default());
    let context = RecordContext::new(&project, &record, rows.place(0), &rules, now());
    for (annotation, result) in [
        ("@HIDDEN", "@HIDDEN"),
        ("@X @IF([sex]='2', @READONLY, '') @Y", "@X @READONLY @Y"),
        ("@IF([sex]='1', @READONLY, '')", ""),
        (
            "@IF([sex]='1', @A, @IF([race(1)]='1', @DEFAULT='a, b' @MAX(1,2), @C))",
            "@DEFAULT='a, b' @MAX(1,2)",
        ),
    ] {
        assert_eq!(tags::resolve(annotation, &context, &rules).unwrap(), result, "{annotation}");
    }
    assert!(tags::resolve("@IF([sex]='1', @A)", &context, &rules).is_err());
    assert!(tags::resolve("@IF([nothing]='1', @A, @B)", &context, &rules).is_err());
    let deep = format!("{}@X{}", "@IF(1=1, ".repeat(1000), ", '')".repeat(1000));
    assert!(tags::resolve(&deep, &context, &rules).is_err());
}

#[test]
fn deep_nesting_is_refused_on_a_small_stack() {
    // Half of what threads get by default, without optimisation.
    let small = std::thread::Builder::new().stack_size(1 << 20);
    small.spawn(deep_nesting).unwrap().join().unwrap();
}

fn deep_nesting() {
    for (open, close) in
        [("(", ")"), ("not ", ""), ("!", ""), ("abs(", ")"), ("-(", ")"), ("2^", ""), ("if(1=1,", ",0)")]
    {
        let nested = |n: usize| format!("{}1{}", open.repeat(n), close.repeat(n));
        let deepest = nested(MAX_DEPTH - 1);
        let logic = parse(&deepest).unwrap();
        assert!(parse(&logic.to_string()).is_ok());
        assert!(in_row(&deepest, 0, &Rules::default()).is_ok());
        let error = parse(&nested(100_000)).unwrap_err();
        assert!(error.message.contains("nested"), "{open}: {error}");
    }
}

#[test]
fn long_chains_are_no_problem() {
    let rules = Rules::default();
    for (part, between) in [("[sex]='2'", " and "), ("[sex]='1'", " or "), ("1", "+"), ("1", "*"), ("1", "=")]
    {
        let long = vec![part; 50_000].join(between);
        assert!(in_row(&long, 0, &rules).is_ok(), "{part}{between}");
    }
    let many = format!("sum({})", vec!["1"; 50_000].join(","));
    assert_eq!(in_row(&many, 0, &rules).unwrap(), "50000");
}

/// Texts made of the pieces of the language, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "[sex]",
        "[race(1)]",
        "[weight]",
        "[v1_arm_1]",
        "[drug]",
        "[last-instance]",
        "[1]",
        "[born]",
        "(",
        ")",
        " and ",
        " or ",
        " not ",
        "!",
        "=",
        "<>",
        "<",
        ">=",
        "+",
        "-",
        "*",
        "/",
        "^",
        ",",
        "'",
        "\"",
        "''",
        "'a'",
        "'today'",
        "0",
        "1.5",
        "1e9",
        "if(",
        "datediff(",
        "round(",
        "sum(",
        "mid(",
        "'d'",
        " ",
        "\n",
        "#",
        "\\",
        "é",
        "@IF(",
        "@CALCTEXT(",
        "@CALCDATE(",
        "true",
        "log(",
        "replace_text(",
        "concat_ws(",
        "mod(",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Expressions that are valid, with every kind of node.
fn expressions() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "[sex]",
        "[race(1)]",
        "[v1_arm_1][weight]",
        "[drug][1]",
        "[born]",
        "1",
        "0.25",
        "-3",
        "'a'",
        "\"it's\"",
        "''",
        "'2024-01-01'",
        "'today'",
        "true",
        "'UNK'",
        "[event-name]",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(5, 40, 3, |inner| {
        let op = prop::sample::select(vec![
            "=", "<>", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", " and ", " or ", " AND ", "||",
        ]);
        let call = prop::sample::select(vec![
            "sum",
            "max",
            "concat",
            "median",
            "stdev",
            "if",
            "mid",
            "replace_text",
            "mean",
            "concat_ws",
        ]);
        let single = prop::sample::select(vec![
            "abs",
            "sqrt",
            "round",
            "rounddown",
            "roundup",
            "length",
            "upper",
            "trim",
            "year",
            "isnumber",
            "isblankormissingcode",
            "log",
            "exponential",
            "dayoftheweek",
        ]);
        prop_oneof![
            (inner.clone(), op, inner.clone()).prop_map(|(a, op, b)| format!("({a}{op}{b})")),
            (call, inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(f, a, b, c)| format!("{f}({a},{b}, {c})")),
            (single, inner.clone()).prop_map(|(f, a)| format!("{f}({a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})^({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("datediff({a},{b},'d',true)")),
            inner.prop_map(|a| format!("(not {a})")),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC*|(?s).*") {
        let _ = parse(&text);
        let _ = tags::find(&text);
    }

    #[test]
    fn no_pieces_make_the_engine_panic(text in pieces()) {
        let metadata = study();
        let project = Project::new(&metadata);
        match parse(&text) {
            Ok(logic) => {
                let _ = logic.lint(&project, Purpose::Branching { field: "note" });
                let printed = logic.to_string();
                prop_assert_eq!(parse(&printed).map(|l| l.to_string()), Ok(printed));
                for row in [0, 4] {
                    let _ = in_row(&text, row, &Rules::default());
                }
            }
            Err(error) => {
                prop_assert!(text.get(error.at.clone()).is_some(), "{} of {:?}", error, text);
            }
        }
        for tag in tags::find(&text) {
            prop_assert!(text.get(tag.at.clone()).is_some());
            let _ = tags::read_if(&text, &tag);
        }
        let _ = tags::computed(&text);
    }

    #[test]
    fn valid_logic_prints_as_logic_that_means_the_same(text in expressions()) {
        let logic = parse(&text).unwrap();
        let printed = logic.to_string();
        prop_assert_eq!(parse(&printed).unwrap().to_string(), printed.clone());
        for row in [0, 1, 4] {
            let rules = Rules::default();
            let (value, again) = (in_row(&text, row, &rules), in_row(&printed, row, &rules));
            prop_assert_eq!(value.map_err(|e| e.problem), again.map_err(|e| e.problem));
        }
    }

    #[test]
    fn a_bound_table_finds_the_rows_that_each_row_says(text in expressions()) {
        let (metadata, table) = (study(), data());
        let project = Project::new(&metadata);
        let rows = TableRows::new(&project, &table);
        let rules = Rules::default();
        let logic = parse(&format!("[sex]='2' or {text} and [pill]<>5")).unwrap();
        let bound = logic.bind(&rows, &rules, now()).unwrap();
        let mut expected = Vec::new();
        for row in 0..table.n_rows() {
            let record = rows.record(row);
            let context = RecordContext::new(&project, &record, rows.place(row), &rules, now());
            if logic.is_true(&context, &rules).unwrap() {
                expected.push(row as u32);
            }
        }
        prop_assert_eq!(bound.matching().unwrap(), expected);
    }
}
