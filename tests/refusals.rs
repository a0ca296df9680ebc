//! Refusals and silent failures (`needs.md`, S25 a to k, and S9): through the screen and through the
//! command line, against the demo server with what goes wrong in between.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod between;
mod support;

use between::{Asked, Between, Fate};
use capscope::api::client::CallState;
use capscope::api::token::Token;
use capscope::demo::{DemoOptions, DemoServer};
use capscope::jobs::types::{Draft, Keep};
use capscope::store::Paths;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::App;

/// The demo server with a server in between, and a home of its own.
struct Site {
    home: tempfile::TempDir,
    server: DemoServer,
    between: Between,
    runtime: tokio::runtime::Runtime,
}

impl Site {
    fn new() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let options = DemoOptions { registry_records: 120, ..DemoOptions::default() };
        let server = runtime.block_on(DemoServer::start(options)).unwrap();
        let between = runtime.block_on(Between::before(server.url()));
        Self { home: tempfile::tempdir().unwrap(), server, between, runtime }
    }

    /// The token of a project whose note begins with this word.
    fn token(&self, project: &str, word: &str) -> String {
        let project = self.server.projects().iter().find(|p| p.title.contains(project)).unwrap();
        project.tokens.iter().find(|t| t.note.starts_with(word)).unwrap().token.clone()
    }

    /// The program with this project open.
    fn app(&self, project: &str, word: &str) -> App {
        let token = self.token(project, word);
        let mut app = App::start(120, 36, Some(Paths::under(self.home.path())), |bench, runtime| {
            let draft = Draft {
                address: self.between.url.clone(),
                token: Some(Token::parse(&token).unwrap()),
                keep: Keep::Keyring,
                name: String::new(),
                ca_file: None,
                replaces: None,
            };
            vec![runtime.block_on(capscope::jobs::projects::add(bench, draft)).unwrap()]
        });
        app.wait(|m| m.is_idle() && m.open.as_ref().is_some_and(|o| o.source.is_some()));
        app
    }

    /// A command of the program. Gives its exit code, what it printed and what it said beside.
    fn command(&self, token: &str, args: &[&str]) -> (Option<i32>, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_capscope"))
            .args(args)
            .args(["--url", &self.between.url])
            .env("CAPSCOPE_HOME", self.home.path())
            .env("REDCAP_API_TOKEN", token)
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    }

    /// The whole text of all files below the home.
    fn files(&self) -> String {
        let (mut folders, mut text) = (vec![self.home.path().to_owned()], String::new());
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    text.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap()));
                }
            }
        }
        text
    }
}

fn is_data(asked: &Asked) -> bool {
    asked.value("content") == "record" && asked.pairs.iter().any(|(n, _)| n == "fields[1]")
}

