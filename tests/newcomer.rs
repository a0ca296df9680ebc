//! The first minutes: what a person meets who has just downloaded capscope, and how it answers
//! what goes wrong then.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

mod support;

use capscope::api::client::{CallEvent, CallState};
use capscope::app::dialog::Dialog;
use capscope::app::model::{Options, Pane};
use capscope::app::msg::{Effect, Msg};
use capscope::app::running::Slot;
use capscope::app::tour::Tour;
use capscope::app::{Model, update};
use capscope::domain::access_test::explain::Cause;
use capscope::jobs::Problem;
use capscope::jobs::types::JobEvent;
use support::{noon, picture, press};

/// The text of the dialog without its frame, its lines joined: sentences are wrapped.
fn words(model: &Model) -> String {
    let text = picture(model);
    let text = text.split("--- styles ---").next().unwrap();
    let inside = text.lines().filter_map(|line| Some(line.split_once('┃')?.1.rsplit_once('┃')?.0));
    inside.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// Types an address and a token into the dialog that adds a project, and accepts.
fn add(model: &mut Model, address: &str, token: &str) -> Vec<Effect> {
    press(model, "a");
    update(model, Msg::Paste(address.into()));
    press(model, "<Tab>");
    update(model, Msg::Paste(token.into()));
    press(model, "<Enter>")
}

/// Fails the job that these effects start.
fn fail(model: &mut Model, effects: &[Effect], problem: Problem) {
    let started = effects.iter().find_map(|e| match e {
        Effect::Start { slot, generation, .. } => Some((*slot, *generation)),
        _ => None,
    });
    let (slot, generation) = started.expect("a job");
    assert_eq!(slot, Slot::Add);
    update(model, Msg::Job { slot, generation, event: Box::new(JobEvent::Failed(Box::new(problem))) });
}

const TOKEN: &str = "0123456789ABCDEF0123456789ABCDEF";

#[test]
fn what_is_wrong_with_an_address_or_a_token_is_said_whole() {
    let mut model = support::model();
    add(&mut model, "http://redcap.example.edu/api/", TOKEN);
    for size in [(120, 36), (80, 24)] {
        model.size = size;
        let text = words(&model);
        assert!(
            text.contains("use https://, or ask your REDCap administrator for the https address."),
            "{text}"
        );
    }
    let mut model = support::model();
    let effects = add(&mut model, "https://redcap.example.edu/api/", TOKEN);
    let advice =
        format!("Begin. {}The very end.", "A sentence of ordinary length says something. ".repeat(11));
    let mut problem = Problem::new("REDCap refuses the token", "It says so.", "", advice);
    let cause = |text: &str| Cause { text: text.into(), ..Cause::default() };
    problem.why.causes = vec![cause("It is of another server."), cause("It was replaced.")];
    fail(&mut model, &effects, problem);
    assert!(matches!(model.dialog, Some(Dialog::Add(_))));
    let text = words(&model);
    assert!(text.contains("Begin. A sentence") && text.contains("The very end."), "{text}");
    assert!(text.contains("1. It is of another server.") && text.contains("2. It was replaced."), "{text}");
    // There is not room for all of it here, and the cut shows.
    model.size = (80, 24);
    let text = words(&model);
    assert!(text.contains("Begin. A sentence") && text.contains("[ Test and continue ]"), "{text}");
    assert!(!text.contains("The very end.") && text.contains(" …"), "{text}");
}

#[test]
fn a_server_that_cannot_be_reached_says_nothing_of_the_project_that_is_open() {
    let mut model = support::model();
    let effects = add(&mut model, "https://other.example.edu/api/", TOKEN);
    let mut problem = Problem::new("No connection", "The server could not be reached.", "", "Try again.");
    problem.unreachable = true;
    fail(&mut model, &effects, problem);
    let screen = picture(&model);
    assert!(screen.contains("No connection. The server could not be reached."), "{screen}");
    assert!(screen.lines().next().unwrap().contains("* online"), "{screen}");
}

#[test]
fn the_hints_of_the_first_screen_all_lead_somewhere() {
    let mut model = Model::new(Options::default(), Vec::new(), noon());
    model.size = (120, 36);
    model.pane = Pane::Main;
    let hints = picture(&model).lines().nth(35).unwrap().to_owned();
    assert!(hints.contains("a add a project") && hints.contains("d demo"), "{hints}");
    assert!(!hints.contains("c copy"), "nothing is there to be copied: {hints}");
}

#[test]
fn activity_says_whose_call_it_was_where_more_than_one_project_was_open() {
    let mut app = support::App::demo(120, 36);
    app.keys("9");
    let screen = app.screen();
    let row = screen.lines().find(|l| l.contains("Project Information")).unwrap();
    let before = row.split("Project Information").next().unwrap();
    assert!(before.ends_with("  ") && before.trim_end().ends_with(|c: char| c.is_ascii_digit()), "{row}");
    let mut app = support::App::demo_of(120, 36, "NOID");
    app.keys("9").idle();
    let screen = app.screen();
    let rows: Vec<&str> = screen.lines().filter_map(|l| l.split('┃').nth(1)).collect();
    let whose = |name: &str| rows.iter().filter(|row| row.contains(&format!("  {name}"))).count();
    assert!(whose("BREATHE FULL") > 0 && whose("BREATHE NOID") > 0, "{screen}");
}

#[test]
fn activity_tells_the_time_of_this_place() {
    let mut model = support::model();
    model.options.zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(2));
    let event = CallEvent {
        id: 1,
        host: "redcap.example.edu".into(),
        project: "HF-301".into(),
        title: "Export Records",
        detail: "3 fields".into(),
        state: CallState::Sent,
    };
    update(&mut model, Msg::Call(event));
    press(&mut model, "9");
    let screen = picture(&model);
    let here = model.options.zone.to_datetime(noon()).strftime("%H:%M:%S").to_string();
    assert!(screen.contains(&here) && screen.contains("UTC+2"), "{here}\n{screen}");
}

