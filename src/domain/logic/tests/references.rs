//! What references mean at a place, and filters over rows.

use super::*;

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
fn what_a_row_cannot_hold_is_blank_in_it() {
    let metadata = study();
    let project = Project::new(&metadata);
    // No row of a repeating instrument; texts where none can be.
    let mut table = TableBuilder::new(["id", "redcap_event_name", "drug", "weight", "sex"]);
    table.push_row(["7", "base_arm_1", "x", "70", "2"]);
    table.push_row(["7", "v1_arm_1", "x", "70", "2"]);
    let table = table.finish();
    let rows = TableRows::new(&project, &table);
    let rules = Rules::default();
    for (text, expected) in
        [("[drug]", ["", ""]), ("[weight]", ["", "70"]), ("[sex]", ["2", ""]), ("[id]", ["7", "7"])]
    {
        let logic = parse(text).unwrap();
        let bound = logic.bind(&rows, &rules, now()).unwrap();
        for (row, expected) in expected.into_iter().enumerate() {
            let record = rows.record(row);
            let context = RecordContext::new(&project, &record, rows.place(row), &rules, now());
            let by_record = logic.eval(&context, &rules).unwrap();
            assert_eq!(by_record.to_text(&rules), expected, "{text} {row}");
            assert_eq!(bound.value(row).unwrap().to_text(&rules), expected, "{text} {row}");
        }
    }
}
