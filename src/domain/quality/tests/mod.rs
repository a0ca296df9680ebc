//! The rules over projects made for them: each count is worked out by hand beside its reason.

mod fine_print;

use super::*;
use crate::domain::choices::Choice;
use crate::domain::dictionary::{Dictionary, Field, FieldType};
use crate::domain::event::Repeating;
use crate::domain::logic::Project;
use crate::domain::project::{Metadata, Readable};
use crate::domain::record::column;
use crate::domain::table::{RecordTable, TableBuilder};
use jiff::civil::DateTime;
use std::collections::HashMap;

fn now() -> DateTime {
    jiff::civil::date(2024, 7, 4).at(13, 45, 30, 0)
}

fn field(name: &str, form: &str, kind: &str, validation: &str, more: impl FnOnce(&mut Field)) -> Field {
    let mut field = Field::new(name, form);
    field.field_type = FieldType::from(kind);
    field.validation = validation.into();
    more(&mut field);
    field
}

fn range(low: &'static str, high: &'static str) -> impl FnOnce(&mut Field) {
    move |f| {
        f.validation_min = low.into();
        f.validation_max = high.into();
    }
}

fn choices(text: &'static str) -> impl FnOnce(&mut Field) {
    move |f| f.choices_or_calculations = text.into()
}

/// Rows as maps; what a row does not name is blank.
fn table(columns: &[&str], rows: &[HashMap<&str, &str>]) -> RecordTable {
    let mut builder = TableBuilder::new(columns.iter().copied());
    for row in rows {
        builder.push_row(columns.iter().map(|c| row.get(c).copied().unwrap_or_default()));
    }
    builder.finish()
}

fn run(metadata: &Metadata, checks: &Checks, table: &RecordTable) -> Report {
    let mut run = Run::new(metadata, checks, now());
    run.feed(table);
    run.finish()
}

/// A classic project with a repeating instrument, as the fixture with published counts has it.
fn feature() -> Metadata {
    let mut metadata = Metadata::default();
    metadata.info.missing_data_codes = vec![Choice::new("UNK", "Unknown")];
    metadata.info.has_repeating = true;
    let shown_if_yes = |f: &mut Field| f.branching_logic = "[yn]='1'".into();
    metadata.dictionary = Dictionary::new(vec![
        field("record_id", "base", "text", "", |_| ()),
        field("ptname", "base", "text", "", |f| f.required = true),
        field("name", "base", "text", "", |_| ()),
        field("dob", "base", "text", "date_mdy", |_| ()),
        field("num", "base", "text", "number", range("0", "100")),
        field("int", "base", "text", "integer", range("1", "10")),
        field("one", "base", "text", "number_1dp", range("", "5.0")),
        field("com", "base", "text", "number_comma_decimal", range("", "2,5")),
        field("sld", "base", "slider", "", |_| ()),
        field("radio", "base", "radio", "", choices("1, One | 2, Two | 9..9, Odd")),
        field("box", "base", "checkbox", "", choices("1, A | -4, B")),
        field("yn", "base", "yesno", "", |_| ()),
        field("if_yes", "base", "text", "", shown_if_yes),
        field("box_if_yes", "base", "checkbox", "", |f| {
            f.choices_or_calculations = "1, A".into();
            f.branching_logic = "[yn]='1'".into();
        }),
        field("must_if_yes", "base", "text", "", |f| {
            f.branching_logic = "[yn]='1'".into();
            f.required = true;
        }),
        field("tenth", "base", "calc", "", choices("round([sld]/10, 1)")),
        field("said", "base", "descriptive", "", |_| ()),
        field("vdate", "visit", "text", "date_ymd", |_| ()),
        field("vnote", "visit", "notes", "", |_| ()),
    ]);
    metadata.repeating = Readable::Known(vec![Repeating {
        event: String::new(),
        form: "visit".into(),
        custom_label: String::new(),
    }]);
    metadata
}

const COLUMNS: &[&str] = &[
    "record_id",
    column::REPEAT_INSTRUMENT,
    column::REPEAT_INSTANCE,
    "ptname",
    "name",
    "dob",
    "num",
    "int",
    "one",
    "com",
    "sld",
    "radio",
    "box___1",
    "box____4",
    "box___unk",
    "yn",
    "if_yes",
    "box_if_yes___1",
    "must_if_yes",
    "tenth",
    "base_complete",
    "vdate",
    "vnote",
    "visit_complete",
];

