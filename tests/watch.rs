//! Watching a log: what an import and a deletion leave there reaches the feed, on the screen and
//! in a pipe; errors are waited out, and a refusal ends it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod program;
mod support;

use capscope::app::live::WatchState;
use capscope::app::model::Section;
use capscope::app::msg::{Effect, Msg};
use capscope::app::running::Slot;
use capscope::app::{Model, update};
use capscope::domain::changes::Follow;
use capscope::domain::clock::ServerClock;
use capscope::domain::log::LogEntry;
use capscope::domain::trigger::Trigger;
use capscope::jobs::Problem;
use capscope::jobs::types::{Job, JobEvent, Listening, LiveEvent, Look, WatchWanted, Watched};
use jiff::SignedDuration;
use program::{Running, Server};
use serde_json::Value;
use std::process::{Command, Stdio};
use std::time::Duration;
use support::{App, model, noon, picture, press, saved};

/// A model in section Live whose log is watched, and the generation of the job.
fn watching() -> (Model, u64, WatchWanted) {
    let mut m = model();
    let effects = press(&mut m, "8w");
    let started = effects.into_iter().find_map(|e| match e {
        Effect::Start { slot: Slot::Watch, generation, job: Job::WatchLog(project, wanted) } => {
            assert_eq!(project.id, "p1");
            Some((generation, *wanted))
        }
        _ => None,
    });
    let (generation, wanted) = started.unwrap();
    (m, generation, wanted)
}

fn tell(m: &mut Model, generation: u64, told: Watched) {
    update(m, Msg::Job { slot: Slot::Watch, generation, event: Box::new(JobEvent::Watched(told)) });
}

fn line(time: &str, user: &str, action: &str, details: &str, record: &str) -> LogEntry {
    LogEntry {
        timestamp: time.into(),
        username: user.into(),
        action: action.into(),
        details: details.into(),
        record: record.into(),
    }
}

fn looked(lines: Vec<LogEntry>) -> Watched {
    let clock = Some(ServerClock::ahead_of_utc(60));
    let follow = Follow::from_time("2026-03-10 13:00");
    Watched::Looked(Box::new(Look { at: noon(), lines, clock, follow }))
}

#[test]
fn imports_and_deletions_show_and_a_save_stands_beside_its_trigger() {
    let (mut m, generation, wanted) = watching();
    assert!(m.is_idle(), "a watch that waits is no work in progress");
    assert_eq!((wanted.every, wanted.follow), (Duration::from_secs(60), None));
    let live = press(&mut m, "s").into_iter().find_map(|e| match e {
        Effect::Start { slot: Slot::Live, generation, .. } => Some(generation),
        _ => None,
    });
    let event = |event| Box::new(JobEvent::Live(Box::new(event)));
    let url = "http://127.0.0.1:7373/".to_owned();
    let listening = event(LiveEvent::Listening(Listening { url, ..Listening::default() }));
    update(&mut m, Msg::Job { slot: Slot::Live, generation: live.unwrap(), event: listening });
    let trigger = Trigger {
        project_id: 482,
        username: "alice".into(),
        instrument: "visit".into(),
        record: "1001".into(),
        event: "week_4_arm_1".into(),
        status: "2".into(),
        redcap_url: "https://redcap.example.edu/".into(),
        ..Trigger::default()
    };
    let came = event(LiveEvent::Came { at: noon(), trigger: Box::new(trigger) });
    update(&mut m, Msg::Job { slot: Slot::Live, generation: live.unwrap(), event: came });
    let save = line(
        "2026-03-10 13:00",
        "alice",
        "Update record 1001 (Week 4 (Arm 1: Arm 1))",
        "sbp = '131', visit_complete = '2'",
        "1001",
    );
    let import = line(
        "2026-03-10 13:01",
        "alice",
        "Update record (import) 1002",
        "last_name = 'Nutmouse', sex = '2'",
        "1002",
    );
    let gone = line("2026-03-10 13:02", "bob", "Delete record 1003", "study_id = '1003'", "1003");
    tell(&mut m, generation, looked(vec![save, import, gone]));
    let shown = picture(&m);
    insta::assert_snapshot!("live_log_120x36", shown);
    let mut small = m.clone();
    small.size = (80, 24);
    insta::assert_snapshot!("live_log_80x24", picture(&small));
    for text in [
        "Log: a look every 1 min (i changes), last one 12:00:00.",
        "1 trigger, 3 log lines",
        ">12:02    log     1003   DELETED",
        " 12:01    log     1002   updated    demographics by import",
        " 12:00:00 both    1001   Complete   visit at week_4_arm_1",
    ] {
        assert!(shown.contains(text), "{text}\n{shown}");
    }
    // The values of the import are in the card, those that name a person are masked.
    press(&mut m, "j");
    let card = picture(&m);
    assert!(
        card.contains("sex = 2") && card.contains("last_name = ••••") && !card.contains("Nutmouse"),
        "{card}"
    );
    // What is gone cannot be opened.
    press(&mut m, "k");
    assert!(press(&mut m, "<Enter>").iter().all(|e| !matches!(e, Effect::Start { .. })));
    assert!(m.notice.as_ref().unwrap().text.contains("was deleted"));
    // Stopped and started again it goes on where it ended.
    assert!(matches!(&press(&mut m, "w")[..], [Effect::Cancel(Slot::Watch, g)] if *g == generation));
    let again = press(&mut m, "w").into_iter().find_map(|e| match e {
        Effect::Start { job: Job::WatchLog(_, wanted), .. } => Some(wanted.follow),
        _ => None,
    });
    assert_eq!(again.unwrap(), Some(Follow::from_time("2026-03-10 13:00")));
}