/// The text of a dialog, without its frame and line breaks.
fn words(app: &App) -> String {
    let text = app.screen();
    let inner: Vec<&str> = text.lines().map(|l| l.trim_matches(['│', '┃', ' '])).collect();
    inner.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_and_b_one_answer_names_every_cause_and_calls_no_token_wrong() {
    let site = Site::new();
    let mut told = Vec::new();
    for word in ["BAD", "NOAPI"] {
        // A line end around the token is no part of it.
        let token = format!("{}\n", site.token("BREATHE", word));
        let (code, out, err) = site.command(&token, &["call", "user", "export"]);
        assert_eq!(code, Some(1), "{out}{err}");
        for cause in
            ["another server", "Neither API Export nor", "replaced or deleted", "expired", "suspended"]
        {
            assert!(err.contains(cause), "{cause}: {err}");
        }
        assert!(err.contains("right shape") && err.contains("REDCap administrator"), "{err}");
        assert!(!err.to_lowercase().contains("wrong"), "{err}");
        assert!(err.contains("my user or my role has the right 'API Export'"), "{err}");
        told.push(err);
    }
    assert_eq!(told[0], told[1], "the same answer is told the same way");
    // On screen: the token worked when the project was added, so being replaced is likelier.
    let mut app = site.app("BREATHE", "FULL");
    site.between.rule(|_| {
        Fate::Instead(
            403,
            "application/json",
            r#"{"error":"You do not have permissions to use the API"}"#.into(),
        )
    });
    app.keys("1r").idle();
    app.keys("d");
    let text = words(&app);
    assert!(text.contains("1. The token was replaced or deleted. Seen: it worked here when"), "{text}");
    assert!(text.contains("5. It is the token of another server"), "{text}");
    app.keys("y").idle();
    let copied = app.copied.0.lock().unwrap().join("");
    assert!(copied.contains("REDCap refuses my API token") && copied.contains("PID 101"), "{copied}");
}

#[test]
fn c_a_page_with_403_is_not_redcaps_answer_and_stops_everything() {
    let site = Site::new();
    let page = || Fate::Instead(403, "text/html", "<html><h1>Forbidden</h1></html>".into());
    let mut app = site.app("BREATHE", "FULL");
    site.between.rule(move |_| page());
    app.keys("3<Enter>").idle();
    assert_eq!(site.between.seen().len(), 1);
    app.keys("d");
    let text = words(&app);
    assert!(text.contains("not REDCap's own answer") || text.contains("none of REDCap's words"), "{text}");
    assert!(text.contains("firewall") && text.contains("banned the address of this network"), "{text}");
    app.keys("<Esc>S").idle();
    app.keys("6t").idle();
    assert_eq!(site.between.seen().len(), 1, "nothing more was sent: {:?}", site.between.seen());
    // Only a person who asks for it sends one more, and the next refusal stops everything again.
    app.keys("<Esc>4r").idle();
    app.keys("6t").idle();
    assert_eq!(site.between.seen().len(), 2, "one more was sent: {:?}", site.between.seen());
    // A command that would make many calls makes one.
    site.between.rule(move |_| page());
    let (code, _, err) = site.command(&site.token("BREATHE", "FULL"), &["export", "--out", "x.csv"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("none of REDCap's words") && err.contains("Do not repeat the request"), "{err}");
    assert_eq!(site.between.seen().len(), 1);
}

#[test]
fn d_a_move_to_another_host_is_shown_and_nothing_goes_there() {
    let site = Site::new();
    let other = site.runtime.block_on(Between::before(site.server.url()));
    let mut app = site.app("BREATHE", "FULL");
    let to = other.url.clone();
    site.between.rule(move |_| Fate::Elsewhere(to.clone()));
    app.keys("1r").idle();
    app.keys("d");
    let host = other.url.trim_start_matches("http://").trim_end_matches("/api/").to_owned();
    let text = words(&app);
    assert!(text.contains(&host) && text.contains("Nothing was sent"), "{text}");
    // The other place has no encryption, so it is told and not offered.
    assert!(!app.shows("use that address") && !app.shows("https://http"), "{}", app.screen());
    let (code, _, err) = site.command(&site.token("BREATHE", "FULL"), &["call", "version", "export"]);
    assert_eq!(code, Some(1));
    assert!(err.contains(&host) && err.contains("Nothing was sent there"), "{err}");
    assert!(other.seen().is_empty(), "the token stayed here: {:?}", other.seen());
}

#[test]
fn e_a_certificate_for_another_name_offers_a_file_and_no_way_around() {
    let site = Site::new();
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["redcap.example.org".to_owned()])
        .unwrap()
        .self_signed(&key)
        .unwrap();
    let key = tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = tokio_rustls::rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .unwrap();
    let port = site.runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = acceptor.accept(stream).await;
            }
        });
        port
    });
    let output = Command::new(env!("CARGO_BIN_EXE_capscope"))
        .args(["call", "version", "export", "--url", &format!("https://127.0.0.1:{port}/api/")])
        .env("CAPSCOPE_HOME", site.home.path())
        .env("REDCAP_API_TOKEN", site.token("BREATHE", "FULL"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    // And where a project is added on screen.
    let token = site.token("BREATHE", "FULL");
    let app = App::start(120, 36, Some(Paths::under(site.home.path())), |_, _| Vec::new());
    let draft = Draft {
        address: format!("https://127.0.0.1:{port}/api/"),
        token: Some(Token::parse(&token).unwrap()),
        keep: Keep::Keyring,
        name: String::new(),
        ca_file: None,
        replaces: None,
    };
    let problem = app.block_on(capscope::jobs::projects::add(&app.bench, draft)).unwrap_err();
    for text in [said, problem.paragraphs()] {
        assert!(text.contains("certificate was not accepted. Nothing was sent."), "{text}");
        assert!(text.contains("ca_file") && text.contains("cannot be switched off"), "{text}");
        assert!(!text.to_lowercase().contains("insecure") && !text.contains("--no-"), "{text}");
    }
}

#[test]
fn f_a_success_without_content_is_read_again_once_and_is_never_no_records() {
    let site = Site::new();
    let empty = |asked: &Asked| {
        if asked.value("content") == "record" {
            Fate::Instead(200, "text/csv", String::new())
        } else {
            Fate::Through
        }
    };
    let mut app = site.app("BREATHE", "FULL");
    site.between.rule(empty);
    app.keys("3<Enter>").idle();
    // An empty CSV may be an empty project. JSON says nothing as [], so that is asked for, and when
    // it is empty too, once more.
    let formats: Vec<String> = site
        .between
        .seen()
        .iter()
        .filter(|a| a.value("content") == "record")
        .map(|a| a.value("format").to_owned())
        .collect();
    assert_eq!(formats, ["csv", "json", "json"]);
    app.assert_shows("Empty answer");
    app.keys("d").assert_shows("This is not 'no records'.");
    assert!(!app.shows("0 records"), "{}", app.screen());
    let (code, out, err) = site.command(&site.token("BREATHE", "FULL"), &["export", "--out", "f.csv"]);
    assert_eq!(code, Some(1), "{out}");
    assert!(err.contains("This is not 'no records'.") && !site.home.path().join("f.csv").exists(), "{err}");
}

#[test]
fn g_out_of_memory_halves_the_batch_and_says_so() {
    let site = Site::new();
    let memory = |asked: &Asked| {
        if asked.records() > 40 {
            let text = "<br><b>Fatal error</b>: x<br>{\"error\":\"REDCap ran out of server memory. The request cannot be processed.\"}";
            Fate::Instead(200, "text/html", text.into())
        } else {
            Fate::Through
        }
    };
    let mut app = site.app("REG-02", "");
    site.between.rule(memory);
    app.keys("3<Enter>").idle();
    app.assert_shows("REDCap ran out of memory").assert_shows("31 records are asked for at a time");
    assert_eq!(app.shell.model.open.as_ref().unwrap().records.records_read, 120, "{}", app.screen());
    let sizes: Vec<usize> = site.between.seen().iter().map(Asked::records).filter(|n| *n > 0).collect();
    assert!(sizes.starts_with(&[120, 120, 62, 31]) || sizes.starts_with(&[120, 62, 31]), "{sizes:?}");
    let form = app.shell.model.open.as_ref().unwrap().records.form.clone().unwrap();
    let args = ["export", "--out", "g.csv", "--form", &form];
    let (code, _, err) = site.command(&site.token("REG-02", ""), &args);
    assert!(err.contains("REDCap ran out of memory") && err.contains("31 records"), "{code:?} {err}");
    let file = std::fs::read_to_string(site.home.path().join("g.csv")).unwrap();
    assert!(file.lines().count() > 120, "{}", file.lines().count());
}

/// Leaves every row of one record out.
fn without_004(text: &str) -> String {
    text.lines()
        .filter(|l| !l.starts_with("004") && !l.starts_with("\"004"))
        .flat_map(|l| [l, "\n"])
        .collect()
}

#[test]
fn h_a_record_that_does_not_come_back_breaks_the_seal() {
    let site = Site::new();
    let lost = |asked: &Asked| if is_data(asked) { Fate::Changed(without_004) } else { Fate::Through };
    let mut app = site.app("BREATHE", "FULL");
    // One instrument, at its own events: a record without a row there would be no loss, so it is
    // asked for once more by name only.
    site.between.rule(lost);
    app.keys("3<Enter>").idle();
    app.assert_shows("1 of the records asked for did not come back");
    app.keys("d").assert_shows("Not all records came back").assert_shows("004");
    app.keys("<Esc>");
    // At an event where only some have a row nothing is lost.
    site.between.rule(|_| Fate::Through);
    app.keys("<Left><Down><Down><Enter>").idle();
    assert!(!app.shows("did not come back"), "{}", app.screen());
    site.between.rule(lost);
    let token = site.token("BREATHE", "FULL");
    let (code, out, err) = site.command(&token, &["export", "--out", "h.csv"]);
    assert_ne!(code, Some(0), "{out}");
    assert!(err.contains("RECORDS DID NOT COME BACK: 004"), "{err}");
}

#[test]
fn i_a_server_that_repeats_the_token_is_not_repeated() {
    let site = Site::new();
    let token = site.token("BREATHE", "FULL");
    let mut app = site.app("BREATHE", "FULL");
    let said = token.clone();
    site.between.rule(move |_| {
        Fate::Instead(400, "application/json", format!(r#"{{"error":"bad request of {said}"}}"#))
    });
    app.keys("3<Enter>").idle();
    app.keys("dd").assert_shows("bad request of ••••");
    let (_, out, err) = site.command(&token, &["call", "user", "export"]);
    assert!(err.contains("bad request of ••••"), "{err}");
    for text in [app.screen(), err, site.files()] {
        assert!(!text.contains(&token), "{text}");
    }
    // The body of a call goes to stdout as it came: that is what `call` is for, and the one place.
    assert!(out.contains(&token) || out.contains("••••"));
    app.keys("<Esc>9");
    assert!(!app.screen().contains(&token));
}

/// Names in the place of which the server gives codes.
fn hashed(text: &str) -> String {
    text.lines()
        .map(|line| match line.split_once(',') {
            Some((id, rest)) if id.bytes().all(|b| b.is_ascii_digit()) => {
                format!("{:032x},{rest}\n", id.parse::<u128>().unwrap() * 0xABCD_1234)
            }
            _ => match line.parse::<u128>() {
                Ok(id) => format!("{:032x}\n", id * 0xABCD_1234),
                Err(_) => format!("{line}\n"),
            },
        })
        .collect()
}

#[test]
fn j_hashed_names_are_recognised_and_not_asked_for() {
    let site = Site::new();
    let mut app = site.app("BREATHE", "FULL");
    site.between.rule(
        |asked| {
            if asked.value("content") == "record" { Fate::Changed(hashed) } else { Fate::Through }
        },
    );
    app.keys("3<Enter>").idle();
    app.assert_shows("The record ids are hashed");
    assert!(site.between.seen().iter().all(|a| a.records() == 0), "no hash is asked for by name");
    app.keys("d").assert_shows("32 hexadecimal digits").assert_shows("Full Data Set");
    let (_, out, _) = site.command(&site.token("BREATHE", "FULL"), &["token", "test"]);
    assert!(out.contains("Record names are hashed."), "{out}");
}

#[test]
fn k_twelve_actions_at_once_are_one_request_at_a_time() {
    let site = Site::new();
    let mut app = site.app("BREATHE", "FULL");
    site.between.slow(Duration::from_millis(60));
    let start = Instant::now();
    for keys in ["1r", "3<Enter>", "S", "<Esc>N", "<Esc>4r", "6t", "3r", "1r", "4r", "3<Enter>", "S", "6t"] {
        app.keys(keys);
    }
    assert!(start.elapsed() < Duration::from_secs(6));
    app.idle();
    // What a call that was stopped does on the server is the server's; here it is over.
    let (mut under_way, mut sent) = (std::collections::HashSet::new(), 0);
    for event in app.calls.lock().unwrap().iter() {
        match event.state {
            CallState::Sent => {
                under_way.insert(event.id);
                sent += 1;
            }
            CallState::Done { .. } => {
                under_way.remove(&event.id);
            }
            _ => {}
        }
        assert!(under_way.len() <= 1, "{under_way:?}");
    }
    assert!(sent > 12, "{sent}");
}

/// The same with a pace: no number of callers gets around it.
#[test]
fn k_the_pace_holds_for_everybody_together() {
    use capscope::api::client::{Api, Server, ServerSettings, silent};
    let site = Site::new();
    let url = capscope::api::url::ApiUrl::parse(&site.between.url).unwrap();
    let settings = ServerSettings { per_minute: 30, burst: 5, ..ServerSettings::default() };
    let token = Token::parse(&site.token("BREATHE", "FULL")).unwrap();
    let server = Server::new(url, settings, silent());
    site.runtime.block_on(async {
        let calls = (0..12).map(|_| {
            let api = Api::new(server.clone(), token.clone());
            tokio::spawn(async move { api.version().await })
        });
        let calls: Vec<_> = calls.collect();
        tokio::time::sleep(Duration::from_millis(1800)).await;
        calls.iter().for_each(tokio::task::JoinHandle::abort);
    });
    assert_eq!(site.between.seen().len(), 5, "the burst, and no more within two seconds");
    assert_eq!(site.between.most_at_once(), 1);
}

/// S9 without the right: what is missing, and the text to ask for it.
#[test]
fn s9_a_survey_link_without_the_right_names_it_and_offers_the_text() {
    let site = Site::new();
    let mut app = site.app("BREATHE", "COORD");
    app.keys("3<Enter>").idle();
    app.keys("<Enter>").idle();
    app.wait(|m| m.open.as_ref().unwrap().records.view.is_some() && m.is_idle());
    app.keys("jjj");
    for (key, method) in [("y", "Survey Link"), ("Y", "Survey Return Code")] {
        app.keys(key).idle();
        let text = words(&app);
        assert!(text.contains("needs 'Survey Distribution Tools', which is missing."), "{method}: {text}");
        app.keys("y").idle();
        let copied = app.copied.0.lock().unwrap().pop().unwrap();
        assert!(copied.contains("- 'Survey Distribution Tools'. It is needed for:"), "{copied}");
        assert!(copied.contains(method) && copied.contains("PID 101"), "{copied}");
        assert!(!copied.contains("001") && !copied.contains("Nutm"), "{copied}");
        app.keys("<Esc>");
    }
}
