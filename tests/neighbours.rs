//! Beside other programs and on a computer in trouble: several capscopes at once, no room on the
//! disk, no home, a clock that jumps, stops and starts, and windows that change all the time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]
#![cfg(unix)]

mod program;
mod pty;
mod support;

use capscope::app::model::Level;
use capscope::app::msg::{Effect, Msg};
use capscope::app::update;
use jiff::SignedDuration;
use portable_pty::PtySize;
use program::Server;
use pty::{Pty, cells};
use std::path::Path;
use std::process::{Command, Output};
use support::model;

/// A command of a shell around the program, with the token in its environment.
fn shell(home: &Path, token: &str, script: &str) -> Output {
    Command::new("sh")
        .args(["-c", &script.replace("capscope", env!("CARGO_BIN_EXE_capscope"))])
        .env("CAPSCOPE_HOME", home)
        .env("REDCAP_API_TOKEN", token)
        .env("MINE", token)
        .current_dir(home)
        .output()
        .unwrap()
}

#[test]
fn several_at_once_share_the_list_of_projects() {
    let server = Server::start();
    let tokens: Vec<String> = server.projects.as_array().unwrap()[..2]
        .iter()
        .flat_map(|p| p["tokens"].as_array().unwrap().iter())
        .filter(|t| {
            t["note"].as_str().unwrap().starts_with("FULL") || t["note"].as_str().unwrap().starts_with("DAGA")
        })
        .map(|t| t["token"].as_str().unwrap().to_owned())
        .collect();
    assert!(tokens.len() > 1);
    let home = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for (n, token) in tokens.iter().enumerate() {
            let (home, url) = (home.path(), server.url.clone());
            scope.spawn(move || {
                // Each has a variable of its own: a shared one would be the same token for all.
                let add = format!(
                    "T{n}=$MINE; export T{n}; capscope project add {url} --name P{n} --token-env T{n}"
                );
                let output = shell(home, token, &add);
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            });
        }
    });
    let list = shell(home.path(), "", "capscope project list");
    let list = String::from_utf8(list.stdout).unwrap();
    assert!((0..tokens.len()).all(|n| list.contains(&format!("P{n}"))), "{list}");
    assert!(shell(home.path(), "", "capscope audit --verify").status.success());
}