#[test]
fn the_pause_is_shown_and_changed_and_trouble_is_told() {
    let (mut m, generation, _) = watching();
    tell(&mut m, generation, looked(Vec::new()));
    let wanted = press(&mut m, "i").into_iter().find_map(|e| match e {
        Effect::Start { slot: Slot::Watch, generation, job: Job::WatchLog(_, wanted) } => {
            Some((generation, wanted))
        }
        _ => None,
    });
    let (generation, wanted) = wanted.unwrap();
    assert_eq!(wanted.every, Duration::from_secs(120));
    assert!(wanted.follow.is_some());
    assert!(picture(&m).contains("a look every 2 min"));
    let problem = Problem::new("The server is busy", "It could not handle the request now.", "", "Wait.");
    tell(&mut m, generation, Watched::Failed(Box::new(problem.clone()), Duration::from_secs(240)));
    let shown = picture(&m);
    assert!(shown.contains("! The log could not be read; next try 12:04:00. The server"), "{shown}");
    assert!(m.jobs.get(Slot::Watch).is_some());
    tell(&mut m, generation, looked(Vec::new()));
    assert_eq!(m.live.watch.state, WatchState::On);
    // A refusal ends it.
    let event = Box::new(JobEvent::Failed(Box::new(problem)));
    update(&mut m, Msg::Job { slot: Slot::Watch, generation, event });
    assert!(m.jobs.get(Slot::Watch).is_none());
    assert!(picture(&m).contains("! The log is not watched. The server is busy:"));
}

#[test]
fn another_project_and_a_locked_screen_end_the_watch() {
    let (mut m, generation, _) = watching();
    m.options.lock_after = Some(SignedDuration::from_mins(15));
    let mut locked = m.clone();
    let effects = update(&mut locked, Msg::Clock(noon() + SignedDuration::from_mins(16)));
    assert!(locked.locked.is_some() && locked.jobs.get(Slot::Watch).is_none());
    assert!(effects.iter().any(|e| matches!(e, Effect::Cancel(Slot::Watch, g) if *g == generation)));
    let mut forgotten = m.clone();
    let output = capscope::jobs::types::Output::Forgotten("p1".into(), None);
    let start = forgotten.jobs.start(Slot::Projects, "Forgetting", Job::ProbeVault, noon());
    let forgetting = start.iter().find_map(|e| match e {
        Effect::Start { generation, .. } => Some(*generation),
        _ => None,
    });
    let event = Box::new(JobEvent::Done(Box::new(output)));
    let effects =
        update(&mut forgotten, Msg::Job { slot: Slot::Projects, generation: forgetting.unwrap(), event });
    assert!(forgotten.open.is_none() && effects.iter().any(|e| matches!(e, Effect::Cancel(Slot::Watch, _))));
    m.section = Section::Overview;
    m.projects_cursor.at = 1;
    m.pane = capscope::app::model::Pane::Projects;
    let effects = press(&mut m, "<Enter>");
    assert_eq!(m.open.as_ref().unwrap().project.id, saved("p2", "").id);
    assert!(effects.iter().any(|e| matches!(e, Effect::Cancel(Slot::Watch, _))));
    assert_eq!(m.live.watch.state, WatchState::Off);
}

