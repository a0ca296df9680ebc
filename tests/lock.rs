//! The idle lock: what nobody looks at is not on the screen and not in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod support;

use capscope::app::msg::{Effect, Msg};
use capscope::app::running::Slot;
use capscope::app::update;
use capscope::jobs::types::{Job, JobEvent, Output};
use capscope::jobs::{Problem, Remedy};
use jiff::SignedDuration;
use support::{App, model, noon, press};

fn minutes(n: i64) -> jiff::Timestamp {
    noon() + SignedDuration::from_mins(n)
}

fn started(effects: &[Effect]) -> (Slot, u64) {
    let start = effects.iter().find_map(|e| match e {
        Effect::Start { slot, generation, job: Job::Unlock(_) } => Some((*slot, *generation)),
        _ => None,
    });
    start.expect("the token is asked for")
}

/// P9: five minutes without a key.
#[test]
fn after_five_minutes_the_screen_is_locked_and_a_key_asks_for_the_token_again() {
    let mut m = model();
    press(&mut m, "3");
    assert!(update(&mut m, Msg::Clock(minutes(4))).is_empty());
    assert_eq!(m.next_change(), Some(minutes(5)), "the loop wakes for it");
    press(&mut m, "<Down>");
    assert!(update(&mut m, Msg::Clock(minutes(8))).is_empty(), "a key starts the time again");
    let effects = update(&mut m, Msg::Clock(minutes(9)));
    assert!(matches!(effects.as_slice(), [Effect::ForgetTokens]), "{effects:?}");
    let picture = support::picture(&m);
    assert!(picture.contains("capscope is locked"), "{picture}");
    assert!(!picture.contains("HF-301"), "{picture}");
    // Keys do nothing but ask; a refusal is told and the screen stays locked.
    let (slot, generation) = started(&press(&mut m, "3"));
    let problem =
        Problem { remedy: Remedy::Retry, ..Problem::new("No", "The store is shut.", "", "Open it.") };
    update(&mut m, Msg::Job { slot, generation, event: Box::new(JobEvent::Failed(Box::new(problem))) });
    assert!(support::picture(&m).contains("The store is shut."));
    let (slot, generation) = started(&press(&mut m, "x"));
    update(
        &mut m,
        Msg::Job { slot, generation, event: Box::new(JobEvent::Done(Box::new(Output::Unlocked))) },
    );
    assert!(m.locked.is_none());
    assert!(support::picture(&m).contains("HF-301"));
    assert!(m.open.as_ref().unwrap().masked, "masks are on again");
}

#[test]
fn a_locked_screen_quits_and_nothing_locks_where_it_is_switched_off() {
    let mut m = model();
    update(&mut m, Msg::Clock(minutes(5)));
    assert!(m.locked.is_some());
    assert!(matches!(press(&mut m, "q").last(), Some(Effect::Quit)));
    let mut m = model();
    m.options.lock_after = capscope::app::lock::after_minutes(0);
    update(&mut m, Msg::Clock(minutes(600)));
    assert!(m.locked.is_none() && m.next_change().is_none());
}

/// A file that is half written is worse than a screen that waits.
#[test]
fn a_lock_waits_for_a_file_to_be_written_and_stops_what_only_reads() {
    let mut m = model();
    let effects = press(&mut m, "3<Enter>");
    assert!(matches!(effects.as_slice(), [.., Effect::Start { slot: Slot::Records, .. }]));
    m.jobs.start(Slot::Export, "Writing the file", Job::ProbeVault, noon());
    update(&mut m, Msg::Clock(minutes(5)));
    assert!(m.locked.is_none());
    m.jobs.ended(Slot::Export);
    let effects = update(&mut m, Msg::Clock(minutes(6)));
    assert!(matches!(effects.as_slice(), [Effect::Cancel(Slot::Records, _), Effect::ForgetTokens]));
    assert!(m.is_idle());
}

#[test]
fn the_values_are_gone_from_memory_and_can_be_read_again() {
    let mut app = App::demo(120, 36);
    app.keys("3<Enter>my<Enter>").idle();
    app.assert_shows("Nutmouse");
    app.shell.model.last_input = jiff::Timestamp::now() - SignedDuration::from_mins(6);
    app.wait(|m| m.locked.is_some());
    let memory = format!("{:?}", app.shell.model);
    for value in ["Nutmouse", "0012345", "1951-03-14"] {
        assert!(!memory.contains(value), "{value} is still in the model");
    }
    app.assert_shows("capscope is locked");
    app.keys("x").idle();
    app.keys("<Enter>").idle();
    app.keys("3<Enter>").idle();
    app.assert_shows("001");
    assert!(!app.shows("Nutmouse"), "masks are on again");
}
