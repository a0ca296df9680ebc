//! Data quality, the explanation of logic and the scratchpad, over the whole loop.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod support;

use capscope::app::Model;
use capscope::app::dialog::Dialog;
use capscope::app::msg::Effect;
use capscope::app::quality::QualityLoad;
use capscope::app::record_view::{Line, RecordView};
use capscope::app::running::Slot;
use capscope::app::scratchpad::Matches;
use capscope::domain::table::TableBuilder;
use capscope::jobs::types::Job;
use support::{App, model, noon, press};

fn quality(app: &App) -> &capscope::app::quality::QualityView {
    &app.shell.model.open.as_ref().unwrap().quality
}

#[test]
fn rules_lead_to_findings_and_those_to_the_record_at_the_field() {
    let mut app = App::demo(120, 36);
    app.keys("3Q").idle();
    app.assert_shows("6 records, 18 rows")
        .assert_shows("36  Blank values")
        .assert_shows("All records checked");
    app.keys("<Enter>jj").assert_shows("finding 3 of 36").assert_shows("phq7");
    app.keys("<Enter>").idle();
    let view = app.shell.model.open.as_ref().unwrap().records.view.clone().unwrap();
    let Line::Field { field, row, .. } = view.lines[view.cursor.at] else { panic!("{:?}", view.cursor) };
    let metadata = &app.shell.model.open.as_ref().unwrap().metadata;
    assert_eq!(metadata.dictionary.fields()[field].name, "phq7");
    assert_eq!(view.table.get(row, "redcap_event_name"), "week_12_arm_1");
    app.keys("<Esc>").assert_shows("finding 3 of 36");
    app.keys("<Esc>").assert_shows("36  Blank values");
    app.keys("<Esc>").assert_shows("Records are read when you ask");
    // What was found is still there; nothing is read again.
    let before = app.requests().len();
    app.keys("Q").assert_shows("36  Blank values");
    assert_eq!(app.requests().len(), before);
    app.keys("r").idle();
    assert!(app.requests().len() > before);
}

#[test]
fn an_excluded_finding_no_longer_counts_and_can_be_included_again() {
    let mut app = App::demo(120, 36);
    app.keys("3Q").idle();
    app.keys("<Enter>X").idle();
    app.assert_shows("finding 1 of 35");
    app.keys("<Esc>").assert_shows("35  Blank values   1 excluded").assert_shows("Excluded");
    app.keys("<Enter>V").assert_shows("finding 1 of 36").assert_shows("excluded");
    app.keys("X").idle();
    assert!(quality(&app).excluded.is_empty());
    app.keys("<Esc>").assert_shows("36  Blank values");
}

#[test]
fn findings_in_identifiers_are_masked_on_screen_and_left_out_of_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let mut app = App::demo(120, 36);
    app.keys("3Q").idle();
    app.keys("<End><Enter>").assert_shows("mrn").assert_shows("••••••").assert_shows("a missing data code");
    let secret = quality(&app).chosen().unwrap().value.clone();
    assert!(!secret.is_empty() && !app.shows(&secret), "{}", app.screen());
    let file = dir.path().join("found.csv");
    let path = file.to_str().unwrap().to_owned();
    app.keys("e");
    app.assert_shows("1 findings").assert_shows("1 identifiers are left out");
    app.keys(&format!("{}{path}<Enter>", "<BS>".repeat(40))).idle();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("I,Fields containing missing data codes,005,screening_arm_1,,,mrn,,"), "{text}");
    assert!(!text.contains(&secret), "{text}");
    app.keys("m").keys("y");
    assert!(app.shows(&secret));
}

#[test]
fn a_run_can_be_stopped_and_what_was_found_before_stays() {
    let mut model = model();
    let started = press(&mut model, "3Q");
    assert!(
        started.iter().any(|e| matches!(e, Effect::Start { slot: Slot::Quality, job: Job::Quality(..), .. }))
    );
    let stopped = press(&mut model, "<Esc>");
    assert!(matches!(stopped.as_slice(), [Effect::Cancel(Slot::Quality, _)]), "{stopped:?}");
    assert_eq!(model.open.as_ref().unwrap().quality.load, QualityLoad::Stopped);
    assert!(model.open.as_ref().unwrap().quality.shown);
}

/// A model with a record open whose `sbp` is shown if `last_name` is this.
fn with_record(logic: &str) -> Model {
    let mut model = model();
    let open = model.open.as_mut().unwrap();
    let mut fields = open.metadata.dictionary.fields().to_vec();
    fields[3].branching_logic = logic.into();
    open.metadata.dictionary = capscope::domain::dictionary::Dictionary::new(fields);
    let columns = [
        "study_id",
        "redcap_event_name",
        "last_name",
        "sex",
        "demographics_complete",
        "sbp",
        "visit_complete",
    ];
    let mut table = TableBuilder::new(columns);
    table.push_row(["7", "baseline_arm_1", "Secretname", "2", "2", "120", "2"]);
    let mut view = RecordView::loading("7");
    view.take(table.finish(), &open.metadata, noon());
    view.cursor.at = view.lines.len() - 1;
    open.records.view = Some(view);
    press(&mut model, "3<Up><Down>");
    model
}

