//! Files as people really have them: what spreadsheets leave around a table, and files that are none.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod check_support;

use capscope::domain::check::{Cell, Rehearsal, Rule, Severity};
use check_support::{rehearsed, rehearsed_with, tags};

fn told(r: &Rehearsal) -> Vec<String> {
    r.findings.iter().map(|f| format!("{}: {}", r.where_is(f), r.sentence(f, false))).collect()
}

#[test]
fn lines_of_delimiters_are_no_rows_and_keep_no_file_back() {
    let r = rehearsed(
        "study_id,redcap_event_name,weight,sbp\n001,week_12_arm_1,70.5,120\n\n,,,\n003,week_4_arm_1,64,118\n , ,,\n",
    );
    assert!(r.may_be_sent(), "{:?}", tags(&r));
    assert_eq!((r.rows.len(), r.file.lines.as_slice()), (2, &[2, 5][..]));
    let note = r.findings.iter().find(|f| f.rule == Rule::EmptyLines).unwrap();
    assert_eq!(
        (note.rule.severity(), r.sentence(note, false)),
        (Severity::Note, "2 lines are left out: 4, 6.".into())
    );
    // A row with a value and no name is still refused.
    let r = rehearsed("study_id,redcap_event_name,weight\n,week_4_arm_1,70\n");
    assert!(!r.may_be_sent());
}

#[test]
fn titles_above_the_header_are_told_in_one_sentence() {
    let table = "study_id,redcap_event_name,weight,sbp\n001,week_12_arm_1,70.5,120\n";
    for (above, line) in
        [("Visit data export\n", 2), ("Site A,,,\n,,Vitals,\n", 3), ("Export of,2026-11-24\n\n\n", 4)]
    {
        let r = rehearsed(&format!("{above}{table}"));
        assert!(!r.may_be_sent());
        assert_eq!(
            told(&r),
            [format!(
                "the file: The first line has no column study_id, but line {line} has. Is that the header? Delete the lines above it."
            )]
        );
    }
    // Excel's own first line about the delimiter is no title.
    let r = rehearsed(&format!("sep=;\r\n{}", table.replace(',', ";")));
    assert!(r.may_be_sent(), "{:?}", tags(&r));
    assert_eq!((r.count(Cell::Changed), r.file.line(0)), (1, 3));
}

#[test]
fn a_header_alone_is_nothing_to_import() {
    let r = rehearsed("study_id,redcap_event_name,weight\n");
    assert_eq!(r.verdict(), "The file has no rows: there is nothing to import.");
    assert_eq!(tags(&r), ["no-rows the file"]);
    assert!(!r.may_be_sent());
    // What is wrong with the header is told first.
    let r = rehearsed("study_id,redcap_event_name,weihgt\n");
    assert!(r.verdict().starts_with("REDCap would refuse this file"));
}

#[test]
fn columns_without_a_name_are_told_by_their_place() {
    let r = rehearsed_with(
        b"study_id;redcap_event_name;weight;;\n001;week_12_arm_1;70.5;;x\n",
        capscope::domain::check::Settings::default(),
    );
    let places: Vec<String> = r.findings.iter().map(|f| r.where_is(f)).collect();
    assert_eq!(places, ["column 5 without a name", "column 4 without a name"]);
}
