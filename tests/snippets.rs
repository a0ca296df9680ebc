//! Snippets as people run them: written to a file, run by the language's own interpreter, against
//! the embedded server and against one that writes down what it was sent.
//!
//! A language whose interpreter is not installed is named as not run. In CI, the languages in
//! `CAPSCOPE_SNIPPETS_MUST_RUN` fail if they could not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod demo_support;

use capscope::api::catalogue::Action;
use capscope::api::request::Request;
use capscope::demo::DemoServer;
use capscope::snippets::{Call, Language, write};
use demo_support::{server, token};
use proptest::prelude::*;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};

const TOKEN: &str = "0123456789ABCDEF0123456789ABCDEF";

/// The characters with which quoting goes wrong.
const NASTY: &str = "O'Brien \"q\" $HOME ${x} $(id) `id` \\ \\n %PATH% %%20 !x! #{1} @a &b; <c> |d ^e é 漢 😀\u{2028}~\nnext\tline";

/// Where a language can be run from.
struct Runner {
    language: Language,
    folder: tempfile::TempDir,
    program: PathBuf,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether a command runs and is content.
fn works(program: impl AsRef<std::ffi::OsStr>, args: &[&str]) -> bool {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output();
    output.is_ok_and(|o| o.status.success())
}

/// The Python of the interop tests, or the system's, if it has this module.
fn python_with(module: &str) -> Option<PathBuf> {
    let import = format!("import {module}");
    [root().join("target/interop/bin/python"), PathBuf::from("python3")]
        .into_iter()
        .find(|p| works(p, &["-c", &import]))
}

fn r_with(package: &str) -> Option<PathBuf> {
    works("Rscript", &["-e", &format!("library({package})")]).then(|| PathBuf::from("Rscript"))
}

/// The program that runs a language, or why there is none.
fn interpreter(language: Language) -> Result<PathBuf, &'static str> {
    let plain = |name: &str, args: &[&str], why| works(name, args).then(|| PathBuf::from(name)).ok_or(why);
    match language {
        Language::Curl => plain("curl", &["--version"], "curl is not installed").map(|_| "sh".into()),
        Language::Capscope => Ok("sh".into()),
        Language::CurlWindows => Err("it needs Windows"),
        Language::PowerShell => plain("pwsh", &["-Version"], "PowerShell is not installed"),
        Language::Python => python_with("requests").ok_or("Python with requests is not installed"),
        Language::PyCap => python_with("redcap").ok_or("Python with PyCap is not installed"),
        Language::R => r_with("httr2").ok_or("R with httr2 is not installed"),
        Language::RedcapR => r_with("REDCapR").ok_or("R with REDCapR is not installed"),
        Language::RedcapApi => r_with("redcapAPI").ok_or("R with redcapAPI is not installed"),
        Language::Php => plain("php", &["-r", "curl_version();"], "PHP with curl is not installed"),
        Language::Java => plain("java", &["--list-modules"], "Java is not installed").and_then(|java| {
            if works("javac", &["-version"]) { Ok(java) } else { Err("there is no Java compiler") }
        }),
        Language::Perl => plain("perl", &["-MHTTP::Tiny", "-e", "1"], "Perl is not installed"),
        Language::Ruby => plain("ruby", &["-rnet/http", "-e", "1"], "Ruby is not installed"),
        Language::JavaScript => plain("node", &["-e", "fetch"], "Node is not installed"),
        Language::Rust => plain("cargo", &["--version"], "cargo is not installed"),
    }
}

/// A runner for a language; `None` once it was said that there is none.
fn runner(language: Language) -> Option<Runner> {
    match interpreter(language) {
        Ok(program) => Some(Runner { language, folder: tempfile::tempdir().unwrap(), program }),
        Err(why) => {
            // Written past the test harness, so that it is seen when the test passes.
            let _ = writeln!(std::io::stderr(), "NOT RUN: the snippets in {}: {why}", language.title());
            let must = std::env::var("CAPSCOPE_SNIPPETS_MUST_RUN").unwrap_or_default();
            assert!(!must.split(',').any(|l| l == language.key()), "{}: {why}", language.title());
            None
        }
    }
}

