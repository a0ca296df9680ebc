//! Section Live: the receiver on screen, from a save in the demo to the record.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod support;

use capscope::app::live::LiveState;
use capscope::app::model::Section;
use capscope::app::msg::{Effect, Msg};
use capscope::app::record_view::Line;
use capscope::app::running::Slot;
use capscope::app::{Model, update};
use capscope::domain::trigger::Trigger;
use capscope::jobs::Problem;
use capscope::jobs::types::{Job, JobEvent, Listening, LiveEvent};
use jiff::{SignedDuration, Timestamp};
use support::{App, model, noon, picture, press};

/// A model in section Live with the receiver on, and the generation of its job.
fn receiving() -> (Model, u64) {
    let mut m = model();
    m.section = Section::Live;
    let effects = press(&mut m, "8s");
    let generation = effects.iter().find_map(|e| match e {
        Effect::Start { slot: Slot::Live, generation, job: Job::Listen(_) } => Some(*generation),
        _ => None,
    });
    let generation = generation.unwrap();
    let url = "http://127.0.0.1:7373/".to_owned();
    tell(&mut m, generation, LiveEvent::Listening(Listening { url, ..Listening::default() }));
    (m, generation)
}

fn tell(m: &mut Model, generation: u64, event: LiveEvent) {
    let event = Box::new(JobEvent::Live(Box::new(event)));
    update(m, Msg::Job { slot: Slot::Live, generation, event });
}

fn came(m: &mut Model, generation: u64, second: i64, trigger: Trigger) {
    let at: Timestamp = noon() + SignedDuration::from_secs(second);
    tell(m, generation, LiveEvent::Came { at, trigger: Box::new(trigger) });
}

fn trigger(record: &str) -> Trigger {
    Trigger {
        project_id: 482,
        username: "alice".into(),
        instrument: "visit".into(),
        record: record.into(),
        event: "week_4_arm_1".into(),
        status: "2".into(),
        instance: Some(3),
        redcap_url: "https://redcap.example.edu/".into(),
        ..Trigger::default()
    }
}

#[test]
fn what_arrives_is_shown_with_its_project_and_what_does_not_fit_is_marked() {
    let (mut m, generation) = receiving();
    assert!(m.is_idle(), "a receiver that waits is no work in progress");
    came(&mut m, generation, 0, trigger("1001"));
    came(&mut m, generation, 1, Trigger { project_id: 99, ..trigger("Ada Lovelace") });
    came(&mut m, generation, 2, trigger("1001"));
    tell(&mut m, generation, LiveEvent::Refused(noon(), "The path is not the right one.".into()));
    let shown = picture(&m);
    insta::assert_snapshot!("live_120x36", shown);
    let mut small = m.clone();
    small.size = (80, 24);
    insta::assert_snapshot!("live_80x24", picture(&small));
    for text in [
        "Receiving at http://127.0.0.1:7373/",
        "3 triggers, 1 suspicious, 1 refused, last 12:00:02",
        ">12:00:02 trigger 1001       Complete   visit no. 3 (2 times)",
        " 12:00:01 trigger ••••••     Complete   ! suspicious: visit n",
        "2 times since",
    ] {
        assert!(shown.contains(text), "{text}\n{shown}");
    }
    // Whose record that is cannot be known, so its name is masked while identifiers are.
    assert!(!shown.contains("Lovelace"), "{shown}");
    press(&mut m, "my");
    assert!(picture(&m).contains("Ada Lovel"), "{}", picture(&m));
    // A suspicious one opens nothing and says why.
    assert!(press(&mut m, "j<Enter>").iter().all(|e| !matches!(e, Effect::Start { .. })));
    assert!(m.notice.as_ref().unwrap().text.contains("suspicious"));
    // The address is copied whole.
    let effects = press(&mut m, "c");
    assert!(matches!(&effects[..], [Effect::Copy(url)] if url == "http://127.0.0.1:7373/"));
}

#[test]
fn the_cursor_stays_with_its_trigger_and_at_the_top_with_the_newest() {
    let (mut m, generation) = receiving();
    for (second, record) in [(0, "1"), (1, "2")] {
        came(&mut m, generation, second, trigger(record));
    }
    assert_eq!(m.live.chosen().unwrap().trigger.record, "2");
    press(&mut m, "j");
    came(&mut m, generation, 2, trigger("3"));
    assert_eq!(m.live.chosen().unwrap().trigger.record, "1");
    press(&mut m, "<Home>");
    came(&mut m, generation, 3, trigger("4"));
    assert_eq!(m.live.chosen().unwrap().trigger.record, "4");
}

