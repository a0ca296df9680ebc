//! Checking an import: the scenarios of a data manager, on the BREATHE project.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod check_support;

use capscope::domain::check::{
    Cell, DateOrder, DateProof, Fix, Rehearsal, Rule, Settings, Severity, SourceFile, rehearse,
};
use capscope::domain::project::{Metadata, Readable};
use check_support::{breathe, rehearsed, rehearsed_with, tags};
use std::collections::BTreeSet;
use std::sync::Arc;

const GOOD: &str = "study_id,redcap_event_name,weight,sbp\n001,week_12_arm_1,70.5,120\n002,week_12_arm_1,82,\n003,week_4_arm_1,64,118\n";

fn counts(rehearsal: &Rehearsal) -> Vec<(Cell, usize)> {
    Cell::ALL
        .into_iter()
        .filter(|c| *c != Cell::Nothing && rehearsal.count(*c) > 0)
        .map(|c| (c, rehearsal.count(c)))
        .collect()
}

fn of(rehearsal: &Rehearsal, severity: Severity) -> Vec<Rule> {
    rehearsal.findings.iter().map(|f| f.rule).filter(|r| r.severity() == severity).collect()
}

fn sentences(rehearsal: &Rehearsal, rule: Rule) -> Vec<String> {
    rehearsal.findings.iter().filter(|f| f.rule == rule).map(|f| rehearsal.sentence(f, false)).collect()
}

fn fixes(rehearsal: &Rehearsal) -> Vec<Fix> {
    rehearsal.findings.iter().filter_map(|f| rehearsal.why(f)?.fix.clone()).collect()
}

#[test]
fn s10_clean_rehearsal() {
    let r = rehearsed(GOOD);
    assert!(r.may_be_sent(), "{:?}", tags(&r));
    assert_eq!((r.rows.len(), r.records.len(), r.effects.new_records), (3, 3, 0));
    assert_eq!(counts(&r), [(Cell::New, 3), (Cell::Changed, 1), (Cell::Same, 1), (Cell::Blank, 1)]);
    assert_eq!((r.stored_value(0, 2), r.value(0, 2)), ("71", "70.5"));
    let visits: Vec<(&str, &str)> =
        r.effects.new_visits.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(visits, [("002", "week_12_arm_1"), ("003", "week_4_arm_1")]);
    assert_eq!(tags(&r), ["B line 3", "B line 4"]);
    assert_eq!(sentences(&r, Rule::RequiredBlank), vec!["Required and blank: visit_date, meds_taken."; 2]);
    assert_eq!(r.effects.gray_to_red, 2);
}

#[test]
fn s10_only_the_touched_ids_and_fields_are_read() {
    let file = capscope::domain::check::SourceFile::read(GOOD.as_bytes(), &Settings::default()).unwrap();
    let wanted = capscope::domain::check::touched(&file, &breathe(), &Settings::default());
    assert_eq!(wanted.records, ["001", "002", "003"]);
    // The status of the touched form tells gray from red.
    assert_eq!(wanted.fields, ["weight", "sbp", "visit_complete"]);
    assert!(!wanted.groups);
}