/// The Rust programs are built as a small crate that shares this package's locked dependencies
/// and what is built of them.
fn build_rust(program: &str) -> PathBuf {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let krate = tmp.join("snippet");
    std::fs::create_dir_all(krate.join("src")).unwrap();
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let same = |name: &str| {
        let start = format!("{name} = ");
        manifest.lines().find(|l| l.starts_with(&start)).unwrap().to_owned()
    };
    let profile = "[profile.dev]\ndebug = \"line-tables-only\"\n[profile.dev.package.\"*\"]\ndebug = false\n";
    let text = format!(
        "[package]\nname = \"snippet\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n{}\n{}\n{profile}",
        same("reqwest"),
        same("tokio")
    );
    std::fs::write(krate.join("Cargo.toml"), text).unwrap();
    std::fs::copy(root().join("Cargo.lock"), krate.join("Cargo.lock")).unwrap();
    std::fs::write(krate.join("src/main.rs"), program).unwrap();
    let target = tmp.parent().unwrap();
    let output = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
        .args(["build", "--offline", "--quiet", "--manifest-path"])
        .arg(krate.join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", target)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    target.join("debug/snippet")
}

impl Runner {
    /// Runs a program; its answer is what it wrote, wherever it writes it.
    fn run(&self, text: &str, token: &str) -> (Output, Vec<u8>) {
        let file = self.folder.path().join(self.language.file_name());
        std::fs::write(&file, text).unwrap();
        let mut command = match self.language {
            Language::Rust => Command::new(build_rust(text)),
            Language::PowerShell => {
                let mut command = Command::new(&self.program);
                command.args(["-NoProfile", "-File"]).arg(&file);
                command
            }
            _ => {
                let mut command = Command::new(&self.program);
                command.arg(&file);
                command
            }
        };
        let bin = Path::new(env!("CARGO_BIN_EXE_capscope")).parent().unwrap().to_owned();
        let path = std::env::var("PATH").unwrap_or_default();
        let output = command
            .current_dir(self.folder.path())
            .env("REDCAP_API_TOKEN", token)
            .env("PATH", format!("{}:{path}", bin.display()))
            .env("CAPSCOPE_HOME", self.folder.path().join("home"))
            .env("NO_PROXY", "127.0.0.1")
            .env("no_proxy", "127.0.0.1")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let mut answer = output.stdout.clone();
        if self.language == Language::R {
            let written = ["json", "csv", "xml", "txt", "bin"]
                .map(|e| self.folder.path().join(format!("answer.{e}")))
                .into_iter()
                .find(|f| f.exists());
            if let Some(written) = written {
                answer = std::fs::read(&written).unwrap();
                std::fs::remove_file(written).unwrap();
            }
        }
        (output, answer)
    }

    /// Runs the snippet of a request, which must succeed.
    fn answer(&self, request: &Request, file: Option<&Path>, url: &str, token: &str) -> Vec<u8> {
        let file = file.map(|f| f.to_str().unwrap());
        let call = Call { request, url, file, project_id: Some(101) };
        let text = write(self.language, &call).unwrap();
        assert!(!text.contains(token), "the token is in the program");
        let (output, answer) = self.run(&text, token);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}\n{text}\n{said}", self.language.title());
        answer
    }

    /// What `capscope call` prints for the same parameters.
    fn own(&self, words: &[&str], url: &str, token: &str) -> Vec<u8> {
        let output = Command::new(env!("CARGO_BIN_EXE_capscope"))
            .arg("call")
            .args(words)
            .args(["--url", url])
            .current_dir(self.folder.path())
            .env("CAPSCOPE_HOME", self.folder.path().join("home"))
            .env("REDCAP_API_TOKEN", token)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// Whether two answers are the same: byte for byte, but for a library that reads JSON itself.
    fn assert_same(&self, request: &Request, answer: &[u8], own: &[u8]) {
        let text = String::from_utf8_lossy;
        if self.language == Language::PyCap && (request.text("format") == "json" || !request.is_read()) {
            let json = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap();
            assert_eq!(json(answer), json(own));
        } else {
            assert!(answer == own, "{}: {:?} != {:?}", self.language.title(), text(answer), text(own));
        }
    }
}

fn export() -> Request {
    Request::find("record", Action::Export).unwrap()
}

/// A read, a filtered read, an import and an upload: each answered as `capscope call` is.
fn against_the_demo_server(runner: &Runner) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let server: DemoServer = runtime.block_on(server());
    let token = token(&server, 101, "FULL");
    let (url, token) = (server.url(), token.as_str());

    let request =
        export().set("format", "csv").set("returnFormat", "csv").set_list("fields", ["study_id", "sex"]);
    let answer = runner.answer(&request, None, url, token);
    let own = runner.own(&["record", "format=csv", "fields=study_id", "fields=sex"], url, token);
    assert!(own.starts_with(b"study_id,"), "{own:?}");
    runner.assert_same(&request, &answer, &own);

    // Written by the snippet, read by capscope: the value must have survived.
    let rows = serde_json::json!([{ "study_id": "001", "notes_free": NASTY }]).to_string();
    let import = Request::find("record", Action::Import)
        .unwrap()
        .set("format", "json")
        .set("returnFormat", "json")
        .set("data", rows.clone())
        .set("returnContent", "ids");
    let answer = runner.answer(&import, None, url, token);
    let read = runner.own(&["record", "records=001", "fields=notes_free"], url, token);
    let read: serde_json::Value = serde_json::from_slice(&read).unwrap();
    assert_eq!(read[0]["notes_free"], NASTY, "{}", runner.language.title());
    let data = format!("data={rows}");
    let yes = ["--yes-write", "--project-id", "101"];
    let own = runner.own(&[&["record", "import", &data, "returnContent=ids"][..], &yes].concat(), url, token);
    runner.assert_same(&import, &answer, &own);

    // A filter with all of that in it. Logic has no escapes, so the text has one kind of quotes.
    let text = NASTY.replace('"', "");
    let rows = serde_json::json!([{ "study_id": "002", "notes_free": text }]).to_string();
    runner.own(&[&["record", "import", &format!("data={rows}")][..], &yes].concat(), url, token);
    let logic = format!("[notes_free] = \"{text}\"");
    let request = export()
        .set("format", "csv")
        .set("returnFormat", "csv")
        .set_list("fields", ["study_id", "notes_free"])
        .set("filterLogic", logic.clone());
    let answer = runner.answer(&request, None, url, token);
    let words =
        ["record", "format=csv", "fields=study_id", "fields=notes_free", &format!("filterLogic={logic}")];
    let own = runner.own(&words, url, token);
    assert!(String::from_utf8_lossy(&own).contains("002,"), "{}", String::from_utf8_lossy(&own));
    runner.assert_same(&request, &answer, &own);

    upload(runner, &server, token);

    // A refusal fails, and says what the server said.
    let (request, bad) = (Request::find("version", Action::Export).unwrap(), TOKEN);
    let call = Call { request: &request, url, file: None, project_id: None };
    let (output, _) = runner.run(&write(runner.language, &call).unwrap(), bad);
    let said =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success() && said.contains("permissions"), "{}: {said}", runner.language.title());
    assert!(!said.contains(bad), "{}: {said}", runner.language.title());
}

