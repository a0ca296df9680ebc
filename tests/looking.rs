//! Looking at a project's log: what changed since when, and the timeline of one record.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

#[allow(dead_code, reason = "this file uses its own part of it")]
#[path = "support/script.rs"]
mod script;
mod support;

use capscope::api::client::silent;
use capscope::api::token::Token;
use capscope::app::changes::LogLoad;
use capscope::app::msg::{Effect, Msg};
use capscope::app::{Model, update};
use capscope::domain::changes::Span;
use capscope::jobs::bench::Workbench;
use capscope::jobs::types::JobEvent;
use capscope::store::Paths;
use capscope::store::settings::Settings;
use capscope::store::vault::Vault;
use script::{Script, Step, answer, ok};
use support::{App, model, picture, press};

/// A bench whose only project is on a server that plays a script.
fn bench(script: &Script, paths: Option<Paths>, model: &mut Model) -> Workbench {
    let bench = Workbench::new(paths, Settings::default(), Vault::in_memory(), silent());
    let open = model.open.as_mut().unwrap();
    open.project.url = script.url();
    bench.keep_for_session(&open.project.id, Token::parse(&"A".repeat(32)).unwrap());
    bench
}

/// Performs what the effects start and takes in what comes of it.
async fn perform(bench: &Workbench, model: &mut Model, effects: Vec<Effect>) {
    for effect in effects {
        let Effect::Start { slot, generation, job } = effect else { continue };
        let event = match capscope::jobs::run(bench, job, &|_| {}).await {
            Ok(output) => JobEvent::Done(Box::new(output)),
            Err(problem) => JobEvent::Failed(Box::new(problem)),
        };
        update(model, Msg::Job { slot, generation, event: Box::new(event) });
    }
}

/// The model at 22:30 on the 9th of March at UTC-5.
fn at_s6() -> Model {
    let mut model = model();
    model.now = "2026-03-10T03:30:00Z".parse().unwrap();
    model.options.zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(-5));
    model
}

fn line(time: &str, user: &str, action: &str, details: &str, record: &str) -> String {
    format!(
        r#"{{"timestamp":"{time}","username":"{user}","action":"{action}","details":"{details}","record":"{record}"}}"#
    )
}

fn log(lines: &[String]) -> Step {
    ok(format!("[{}]", lines.join(",")))
}

fn s6_log() -> Step {
    log(&s6_lines())
}

fn s6_lines() -> Vec<String> {
    vec![
        line("2026-03-10 03:30", "coord1", "Manage/Design", "Export Logging (API)", ""),
        line("2026-03-10 03:00", "dm", "Manage/Design", "Export records (API)", ""),
        line("2026-03-10 02:15", "coord1", "Update record (API) 002", "weight = '81'", "002"),
        line(
            "2026-03-09 23:50",
            "[survey respondent]",
            "Update Response 001",
            "last_name = 'O'Brien', sbp = '120'",
            "001",
        ),
        line("2026-03-09 22:00", "dm", "Delete record 009", "study_id = '009'", "009"),
    ]
}

fn own_call() -> Step {
    log(&[line("2026-03-10 03:30", "coord1", "Manage/Design", "Export project information (API)", "")])
}

#[tokio::test]
async fn s6_since_yesterday_with_time_zones() {
    let mut model = at_s6();
    let script = Script::start(vec![own_call(), s6_log()]).await;
    let bench = bench(&script, None, &mut model);
    let effects = press(&mut model, "3N");
    perform(&bench, &mut model, effects).await;
    let requests = script.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests[1].contains("beginTime=2026-03-09+03%3A30"), "{}", requests[1]);
    let screen = picture(&model);
    for text in [
        "3 records, 1 deleted",
        "server UTC",
        "here UTC-5",
        "03-10 02:15  03-09 21:15  002",
        "03-09 23:50  18:50        001",
        "participant",
        "DELETED",
    ] {
        assert!(screen.contains(text), "{text:?} is not on the screen\n{screen}");
    }
    assert!(!screen.contains("Manage/Design"), "{screen}");
    press(&mut model, "o");
    assert!(picture(&model).contains("Manage/Design"));
    press(&mut model, "o/dele<Enter>");
    assert!(picture(&model).contains("row 1 of 1"), "{}", picture(&model));
}

#[tokio::test]
async fn s6_details_are_masked_in_privacy_mode() {
    let mut model = at_s6();
    let script = Script::start(vec![own_call(), s6_log()]).await;
    let bench = bench(&script, None, &mut model);
    let effects = press(&mut model, "3Nj");
    perform(&bench, &mut model, effects).await;
    press(&mut model, "j");
    let screen = picture(&model);
    assert!(screen.contains("last_name = ••••••") && screen.contains("sbp = 120"), "{screen}");
    assert!(!screen.contains("Brien"), "{screen}");
    press(&mut model, "my");
    assert!(picture(&model).contains("last_name = O'Brien"));
}

