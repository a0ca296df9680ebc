//! `capscope triggers listen`: the receiver without a screen, with a feed for people or programs.

use crate::cli::{find_paths, load_settings, tokio_runtime};
use crate::domain::text::{REDACTED, one_line};
use crate::domain::trigger::Trigger;
use crate::domain::trigger::judge::Verdict;
use crate::jobs::triggers::{Listen, Listening};
use crate::jobs::{Problem, projects, triggers};
use crate::store::{files, projects as saved};
use crate::triggers::TlsFiles;
use crate::triggers::forward::Forwarding;
use crate::triggers::receiver::Settings;
use crate::triggers::work::{Came, Event};
use clap::Args;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// The arguments of `capscope triggers listen`.
#[derive(Debug, Args)]
#[command(after_help = "\
REDCap posts a trigger after each save of a form or survey page, to one address per project
(Project Setup, Additional customizations). It does not post on imports and deletions, and never
posts again what got no answer.

A trigger is not signed. One that names no saved project is shown as suspicious, and is neither
forwarded nor given to the program. Forwarding keeps what waits in a file that only you can read,
with the names of records, until the handler took it: each at least once, in the order in which they came.")]
pub struct ListenArgs {
    /// The address to listen on; port 0 takes a free one. One that other computers can reach
    /// needs --path-secret, and should have --cert.
    #[arg(long, default_value = "127.0.0.1:0")]
    addr: SocketAddr,
    /// The path of the address, known to REDCap alone: 16 or more letters, digits, - or _.
    #[arg(long, value_name = "SECRET", env = "CAPSCOPE_PATH_SECRET", hide_env_values = true)]
    path_secret: Option<String>,
    /// Receive by HTTPS, with this certificate and those above it.
    #[arg(long, value_name = "FILE.pem", requires = "key")]
    cert: Option<PathBuf>,
    /// The private key of the certificate.
    #[arg(long, value_name = "FILE.pem", requires = "cert")]
    key: Option<PathBuf>,
    /// Print one JSON object a line, with the names of records.
    #[arg(long)]
    json: bool,
    /// Show the names of records in lines for people.
    #[arg(long)]
    record_names: bool,
    /// Pass each trigger on to this address: https, or http on this computer.
    #[arg(long, value_name = "URL", env = "CAPSCOPE_FORWARD", hide_env_values = true)]
    forward: Option<String>,
    /// Start this program for each trigger, without a shell. It finds the trigger in its
    /// environment: CAPSCOPE_TRIGGER_RECORD, _INSTRUMENT, _EVENT, _STATUS, ...
    #[arg(long, value_name = "PROGRAM")]
    exec: Option<PathBuf>,
    /// Pass on triggers that fit no saved project, too.
    #[arg(long)]
    suspicious_too: bool,
}

/// Runs the command, until the process is told to end.
pub fn run(args: ListenArgs) -> Result<(), Problem> {
    let paths = find_paths()?;
    let (settings, remarks) = load_settings(&paths)?;
    for remark in remarks {
        note(&remark);
    }
    let known = triggers::known(&saved::load(&paths).map_err(|e| projects::store_problem(&e))?);
    if known.is_empty() {
        note("No projects are saved, so every trigger is suspicious. 'capscope project add' saves one.");
    }
    if args.path_secret.is_none() && !args.addr.ip().is_loopback() {
        // Random enough that nobody guesses it, and not of the shape of a token.
        let secret = files::random_hex(12).map_err(|e| projects::store_problem(&e))?;
        return Err(Problem::new(
            "The receiver could not start",
            format!("{} can be reached from other computers, so the path must be a secret.", args.addr),
            "",
            format!("Add --path-secret, for instance {secret}, or listen on 127.0.0.1."),
        ));
    }
    let wanted = Listen {
        settings: Settings {
            addr: args.addr,
            secret: args.path_secret,
            tls: args.cert.zip(args.key).map(|(certificate, key)| TlsFiles { certificate, key }),
            ..Settings::default()
        },
        forward: args.forward,
        exec: args.exec,
        suspicious_too: args.suspicious_too,
        ..Listen::default()
    };
    let encrypted = wanted.settings.tls.is_some();
    let (as_json, names) = (args.json, args.record_names || !settings.mask_identifiers);
    let started = move |listening: Listening| {
        if listening.reachable && !encrypted {
            note(
                "Other computers can reach this address, and names of records come unencrypted. --cert and --key switch HTTPS on.",
            );
        }
        say(&if as_json { start_json(&listening) } else { start_line(&listening) });
    };
    let tell = Arc::new(move |event: Event| {
        say(&if as_json { event_json(&event).to_string() } else { event_line(&event, names) });
    });
    tokio_runtime()?.block_on(triggers::listen(Some(&paths), known, wanted, started, tell))
}

pub(super) fn note(text: &str) {
    super::super::tell(&format!("Note: {text}"));
}