fn trace(model: &Model) -> String {
    let view = model.open.as_ref().unwrap().records.view.as_ref().unwrap();
    let lines = view.trace.sections.iter().flat_map(|(_, lines)| lines);
    let texts = lines.map(|l| format!("{}{} = {}", "  ".repeat(l.depth), l.text, l.result));
    texts.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_explanation_masks_what_is_personal() {
    let logic = "upper([last_name]) = 'X' or [sex] = '2' and [sbp] > 100";
    let mut model = with_record(logic);
    assert_eq!(
        trace(&model),
        "upper([last_name]) = 'X' or [sex] = '2' and [sbp] > 100 = true
  upper([last_name]) = 'X' = false
    upper([last_name]) = ••••••
      [last_name] = ••••••
  [sex] = '2' and [sbp] > 100 = true
    [sex] = '2' = true
      [sex] = 2 (Female)
    [sbp] > 100 = true
      [sbp] = 120"
    );
    press(&mut model, "my");
    assert!(trace(&model).contains("[last_name] = Secretname"), "{}", trace(&model));
}

#[test]
fn logic_that_cannot_be_worked_out_says_why() {
    let model = with_record("[user-name] = 'x'");
    assert!(trace(&model).contains("the value of [user-name] is not known here"), "{}", trace(&model));
    assert!(trace(&with_record("[sex")).is_empty());
}

#[test]
fn the_scratchpad_searches_what_is_loaded_without_a_request() {
    let mut app = App::demo(120, 36);
    app.keys("3<Enter>").idle();
    let before = app.requests().len();
    app.keys("=[sex]='2'");
    app.assert_shows("For record 001, Screening: true").assert_shows("[sex] = 2 (Female)");
    app.keys("<Enter>").idle();
    app.assert_shows("rows (the records loaded)");
    assert_eq!(app.requests().len(), before);
    app.keys("<Down><Enter>").idle();
    app.assert_shows("Record 003");
}

#[test]
fn the_scratchpad_reads_the_fields_that_are_not_here() {
    let mut app = App::demo(120, 36);
    app.keys("3<Enter>").idle();
    let before = app.requests().len();
    app.keys("=[weight] > 81<Enter>").idle();
    app.assert_shows("True in 1 of 18 rows (all records, read for this)").assert_shows(">002");
    assert!(app.requests().len() > before);
    // It becomes a rule of data quality.
    app.keys("<F2>").idle();
    app.assert_shows(">+         1  [weight] > 81");
    app.keys("<Enter>").assert_shows("002").assert_shows("Baseline");
    // It can be removed again; one of REDCap's own cannot.
    app.keys("<Esc><Del>");
    assert!(quality(&app).own.is_empty() && !app.shows("[weight] > 81"));
    app.keys("<Del>").assert_shows("only a rule of your own can be removed");
    // What was typed is kept.
    app.keys("=").assert_shows("[weight] > 81_");
}

#[test]
fn mistakes_are_told_while_typing_and_masked_data_is_not_searched() {
    let mut app = App::demo(120, 36);
    app.keys("=[weigh]=1").assert_shows("Mistake at [weigh]").assert_shows("Did you mean [weight]?");
    app.keys("<Enter>").idle();
    app.keys("<C-u>[weight").assert_shows("Mistake");
    app.keys("<C-u>[mrn] = '1'").assert_shows("masked identifiers");
    app.keys("<Enter>").idle();
    let Some(Dialog::Logic(pad)) = &app.shell.model.dialog else { panic!("closed") };
    assert!(matches!(pad.matches, Matches::Refused(_)));
    app.keys("<Esc>");
    assert!(app.shell.model.dialog.is_none());
}

#[test]
fn pasted_logic_of_any_length_is_taken() {
    let mut model = model();
    press(&mut model, "3=");
    let long = format!("[sex] = '2'\nand {}", vec!["[sbp] > 1"; 10_000].join("\nor "));
    capscope::app::update(&mut model, capscope::app::msg::Msg::Paste(long));
    let Some(Dialog::Logic(pad)) = &model.dialog else { panic!("closed") };
    assert!(pad.valid, "{:?}", pad.remarks);
    capscope::app::update(&mut model, capscope::app::msg::Msg::Paste("(".repeat(100_000)));
    let Some(Dialog::Logic(pad)) = &model.dialog else { panic!("closed") };
    assert!(!pad.valid && pad.remarks.len() == 1, "{:?}", pad.remarks.len());
    let drawn = support::picture(&model);
    assert!(drawn.contains("Mistake"));
}
