//! Canaries: a token and marked record values are planted, the real program is used in many ways
//! and ended in many ways, and then everything that came out of it is searched for them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]
#![cfg(target_os = "linux")]

mod hunt;
mod program;
mod pty;

use hunt::{clean, clean_folder};
use program::Server;
use pty::Pty;
use std::io::{Read, Write};
use std::process::{Command, Output, Stdio};

/// Values of identifier fields: never on the screen while masked.
const IDENTIFIERS: &[&str] = &["Qanarie-Zeisig", "Wellensittich-X", "9871653"];
/// A value of a field that is no identifier: never in a file.
const FREE_TEXT: &str = "Girlitz-sings-at-dawn";

fn values() -> Vec<&'static str> {
    IDENTIFIERS.iter().copied().chain([FREE_TEXT]).collect()
}

/// A server with canaries in one record, and the token that reads them.
fn planted() -> (Server, String) {
    let server = Server::start();
    let token = server.token("BREATHE", "FULL");
    let [first, last, mrn] = IDENTIFIERS else { panic!() };
    let data = format!(
        r#"data=[{{"study_id":"001","redcap_event_name":"screening_arm_1","first_name":"{first}","last_name":"{last}","mrn":"{mrn}","notes_free":"{FREE_TEXT}"}}]"#
    );
    let number = server.projects[0]["project_id"].as_u64().unwrap().to_string();
    let home = tempfile::tempdir().unwrap();
    let planted = with_token(
        home.path(),
        &token,
        &[
            "call",
            "record",
            "import",
            "format=json",
            &data,
            "--url",
            &server.url,
            "--yes-write",
            "--project-id",
            &number,
        ],
    );
    assert!(planted.status.success(), "{}", String::from_utf8_lossy(&planted.stderr));
    (server, token)
}

/// A command that gets the token on stdin, so that neither its arguments nor its environment have
/// it. Both are looked at while it runs.
fn with_token(home: &std::path::Path, token: &str, args: &[&str]) -> Output {
    let temp = home.join("tmp");
    std::fs::create_dir_all(&temp).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_capscope"))
        .args(args)
        .env_clear()
        .env("HOME", home)
        .env("TMPDIR", &temp)
        .env("PATH", "/usr/bin:/bin")
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
        .current_dir(home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    look_at_process(child.id(), &[token]);
    // A command that needs no token may have ended before it could be given one.
    match writeln!(child.stdin.take().unwrap(), "{token}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            panic!("the token is not read: {error}")
        }
        _ => {}
    }
    child.wait_with_output().unwrap()
}

/// Arguments and environment of a running process, and its limit on core dumps.
fn look_at_process(pid: u32, secrets: &[&str]) {
    for file in ["cmdline", "environ"] {
        // Another user than root may not look into a process that forbids it: that is as good.
        if let Ok(bytes) = std::fs::read(format!("/proc/{pid}/{file}")) {
            clean(&format!("/proc/PID/{file}"), &bytes, secrets);
        }
    }
}

/// The home must have no secret but in the files that were asked for by name.
fn nothing_kept(home: &std::path::Path, asked_for: &[&str], secrets: &[&str]) -> usize {
    for name in asked_for {
        std::fs::remove_file(home.join(name)).unwrap();
    }
    clean_folder(home, secrets)
}

#[test]
fn commands_keep_no_token_and_no_value() {
    let (server, token) = planted();
    let home = tempfile::tempdir().unwrap();
    let url = server.url.as_str();
    let mut secrets = values();
    secrets.push(&token);
    let check = "study_id,redcap_event_name,last_name\n001,screening_arm_1,Neuer Name\n";
    std::fs::write(home.path().join("in.csv"), check).unwrap();
    // The last column: whether the output is made of values by its very purpose.
    let commands: &[(&[&str], bool)] = &[
        (&["call", "record", "export", "format=json", "--url", url], true),
        (
            &["call", "record", "export", "format=json", "records=001", "--url", url, "--out", "answer.json"],
            false,
        ),
        (&["call", "log", "export", "--url", url], true),
        (&["call", "metadata", "export", "--url", url], false),
        (&["call", "record", "export", "fields=nonsense", "--url", url], false),
        (&["call", "file", "export", "record=001", "field=mrn", "--url", url], false),
        (&["export", "--url", url, "--out", "all.csv", "--identifiers"], false),
        (&["export", "--url", url, "--out", "free.csv"], false),
        (&["quality", "--url", url], false),
        (&["quality", "--url", url, "--json", "--logic", "[first_name] <> ''"], false),
        (&["users", "--url", url], false),
        (&["token", "test", "--url", url], false),
        (&["snippet", "record", "export", "records=001", "--url", url], false),
        (&["audit", "--last", "0"], false),
        (&["audit", "--verify"], false),
    ];
    for (args, shows_values) in commands {
        let output = with_token(home.path(), &token, args);
        let name = args.join(" ");
        clean(&format!("stdout of {name}"), &output.stdout, &[&token]);
        clean(&format!("stderr of {name}"), &output.stderr, &secrets);
        if !shows_values {
            clean(&format!("stdout of {name}"), &output.stdout, &secrets);
        }
    }
    let exported = std::fs::read_to_string(home.path().join("all.csv")).unwrap();
    assert!(values().iter().all(|v| exported.contains(v)), "the canaries are really there: {exported}");
    let free = std::fs::read_to_string(home.path().join("free.csv")).unwrap();
    assert!(free.contains(FREE_TEXT) && !IDENTIFIERS.iter().any(|v| free.contains(v)));
    let kept = nothing_kept(home.path(), &["all.csv", "free.csv", "answer.json", "in.csv"], &secrets);
    assert!(kept >= 2, "the audit log and its key at least: {kept}");
}