#[test]
fn a_save_in_the_demo_is_one_line_with_its_trigger_and_its_line_in_the_log() {
    let mut app = App::demo(120, 36);
    app.shell.model.live.watch.every = Duration::from_millis(300);
    app.keys("8s").wait(|m| m.live.listening().is_some());
    app.keys("w").wait(|m| m.live.watch.looked.is_some());
    // What was in the log already is not of now.
    let before = app.shell.model.live.feed.logged;
    let begin = std::time::Instant::now();
    app.keys("e").wait(|m| m.live.feed.total == 1);
    assert!(begin.elapsed() < Duration::from_secs(1), "on screen within a second: {:?}", begin.elapsed());
    app.wait(|m| m.live.feed.logged > before);
    let live = &app.shell.model.live;
    let line = live.feed.lines().find(|l| l.times == 1).unwrap();
    assert_eq!(line.log.len(), 1, "{:?}", live.feed.lines().collect::<Vec<_>>());
    assert_eq!(line.log[0].change.record, line.trigger.record);
    app.assert_shows("both");
    // Two more looks: nothing is told twice.
    let looked = app.shell.model.live.watch.looked;
    app.wait(|m| m.live.watch.looked != looked);
    let looked = app.shell.model.live.watch.looked;
    app.wait(|m| m.live.watch.looked != looked);
    assert_eq!(app.shell.model.live.feed.logged, before + 1);
}

fn watch(server: &Server, token: &str, args: &[&str]) -> Running {
    Running::start(
        Command::new(env!("CARGO_BIN_EXE_capscope"))
            .args(["triggers", "watch", "--project", "Trial", "--every", "1"])
            .args(args)
            .env("CAPSCOPE_HOME", server.home.path())
            .env("REDCAP_API_TOKEN", token)
            .stderr(Stdio::piped()),
    )
}

fn import(server: &Server, token: &str, record: &str, weight: &str) {
    let row = format!(
        r#"data=[{{"study_id":"{record}","redcap_event_name":"baseline_arm_1","weight":"{weight}"}}]"#
    );
    let pid = server.projects[0]["project_id"].to_string();
    let args = ["record", "import", "-p", "format=json", "-p", &row, "--yes-write", "--project-id", &pid];
    let (code, _, err) = server.call(token, &args);
    assert_eq!(code, Some(0), "{err}");
}

#[test]
fn an_import_reaches_the_pipe_once_and_its_values_only_if_asked_for() {
    let server = Server::start();
    let full = server.token("BREATHE", "FULL");
    server.add(&full, "Trial");
    for (args, has_values) in [(&["--json"][..], false), (&["--json", "--details"], true)] {
        let mut watching = watch(&server, &full, args);
        assert_eq!(serde_json::from_str::<Value>(&watching.line()).unwrap()["event"], "watching");
        // The first look learns what is there; what comes after it is told.
        std::thread::sleep(Duration::from_millis(1500));
        for weight in ["70.5", "70.6"] {
            import(&server, &full, "001", weight);
        }
        for weight in ["70.5", "70.6"] {
            let line = watching.line();
            let told: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(told["event"], "changed");
            assert_eq!(
                (told["record"].as_str(), told["fires_trigger"].as_bool()),
                (Some("001"), Some(false))
            );
            assert_eq!(told["what"], "updated by API");
            assert!(told["moment"].is_string(), "the server's clock is known: {line}");
            assert_eq!(line.contains(weight), has_values, "{line}");
        }
    }
    let mut watching = watch(&server, &full, &[]);
    assert_eq!(watching.line(), "Watching the log of Trial every 1 s.");
    std::thread::sleep(Duration::from_millis(1500));
    import(&server, &full, "001", "70.7");
    let line = watching.line();
    assert!(line.contains("Trial: record •••• updated by API"), "{line}");
}

