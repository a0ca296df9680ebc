//! What a coordinator reads on the screens, who knows no manual: nothing is cut without a mark, every
//! sign is explained, and what is not known is not claimed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

mod support;

use support::App;

#[test]
fn the_signs_of_the_status_grid_are_explained_with_and_without_the_card() {
    let mut app = App::demo(80, 24);
    app.keys("3S").idle();
    for words in ["C complete", "S survey complete", "P survey partial", "o not started", "· no visit"] {
        app.assert_shows(words);
    }
    app.assert_shows("C2 two, the worst complete").assert_shows("This column: complete 4");
    let mut app = App::demo(120, 36);
    app.keys("3S").idle();
    app.assert_shows("C2 two, the worst").assert_shows("   complete ");
}

#[test]
fn instances_are_counted_for_a_token_that_may_not_read_what_repeats_and_that_is_said() {
    let mut app = App::demo_of(120, 36, "COORD");
    app.keys("3S").idle();
    let screen = app.screen();
    let row = screen.lines().find(|l| l.contains(">001")).unwrap();
    assert!(row.contains("U2   U2"), "both unscheduled visits and both adverse events\n{screen}");
    app.assert_shows("inferred from the");
}

#[test]
fn a_line_of_the_worklist_that_is_cut_says_so_and_its_card_keeps_dates_whole() {
    let mut app = App::demo(120, 36);
    app.keys("3w").idle();
    let screen = app.screen();
    let late: Vec<&str> = screen.lines().filter(|l| l.contains("no visit, late")).collect();
    assert!(late.len() > 1, "{screen}");
    for line in late {
        let main = line.rsplit(['┃', '│']).nth(3).unwrap();
        assert!(main.ends_with('…') || main.ends_with(' '), "{line}");
    }
    app.assert_shows("2026-02-27 to").assert_shows(" 2026-03-09");
}

#[test]
fn writing_is_not_claimed_of_a_project_that_was_not_read() {
    let app = App::demo_of(120, 36, "NOAPI");
    let screen = app.screen();
    let first = screen.lines().next().unwrap();
    assert!(first.contains("! not connected") && !first.contains("WRITE ACCESS"), "{first}");
}

#[test]
fn one_record_that_was_found_is_one_record() {
    let mut app = App::demo(120, 36);
    app.keys("3F0012345<Enter>").idle();
    app.assert_shows("Found: 1 record, 0 fields.");
}