/// Prints a line. Whoever closed the pipe has seen enough.
pub(super) fn say(line: &str) {
    let line = format!("{line}\n");
    let line = super::super::for_stdout(line.as_bytes());
    let mut out = std::io::stdout().lock();
    if out.write_all(&line).and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}

fn start_json(listening: &Listening) -> String {
    json!({
        "event": "listening",
        "url": listening.url,
        "forward": listening.forward,
        "waiting": listening.waiting,
    })
    .to_string()
}

fn start_line(listening: &Listening) -> String {
    let mut text = format!("Listening. The address for REDCap: {}", listening.url);
    if !listening.reachable {
        text.push_str("\nOnly this computer can reach it.");
    }
    if !listening.forward.is_empty() {
        text.push_str(&format!("\nForwarding to {}; {} wait.", listening.forward, listening.waiting));
    }
    text
}

/// One event as an object: `event`, `at`, and what belongs to it.
fn event_json(event: &Event) -> Value {
    match event {
        Event::Trigger(came) => trigger_json(came),
        Event::Tested(at, from) => json!({"event": "tested", "at": at.to_string(), "from": from.to_string()}),
        Event::Refused(at, from, why) => json!({
            "event": "refused", "at": at.to_string(), "from": from.to_string(), "why": why.to_string(),
        }),
        Event::Forward(what) => {
            let (kind, number, waiting) = match what {
                Forwarding::Delivered { number, waiting } => ("forwarded", number, waiting),
                Forwarding::WillRetry { number, waiting, .. } => ("will_retry", number, waiting),
                Forwarding::GivenUp { number, waiting, .. } => ("given_up", number, waiting),
            };
            json!({
                "event": kind, "at": Timestamp::now().to_string(), "number": number, "waiting": waiting,
                "words": what.to_string(),
            })
        }
        Event::Exec(record, ran) => json!({
            "event": "program", "at": Timestamp::now().to_string(), "record": record, "words": ran.to_string(),
        }),
    }
}

fn trigger_json(came: &Came) -> Value {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("event", json!("trigger"));
    put("at", json!(came.at.to_string()));
    put("from", json!(came.from.to_string()));
    match &came.verdict {
        Verdict::Fits { name, .. } => put("project", json!(name)),
        Verdict::Suspicious(why) => put("suspicious", json!(why.to_string())),
    };
    if let Some(number) = came.queued {
        put("number", json!(number));
    }
    if let Some(why) = &came.not_kept {
        put("not_kept", json!(why));
    }
    put("parameters", came.trigger.parameters().into_iter().map(|(k, v)| (k, Value::String(v))).collect());
    if !came.trigger.other.is_empty() {
        let other: Vec<Value> = came.trigger.other.iter().map(|(k, v)| json!([k, v])).collect();
        put("unknown_parameters", Value::Array(other));
    }
    Value::Object(object)
}

/// One event as a line for people.
fn event_line(event: &Event, names: bool) -> String {
    let text = match event {
        Event::Trigger(came) => trigger_line(came, names),
        Event::Tested(at, from) => format!("{}  {from} looked whether the address answers.", clock(*at)),
        Event::Refused(at, from, why) => format!("{}  Refused, from {from}: {why}", clock(*at)),
        Event::Forward(what) => format!("{}  {what}", clock(Timestamp::now())),
        Event::Exec(record, ran) => {
            let record = if names { record } else { REDACTED };
            format!("{}  Record {record}: {ran}", clock(Timestamp::now()))
        }
    };
    one_line(&text)
}

pub(super) fn clock(at: Timestamp) -> String {
    at.to_zoned_datetime(jiff::tz::TimeZone::system()).strftime("%H:%M:%S").to_string()
}

fn trigger_line(came: &Came, names: bool) -> String {
    let trigger = &came.trigger;
    let record = if names { &trigger.record } else { REDACTED };
    let head = match &came.verdict {
        Verdict::Fits { name, .. } => name.clone(),
        Verdict::Suspicious(_) => format!("SUSPICIOUS, PID {}", trigger.project_id),
    };
    let mut text = format!("{}  {head}: record {record}, {}", clock(came.at), place(trigger));
    for part in [trigger.status_words(), trigger.username.as_str()] {
        if !part.is_empty() {
            text.push_str(&format!(", {part}"));
        }
    }
    if let Some(number) = came.queued {
        text.push_str(&format!(", no. {number} to forward"));
    }
    if let Verdict::Suspicious(why) = &came.verdict {
        text.push_str(&format!(". {why}"));
    }
    if let Some(why) = &came.not_kept {
        text.push_str(&format!(". NOT KEPT, and REDCap was told so: {why}"));
    }
    text
}

/// Instrument, event and instance.
fn place(trigger: &Trigger) -> String {
    let mut text = trigger.instrument.clone();
    if !trigger.event.is_empty() {
        text.push_str(&format!(" at {}", trigger.event));
    }
    if let Some(instance) = trigger.instance {
        text.push_str(&format!(" no. {instance}"));
    }
    text
}