/// Eight records with visits. Everything that is not said is in order.
fn feature_data() -> RecordTable {
    let usual = [
        ("ptname", "Ann"),
        ("name", "Ann"),
        ("dob", "1990-06-15"),
        ("num", "50"),
        ("int", "5"),
        ("one", "1.0"),
        ("com", "1,0"),
        ("sld", "50"),
        ("radio", "1"),
        ("box___1", "1"),
        ("box____4", "0"),
        ("box___unk", "0"),
        ("yn", "1"),
        ("if_yes", "x"),
        ("box_if_yes___1", "1"),
        ("must_if_yes", "x"),
        ("tenth", "5"),
        ("base_complete", "2"),
    ];
    let no = [("yn", "0"), ("if_yes", ""), ("box_if_yes___1", "0"), ("must_if_yes", "")];
    let mut odd: HashMap<u8, Vec<(&str, &str)>> = HashMap::new();
    // C: not stored as Y-M-D. G: none, 9..9 is a choice. The names differ.
    odd.insert(1, vec![("name", "Ann B"), ("dob", "12/31/2001"), ("radio", "9..9")]);
    // I: a code. C: a code is no error. G: 01 is not 1. The names differ.
    odd.insert(2, vec![("name", "Ann B"), ("dob", "UNK"), ("radio", "01")]);
    // F: hidden and filled. Boxes not ticked do not count. The names differ.
    odd.insert(3, [&no[..], &[("if_yes", "x"), ("name", "Ann B")]].concat());
    // I: two codes. F: a code that is hidden does not count.
    odd.insert(4, [&no[..], &[("if_yes", "UNK"), ("radio", "UNK")]].concat());
    // B and A: the name is required; `must_if_yes` is hidden. D: too high. Two blank names are equal.
    odd.insert(5, [&no[..], &[("ptname", ""), ("name", ""), ("com", "9,9")]].concat());
    // B and A again. I: a code as a box, which is no blank. D: too high, and no outlier by its type.
    odd.insert(6, vec![("ptname", ""), ("name", ""), ("one", "9.9"), ("box___1", "0"), ("box___unk", "1")]);
    // A: `yn` itself; what depends on it is hidden. D and E: 99.
    odd.insert(7, [&no[..], &[("yn", ""), ("int", "99")]].concat());
    // A: no box ticked. D and E: 150.
    odd.insert(8, vec![("box___1", "0"), ("num", "150")]);
    let names = ["1", "2", "3", "4", "5", "6", "7", "8"];
    let mut rows: Vec<HashMap<&str, &str>> = Vec::new();
    for (name, number) in names.into_iter().zip(1_u8..) {
        let mut row: HashMap<&str, &str> = usual.into_iter().collect();
        row.extend(odd.remove(&number).unwrap_or_default());
        row.insert("record_id", name);
        rows.push(row);
        let instances: &[&str] = match number {
            1 => &["1", "2", "3"],
            2 | 3 | 5 => &["1"],
            _ => &[],
        };
        for &instance in instances {
            let mut visit = HashMap::from([
                ("record_id", name),
                (column::REPEAT_INSTRUMENT, "visit"),
                (column::REPEAT_INSTANCE, instance),
                ("vdate", "2024-01-01"),
                ("vnote", "fine"),
                ("visit_complete", "2"),
            ]);
            // A: the date of one visit.
            if (number, instance) == (1, "2") {
                visit.insert("vdate", "");
            }
            rows.push(visit);
        }
    }
    table(COLUMNS, &rows)
}

/// Where a rule's findings are: `record field`, with the instance where there is one.
fn places(report: &RuleReport) -> Vec<String> {
    let place = |f: &Finding| {
        let instance = f.place.instance.map(|n| format!("#{n}")).unwrap_or_default();
        format!("{}{instance} {}", f.place.record, f.field)
    };
    report.findings.iter().map(place).collect()
}

#[test]
fn the_rules_give_the_documented_counts() {
    let metadata = feature();
    let names = CustomRule::read("Names", "[ptname]<>[name]", &Project::new(&metadata)).unwrap();
    let mut checks = Checks::all(true);
    checks.rules.push(Rule::Custom(names));
    let report = run(&metadata, &checks, &feature_data());
    let expected: [(&str, &[&str]); 10] = [
        ("A", &["1#2 vdate", "5 ptname", "5 name", "6 ptname", "6 name", "7 yn", "8 box"]),
        ("B", &["5 ptname", "6 ptname"]),
        ("C", &["1 dob"]),
        ("D", &["5 com", "6 one", "7 int", "8 num"]),
        ("E", &["8 num", "7 int"]),
        ("F", &["3 if_yes"]),
        ("G", &["2 radio"]),
        ("H", &[]),
        ("I", &["2 dob", "4 radio", "4 if_yes", "6 box"]),
        // Base rows and instance rows both see the names: four rows of record 1, two of 2 and of 3.
        (
            "+",
            &[
                "1 ptname",
                "1#1 ptname",
                "1#2 ptname",
                "1#3 ptname",
                "2 ptname",
                "2#1 ptname",
                "3 ptname",
                "3#1 ptname",
            ],
        ),
    ];
    assert_eq!(report.rules.len(), expected.len());
    for (rule, (sign, list)) in report.rules.iter().zip(expected) {
        assert_eq!(rule.rule.sign(), sign);
        assert_eq!(places(rule), list, "rule {sign}");
        assert_eq!(rule.found, list.len());
        assert!(rule.remarks.is_empty(), "{:?}", rule.remarks);
    }
    assert_eq!((report.records, report.rows), (8, 14));
}