#[test]
fn a_server_that_repeats_the_token_in_an_error_gives_nothing_away() {
    let token = "C0FFEE00C0FFEE00C0FFEE00C0FFEE00";
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/api/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for (turn, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let mut piece = [0; 8192];
            let _ = stream.read(&mut piece);
            let (status, body) = match turn % 3 {
                0 => ("403 Forbidden", format!("{{\"error\":\"No rights for token={token}\"}}")),
                1 => ("400 Bad Request", format!("<hash><error>{token} is {token}</error></hash>")),
                _ => ("200 OK", format!("<html>PHP Fatal error near '{token}'</html>")),
            };
            let head =
                format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(&[head.as_bytes(), body.as_bytes()].concat());
        }
    });
    let home = tempfile::tempdir().unwrap();
    for args in [
        &["users", "--url", &url][..],
        &["quality", "--url", &url],
        &["export", "--url", &url, "--out", "x.csv"],
        &["token", "test", "--url", &url],
    ] {
        let output = with_token(home.path(), token, args);
        clean("stderr", &output.stderr, &[token]);
        clean("stdout", &output.stdout, &[token]);
    }
    clean_folder(home.path(), &[token]);
}

/// The interface on the planted server: the token was pasted and is kept until it ends.
fn opened(server: &Server, token: &str) -> Pty {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(home.path().join("tmp")).unwrap();
    let temp = home.path().join("tmp").display().to_string();
    let env = [("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent"), ("TMPDIR", temp.as_str())];
    let mut pty = Pty::start_in(home, &[], &env, 160, 40);
    pty.wait_for("Welcome");
    pty.type_keys("a");
    pty.wait_for("Add a REDCap project").wait_for("(o) only until I quit");
    pty.type_keys(&format!("\x1b[200~{}\x1b[201~\t", server.url));
    pty.type_keys(&format!("\x1b[200~{token}\n\x1b[201~")).wait_for(&"*".repeat(32));
    pty.type_keys("\r").wait_for("* online");
    pty
}

/// Goes through the sections, with identifiers masked.
fn look_around(pty: &mut Pty) {
    for (keys, seen) in [
        ("2", "[2 Instruments]"),
        ("3", "[3 Records]"),
        ("S", "record 1 of 6"),
        ("\r", "••••••"),
        ("H", "log lines"),
        ("\x1b", "Record 001"),
        ("\x1b", "record 1 of 6"),
        ("N", "What changed"),
        ("N", "record 1 of 6"),
        ("Q", "Data quality"),
        ("Q", "record 1 of 6"),
        ("4", "[4 Users]"),
        ("5", "[5 Check]"),
        ("6", "[6 Token]"),
        ("7", "[7 Playground]"),
        ("8", "[8 Live]"),
        ("9", "[9 Activity]"),
        ("?", "Help"),
        ("\x1b", "[9 Activity]"),
        ("3", "[3 Records]"),
    ] {
        pty.type_keys(keys).wait_for(seen);
    }
}

#[test]
fn a_session_in_privacy_mode_leaves_nothing_however_it_ends() {
    let (server, token) = planted();
    let mut secrets = values();
    secrets.push(&token);
    let mut on_screen = IDENTIFIERS.to_vec();
    on_screen.push(&token);
    for end in ["q", "TERM", "HUP", "KILL", "ABRT", "SEGV"] {
        let mut pty = opened(&server, &token);
        let pid = pty.child.process_id().unwrap();
        look_at_process(pid, &secrets);
        let limits = std::fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
        let core = limits.lines().find(|l| l.starts_with("Max core file size")).unwrap();
        assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
        look_around(&mut pty);
        if end == "q" {
            pty.type_keys("q");
            assert_eq!(pty.ends_clean(), 0);
        } else {
            let signal = format!("-{end}");
            assert!(Command::new("kill").args([&signal, &pid.to_string()]).status().unwrap().success());
            if end == "SEGV" {
                // The first one only takes away the handler that looks for a stack that ran over.
                while !pty.seen.0.lock().unwrap().ended {
                    let _ =
                        Command::new("kill").args([&signal, &pid.to_string()]).stderr(Stdio::null()).status();
                }
            }
            pty.wait_until(&format!("the end after {end}"), |seen| seen.ended);
            let _ = pty.child.wait();
        }
        clean(&format!("what the terminal got ({end})"), &pty.bytes(), &on_screen);
        let files = clean_folder(pty.home.as_ref().unwrap().path(), &secrets);
        assert!(files > 2, "it keeps metadata and its place: {files}");
    }
}

#[test]
fn lifted_masks_show_the_canaries_so_that_the_search_above_means_something() {
    let (server, token) = planted();
    let mut pty = opened(&server, &token);
    pty.type_keys("3S").wait_for("record 1 of 6");
    pty.type_keys("\r").wait_for("••••••");
    pty.type_keys("m").wait_for("Show identifiers?");
    pty.type_keys("y").wait_for(IDENTIFIERS[1]);
    pty.type_keys("q");
    pty.ends_clean();
    let mut secrets = values();
    secrets.push(&token);
    clean("what the terminal got", &pty.bytes(), &[&token]);
    clean_folder(pty.home.as_ref().unwrap().path(), &secrets);
    let log = pty.home.as_ref().unwrap().path().join("state/audit/audit.jsonl");
    assert!(std::fs::read_to_string(log).unwrap().contains("masks_lifted"));
}