#[test]
fn what_is_cut_at_the_foot_says_so() {
    let mut model = support::model();
    model.pane = Pane::Main;
    model.size = (80, 16);
    let screen = picture(&model);
    assert!(screen.contains("━ ▾ more ━"), "{screen}");
    press(&mut model, "<End>");
    // What the last drawing tells of lengths is needed for the end.
    model.size = (80, 36);
    assert!(!picture(&model).contains("▾ more"), "all of it is here\n{}", picture(&model));
    // A message of an empty part, too.
    let mut model = Model::new(Options::default(), Vec::new(), noon());
    (model.size, model.pane, model.tour) = ((60, 20), Pane::Main, Some(Tour::default()));
    let screen = picture(&model);
    assert!(screen.contains("┗ ▾ more ━"), "{screen}");
}

#[test]
fn the_narrowest_window_shows_all_sections_and_the_name_of_one() {
    let mut model = support::model();
    model.size = (60, 16);
    press(&mut model, "5");
    let screen = picture(&model);
    let tabs = screen.lines().nth(1).unwrap();
    assert!(tabs.contains(" 1  2  3  4 [5 Check] 6  7  8  9 "), "{tabs}");
}

#[test]
fn the_tour_names_only_keys_that_do_it_here() {
    let mut model = support::model();
    model.tour = Some(Tour::default());
    model.size = (80, 24);
    press(&mut model, "1");
    assert!(picture(&model).contains("T ends the tour"), "{}", picture(&model));
    // In section 6 that key asks for calls that cannot be undone.
    press(&mut model, "6");
    model.pane = Pane::Main;
    let screen = picture(&model);
    assert!(screen.contains("Ctrl+P, then tour: ends it") && screen.contains(". next step"), "{screen}");
    assert!(!screen.contains("T ends"), "{screen}");
    press(&mut model, "<C-p>tour of<Enter>");
    assert_eq!(model.tour, None);
    // A box takes both as letters.
    press(&mut model, "1T5o");
    let screen = picture(&model);
    assert!(matches!(model.dialog, Some(Dialog::Ask(_))), "{screen}");
    assert!(screen.contains("Tour, step 1") && !screen.contains("T ends"), "{screen}");
}

#[test]
fn the_help_lists_the_sections_in_their_order() {
    let mut model = support::model();
    model.size = (120, 60);
    press(&mut model, "?");
    let screen = picture(&model);
    let at = |text: &str| screen.find(text).unwrap_or_else(|| panic!("{text}\n{screen}"));
    let (seven, eight, nine) =
        (at("7             Playground"), at("8             Live"), at("9, !          Activity"));
    assert!(seven < eight && eight < nine, "{screen}");
}

#[test]
fn a_command_without_a_project_names_the_demo_as_well() {
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_capscope"))
        .args(["show", "overview"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(said.contains("--project <PROJECT>|--demo"), "{said}");
}
