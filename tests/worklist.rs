//! What is missing: visits, forms and required fields, on the demo's BREATHE on a fixed day.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

mod support;

use capscope::app::msg::{Effect, Msg};
use capscope::app::worklist::Verdict;
use capscope::app::{Model, update};
use capscope::jobs::types::JobEvent;
use support::{App, picture, press};

/// Performs what the effects start on the demo server.
fn perform(app: &App, model: &mut Model, effects: Vec<Effect>) {
    for effect in effects {
        let Effect::Start { slot, generation, job } = effect else { continue };
        let output = app.block_on(capscope::jobs::run(&app.bench, job, &|_| {})).unwrap();
        let event = Box::new(JobEvent::Done(Box::new(output)));
        update(model, Msg::Job { slot, generation, event });
    }
}

/// The demo with BREATHE open on the 10th of March.
fn on_the_10th() -> (App, Model) {
    let app = App::demo(200, 40);
    let mut model = app.shell.model.clone();
    model.now = "2026-03-10T12:00:00Z".parse().unwrap();
    (app, model)
}

fn words(model: &Model) -> Vec<String> {
    let work = &model.open.as_ref().unwrap().work;
    work.rows
        .iter()
        .map(|&at| &work.list.items[at])
        .map(|i| format!("{} {} {}: {}", i.record, i.event, i.form, i.words()))
        .collect()
}

#[test]
fn s4_missing_visits_of_breathe() {
    let (app, mut model) = on_the_10th();
    let before = app.requests().len();
    let effects = press(&mut model, "3w");
    perform(&app, &mut model, effects);
    // The names with their groups, then one batch.
    assert_eq!(app.requests().len() - before, 2);
    let told = words(&model);
    for line in [
        "002 week_4_arm_1 visit: started, not complete",
        "003 week_4_arm_1 : no visit, due 2026-03-02, window 2026-02-27..2026-03-09, late 1 day",
        "002 week_12_arm_1 : not yet due (2026-04-06)",
        "004 week_4_arm_1 : no visit, visit_date is blank",
        "005 screening_arm_1 demographics: required blank: consent_date",
    ] {
        assert!(told.iter().any(|t| t == line), "{line:?} is not in {told:#?}");
    }
    assert!(!told.iter().any(|t| t.contains("mrn") || t.contains("pregnant")), "{told:#?}");
    let screen = picture(&model);
    for text in ["1 late, 0 due now", "Counted from visit_date at Baseline", "late 1 day, due 2026-03-02"] {
        assert!(screen.contains(text), "{text:?} is not on the screen\n{screen}");
    }
    // 003 is female and has no answer; 002 is male and was never asked.
    let effects = press(&mut model, "o");
    perform(&app, &mut model, effects);
    let told = words(&model);
    let asked = |record: &str| told.iter().any(|t| t.starts_with(record) && t.contains("pregnant"));
    assert!(asked("003") && !asked("002"), "{told:#?}");
}

#[test]
fn the_list_is_filtered_by_words_and_by_group_and_opens_the_record() {
    let (app, mut model) = on_the_10th();
    let effects = press(&mut model, "3w");
    perform(&app, &mut model, effects);
    let all = words(&model).len();
    press(&mut model, "/\"week 4\"<Enter>");
    let some = words(&model);
    assert!(!some.is_empty() && some.len() < all && some.iter().all(|t| t.contains("week_4")), "{some:#?}");
    // The groups in turn: none, then the sites.
    press(&mut model, "<Esc>DD");
    let site = words(&model);
    assert!(!site.is_empty() && site.len() < all, "{site:#?}");
    assert!(picture(&model).contains("Only Data Access Group: site_a"), "{}", picture(&model));
    press(&mut model, "DD");
    assert_eq!(words(&model).len(), all);
    let effects = press(&mut model, "<Home><Enter>");
    perform(&app, &mut model, effects);
    assert!(picture(&model).contains("Record 003"), "{}", picture(&model));
    press(&mut model, "<Esc>");
    assert!(picture(&model).contains("What is missing"));
}

#[test]
fn another_date_to_count_from_is_chosen_and_remembered() {
    let (app, mut model) = on_the_10th();
    let effects = press(&mut model, "3w");
    perform(&app, &mut model, effects);
    let effects = press(&mut model, "tconsent<Enter>");
    perform(&app, &mut model, effects);
    assert!(picture(&model).contains("Counted from consent_date at Screening"), "{}", picture(&model));
    // 004 consented on 2026-02-16: week 4 is 35 days after that.
    let work = &model.open.as_ref().unwrap().work;
    let item = work.list.items.iter().find(|i| i.record == "004" && i.event == "week_4_arm_1").unwrap();
    assert_eq!(item.window.unwrap().due.to_string(), "2026-03-23");
    assert_eq!(item.verdict, Verdict::NotYet(10));
    // Reading again, as at the next start, goes by the remembered one.
    let mut other = app.shell.model.clone();
    other.now = model.now;
    let effects = press(&mut other, "3w");
    perform(&app, &mut other, effects);
    assert_eq!(other.open.as_ref().unwrap().work.list.anchor.as_ref().unwrap().field, "consent_date");
}

/// The token of a coordinator may not read what repeats. Unscheduled visits and adverse events of
/// others are no visits that this record misses.
#[test]
fn what_repeats_is_not_late_for_a_token_that_may_not_read_the_set_up() {
    let app = App::demo_of(200, 40, "COORD");
    let mut model = app.shell.model.clone();
    model.now = "2026-03-10T12:00:00Z".parse().unwrap();
    let effects = press(&mut model, "3w");
    perform(&app, &mut model, effects);
    let told = words(&model);
    assert!(told.iter().any(|t| t.starts_with("003 week_4_arm_1 : no visit")), "{told:#?}");
    for event in ["unscheduled", "ongoing"] {
        assert!(!told.iter().any(|t| t.contains(event)), "{event} is in {told:#?}");
    }
    assert!(picture(&model).contains("What repeats is inferred from the data"), "{}", picture(&model));
    // Which date is missing is said, in the list and whole in the card.
    press(&mut model, "/004 blank<Enter>");
    let screen = picture(&model);
    for text in ["no visit, visit_date is blank", "visit_date at Baseline,"] {
        assert!(screen.contains(text), "{text:?} is not on the screen\n{screen}");
    }
}