#[test]
fn s11_dates() {
    let file = |dates: &[&str]| {
        // Each date is of a record of its own: two rows for one place would be doubles.
        let rows: Vec<String> =
            dates.iter().zip(1..).map(|(d, n)| format!("{n:03},baseline_arm_1,{d}\n")).collect();
        format!("study_id,redcap_event_name,visit_date\n{}", rows.concat())
    };
    let r = rehearsed(&file(&["03/04/2026", "13/04/2026", "05/06/2026"]));
    assert_eq!(r.dates, [(2, DateProof::Proven { order: DateOrder::Dmy, row: 1 })]);
    assert_eq!(r.value(0, 2), "2026-04-03");
    assert!(r.summary().iter().any(|l| l.contains("visit_date: dates are DMY (line 3 proves it)")));

    let r = rehearsed(&file(&["03/04/2026", "05/06/2026"]));
    assert!(!r.may_be_sent());
    assert_eq!(of(&r, Severity::Stopped), [Rule::AmbiguousDates]);
    let both = sentences(&r, Rule::AmbiguousDates);
    assert!(both[0].contains("2026-04-03") && both[0].contains("2026-03-04"), "{both:?}");

    let chosen = Settings { dates: Some(DateOrder::Mdy), ..Settings::default() };
    let r = rehearsed_with(file(&["03/04/2026", "05/06/2026"]).as_bytes(), chosen);
    assert!(r.may_be_sent(), "{:?}", tags(&r));
    assert_eq!(r.value(0, 2), "2026-03-04");

    let r = rehearsed(&file(&["2026-04-03", "03/04/2026"]));
    assert_eq!(of(&r, Severity::Refused), [Rule::MixedDates]);
    assert_eq!(
        sentences(&r, Rule::MixedDates),
        [
            "visit_date: line 2 has 2026-04-03 (year first), line 3 has 03/04/2026 (year last). Write all dates as Y-M-D."
        ]
    );
    let r = rehearsed(
        "study_id,redcap_event_name,dob\n001,screening_arm_1,13/04/1960\n002,screening_arm_1,04/13/1960\n",
    );
    let mixed = r.findings.iter().find(|f| f.rule == Rule::MixedDates).unwrap();
    assert!(
        r.sentence(mixed, false)
            .contains("line 2 has 13/04/1960 (day first), line 3 has 04/13/1960 (month first)")
    );
    assert!(r.sentence(mixed, true).contains("line 2 has •••••• (day first)"), "{}", r.sentence(mixed, true));

    let r = rehearsed(&file(&["31/02/2026", "46115", "13/04/2026"]));
    assert_eq!(of(&r, Severity::Refused), [Rule::BadDate, Rule::BadDate]);
    let hints = sentences(&r, Rule::BadDate);
    assert_eq!(hints[0], "\"31/02/2026\" is not in the calendar, read as DMY.");
    assert!(hints[1].contains("46115") && hints[1].contains("2026-04-03"), "{hints:?}");
}

#[test]
fn s12_excel_and_pandas_damage() {
    let r = rehearsed(
        "study_id,redcap_event_name,weight\n1,week_4_arm_1,70\n2,week_4_arm_1,81\n3,week_4_arm_1,64\n",
    );
    assert_eq!(of(&r, Severity::Stopped), [Rule::LostZeros]);
    let what = sentences(&r, Rule::LostZeros);
    assert!(what[0].contains("3 NEW records") && what[0].contains("3 digits"), "{what:?}");
    let pad = Settings { fixes: BTreeSet::from([Fix::PadIds { width: 3 }]), ..Settings::default() };
    let r = rehearsed_with(
        b"study_id,redcap_event_name,weight\n1,week_4_arm_1,70\n2,week_4_arm_1,81\n3,week_4_arm_1,64\n",
        pad,
    );
    assert!(r.may_be_sent(), "{:?}", tags(&r));
    assert_eq!(r.record_name(0), "001");
    assert_eq!(r.count(Cell::Same), 1);

    let r = rehearsed("study_id,redcap_event_name,zip,sex,mrn\n001,screening_arm_1,98105.0,1.0,1.2345E+04\n");
    assert_eq!(
        r.findings.iter().map(|f| f.rule).collect::<Vec<_>>(),
        [Rule::BadFormat, Rule::BadCode, Rule::LostDigits]
    );
    let r2 = rehearsed("study_id,redcap_event_name,meds_taken\n001,week_4_arm_1,TRUE\n");
    let all: Vec<Fix> = fixes(&r).into_iter().chain(fixes(&r2)).collect();
    let sure: Vec<String> = all.iter().filter(|f| f.is_sure()).map(ToString::to_string).collect();
    assert_eq!(sure, ["in sex, read \"1.0\" as \"1\""]);
    let asked: Vec<String> = all.iter().filter(|f| !f.is_sure()).map(ToString::to_string).collect();
    assert_eq!(asked, ["in zip, read \"98105.0\" as \"98105\"", "in meds_taken, read \"TRUE\" as \"1\""]);
    // A corrected file is clean; the exponent cannot be corrected.
    let fixed = Settings { fixes: all.into_iter().collect(), ..Settings::default() };
    let r = rehearsed_with(
        b"study_id,redcap_event_name,zip,sex,mrn\n001,screening_arm_1,98105.0,1.0,1.2345E+04\n",
        fixed,
    );
    assert_eq!(
        r.findings.iter().map(|f| f.rule).filter(|r| r.severity() <= Severity::Stopped).collect::<Vec<_>>(),
        [Rule::LostDigits]
    );
    assert_eq!((r.value(0, 2), r.value(0, 3)), ("98105", "1"));
}