/// Uploads a file with every byte in it into the file repository, under a name that needs quoting.
fn upload(runner: &Runner, server: &DemoServer, token: &str) {
    let (url, name) = (server.url(), "Ünï $x 's %a% 1.bin");
    let bytes: Vec<u8> = (0..=255).chain(*b"\r\n--\r\n").collect();
    let path = runner.folder.path().join(name);
    std::fs::write(&path, &bytes).unwrap();
    let request = Request::find("fileRepository", Action::Import)
        .unwrap()
        .set("returnFormat", "json")
        .set_file(name, Vec::new());
    let list = || -> Vec<serde_json::Value> {
        serde_json::from_slice(&runner.own(&["fileRepository", "list"], url, token)).unwrap()
    };
    let before = list();
    let answer = runner.answer(&request, Some(&path), url, token);
    let added: Vec<serde_json::Value> = list().into_iter().filter(|f| !before.contains(f)).collect();
    assert_eq!(added.len(), 1, "{added:?}");
    assert_eq!(added[0]["name"], name, "{}", runner.language.title());
    let id = format!("doc_id={}", added[0]["doc_id"]).replace('"', "");
    let stored = runner.own(&["fileRepository", "export", &id], url, token);
    assert!(stored == bytes, "{}: other bytes arrived", runner.language.title());
    let path = path.to_str().unwrap();
    let words = ["fileRepository", "import", "--file", path, "--yes-write", "--project-id", "101"];
    let own = runner.own(&words, url, token);
    // An upload has no answer to speak of; PyCap makes an empty list of it.
    if runner.language != Language::PyCap {
        runner.assert_same(&request, &answer, &own);
    }
}

/// A server that answers every request with `ok`, and hands over what it was sent.
struct Witness {
    url: String,
    seen: Receiver<Vec<(String, String)>>,
}

impl Witness {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/api/", listener.local_addr().unwrap());
        let (tell, seen) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(pairs) = read_form(stream) else { continue };
                if tell.send(pairs).is_err() {
                    return;
                }
            }
        });
        Self { url, seen }
    }
}

