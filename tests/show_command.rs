//! `capscope show`: every section as plain text that a screen reader can read out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

use std::process::Command;

/// Runs the program with a home of its own; gives whether it went well, and what it said.
fn show(words: &str) -> (bool, String, String) {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_capscope"))
        .arg("show")
        .args(words.split_whitespace())
        .env("CAPSCOPE_HOME", home.path())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

fn shown(words: &str) -> String {
    let (well, text, said) = show(words);
    assert!(well, "{words}: {said}");
    text
}

#[test]
fn every_section_is_headings_and_one_fact_a_line() {
    for (words, expected) in [
        ("overview", "Status: Production since"),
        ("overview", "\n\nEvent 1: Screening\nUnique name: screening_arm_1\n"),
        ("instruments", "\n\nDemographics\nUnique name: demographics\n"),
        ("instruments --form demographics", "\n\nField sex\nLabel: Sex"),
        ("records", "\n\nRecord 001, event Screening\nInstrument: Demographics, Complete\n"),
        ("record --record 001", "repeating instrument Adverse Event Log, instance 1\n"),
        ("status", "\nDemographics at Screening: 4 complete"),
        ("missing", "late "),
        ("changes", "by nurse_a"),
        ("users", "May delete records: dm\n"),
    ] {
        let text = shown(&format!("{words} --demo"));
        assert!(text.contains(expected), "{words}: {expected:?} is not in\n{text}");
        // No frames, no columns that are held apart by blanks.
        assert!(!text.contains("   ") && !text.contains(['│', '─', '|', '\u{1b}', '•']), "{words}\n{text}");
        assert!(!text.lines().any(|l| l.ends_with(':') || l.starts_with(' ')), "{words}\n{text}");
    }
}

#[test]
fn identifiers_are_masked_until_they_are_asked_for() {
    let masked = shown("record --record 001 --demo");
    assert!(masked.contains("\nlast_name: masked\n") && masked.contains("\nsex: Female\n"), "{masked}");
    let open = shown("record --record 001 --demo --identifiers --codes");
    assert!(!open.contains("masked") && open.contains("\nlast_name: "), "{open}");
    assert!(!open.contains("\nsex: Female"), "codes were asked for\n{open}");
    let name = open.lines().find_map(|l| l.strip_prefix("last_name: ")).unwrap();
    assert!(!masked.contains(name), "{name}");
}

#[test]
fn what_a_token_may_not_do_is_said_with_the_right_to_ask_for() {
    let text = shown("users --demo nurse_a");
    assert!(text.contains("Users cannot be read: ") && text.contains("User Rights"), "{text}");
    let text = shown("changes --demo stat_nophq");
    assert!(text.contains("The log cannot be read: ") && text.contains("the right Logging"), "{text}");
    let text = shown("status --demo stat_nophq");
    assert!(text.contains("Left out by export rights: PHQ-9\n"), "{text}");
}

#[test]
fn a_part_is_never_told_as_the_whole_and_mistakes_are_named() {
    let text = shown("records --limit 2 --demo");
    assert!(text.contains("6 records as far as this token may see, the first 2 are read."), "{text}");
    let text = shown("status --limit 2 --demo");
    assert!(text.ends_with("\nAnd 4 records more; --limit changes how many are told.\n"), "{text}");
    let text = shown("record --record 9999 --demo");
    assert!(text.contains("This token sees no such record: 9999\n"), "{text}");
    for (words, said) in [
        ("record --demo", "Which record?"),
        ("records --form nothing --demo", "There is no such instrument"),
        ("overview --demo nothing", "There is no such demo project"),
        ("overview", "--project"),
        ("overview --project nothing", "nothing"),
    ] {
        let (well, _, error) = show(words);
        assert!(!well && error.contains(said), "{words}: {error}");
    }
}
