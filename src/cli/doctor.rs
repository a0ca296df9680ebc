//! `capscope doctor`: what could keep capscope from working here, and what to do about it.

use super::call::{saved_project, token};
use super::{print, quiet_bench, tokio_runtime};
use crate::api::client::Api;
use crate::domain::text::{one_line, scrub};
use crate::jobs::bench::{Workbench, address};
use crate::jobs::doctor::{self, Finding, Standing, Surroundings};
use crate::jobs::{Problem, projects};
use crate::store::projects as saved;
use clap::Args;
use std::io::IsTerminal;
use std::process::ExitCode;

/// The widest line, in columns.
const WIDEST: usize = 100;

/// The arguments of `capscope doctor`.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes:
  0  everything works; there may be notes
  1  there is a problem
  2  wrong usage")]
pub struct DoctorArgs {
    /// Look at this saved project only, by its name or id.
    #[arg(long, conflicts_with = "url")]
    project: Option<String>,
    /// Look at this server, which need not be saved.
    #[arg(long)]
    url: Option<String>,
    /// With --url: try a token too, read from REDCAP_API_TOKEN or from stdin.
    #[arg(long, requires = "url")]
    token: bool,
    /// Send nothing: only this computer.
    #[arg(long, conflicts_with_all = ["project", "url"])]
    offline: bool,
    /// The findings as JSON: an array of objects.
    #[arg(long)]
    json: bool,
}

/// Runs the command. Findings are printed one by one, as they come.
pub fn run(args: &DoctorArgs) -> Result<ExitCode, Problem> {
    let (bench, _) = quiet_bench()?;
    let mut all: Vec<(String, Finding)> = Vec::new();
    let mut failed = None;
    let (keys, _) = super::tui::keymap(&bench.settings);
    let mut tell = |place: &str, finding: Finding| {
        let finding = Finding { advice: keys.say(&finding.advice), ..finding };
        if !args.json && failed.is_none() {
            failed = print(&lines(place, &finding)).err();
        }
        all.push((place.to_owned(), finding));
    };
    for finding in doctor::judge(&surroundings()) {
        tell("", finding);
    }
    if let Some(paths) = &bench.paths {
        doctor::look_at_files(paths, &mut |f| tell("", f));
    }
    tokio_runtime()?.block_on(async {
        tell("", doctor::look_at_keyring(&bench).await);
        if args.offline { Ok(()) } else { servers(&bench, args, &mut tell).await }
    })?;
    if let Some(problem) = failed {
        return Err(problem);
    }
    let bad = all.iter().filter(|(_, f)| f.standing == Standing::Bad).count();
    if args.json {
        print(&json(&all))?;
    } else {
        print(&match bad {
            0 => "\nNo problem was found.\n".to_owned(),
            1 => "\n1 problem was found.\n".to_owned(),
            n => format!("\n{n} problems were found.\n"),
        })?;
    }
    Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The servers that were asked for; without a wish those of all saved projects.
async fn servers(
    bench: &Workbench,
    args: &DoctorArgs,
    tell: &mut dyn FnMut(&str, Finding),
) -> Result<(), Problem> {
    if let Some(url) = &args.url {
        let server = bench.server(&address(url)?, None);
        let host = server.url().host().to_owned();
        let token = if args.token { Some(token()?) } else { None };
        let there = doctor::look_at_server(&server, &mut |f| tell(&host, f)).await;
        if let (true, Some(token)) = (there, token) {
            tell(&host, doctor::look_at_token(&Api::new(server, token), None).await);
        }
        return Ok(());
    }
    let list = match (&args.project, &bench.paths) {
        (Some(name), _) => vec![saved_project(bench, name)?],
        (None, Some(paths)) => saved::load(paths).map_err(|e| projects::store_problem(&e))?,
        (None, None) => Vec::new(),
    };
    for project in &list {
        let name = one_line(&project.name);
        doctor::look_at_project(bench, project, &mut |f| tell(&name, f)).await;
    }
    Ok(())
}

/// What the terminal and the environment say of themselves.
fn surroundings() -> Surroundings {
    let read = |name: &str| std::env::var(name).unwrap_or_default();
    let first = |names: &[&str]| names.iter().map(|n| read(n)).find(|v| !v.is_empty());
    let is_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    Surroundings {
        is_terminal,
        size: if is_terminal { crossterm::terminal::size().ok() } else { None },
        term: read("TERM"),
        windows: cfg!(windows),
        locale: first(&["LC_ALL", "LC_CTYPE", "LANG"]).unwrap_or_default(),
        no_color: !read("NO_COLOR").is_empty(),
        tmux: !read("TMUX").is_empty(),
        ssh: first(&["SSH_CONNECTION", "SSH_TTY"]).is_some(),
        proxy: first(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]),
    }
}

/// A finding as lines of at most [`WIDEST`] columns: what was seen, and below it what to do.
fn lines(place: &str, finding: &Finding) -> String {
    let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
    let indent = " ".repeat(20);
    let head = format!("{:<9}{:<11}", finding.standing.word(), finding.about);
    let set = |first: &str, text: &str| {
        let options = textwrap::Options::new(WIDEST).initial_indent(first).subsequent_indent(&indent);
        format!("{}\n", textwrap::fill(text, options))
    };
    let mut text = set(&head, &format!("{place}{}", scrub(&finding.said)));
    if !finding.advice.is_empty() {
        text.push_str(&set(&indent, &scrub(&finding.advice)));
    }
    text
}

fn json(all: &[(String, Finding)]) -> String {
    let list: Vec<serde_json::Value> = all
        .iter()
        .map(|(place, f)| {
            serde_json::json!({
                "about": f.about,
                "place": place,
                "standing": f.standing.word(),
                "said": scrub(&f.said),
                "advice": scrub(&f.advice),
            })
        })
        .collect();
    format!("{:#}\n", serde_json::Value::Array(list))
}
