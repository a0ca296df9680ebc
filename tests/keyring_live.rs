//! The vault on a real keyring service. Runs only inside `tests/support/with-keyring.sh`:
//!
//! ```sh
//! CAPSCOPE_TEST_KEYRING=1 tests/support/with-keyring.sh cargo test --test keyring_live
//! ```
//!
//! The keyring library opens the service once in a process, so every situation is tried in a
//! process of its own: the test starts itself again with the situation's name.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![cfg(target_os = "linux")]

use capscope::api::token::Token;
use capscope::store::vault::{Vault, VaultProblem};
use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};

const SITUATION: &str = "CAPSCOPE_TEST_SITUATION";
const ONE: &str = "0123456789ABCDEF0123456789ABCDEF";
const TWO: &str = "FEDCBA9876543210FEDCBA9876543210";

/// Whether there is a keyring to try. Says so loudly if not.
fn is_on() -> bool {
    let on = std::env::var_os("CAPSCOPE_TEST_KEYRING").is_some();
    if !on {
        // Written past the test harness, which hides what passing tests print.
        let words = "SKIPPED: no keyring was tried. See the top of tests/keyring_live.rs.";
        let _ = writeln!(std::io::stderr(), "{words}");
    }
    on
}

/// Which situation this process is to play, if any.
fn situation() -> Option<String> {
    std::env::var(SITUATION).ok()
}

/// A command that runs this test program again for one situation.
fn again(situation: &str) -> Vec<String> {
    let exe = std::env::current_exe().unwrap();
    [
        "env".to_owned(),
        format!("{SITUATION}={situation}"),
        exe.to_string_lossy().into_owned(),
        "--exact".into(),
        "play".into(),
        "--nocapture".into(),
    ]
    .to_vec()
}

/// Runs a command and gives back what it said between `[` and `]`.
fn said(mut command: Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let all = format!("{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(!all.contains(ONE) && !all.contains(TWO), "a token was printed");
    let start = text.find("said[").unwrap_or_else(|| panic!("{all}"));
    let rest = &text[start + 5..];
    rest[..rest.find("]said").unwrap()].to_owned()
}

fn run(situation: &str) -> Command {
    let words = again(situation);
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]);
    command
}

/// A bus of its own. With another runtime folder, or its daemon would find the one of the script
/// and leave the new bus without a service.
fn another_bus(runtime: &tempfile::TempDir) -> Command {
    let mut command = Command::new("dbus-run-session");
    command.env("XDG_RUNTIME_DIR", runtime.path());
    command
}

/// Plays one situation; by itself it does nothing.
#[test]
fn play() {
    let Some(situation) = situation() else { return };
    let wait = if situation == "hung" { 500 } else { 20_000 };
    let vault = Vault::system(Duration::from_millis(wait));
    let token = Token::parse(ONE).unwrap();
    match situation.as_str() {
        "all" | "hung" => println!(
            "said[{:?} {:?} {:?}]said",
            vault.probe(),
            vault.get("p1").err(),
            vault.set("p1", &token).err()
        ),
        "get" => println!("said[{:?}]said", vault.get("kept").map(|_| "found")),
        "keep" => println!("said[{:?}]said", vault.set("kept", &token)),
        other => panic!("no situation {other}"),
    }
}

#[test]
fn an_unlocked_keyring_keeps_replaces_and_deletes() {
    if !is_on() || situation().is_some() {
        return;
    }
    let vault = Vault::default();
    vault.probe().unwrap();
    assert_eq!(vault.get("p1").unwrap_err(), VaultProblem::Missing);
    vault.set("p1", &Token::parse(ONE).unwrap()).unwrap();
    vault.set("p2", &Token::parse(&TWO.repeat(2)).unwrap()).unwrap();
    assert!(!vault.get("p1").unwrap().is_super());
    assert!(vault.get("p2").unwrap().is_super());
    vault.set("p2", &Token::parse(TWO).unwrap()).unwrap();
    assert!(!vault.get("p2").unwrap().is_super(), "replaced");
    vault.delete("p1").unwrap();
    vault.delete("p1").unwrap();
    assert_eq!(vault.get("p1").unwrap_err(), VaultProblem::Missing);
    vault.delete("p2").unwrap();
}

#[test]
fn without_a_bus_there_is_no_service() {
    if !is_on() || situation().is_some() {
        return;
    }
    let mut command = run("all");
    command.env_remove("DBUS_SESSION_BUS_ADDRESS").env_remove("XDG_RUNTIME_DIR");
    assert_eq!(said(command), "Err(NoService) Some(NoService) Some(NoService)");
}

#[test]
fn a_bus_without_a_keyring_has_no_service() {
    if !is_on() || situation().is_some() {
        return;
    }
    // A bus of its own on which nothing may be started.
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("bus.conf");
    std::fs::write(
        &config,
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \
         \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\
         <busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>\
         <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>\
         <allow eavesdrop=\"true\"/><allow own=\"*\"/></policy>\
         </busconfig>",
    )
    .unwrap();
    let mut command = another_bus(&dir);
    command.arg("--config-file").arg(&config).arg("--").args(again("all"));
    assert_eq!(said(command), "Err(NoService) Some(NoService) Some(NoService)");
}

#[test]
fn a_locked_keyring_is_said_to_be_locked() {
    if !is_on() || situation().is_some() {
        return;
    }
    assert_eq!(said(run("keep")), "Ok(())");
    // A new bus with the same files: the daemon starts on demand and nobody unlocks it.
    for (situation, expected) in
        [("get", "Err(Locked)"), ("all", "Err(Locked) Some(Missing) Some(Locked)"), ("get", "Err(Locked)")]
    {
        let dir = tempfile::tempdir().unwrap();
        let mut command = another_bus(&dir);
        command.arg("--").args(again(situation));
        assert_eq!(said(command), expected);
    }
    assert_eq!(said(run("get")), "Ok(\"found\")");
}

#[test]
fn a_hung_keyring_is_not_waited_for() {
    if !is_on() || situation().is_some() {
        return;
    }
    // The daemon of the script serves the other tests too, so this one has a script of its own.
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/with-keyring.sh");
    let mut command = Command::new(script);
    command.args(["sh", "-euc", "kill -STOP $KEYRING_PID; \"$@\"", "sh"]).args(again("hung"));
    let start = Instant::now();
    let words = said(command);
    assert_eq!(words, "Err(TimedOut) Some(TimedOut) Some(TimedOut)");
    assert!(start.elapsed() < Duration::from_secs(30));
}
