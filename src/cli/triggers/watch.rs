//! `capscope triggers watch`: changes from a project's log, for those who cannot set up triggers.

use super::listen::{clock, note, say};
use crate::api::url::ApiUrl;
use crate::cli::{project, quiet_bench, tokio_runtime};
use crate::domain::changes::{Follow, who};
use crate::domain::text::{REDACTED, one_line};
use crate::domain::trigger::logged::Logged;
use crate::jobs::types::{Look, WatchWanted, Watched};
use crate::jobs::{Problem, projects, watch};
use crate::store::projects as saved;
use clap::Args;
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The arguments of `capscope triggers watch`.
#[derive(Debug, Args)]
#[command(after_help = "\
The log is asked for what is new since the last look; equal lines of one minute are told apart by
their number. Imports and deletions show here, which fire no trigger. The token needs the rights
'API Export' and 'Logging'. Each look leaves a line of its own in the log.

A server in trouble is asked less and less often; after a refusal the watch ends with code 1.
To go on where another watch ended, give the server_time of its last line with --since: lines of the
five minutes before it come again.")]
pub struct WatchArgs {
    /// The saved project, by its name or id.
    #[arg(long)]
    project: String,
    /// The seconds between two looks: 15 or more, except for a server on this computer.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    every: u64,
    /// Begin at this time of the server's clock, not now.
    #[arg(long, value_name = "YYYY-MM-DD HH:MM")]
    since: Option<String>,
    /// Print one JSON object a line, with the names of records.
    #[arg(long)]
    json: bool,
    /// Show the names of records in lines for people.
    #[arg(long)]
    record_names: bool,
    /// Print what was saved, too: these are values of records.
    #[arg(long, requires = "json")]
    details: bool,
}

/// Runs the command, until the process is told to end or the server refuses.
pub fn run(args: &WatchArgs) -> Result<(), Problem> {
    let (bench, remarks) = quiet_bench()?;
    for remark in remarks {
        note(&remark);
    }
    let wrong = |what: String, advice: &str| Problem::new("The log cannot be watched so", what, "", advice);
    let list = match &bench.paths {
        Some(paths) => saved::load(paths).map_err(|e| projects::store_problem(&e))?,
        None => Vec::new(),
    };
    let project = project::find(&list, &args.project)?.clone();
    let is_here = ApiUrl::parse(&project.url).is_ok_and(|url| url.is_loopback());
    let least = if is_here { 1 } else { watch::LEAST_SECONDS };
    if args.every < least {
        let what = format!("{} seconds between two looks are too few for a server.", args.every);
        return Err(wrong(what, &format!("Take {least} or more.")));
    }
    let follow = match &args.since {
        None => None,
        Some(text) => {
            let time: DateTime = text.trim().replace(' ', "T").parse().map_err(|_| {
                wrong(format!("\"{}\" is no time.", one_line(text)), "It should look like 2026-03-10 14:05.")
            })?;
            Some(Follow::from_time(&time.strftime("%Y-%m-%d %H:%M").to_string()))
        }
    };
    let wanted = WatchWanted { every: Duration::from_secs(args.every), back_minutes: 0, follow };
    let shown = Shown {
        json: args.json,
        names: args.record_names || !bench.settings.mask_identifiers,
        details: args.details,
        project: project.name.clone(),
    };
    say(&shown.start(args.every));
    let ended = tokio_runtime()?.block_on(watch::watch(&bench, &project, wanted, |told| shown.tell(told)));
    match ended? {}
}

/// How the feed is printed.
struct Shown {
    json: bool,
    names: bool,
    details: bool,
    project: String,
}

impl Shown {
    fn start(&self, every: u64) -> String {
        if self.json {
            return json!({"event": "watching", "project": self.project, "every": every}).to_string();
        }
        one_line(&format!("Watching the log of {} every {every} s.", self.project))
    }

    fn tell(&self, told: Watched) {
        match told {
            Watched::Looked(look) => {
                let Look { at, lines, clock, .. } = *look;
                for entry in lines {
                    let logged = Logged::read(entry, clock);
                    say(&if self.json { self.object(at, &logged) } else { self.line(&logged) });
                }
            }
            Watched::Failed(problem, after) => {
                let (at, words, seconds) = (Timestamp::now(), problem.one_line(), after.as_secs());
                say(&if self.json {
                    json!({"event": "look_failed", "at": at.to_string(), "words": words, "again_in": seconds})
                        .to_string()
                } else {
                    one_line(&format!("{}  {words} Next look in {seconds} s.", clock(at)))
                });
            }
        }
    }

    fn object(&self, at: Timestamp, logged: &Logged) -> String {
        let entry = &logged.entry;
        let mut object = Map::new();
        let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
        put("event", json!("changed"));
        put("at", json!(at.to_string()));
        put("project", json!(self.project));
        put("server_time", json!(entry.timestamp));
        if let Some(moment) = logged.moment {
            put("moment", json!(moment.to_string()));
        }
        put("what", json!(logged.words()));
        put("fires_trigger", json!(logged.may_have_trigger()));
        put("record", json!(logged.change.record));
        put("username", json!(entry.username));
        put("action", json!(entry.action));
        if self.details {
            put("details", json!(entry.details));
        }
        Value::Object(object).to_string()
    }

    fn line(&self, logged: &Logged) -> String {
        let record = if self.names { &logged.change.record } else { REDACTED };
        let time = match logged.moment {
            Some(at) => at.to_zoned_datetime(jiff::tz::TimeZone::system()).strftime("%H:%M").to_string(),
            None => format!("{} (server time)", logged.entry.timestamp),
        };
        let place = &logged.change.place;
        let place = if place.is_empty() { String::new() } else { format!(", {place}") };
        let (words, by) = (logged.words(), who(&logged.entry.username));
        one_line(&format!("{time}  {}: record {record} {words}{place}, {by}", self.project))
    }
}