#[tokio::test]
async fn s6_without_the_right_records_are_named_and_deletions_are_said_to_be_unseen() {
    let mut model = at_s6();
    let refused = r#"{"error":"You do not have permission to view the logging"}"#;
    let records = ok("study_id,redcap_event_name\n10,baseline_arm_1\n2,baseline_arm_1\n2,week_4_arm_1\n");
    let script = Script::start(vec![answer(403, "", refused), records]).await;
    let bench = bench(&script, None, &mut model);
    let effects = press(&mut model, "3N");
    perform(&bench, &mut model, effects).await;
    let requests = script.requests();
    assert!(requests[1].contains("dateRangeBegin=2026-03-08+15%3A30%3A00"), "{}", requests[1]);
    assert!(requests[1].contains("fields%5B0%5D=study_id"), "{}", requests[1]);
    let screen = picture(&model);
    assert!(screen.contains("2 records") && screen.contains("created or changed"), "{screen}");
    assert!(screen.contains("Deletions cannot be seen this way"), "{screen}");
    // No columns for what the log alone would tell, and no word of a log that was not read.
    assert!(!screen.contains("here UTC") && !screen.contains("who\n"), "{screen}");
    assert!(!screen.contains("The log was read") && !screen.contains("other lines"), "{screen}");
    assert!(screen.contains("The names of changed records were read"), "{screen}");
}

/// Nothing was asked for some minutes, and the answer to the first look has no line of its own yet.
#[tokio::test]
async fn the_line_of_the_first_look_tells_the_clock_to_the_second() {
    let mut model = at_s6();
    let old = log(&[
        line("2026-03-10 03:22", "coord1", "Data Export (API)", "x", ""),
        line("2026-03-09 03:10", "dm", "Update record 077", "sbp = '1'", "077"),
    ]);
    let mut lines = s6_lines();
    lines.push(line("2026-03-09 03:10", "dm", "Update record 077", "sbp = '1'", "077"));
    let script = Script::start(vec![old, log(&lines)]).await;
    let bench = bench(&script, None, &mut model);
    let effects = press(&mut model, "3N");
    perform(&bench, &mut model, effects).await;
    assert_eq!(script.requests().len(), 2);
    let screen = picture(&model);
    for text in ["3 records, 1 deleted", "server UTC", "03-10 02:15  03-09 21:15  002"] {
        assert!(screen.contains(text), "{text:?} is not on the screen\n{screen}");
    }
    // What is older than a day was asked for to be sure, and is not shown.
    assert!(!screen.contains("077") && !screen.contains("could not be told"), "{screen}");
}

/// A line of somebody else's script may look like one of ours. Then the time asked for could be
/// too late, and the earliest clock is taken instead.
#[tokio::test]
async fn a_clock_that_is_not_proved_is_not_believed() {
    let mut model = at_s6();
    let foreign = log(&[line("2026-03-10 05:30", "robot", "Data Export (API)", "x", "")]);
    let script = Script::start(vec![foreign, log(&[]), s6_log()]).await;
    let bench = bench(&script, None, &mut model);
    let effects = press(&mut model, "3N");
    perform(&bench, &mut model, effects).await;
    let requests = script.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests[2].contains("beginTime=2026-03-08+15%3A30"), "{}", requests[2]);
    assert!(picture(&model).contains("time zone could not be told"), "{}", picture(&model));
}

#[tokio::test]
async fn the_last_look_survives_a_restart_and_holds_a_time_and_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    let paths = Paths::under(home.path());
    let mut model = at_s6();
    let script = Script::start(vec![own_call(), s6_log(), s6_log()]).await;
    let first = bench(&script, Some(paths.clone()), &mut model);
    let effects = press(&mut model, "3N");
    perform(&first, &mut model, effects).await;
    let kept = std::fs::read_to_string(paths.remembered_file()).unwrap();
    assert!(kept.contains("2026-03-10 03:30"), "{kept}");
    for value in ["81", "002", "Brien", "coord1"] {
        assert!(!kept.contains(value), "{value} is in {kept}");
    }
    // Looking again in this session goes back to the same moment.
    let effects = press(&mut model, "r");
    perform(&first, &mut model, effects).await;
    assert_eq!(model.open.as_ref().unwrap().changes.read.span, Span::Day);

    let mut model = at_s6();
    let script = Script::start(vec![own_call(), s6_log()]).await;
    let second = bench(&script, Some(paths), &mut model);
    let effects = press(&mut model, "3N");
    perform(&second, &mut model, effects).await;
    assert!(picture(&model).contains("since 2026-03-10 03:30"), "{}", picture(&model));
    assert!(script.requests()[1].contains("beginTime=2026-03-10+03%3A30"));
}

/// The demo's own log through the whole program.
#[test]
fn what_changed_opens_the_record_and_its_timeline_and_nothing_personal_shows() {
    let mut app = App::demo(120, 36);
    app.keys("3N").wait(|m| matches!(m.open.as_ref().unwrap().changes.load, LogLoad::Done(_)));
    app.assert_shows("What changed").assert_shows("004").assert_shows("server UTC");
    app.keys("t").idle();
    app.assert_shows("1 deleted");
    // The record under the cursor, then its whole log.
    app.keys("<Home>j<Enter>").idle();
    app.assert_shows("Record 001");
    app.keys("H").idle();
    app.assert_shows("Timeline of 001").assert_shows("participant").assert_shows("created");
    app.keys("<End>");
    app.assert_shows("last_name = ••••••");
    for secret in ["Nutmeg", "0012345"] {
        assert!(!app.shows(secret), "{secret} is on the screen\n{}", app.screen());
    }
    app.keys("<Esc>").assert_shows("Record 001");
    app.keys("<Esc>").assert_shows("What changed");
    app.keys("<Esc>");
    assert!(!app.shows("What changed"));
}