#[test]
fn s13_labels_and_numeric_labels() {
    let r = rehearsed("study_id,redcap_event_name,sex\n001,screening_arm_1,Female\n");
    assert_eq!(of(&r, Severity::Refused), [Rule::BadCode]);
    assert_eq!(fixes(&r)[0].to_string(), "in sex, read \"Female\" as \"2\"");
    assert!(!fixes(&r)[0].is_sure());

    let r = rehearsed("study_id,redcap_event_name,smoker\n001,week_4_arm_1,1\n");
    assert!(r.may_be_sent());
    let what = sentences(&r, Rule::LabelIsCode);
    assert!(what[0].contains("code 1 (\"0 per day\")") && what[0].contains("code 2"), "{what:?}");

    let r = rehearsed(
        "study_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,ae_grade\n001,ongoing_arm_1,ae_log,2,6\n",
    );
    let what = sentences(&r, Rule::BadCode);
    assert!((1..=5).all(|n| what[0].contains(&n.to_string())), "{what:?}");

    let r = rehearsed("study_id,redcap_event_name,race___4,race___0\n001,screening_arm_1,1,0\n");
    assert_eq!(of(&r, Severity::Refused), [Rule::UnknownColumn]);
    assert!(sentences(&r, Rule::UnknownColumn)[0].contains("race___3"));
    assert_eq!(r.cell(0, 3), Cell::Same, "an unticked box stays unticked");
}

#[test]
fn s14_missing_coordinates() {
    let r = rehearsed("study_id,redcap_event_name,ae_term,ae_start\n001,,Headache,2026-02-01\n");
    let rules: Vec<Rule> = r.findings.iter().map(|f| f.rule).collect();
    assert_eq!(rules, [Rule::NeedsInstance, Rule::EventMissing], "{:?}", tags(&r));

    let row = |instance: &str| {
        format!(
            "study_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,ae_term\n001,ongoing_arm_1,ae_log,{instance},Headache\n"
        )
    };
    let r = rehearsed(&row(""));
    assert_eq!(fixes(&r), [Fix::NewInstances]);
    // The same where the column of the instance is not there at all, where the event is blank too,
    // and beside a row that lacks the instrument as well.
    let no_column =
        "study_id,redcap_event_name,redcap_repeat_instrument,ae_term\n001,ongoing_arm_1,ae_log,Headache\n";
    assert_eq!(fixes(&rehearsed(no_column)), [Fix::NewInstances]);
    let new = Settings { fixes: BTreeSet::from([Fix::NewInstances]), ..Settings::default() };
    let r = rehearsed_with(no_column.as_bytes(), new.clone());
    assert!(r.may_be_sent() && r.is_new_instance(0), "{:?}", tags(&r));
    assert!(r.data(&r.batches(1)[0]).contains("\"redcap_repeat_instance\":\"new\""));
    let no_event = row("").replace("ongoing_arm_1", "");
    let rules: Vec<Rule> = rehearsed(&no_event).findings.iter().map(|f| f.rule).collect();
    assert_eq!(rules, [Rule::NeedsInstance, Rule::EventMissing]);
    assert_eq!(fixes(&rehearsed(&no_event)), [Fix::NewInstances]);
    let rules: Vec<Rule> =
        rehearsed_with(no_event.as_bytes(), new.clone()).findings.iter().map(|f| f.rule).collect();
    assert_eq!(rules, [Rule::EventMissing], "the accepted suggestion holds here too");
    // And where the token may not read what repeats: an instrument is only named where it does.
    let metadata = Metadata { repeating: Readable::NotAsked, ..breathe() };
    let hidden = |settings: &Settings| {
        let file = Arc::new(SourceFile::read(row("").as_bytes(), settings).unwrap());
        rehearse(&file, &metadata, settings, None, jiff::civil::date(2026, 3, 10).at(12, 0, 0, 0))
    };
    assert_eq!(fixes(&hidden(&Settings::default())), [Fix::NewInstances]);
    assert!(hidden(&new).is_new_instance(0));
    let beside = row("").replace("\n001,ongoing", "\n001,,,,Cough\n001,ongoing");
    assert_eq!(fixes(&rehearsed(&beside)), [Fix::NewInstances]);
    let r = rehearsed(&row("3"));
    assert!(r.may_be_sent());
    assert_eq!((r.rows[0].stored, r.cell(0, 4)), (None, Cell::New));
    let r = rehearsed(&row("2"));
    assert!(r.rows[0].stored.is_some());
    assert_eq!((r.cell(0, 4), r.stored_value(0, 4), r.value(0, 4)), (Cell::Changed, "Rash", "Headache"));
    let r = rehearsed(&row("new"));
    assert!(r.may_be_sent() && r.is_new_instance(0));

    let r = rehearsed("study_id,redcap_event_name,weight\n001,ongoing_arm_1,70\n");
    assert_eq!(of(&r, Severity::Refused), [Rule::NotDesignated]);
    let what = sentences(&r, Rule::NotDesignated);
    assert!(what[0].contains("baseline_arm_1") && what[0].contains("unscheduled_arm_1"), "{what:?}");
}

