//! The clipboard and recorders: copied values do not stay, and who is recorded is told.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]
#![cfg(unix)]

mod pty;
mod support;

use capscope::app::msg::{Effect, Msg, Told};
use capscope::app::update;
use jiff::SignedDuration;
use pty::Pty;
use support::{App, model, press};

/// The bytes by which a terminal's clipboard is overwritten with a blank.
const OVERWRITE: &[u8] = b"\x1b]52;c;IA==\x1b\\";

fn clock(model: &mut capscope::app::Model, seconds: i64) -> bool {
    let at = model.now + SignedDuration::from_secs(seconds);
    let effects = update(model, Msg::Clock(at));
    effects.iter().any(|e| matches!(e, Effect::ClearClipboard))
}

#[test]
fn a_copied_value_is_overwritten_after_45_seconds_and_a_name_of_the_design_is_not() {
    let mut model = model();
    model.options.lock_after = None;
    model.clipboard.data = true;
    update(&mut model, Msg::Told(Told::Copied("4 characters were handed over.".into())));
    assert_eq!(model.notice.as_ref().unwrap().text, "4 characters were handed over, for 45 s.");
    assert!(model.next_change().is_some());
    assert!(!clock(&mut model, 44));
    assert!(clock(&mut model, 1));
    assert!(!clock(&mut model, 1), "only once");
    // A name of the design that is copied since is not taken away again.
    model.clipboard.data = true;
    update(&mut model, Msg::Told(Told::Copied("x.".into())));
    update(&mut model, Msg::Told(Told::Copied("x.".into())));
    assert_eq!(model.notice.as_ref().unwrap().text, "x.");
    assert!(!clock(&mut model, 100));
    // A second value begins the time anew.
    for wait in [40, 0] {
        model.clipboard.data = true;
        update(&mut model, Msg::Told(Told::Copied("x.".into())));
        assert!(!clock(&mut model, wait));
    }
    assert!(!clock(&mut model, 44) && clock(&mut model, 1));
    model.options.clear_clipboard = None;
    model.clipboard.data = true;
    update(&mut model, Msg::Told(Told::Copied("x.".into())));
    assert!(!clock(&mut model, 1000));
}

#[test]
fn where_text_is_copied_decides_whether_it_is_data() {
    let mut model = model();
    press(&mut model, "2");
    press(&mut model, "c");
    assert!(!model.clipboard.data, "the name of an instrument");
    let mut app = App::demo(120, 36);
    app.keys("3S").idle();
    app.keys("c");
    let copied = app.copied.0.lock().unwrap().clone();
    assert_eq!(copied.len(), 1, "{copied:?}");
    app.assert_shows("for 45 s.");
    let until = app.shell.model.clipboard.until.unwrap();
    assert!(until > app.shell.model.now);
    app.shell.model.clipboard.until = Some(app.shell.model.now);
    app.wait(|m| m.clipboard.until.is_none());
    app.assert_shows("The clipboard was overwritten");
    assert_eq!(app.copied.0.lock().unwrap().last().unwrap(), " ");
}

#[test]
fn leaving_with_a_copied_value_overwrites_it_and_says_so() {
    let mut pty = Pty::demo(120, 36);
    let has = |pty: &Pty| pty.bytes().windows(OVERWRITE.len()).any(|w| w == OVERWRITE);
    pty.type_keys("3S").wait_for("record 1 of 6");
    pty.type_keys("c").wait_for("for 45 s.");
    assert!(!has(&pty));
    assert_eq!(pty.quit(), 0);
    assert!(has(&pty));
    pty.wait_for("The clipboard was overwritten: it held data.");
}

#[test]
fn a_recorded_terminal_is_told_and_lifting_the_masks_says_it_again() {
    let mut model = model();
    update(&mut model, Msg::Told(Told::Recorded("script".into())));
    assert!(model.notice.as_ref().unwrap().text.contains("recorded by script"));
    press(&mut model, "m");
    let Some(capscope::app::dialog::Dialog::Confirm(confirm)) = &model.dialog else { panic!() };
    assert!(confirm.text.contains("recorded by script"), "{}", confirm.text);
    let env = [("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent"), ("ASCIINEMA_REC", "1")];
    let pty = Pty::start(&[], &env, 80, 24);
    pty.wait_for("recorded by asciinema");
}

#[test]
fn script_is_recognised() {
    if std::process::Command::new("script").arg("--version").output().is_err() {
        eprintln!("SKIPPED: the program script is not here");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let run = format!("{} ; true", env!("CARGO_BIN_EXE_capscope"));
    let log = home.path().join("typescript");
    let mut command = portable_pty::CommandBuilder::new("script");
    command.args(["-q", "-c", &run, log.to_str().unwrap()]);
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    let pty = Pty::run(home, command, 80, 24);
    pty.wait_for("recorded by script");
}