#[test]
fn what_is_said_of_a_finding() {
    let report = run(&feature(), &Checks::all(true), &feature_data());
    let words = |at: usize| -> Vec<(String, String)> {
        report.rules[at].findings.iter().map(|f| (f.value.clone(), f.note.words(false, false))).collect()
    };
    let own = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    };
    assert_eq!(words(2), own(&[("12/31/2001", "is no date_mdy")]));
    assert_eq!(
        words(3),
        own(&[("9,9", "above 2,5"), ("9.9", "above 5.0"), ("99", "above 10"), ("150", "above 100")])
    );
    assert_eq!(words(4)[0], ("150".to_owned(), "mean 62.5, SD 35.36, n 8".to_owned()));
    assert_eq!(words(6), own(&[("01", "is not among the choices")]));
    assert_eq!(words(8)[3], ("UNK".to_owned(), "Unknown".to_owned()));
    // Rule B depends on no blank; hidden fields that hold values might.
    assert!(report.rules[1].findings.iter().all(|f| !f.depends_on_blanks));
}

#[test]
fn batches_give_what_one_table_gives() {
    let (metadata, whole) = (feature(), feature_data());
    let checks = Checks::all(true);
    let at_once = run(&metadata, &checks, &whole);
    let mut in_batches = Run::new(&metadata, &checks, now());
    for names in [&["1", "2", "3"][..], &["4"], &["5", "6", "7", "8"]] {
        let mut part = TableBuilder::new(whole.column_names());
        for row in (0..whole.n_rows()).filter(|row| names.contains(&whole.cell(*row, 0))) {
            part.push_row((0..whole.n_columns()).map(|c| whole.cell(row, c)));
        }
        in_batches.feed(&part.finish());
    }
    assert_eq!(in_batches.finish(), at_once);
}

#[test]
fn all_findings_are_counted_and_some_are_kept() {
    let checks = Checks { kept: 3, ..Checks::all(true) };
    let report = run(&feature(), &checks, &feature_data());
    let counts: Vec<(usize, usize, usize)> =
        report.rules.iter().map(|r| (r.found, r.findings.len(), r.not_kept())).collect();
    assert_eq!(counts[0], (7, 3, 4));
    assert_eq!(counts[4], (2, 2, 0));
    assert_eq!(report.found(), 22);
}

#[test]
fn only_what_the_rules_need_is_asked_for() {
    let metadata = feature();
    let needs = |checks: &Checks| needed(&metadata, checks);
    let only = |letter| Checks::new(vec![Rule::Standard(letter)]);
    assert_eq!(needs(&only(Letter::C)).fields, ["dob", "num", "int", "one", "com", "vdate"]);
    // The fields that are hidden, and what their logic refers to.
    assert_eq!(needs(&only(Letter::F)).fields, ["yn", "if_yes", "box_if_yes", "must_if_yes"]);
    assert_eq!(needs(&only(Letter::H)).fields, ["sld", "tenth", "base_complete", "visit_complete"]);
    let visit = Checks { forms: vec!["visit".into()], ..only(Letter::A) };
    assert_eq!(needs(&visit).fields, ["vdate", "vnote", "base_complete", "visit_complete"]);
    let logic =
        CustomRule::read("", "[box(1)]='1' and [visit_complete]=2", &Project::new(&metadata)).unwrap();
    let custom = needs(&Checks::new(vec![Rule::Custom(logic)]));
    assert_eq!(custom.fields, ["box", "visit_complete"]);
    assert_eq!(custom.columns, ["box___1", "box____4", "visit_complete"]);
    let mut without_codes = metadata.clone();
    without_codes.info.missing_data_codes.clear();
    assert!(needed(&without_codes, &only(Letter::I)).fields.is_empty());
}

#[test]
fn the_name_of_a_rule_holds_no_values() {
    let metadata = feature();
    let project = Project::new(&metadata);
    let rule = Rule::Custom(CustomRule::read(" ", "[name]='Smith'", &project).unwrap());
    assert_eq!(rule.title(), "[name]='Smith'");
    assert_eq!(rule.key(), "logic-bae44042508af650");
    for wrong in ["[nothing]=1", "[name", "[box]=1"] {
        assert!(CustomRule::read("", wrong, &project).is_err(), "{wrong}");
    }
}