#[test]
fn s15_blanks_twice() {
    let text = "study_id,redcap_event_name,weight,sbp\n001,baseline_arm_1,,\n001,week_4_arm_1,,\n";
    let r = rehearsed(text);
    assert_eq!(counts(&r), [(Cell::Kept, 4)]);
    let r = rehearsed_with(text.as_bytes(), Settings { overwrite: true, ..Settings::default() });
    assert_eq!(counts(&r), [(Cell::Erased, 4)]);
    assert!(sentences(&r, Rule::BlankColumnErases).iter().any(|s| s.contains("sbp is entirely blank")));
    assert_eq!(r.stored_value(0, 2), "72.5");
}

#[test]
fn s16_duplicate_keys() {
    let r = rehearsed(
        "study_id,redcap_event_name,weight\n001,week_4_arm_1,70\n001,week_4_arm_1,72\n002,week_4_arm_1,81\n002,week_4_arm_1,81\n",
    );
    assert_eq!(of(&r, Severity::Stopped), [Rule::ConflictingRows]);
    // Both values are told, and which of the file's rows are one too many.
    assert_eq!(
        sentences(&r, Rule::ConflictingRows),
        ["Line 2 is for the same place. There and here: weight \"70\" and \"72\"."]
    );
    assert!(r.summary().iter().any(|l| l.starts_with("4 rows (2 of them for a place that another has), 2")));
    assert!(tags(&r).contains(&"rows-twice line 5".to_owned()));
    let places: BTreeSet<String> = r.rows.iter().map(|row| format!("{:?}", row.place)).collect();
    assert_eq!((r.rows.len(), places.len()), (4, 2));

    let r = rehearsed(
        "study_id,redcap_event_name,first_name,zip\n001,screening_arm_1,Secret,98105\n001,screening_arm_1,,98106\n",
    );
    let conflict = r.findings.iter().find(|f| f.rule == Rule::ConflictingRows).unwrap();
    assert!(
        r.sentence(conflict, false).contains("first_name \"Secret\" and blank, zip \"98105\" and \"98106\"")
    );
    let masked = r.sentence(conflict, true);
    assert!(masked.contains("first_name •••••• and blank, zip \"98105\""), "{masked}");
    assert!(!masked.contains("Secret"), "{masked}");
}