/// The names and values of one POST, which is answered.
fn read_form(stream: TcpStream) -> Option<Vec<(String, String)>> {
    let mut reader = BufReader::new(stream);
    let (mut length, mut boundary) = (0, None);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        match name.to_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "content-type" => {
                boundary = value.split_once("boundary=").map(|(_, b)| b.trim().trim_matches('"').to_owned());
            }
            "" => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    reader.get_mut().write_all(answer.as_bytes()).ok()?;
    Some(match boundary {
        None => form_urlencoded::parse(&body).into_owned().collect(),
        Some(boundary) => read_parts(&String::from_utf8(body).ok()?, &boundary),
    })
}

/// The names and values of a multipart body whose files are text.
fn read_parts(body: &str, boundary: &str) -> Vec<(String, String)> {
    let mark = format!("--{boundary}");
    let parts = body.split(&mark).filter(|p| p.contains("\r\n\r\n"));
    parts
        .map(|part| {
            let (head, value) = part.split_once("\r\n\r\n").unwrap();
            let (_, name) = head.split_once(" name=").unwrap();
            let name = name.split([';', '\r']).next().unwrap().trim_matches('"');
            (name.to_owned(), value.strip_suffix("\r\n").unwrap().to_owned())
        })
        .collect()
}

/// Texts that break quoting if anything does.
fn nasty() -> impl Strategy<Value = String> {
    "([ -~]|[\"'\\\\$`%!@#&^|<>;{}()\\[\\]\n\r\t=]|[\u{1}-\u{1f}]|[é漢😀\u{2018}\u{2019}\u{2028}\u{202e}\u{85}\u{a0}\u{feff}]|%[A-Z]{1,5}%|\\$\\{?[a-z]{1,4}\\}?|\\$\\(id\\)|`id`|#\\{1\\}|\\\\u0022|\\\\){1,25}"
}

/// Random values arrive as they are: what the snippet sends is what the client would send.
fn with_random_values(runner: &Runner) {
    let witness = Witness::start();
    let config = ProptestConfig {
        cases: 3,
        max_shrink_iters: 0,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(records in prop::collection::vec(nasty(), 15..30), logic in nasty())| {
        let request = export()
            .set("format", "json")
            .set("returnFormat", "json")
            .set_list("records", records)
            .set("filterLogic", logic);
        runner.answer(&request, None, &witness.url, TOKEN);
        let mut sent = witness.seen.recv_timeout(std::time::Duration::from_secs(30)).unwrap();
        prop_assert_eq!(sent.remove(0), ("token".to_owned(), TOKEN.to_owned()));
        let wanted = request.pairs();
        prop_assert_eq!(&sent, &wanted, "{}", runner.language.title());
    });
    // `capscope call` first asks which project it is, which this witness cannot answer.
    if runner.language == Language::Capscope {
        return;
    }
    // Beside a file the values travel as they are. Line breaks are refused there.
    let path = runner.folder.path().join("upload.txt");
    std::fs::write(&path, "the content").unwrap();
    let config = ProptestConfig {
        cases: 2,
        max_shrink_iters: 0,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(record in nasty(), field in nasty(), event in nasty())| {
        let flat = |text: String| format!("x{}", text.replace(['\n', '\r'], " "));
        let request = Request::find("file", Action::Import)
            .unwrap()
            .set("returnFormat", "json")
            .set("record", flat(record))
            .set("field", flat(field))
            .set("event", flat(event))
            .set_file("upload.txt", Vec::new());
        runner.answer(&request, Some(&path), &witness.url, TOKEN);
        let sent = witness.seen.recv_timeout(std::time::Duration::from_secs(30)).unwrap();
        let mut wanted = request.pairs();
        wanted.insert(0, ("token".to_owned(), TOKEN.to_owned()));
        wanted.push(("file".to_owned(), "the content".to_owned()));
        let sorted = |mut pairs: Vec<(String, String)>| { pairs.sort(); pairs };
        prop_assert_eq!(sorted(sent), sorted(wanted), "{}", runner.language.title());
    });
}

fn prove(language: Language) {
    let Some(runner) = runner(language) else { return };
    against_the_demo_server(&runner);
    // A library sends more than it was told.
    if !matches!(language, Language::PyCap | Language::RedcapR | Language::RedcapApi) {
        with_random_values(&runner);
    }
}

/// One test a language, so that they run side by side and fail by name.
macro_rules! languages {
    ($($name:ident $language:ident)*) => {
        $(#[test]
        fn $name() {
            prove(Language::$language);
        })*

        #[test]
        fn every_language_is_tried() {
            assert_eq!([$(Language::$language),*], Language::ALL);
        }
    };
}

