//! The real program in a pseudo-terminal: what people get when they start it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]
#![cfg(unix)]

mod program;
mod pty;

use portable_pty::PtySize;
use pty::{Pty, cells};

#[test]
fn the_demo_starts_shows_a_project_and_q_leaves_a_clean_terminal() {
    let mut pty = Pty::demo(120, 36);
    pty.type_keys("2").wait_for("[2 Instruments]");
    assert_eq!(pty.quit(), 0);
}

#[test]
fn the_demo_writes_nothing_to_this_computer() {
    let mut pty = Pty::demo(80, 24);
    pty.type_keys("3\r").wait_for("as far as this token");
    pty.quit();
    let left: Vec<_> = std::fs::read_dir(pty.home.as_ref().unwrap().path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_window_may_grow_shrink_and_become_too_small() {
    let mut pty = Pty::demo(80, 24);
    for (cols, rows, text) in
        [(120, 36, "This token"), (40, 10, "Please make the window"), (80, 24, "[READ-ONLY]")]
    {
        pty.seen.0.lock().unwrap().parser.screen_mut().set_size(cells(rows), cells(cols));
        pty.master.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
        pty.wait_for(text);
    }
    assert_eq!(pty.quit(), 0);
}

#[test]
fn ctrl_c_explains_itself_and_leaves_when_pressed_again() {
    let mut pty = Pty::demo(80, 24);
    pty.type_keys("\x03").wait_for("Press Ctrl+C again to quit");
    pty.type_keys("\x03");
    assert_eq!(pty.ends_clean(), 0);
}

#[test]
fn a_signal_leaves_a_clean_terminal() {
    let mut pty = Pty::demo(80, 24);
    let pid = pty.child.process_id().unwrap();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid.to_string()]).status().unwrap().success());
    pty.ends_clean();
}

#[test]
fn a_first_start_offers_a_project_and_leads_into_the_demo() {
    let mut pty = Pty::start(&[], &[("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")], 80, 24);
    pty.wait_for("T  starts a tour");
    pty.type_keys("a").wait_for("Add a REDCap project");
    pty.type_keys("\x1b").wait_for("d  opens the invented studies");
    pty.type_keys("d").wait_for("* online");
    assert_eq!(pty.quit(), 0);
}

#[test]
fn a_pasted_token_is_masked_and_never_reaches_the_terminal_or_a_file() {
    let token = "0123456789ABCDEF0123456789ABCDEF";
    let mut pty = Pty::start(&[], &[("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")], 80, 24);
    pty.wait_for("a  adds a project");
    pty.type_keys("a").wait_for("Add a REDCap project").wait_for("(o) only until I quit");
    pty.type_keys("\x1b[200~http://127.0.0.1:9/\x1b[201~\t");
    pty.type_keys(&format!("\x1b[200~{token}\n\x1b[201~")).wait_for(&"*".repeat(32));
    pty.type_keys("\r").wait_for("reach");
    pty.type_keys("\x1bq");
    pty.ends_clean();
    let has_token = |bytes: &[u8]| bytes.windows(token.len()).any(|w| w == token.as_bytes());
    assert!(!has_token(&pty.bytes()));
    let mut folders = vec![pty.home.as_ref().unwrap().path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                assert!(!has_token(&std::fs::read(&path).unwrap()), "{}", path.display());
            }
        }
    }
}

#[test]
fn the_selection_shows_without_colour() {
    let pty = Pty::start(&["demo", "--registry-records", "50"], &[("NO_COLOR", "1")], 120, 36);
    pty.wait_for("* online");
    let seen = pty.seen.0.lock().unwrap();
    let screen = seen.parser.screen();
    for row in 0..36 {
        for col in 0..120 {
            let cell = screen.cell(row, col).unwrap();
            assert_eq!(cell.fgcolor(), vt100::Color::Default, "row {row} column {col}");
        }
    }
    drop(seen);
    // In the list of instruments the chosen row is in reverse video.
    let mut pty = pty;
    pty.type_keys("2").wait_until("a reversed row", |seen| {
        (0..36).any(|row| {
            (1..27).all(|col| seen.parser.screen().cell(row, col).is_some_and(vt100::Cell::inverse))
        })
    });
}

#[test]
fn copied_text_goes_to_the_terminals_clipboard() {
    let mut pty = Pty::demo(120, 36);
    pty.type_keys("2c").wait_for("handed to the terminal's clipboard");
    let bytes = pty.bytes();
    let start = b"\x1b]52;c;";
    assert!(bytes.windows(start.len()).any(|w| w == start));
}

#[test]
fn without_a_terminal_the_interface_says_so() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_capscope"))
        .args(["demo", "--registry-records", "5"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("This is no terminal"));
}

#[test]
fn columns_and_cursors_are_as_they_were_left_at_the_next_start() {
    let server = program::Server::start();
    let token = server.token("BREATHE", "FULL");
    let home = tempfile::tempdir().unwrap();
    let added = std::process::Command::new(env!("CARGO_BIN_EXE_capscope"))
        .args(["project", "add", &server.url, "--name", "Mine", "--token-env", "MINE"])
        .env("CAPSCOPE_HOME", home.path())
        .env("MINE", &token)
        .output()
        .unwrap();
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    let env = [("MINE", token.as_str())];
    let mut first = Pty::start_in(home, &[], &env, 160, 36);
    first.wait_for("* online");
    first.type_keys("3j\r").wait_for("weight");
    // The column after the frozen ones is hidden; then a wider one, key after key.
    first.type_keys("lll-").wait_for("visit_date is hidden");
    first.type_keys("]]]]");
    assert_eq!(first.quit(), 0);
    let mut second = Pty::start_in(first.home.take().unwrap(), &[], &env, 160, 36);
    second.wait_for("* online");
    // The cursor is on the instrument where it was.
    second.type_keys("\r").wait_for("weight");
    second.wait_until("a table without the hidden column", |seen| {
        let text = seen.parser.screen().contents();
        let header = text.lines().find(|l| l.contains("study_id") && l.contains("weight"));
        // The card beside it shows all columns.
        let table = header.and_then(|h| h.split('┃').nth(1));
        table.is_some_and(|h| !h.contains("visit_date") && h.contains("         weight"))
    });
    assert_eq!(second.quit(), 0);
}
