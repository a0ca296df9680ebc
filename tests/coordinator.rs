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

use capscope::app::record_view::Line;
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

/// The line of the open record under the cursor: the label, with the event of its row.
fn under_cursor(app: &App) -> (String, String) {
    let open = app.shell.model.open.as_ref().unwrap();
    let view = open.records.view.as_ref().unwrap();
    let (text, row) = match &view.lines[view.cursor.at] {
        Line::Instrument { label, row, .. } => (label.clone(), *row),
        Line::Field { field, row, .. } => (open.metadata.dictionary.fields()[*field].name.clone(), *row),
        other => (format!("{other:?}"), 0),
    };
    (text, view.table.get(row, "redcap_event_name").to_owned())
}

#[test]
fn a_record_opens_at_the_cell_of_the_status_grid_with_the_form_below_it_on_screen() {
    let mut app = App::demo(80, 24);
    // 002 at week 4: the visit that was begun.
    app.keys("3S").idle();
    app.keys("j<Right><Right><Right><Right><Enter>").idle();
    assert_eq!(under_cursor(&app), ("Visit".to_owned(), "week_4_arm_1".to_owned()));
    app.assert_shows(">  Visit").assert_shows("Study medication taken").assert_shows("Week 4");
    // PHQ-9 has a field of the same name as the instrument.
    app.keys("<Esc><Right><Enter>").idle();
    assert_eq!(under_cursor(&app), ("PHQ-9".to_owned(), "week_4_arm_1".to_owned()));
    // 001 has the adverse events last.
    app.keys("<Esc>k<Right><Right><Right><Right><Enter>").idle();
    assert_eq!(under_cursor(&app), ("Adverse Event Log, instance 1".to_owned(), "ongoing_arm_1".to_owned()));
    // A visit that is not there is said not to be there.
    app.keys("<Esc>jj<Left><Left><Enter>").idle();
    app.assert_shows("There is no row at Week 12 in this record");
}

#[test]
fn a_record_opens_at_the_row_and_the_column_of_the_table() {
    let mut app = App::demo(120, 36);
    app.keys("3jj<Enter>").idle();
    app.keys("j<Enter>").idle();
    assert_eq!(under_cursor(&app).0, "Adverse Event Log, instance 2");
    app.keys("<Esc><Right><Right><Right><Right><Right><Right><Enter>").idle();
    assert_eq!(under_cursor(&app), ("ae_grade".to_owned(), "ongoing_arm_1".to_owned()));
    app.assert_shows("2 - Moderate");
}

/// The last line of the screen: the hints.
fn hints(app: &App) -> String {
    app.screen().trim_end().lines().last().unwrap().to_owned()
}

#[test]
fn the_record_list_leads_to_the_search_and_a_filter_to_the_key_that_clears_it() {
    let mut app = App::demo(120, 36);
    app.keys("3<Enter>").idle();
    for hint in ["Enter open record", "/ filter", "S status grid", "s sort", "Ctrl+F find"] {
        assert!(hints(&app).contains(hint), "{hint:?} is not in {}", hints(&app));
    }
    assert!(!hints(&app).contains("clear filter"));
    app.keys("/002<Enter>");
    assert!(hints(&app).contains("Backspace clear filter"), "{}", hints(&app));
    // Masked names are not searched: the way that finds them is said.
    app.keys("<BS>/0012345<Enter>").assert_shows("Ctrl+F  searches them too");
    app.keys("<C-f>0012345").idle();
    app.assert_shows("The records were not");
    assert!(!app.shows("0 records"), "{}", app.screen());
    app.keys("<Enter>").idle();
    app.assert_shows("Found: 1 record, 0 fields.");
}

#[test]
fn esc_takes_back_what_narrows_a_list_before_it_leaves() {
    use capscope::app::model::Pane;
    let mut app = App::demo(120, 36);
    app.keys("3<Enter>").idle();
    app.keys("/002<Enter>").assert_shows("1 of 6 records");
    app.keys("<Esc>").assert_shows("Demographics   6 records");
    assert_eq!(app.shell.model.pane, Pane::Main);
    // The list of instruments stands beside the table that is filtered.
    app.keys("/002<Enter><S-Tab><Esc>").assert_shows("Demographics   6 records");
    assert_eq!(app.shell.model.pane, Pane::List);
    app.keys("S").idle();
    app.keys("/002<Enter><S-Tab>").assert_shows("1 of 6 records");
    app.keys("<Esc>");
    assert!(!app.shows("1 of 6 records"), "{}", app.screen());
    assert_eq!(app.shell.model.pane, Pane::List);
    app.keys("<Esc>");
    assert_eq!(app.shell.model.pane, Pane::Projects);
    // One Data Access Group of what is missing.
    app.keys("<Tab><Tab>w").idle();
    app.keys("DD").assert_shows("Only Data Access Group");
    app.keys("<Esc>").assert_shows("What is missing");
    assert!(!app.shows("Only Data Access Group"), "{}", app.screen());
    app.keys("<Esc>");
    assert!(!app.shows("What is missing  "), "{}", app.screen());
}

#[test]
fn the_card_of_the_token_cuts_no_words() {
    let app = App::demo(120, 36);
    let screen = app.screen();
    let card: Vec<&str> = screen.lines().filter_map(|l| l.rsplit(['│', '┃']).nth(1)).collect();
    for word in ["dictionary", "repeats", "Groups", "members"] {
        assert!(card.iter().any(|l| l.trim_end().ends_with(word)), "{word:?} is not in {card:#?}");
    }
}

#[test]
fn survey_responses_are_told_apart_also_when_the_status_is_read_in_batches() {
    let mut app = App::demo_with(120, 36, &["memory@record#1"]);
    app.keys("3S").idle();
    assert!(app.requests().iter().filter(|t| t.contains("Records")).count() > 1, "{:?}", app.requests());
    let screen = app.screen();
    let row = screen.lines().find(|l| l.contains(">001")).unwrap();
    assert!(row.contains("C    C    S    C    C    S    U    P"), "{screen}");
}

/// S1: the visit at its planned events; the two unscheduled visits are counted apart.
#[test]
fn s1_the_totals_of_an_instrument_at_all_its_events() {
    for token in ["FULL", "COORD"] {
        let mut app = App::demo_of(120, 36, token);
        app.keys("3S").idle();
        assert!(!app.shows("at all events"), "demographics is at one event");
        app.keys("<Right>").assert_shows("This column: complete 3, not started 1, no visit 2");
        app.assert_shows("Visit at all events: complete 4, unverified 1, incomplete 1,");
        app.assert_shows("not started 1, no visit 11, 2 instances apart");
    }
    let mut app = App::demo(200, 40);
    app.keys("3S").idle();
    app.keys("<Right>").assert_shows(
        "Visit at all events: complete 4, unverified 1, incomplete 1, not started 1, no visit 11, 2 instances apart",
    );
}