languages! {
    curl Curl
    curl_windows CurlWindows
    powershell PowerShell
    python Python
    pycap PyCap
    r_httr2 R
    r_redcapr RedcapR
    r_redcapapi RedcapApi
    php Php
    java Java
    perl Perl
    ruby Ruby
    javascript JavaScript
    rust Rust
    capscope Capscope
}

/// A request of every method with every parameter set to something hard to quote.
fn every_request() -> Vec<Request> {
    use capscope::api::catalogue::{Kind, METHODS};
    let fill = |method: &'static capscope::api::catalogue::Method| {
        method.params.iter().fold(Request::new(method), |request, param| match param.kind {
            Kind::Array(_) => request.set_list(param.name, [NASTY, "x"]),
            Kind::Number => request.set(param.name, "7"),
            Kind::Bool => request.set(param.name, "true"),
            Kind::ZeroOne => request.set(param.name, "1"),
            Kind::DateTime => request.set(param.name, "2026-01-02 03:04:05"),
            Kind::Choice(words) => request.set(param.name, words[0]),
            Kind::Data => request.set(param.name, NASTY),
            Kind::Text | Kind::Name(_) => request.set(param.name, NASTY.replace('\n', " ")),
            Kind::File => request.set_file("x.bin", Vec::new()),
        })
    };
    let bare = |method| Request::new(method).json();
    METHODS.iter().map(fill).chain(METHODS.iter().map(bare)).collect()
}

/// Writes every request in a language; files that the interpreter can be asked to read.
fn write_all(language: Language, folder: &Path, ending: &str) -> usize {
    let mut n = 0;
    for request in every_request() {
        let file = request.file().map(|_| "it's \"a\" file.bin");
        let call = Call { request: &request, url: "https://redcap.example.org/api/", file, project_id: None };
        if let Ok(text) = write(language, &call) {
            std::fs::write(folder.join(format!("{}_{n}.{ending}", language.key())), text).unwrap();
            n += 1;
        }
    }
    n
}

#[test]
fn programs_for_every_method_are_well_formed() {
    let folder = tempfile::tempdir().unwrap();
    let run = |program: &Path, args: &[&str]| {
        let output = Command::new(program).args(args).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    // Also those in libraries that are not installed here can be read by their language.
    if let Some(r) = r_with("stats") {
        for language in [Language::R, Language::RedcapR, Language::RedcapApi] {
            assert!(write_all(language, folder.path(), "R") > 10);
        }
        run(&r, &["-e", "for (f in list.files(pattern = '[.]R$')) parse(f)"]);
    }
    if let Some(python) = python_with("compileall") {
        for language in [Language::Python, Language::PyCap] {
            assert!(write_all(language, folder.path(), "py") > 10);
        }
        run(&python, &["-m", "compileall", "-q", "."]);
    }
    if works("sh", &["-c", "true"]) {
        for language in [Language::Curl, Language::Capscope] {
            assert!(write_all(language, folder.path(), "sh") > 10);
        }
        run(Path::new("sh"), &["-c", "for f in *.sh; do sh -n \"$f\" || exit 1; done"]);
    }
    assert_eq!(
        write_all(Language::PowerShell, folder.path(), "ps1"),
        write_all(Language::Php, folder.path(), "php")
    );
}

#[test]
fn the_command_prints_the_same_program() {
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_capscope")).arg("snippet").args(args).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.success(), text(output.stdout), text(output.stderr))
    };
    let url = "https://redcap.example.org/api/";
    let request = export().json().set("format", "csv").set_list("fields", ["a", "b"]);
    for language in Language::ALL {
        let call = Call { request: &request, url, file: None, project_id: None };
        let words = [language.key(), "record", "fields=a", "-p", "fields=b", "format=csv", "--url", url];
        let (ok, out, err) = run(&words);
        assert!(ok, "{err}");
        assert_eq!(out, write(language, &call).unwrap());
    }
    let (ok, out, err) = run(&["pyton", "record"]);
    assert!(!ok && out.is_empty() && err.contains("Did you mean \"python\"?"), "{err}");
    let (ok, out, err) = run(&["curl", "version"]);
    assert!(ok && out.contains("redcap.example.org") && err.contains("No address was given"), "{err}");
    let (ok, _, err) = run(&["redcapr", "arm", "delete", "arms=1", "--url", url]);
    assert!(!ok && err.contains("no function"), "{err}");
}