#[test]
fn s17_what_redcap_would_accept() {
    let r = rehearsed(
        "study_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,weight,pregnant,visit_date,ae_term,phq_total\n\
         002,baseline_arm_1,,,500,1,,,\n\
         003,week_4_arm_1,,,64,,,,7\n\
         001,ongoing_arm_1,ae_log,5,,,,Cough,\n\
         001,screening_arm_1,,,,,,,\n",
    );
    assert!(r.may_be_sent());
    let mut warned: Vec<&str> = of(&r, Severity::Warning).iter().map(|r| r.tag()).collect();
    warned.sort_unstable();
    assert_eq!(warned, ["B", "D", "F", "calc", "empty-row", "gap"], "{:?}", tags(&r));
    assert!(r.verdict().contains("without saying anything"));
    let said: Vec<String> = r.findings.iter().map(|f| r.sentence(f, false)).collect();
    assert!(said.iter().any(|s| s == "500 is outside 30 to 250."), "{said:#?}");
}

#[test]
fn a_limit_is_told_as_it_is() {
    let mut metadata = breathe();
    let mut fields = metadata.dictionary.fields().to_vec();
    for (at, kind, min, max) in
        [("weight", "text", "30", ""), ("sbp", "text", "", "260"), ("meds_taken", "slider", "", "50")]
    {
        let field = fields.iter_mut().find(|f| f.name == at).unwrap();
        field.field_type = kind.into();
        (field.validation_min, field.validation_max) = (min.into(), max.into());
    }
    metadata.dictionary = capscope::domain::dictionary::Dictionary::new(fields);
    let settings = Settings::default();
    let text = "study_id,redcap_event_name,weight,sbp,meds_taken\n001,week_12_arm_1,12,400,-5\n";
    let file =
        std::sync::Arc::new(capscope::domain::check::SourceFile::read(text.as_bytes(), &settings).unwrap());
    let now = jiff::civil::date(2026, 3, 10).at(12, 0, 0, 0);
    let r = capscope::domain::check::rehearse(&file, &metadata, &settings, None, now);
    let said: Vec<String> = r.findings.iter().map(|f| r.sentence(f, false)).collect();
    for words in ["12 is below 30.", "400 is above 260.", "-5 is outside 0 to 50."] {
        assert!(said.iter().any(|s| s == words), "{words:?} is not in {said:#?}");
    }
}

#[test]
fn s18_missing_data_codes() {
    let row = |column: &str, value: &str| {
        rehearsed(&format!("study_id,redcap_event_name,{column}\n001,week_4_arm_1,{value}\n"))
    };
    for (column, value, ok) in [
        ("weight", "UNK", true),
        ("visit_date", "NASK", true),
        ("weight", "-999", false),
        ("weight", "unk", false),
        ("visit_complete", "UNK", false),
        ("visit_complete", "2", true),
    ] {
        assert_eq!(row(column, value).may_be_sent(), ok, "{column} = {value}");
    }
    assert_eq!(fixes(&row("weight", "unk"))[0].to_string(), "in weight, read \"unk\" as \"UNK\"");
}