#[test]
fn stopping_keeps_the_feed_and_late_events_do_not_count() {
    let (mut m, generation) = receiving();
    came(&mut m, generation, 0, trigger("1"));
    let effects = press(&mut m, "s");
    assert!(matches!(&effects[..], [Effect::Cancel(Slot::Live, g)] if *g == generation));
    assert_eq!(m.live.state, LiveState::Off);
    came(&mut m, generation, 1, trigger("2"));
    assert_eq!(m.live.feed.total, 1);
    let shown = picture(&m);
    assert!(shown.contains("Triggers: off. s receives them.") && shown.contains("visit no. 3"), "{shown}");
    // Ctrl+C stops work, not a receiver that runs beside it.
    let mut m = receiving().0;
    press(&mut m, "<C-c>");
    assert!(m.jobs.get(Slot::Live).is_some());
}

#[test]
fn before_it_is_started_the_section_explains_itself() {
    for (size, name) in [((120, 36), "live_off_120x36"), ((80, 24), "live_off_80x24")] {
        let mut m = model();
        m.size = size;
        press(&mut m, "8");
        insta::assert_snapshot!(name, picture(&m));
    }
}

#[test]
fn a_receiver_that_cannot_start_says_why() {
    let (mut m, generation) = receiving();
    let problem = Problem::new("The receiver could not start", "The port is taken.", "", "Take another.");
    let event = Box::new(JobEvent::Failed(Box::new(problem)));
    update(&mut m, Msg::Job { slot: Slot::Live, generation, event });
    assert!(picture(&m).contains("! The receiver could not start: The port is taken."));
    press(&mut m, "d");
    assert!(picture(&m).contains("Take another."));
}

#[test]
fn a_locked_screen_forgets_whose_forms_were_saved_and_goes_on_receiving() {
    let (mut m, generation) = receiving();
    came(&mut m, generation, 0, trigger("1001"));
    m.options.lock_after = Some(SignedDuration::from_mins(15));
    update(&mut m, Msg::Clock(noon() + SignedDuration::from_mins(16)));
    assert!(m.locked.is_some());
    assert!(m.live.feed.is_empty() && m.live.feed.total == 1);
    assert!(m.jobs.get(Slot::Live).is_some() && m.live.listening().is_some());
}

#[test]
fn from_a_save_in_the_demo_to_the_record_on_screen() {
    let mut app = App::demo(120, 36);
    app.keys("8s").wait(|m| m.live.listening().is_some());
    app.keys("e").wait(|m| m.live.feed.total == 1 && m.is_idle());
    let line = app.shell.model.live.chosen().unwrap().clone();
    assert!(line.verdict.fits(), "{line:?}");
    app.assert_shows("was answered with status 200");
    app.assert_shows(&line.trigger.instrument);
    app.keys("<Enter>").wait(|m| m.section == Section::Records && m.is_idle());
    let view = app.shell.model.open.as_ref().unwrap().records.view.as_ref().unwrap();
    assert_eq!(view.record, line.trigger.record);
    let Line::Field { field, .. } = view.lines[view.cursor.at] else { panic!("not at a field") };
    let field = &app.shell.model.open.as_ref().unwrap().metadata.dictionary.fields()[field];
    assert_eq!(field.form, line.trigger.instrument);
    // Another project's trigger: its project is opened first.
    let other = app.shell.model.projects.iter().find(|p| p.project_id != line.trigger.project_id).unwrap();
    let (id, project_id) = (other.id.clone(), other.project_id);
    let url = app.shell.model.live.listening().unwrap().url.clone();
    let trigger = Trigger { project_id, project_url: String::new(), ..line.trigger.clone() };
    app.block_on(capscope::jobs::triggers::play(url, &trigger)).unwrap();
    app.wait(|m| m.live.feed.total == 2);
    app.keys("8<Home><Enter>").wait(|m| m.is_idle() && m.open.as_ref().is_some_and(|o| o.source.is_some()));
    assert_eq!(app.shell.model.open.as_ref().unwrap().project.id, id);
    assert_eq!(app.shell.model.section, Section::Live);
    // Stopped, nothing listens any more.
    let url = app.shell.model.live.listening().unwrap().url.clone();
    app.keys("s");
    app.block_on(async {
        for _ in 0..100 {
            if capscope::jobs::triggers::play(url.clone(), &trigger).await.is_err() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("the receiver still answers");
    });
}