#[test]
fn without_room_on_the_disk_work_goes_on_and_no_half_file_is_left() {
    let server = Server::start();
    let (token, url) = (server.token("BREATHE", "FULL"), &server.url);
    let home = tempfile::tempdir().unwrap();
    // Writing fails as on a full disk; the signal that would end the program is switched off.
    let full = "trap '' XFSZ; ulimit -f 0; exec ";
    let output = shell(home.path(), &token, &format!("{full}capscope call version export --url {url}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !output.stdout.is_empty(), "{said}");
    assert!(said.contains("The audit log is not complete"), "{said}");
    for command in [
        format!("capscope export --url {url} --out all.csv"),
        format!("capscope project add {url} --name A --token-env MINE"),
    ] {
        let output = shell(home.path(), &token, &format!("{full}{command}"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("could not be written") && !said.contains("panicked"), "{said}");
    }
    let mut left: Vec<_> = std::fs::read_dir(home.path())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    left.retain(|name| !["config", "state", "cache"].contains(&name.as_str()));
    assert!(left.is_empty(), "{left:?}");
    let output = shell(home.path(), &token, &format!("capscope export --url {url} --out all.csv"));
    assert!(output.status.success(), "with room again: {}", String::from_utf8_lossy(&output.stderr));
    assert!(shell(home.path(), "", "capscope audit --verify").status.success());
}

#[test]
fn where_nothing_can_be_kept_commands_and_the_interface_work_all_the_same() {
    let server = Server::start();
    let token = server.token("BREATHE", "FULL");
    let temp = tempfile::tempdir().unwrap();
    let call = format!("CAPSCOPE_HOME=/proc/nowhere capscope call version export --url {}", server.url);
    let output = shell(temp.path(), &token, &call);
    assert!(output.status.success() && !output.stdout.is_empty());
    let nowhere = "CAPSCOPE_HOME=/proc/nowhere DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent exec ";
    let mut command = portable_pty::CommandBuilder::new("sh");
    command.args(["-c", &format!("{nowhere}{}", env!("CARGO_BIN_EXE_capscope"))]);
    let mut pty = Pty::run(temp, command, 100, 30);
    pty.wait_for("Welcome");
    pty.type_keys("a");
    pty.wait_for("Add a REDCap project");
    pty.type_keys("\x1b").wait_for("opens the invented studies");
    pty.type_keys("d").wait_for("* online");
    assert_eq!(pty.quit(), 0);
}

#[test]
fn a_clock_that_jumps_neither_hangs_nor_forgets() {
    let mut model = model();
    model.notify(Level::Note, "soon gone");
    model.clipboard.until = Some(model.now + SignedDuration::from_secs(45));
    let clock = |model: &mut capscope::app::Model, by: SignedDuration| {
        let at = model.now + by;
        update(model, Msg::Clock(at))
    };
    // Back by a day: everything waits as long as before, not a day longer.
    clock(&mut model, SignedDuration::from_hours(-24));
    assert!(model.notice.is_some() && model.locked.is_none());
    clock(&mut model, SignedDuration::from_secs(5));
    assert!(model.notice.is_none());
    let effects = clock(&mut model, SignedDuration::from_secs(41));
    assert!(effects.iter().any(|e| matches!(e, Effect::ClearClipboard)), "{effects:?}");
    // Forward, as after a night asleep: the screen locks at once.
    clock(&mut model, SignedDuration::from_hours(8));
    assert!(model.locked.is_some());
}

fn signal(pty: &Pty, name: &str) {
    let pid = pty.child.process_id().unwrap().to_string();
    assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
}

/// Waits until the program stands still, as a shell does before it writes anything.
fn stopped(pty: &Pty) {
    let pid = pty.child.process_id().unwrap().to_string();
    let end = std::time::Instant::now() + pty::PATIENCE;
    loop {
        let output = Command::new("ps").args(["-o", "state=", "-p", &pid]).output().unwrap();
        if output.stdout.starts_with(b"T") {
            return;
        }
        assert!(std::time::Instant::now() < end, "it does not stop");
        std::thread::yield_now();
    }
}

#[test]
fn a_stop_gives_the_terminal_back_and_going_on_draws_everything_anew() {
    let mut pty = Pty::demo(100, 30);
    for stop in ["TSTP", "STOP"] {
        signal(&pty, stop);
        if stop == "TSTP" {
            pty.wait_until("the shell's screen", |seen| !seen.parser.screen().alternate_screen());
        }
        stopped(&pty);
        // Somebody else writes on the terminal meanwhile.
        pty.seen.0.lock().unwrap().parser.process(b"\x1b[2J\x1b[Hsomebody else was here");
        signal(&pty, "CONT");
        pty.wait_for("* online");
        pty.wait_until("a clean picture", |seen| {
            let screen = seen.parser.screen();
            screen.alternate_screen() && !screen.contents().contains("somebody else")
        });
    }
    pty.type_keys("2").wait_for("[2 Instr]");
    assert_eq!(pty.quit(), 0);
}

#[test]
fn a_storm_of_window_sizes_ends_in_the_right_picture() {
    let mut pty = Pty::demo(100, 30);
    for n in 0..300_u16 {
        let (cols, rows) = (1 + n * 37 % 200, 1 + n * 17 % 60);
        pty.master.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
        if n % 10 == 0 {
            pty.type_keys(["2", "3", "?", "\x1b", "1"][usize::from(n / 10 % 5)]);
        }
    }
    pty.seen.0.lock().unwrap().parser.screen_mut().set_size(cells(24), cells(80));
    pty.master.resize(PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 }).unwrap();
    pty.type_keys("\x1b").wait_for("[READ-ONLY]");
    pty.type_keys("2").wait_for("[2 Instr");
    assert_eq!(pty.quit(), 0);
}

#[test]
fn a_closed_terminal_ends_the_program() {
    let pty = Pty::demo(80, 24);
    let pid = pty.child.process_id().unwrap();
    signal(&pty, "HUP");
    pty.wait_until("the end of the program", |seen| seen.ended);
    assert!(!Path::new(&format!("/proc/{pid}/fd/0")).exists());
}