#[test]
fn s19_encoding_and_dialect() {
    let expected = counts(&rehearsed(GOOD));
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(GOOD.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let with_bom = format!("\u{feff}{GOOD}");
    let semicolons = GOOD.replace(',', ";").replace("70.5", "70,5");
    let tabs = GOOD.replace(',', "\t");
    let crlf = GOOD.replace('\n', "\r\n");
    let trailing = GOOD.replace('\n', ",\n");
    for (name, bytes, described) in [
        ("bom", with_bom.as_bytes(), "UTF-8 with a byte order mark"),
        ("utf-16", utf16.as_slice(), "UTF-16LE"),
        ("tabs", tabs.as_bytes(), "tabs"),
        ("crlf", crlf.as_bytes(), "UTF-8"),
        ("trailing", trailing.as_bytes(), "commas"),
    ] {
        let r = rehearsed_with(bytes, Settings::default());
        assert_eq!(counts(&r), expected, "{name}");
        assert!(r.may_be_sent(), "{name}");
        assert!(r.summary()[0].contains(described), "{name}: {}", r.summary()[0]);
        assert_eq!(r.columns[0].name, "study_id", "{name}");
    }
    let r = rehearsed(&trailing);
    assert!(tags(&r).iter().any(|t| t.starts_with("empty-column")), "{:?}", tags(&r));
    let r = rehearsed(&GOOD.replace('\n', ",x\n").replacen(",x\n", ",\n", 1));
    assert_eq!(of(&r, Severity::Refused), [Rule::UnknownColumn], "a nameless column with values stays");

    let r = rehearsed(&semicolons);
    assert_eq!(of(&r, Severity::Refused), [Rule::BadFormat]);
    assert_eq!(fixes(&r)[0].to_string(), "in weight, read \"70,5\" as \"70.5\"");
    assert_eq!(r.count(Cell::New), 3, "the other cells are as before");

    let (windows, _, _) =
        encoding_rs::WINDOWS_1252.encode("study_id,redcap_event_name,first_name\n003,screening_arm_1,Siân\n");
    let r = rehearsed_with(&windows, Settings::default());
    assert_eq!((r.file.encoding, r.cell(0, 2)), ("windows-1252", Cell::Same));

    let quoted = "study_id,redcap_event_name,notes_free\r\n001,screening_arm_1,\"Prefers calls in the morning.\r\nBrings her own inhaler.\"\r\n";
    assert_eq!(counts(&rehearsed(quoted)), [(Cell::Same, 1)], "line ends are no change");

    let r = rehearsed(
        "study_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,ae_term\n001,ongoing_arm_1,ae_log,2,Rash\u{a0}\n",
    );
    assert_eq!(of(&r, Severity::Warning), [Rule::HiddenCharacters]);
    assert!(sentences(&r, Rule::HiddenCharacters)[0].contains("U+00A0"));
    assert_eq!(r.value(0, 4), "Rash\u{a0}", "not trimmed silently");
}

#[test]
fn a_value_of_an_identifier_is_not_in_a_masked_sentence() {
    let r = rehearsed("study_id,redcap_event_name,dob\n001,screening_arm_1,not-a-date\n");
    let finding = &r.findings[0];
    assert!(r.sentence(finding, false).contains("not-a-date"));
    assert!(!r.sentence(finding, true).contains("not-a-date"));
}

#[test]
fn batches_hold_whole_records_and_the_payload_only_what_is_sent() {
    let r = rehearsed(&format!("{GOOD}001,week_4_arm_1,70,\n"));
    let batches = r.batches(2);
    assert_eq!(
        batches.iter().map(|b| b.records.clone()).collect::<Vec<_>>(),
        [vec!["001", "002"], vec!["003"]]
    );
    assert_eq!(batches[0].rows, [0, 3, 1]);
    let data: serde_json::Value = serde_json::from_str(&r.data(&batches[1])).unwrap();
    assert_eq!(
        data,
        serde_json::json!([{"study_id": "003", "redcap_event_name": "week_4_arm_1", "weight": "64", "sbp": "118"}])
    );
}

#[test]
fn where_blanks_erase_nothing_unseen_is_erased_and_leaving_a_group_is_told() {
    use capscope::domain::check::{SourceFile, Stored, rehearse};
    use capscope::domain::table::TableBuilder;
    use std::sync::Arc;
    let metadata = breathe();
    let settings = Settings { overwrite: true, ..Settings::default() };
    let text = "study_id,redcap_event_name,redcap_data_access_group,weight,sbp\n001,baseline_arm_1,,72.5,\n";
    let file = Arc::new(SourceFile::read(text.as_bytes(), &settings).unwrap());
    // The token's export rights hide sbp.
    let mut rows = TableBuilder::new([
        "study_id",
        "redcap_event_name",
        "redcap_repeat_instrument",
        "redcap_repeat_instance",
        "redcap_data_access_group",
        "weight",
        "visit_complete",
    ]);
    rows.push_row(["001", "baseline_arm_1", "", "", "site_a", "72.5", "2"]);
    let stored = Arc::new(Stored { rows: rows.finish(), ids: None });
    let now = jiff::civil::date(2026, 3, 10).at(12, 0, 0, 0);
    let r = rehearse(&file, &metadata, &settings, Some(&stored), now);
    assert_eq!(of(&r, Severity::Stopped), [Rule::UnseenErasure]);
    assert_eq!(r.effects.moves, [(0, "site_a".to_owned(), String::new())]);
    let normal = Settings::default();
    let r = rehearse(&file, &metadata, &normal, Some(&stored), now);
    assert!(r.may_be_sent() && r.effects.moves.is_empty(), "{:?}", tags(&r));
}