#[test]
fn a_token_without_the_right_ends_the_watch_and_says_which() {
    let server = Server::start();
    let token = server.token("BREATHE", "DEID");
    server.add(&token, "Trial");
    let mut watching = watch(&server, &token, &[]);
    assert_eq!(watching.child.wait().unwrap().code(), Some(1));
    let mut words = String::new();
    std::io::Read::read_to_string(watching.child.stderr.as_mut().unwrap(), &mut words).unwrap();
    assert!(words.contains("may not read the log") && words.contains("'Logging'"), "{words}");
    // Too fast for a server that is elsewhere, and no time: wrong usage is told before any look.
    let output =
        server.capscope(&token, &["triggers", "watch", "--project", "Trial", "--since", "yesterday"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("should look like 2026-03-10 14:05"));
    let output = server.capscope(&token, &["triggers", "watch", "--project", "Trial", "--every", "0"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("too few"));
}

#[test]
fn reading_back_is_off_until_asked_for_and_takes_one_place_at_a_time() {
    let mut m = model();
    let live = press(&mut m, "8s").into_iter().find_map(|e| match e {
        Effect::Start { slot: Slot::Live, generation, .. } => Some(generation),
        _ => None,
    });
    let live = live.unwrap();
    let came = |m: &mut Model, record: &str, project_id: u64| -> Vec<(u64, String, Vec<String>)> {
        let trigger = Trigger {
            project_id,
            instrument: "demographics".into(),
            record: record.into(),
            event: "baseline_arm_1".into(),
            redcap_url: "https://redcap.example.edu/".into(),
            ..Trigger::default()
        };
        let event = LiveEvent::Came { at: noon(), trigger: Box::new(trigger) };
        let event = Box::new(JobEvent::Live(Box::new(event)));
        reads(update(m, Msg::Job { slot: Slot::Live, generation: live, event }))
    };
    assert!(came(&mut m, "1", 482).is_empty(), "off");
    press(&mut m, "b");
    let first = came(&mut m, "2", 482);
    let [(generation, record, fields)] = &first[..] else { panic!("{first:?}") };
    // The last name is an identifier, so it is not even asked for.
    assert_eq!((record.as_str(), fields.join(" ").as_str()), ("2", "sex demographics_complete"));
    // While it is read others wait, each place once; projects that are not open are not read.
    for (record, project_id) in [("3", 482), ("4", 482), ("3", 482), ("5", 99)] {
        assert!(came(&mut m, record, project_id).is_empty());
    }
    assert!(picture(&m).contains("Reading back after each trigger (b stops), 2 wait"), "{}", picture(&m));
    let mut row = capscope::domain::table::TableBuilder::new([
        "study_id",
        "redcap_event_name",
        "sex",
        "demographics_complete",
    ]);
    row.push_row(["2", "baseline_arm_1", "2", "2"]);
    let done = |m: &mut Model, generation: u64, table| {
        let output = capscope::jobs::types::Output::ReadBack(table);
        let event = Box::new(JobEvent::Done(Box::new(output)));
        reads(update(m, Msg::Job { slot: Slot::ReadBack, generation, event }))
    };
    let next = done(&mut m, *generation, row.finish());
    assert_eq!(next[0].1, "4");
    let next = done(&mut m, next[0].0, capscope::domain::table::RecordTable::default());
    assert_eq!(next[0].1, "3");
    assert!(done(&mut m, next[0].0, capscope::domain::table::RecordTable::default()).is_empty());
    let line = m.live.feed.lines().find(|l| l.trigger.record == "2").unwrap().clone();
    let values = line.now.as_ref().unwrap().values.clone();
    assert_eq!(
        values,
        [("demographics_complete", "Complete"), ("sex", "Female")].map(|(a, b)| (a.into(), b.into()))
    );
    m.live.cursor.at = m.live.feed.place_of(line.number).unwrap();
    let shown = picture(&m);
    assert!(shown.contains("There at 12:00:00") && shown.contains("sex = Female"), "{shown}");
    // A failure switches it off, so that nothing is asked of a server that refuses.
    let again = came(&mut m, "6", 482);
    let problem = Problem::new("REDCap refused this token", "It has no right.", "", "");
    let event = Box::new(JobEvent::Failed(Box::new(problem)));
    update(&mut m, Msg::Job { slot: Slot::ReadBack, generation: again[0].0, event });
    assert!(!m.live.back.on && m.notice.as_ref().unwrap().text.starts_with("Reading back is off now."));
}

/// The reads that are started: generation, record and fields.
fn reads(effects: Vec<Effect>) -> Vec<(u64, String, Vec<String>)> {
    let read = |effect| match effect {
        Effect::Start { slot: Slot::ReadBack, generation, job: Job::ReadBack(_, wanted) } => {
            Some((generation, wanted.record, wanted.fields))
        }
        _ => None,
    };
    effects.into_iter().filter_map(read).collect()
}

#[test]
fn a_save_in_the_demo_is_read_back_at_once() {
    let mut app = App::demo(120, 36);
    app.keys("8sb").wait(|m| m.live.listening().is_some());
    app.keys("e").wait(|m| m.live.feed.lines().any(|l| l.now.is_some()) && m.is_idle());
    let line = app.shell.model.live.chosen().unwrap().clone();
    let now = line.now.unwrap();
    assert_eq!(
        now.values[0],
        (format!("{}_complete", line.trigger.instrument), line.trigger.status_words().to_owned()),
        "{now:?}"
    );
    app.assert_shows("There at");
}
