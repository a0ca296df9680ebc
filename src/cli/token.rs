//! `capscope token`: what a token may do, what it silently loses, and why.

use super::call::target_api;
use super::{print, quiet_bench, tell, tokio_runtime};
use crate::domain::access_test::cases::CASES;
use crate::domain::access_test::compare::{Difference, differences, same};
use crate::domain::access_test::print::text;
use crate::domain::access_test::{Report, Usable};
use crate::domain::text::one_line;
use crate::jobs::bench::Workbench;
use crate::jobs::token_test::{Agreed, Kept, plan};
use crate::jobs::types::JobEvent;
use crate::jobs::{Problem, token_test};
use clap::{Args, Subcommand, ValueEnum};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

/// The exit code when something is refused, left out, or not as the rights say.
const LIMITED: u8 = 4;
/// The exit code when nothing can be read with the token.
const READS_NOTHING: u8 = 5;

/// What to do with a token.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Test what a token may do, with calls that change nothing.
    Test(TestArgs),
    /// Test the tokens of several saved projects and print what differs: mine and my colleague's.
    Compare {
        /// Saved projects, by name or id: two or more.
        #[arg(num_args = 2.., required = true)]
        projects: Vec<String>,
        /// As JSON: what differs, and what is the same.
        #[arg(long)]
        json: bool,
    },
    /// Explain a problem with a token: all known cases, or those with these words.
    Why {
        /// Words that a case must have.
        words: Vec<String>,
    },
}

/// The arguments of `capscope token test`.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes:
  0  everything that was tried works and nothing is left out
  4  the test was made; something is refused, left out, or not as the rights say
  5  nothing can be read with this token
  1  the test could not be made
  2  wrong usage")]
pub struct TestArgs {
    /// A saved project, by its name or id.
    #[arg(long, conflicts_with = "url")]
    project: Option<String>,
    /// The address of a REDCap that is not saved. The token is read from REDCAP_API_TOKEN, or
    /// from stdin.
    #[arg(long)]
    url: Option<String>,
    /// Which calls may be made: A only reads; B also makes calls that would write but name what
    /// does not exist; C also makes calls that could not be undone if REDCap took them, for a record
    /// that does not exist. B is asked for once, C for each call. Neither is made on a project in
    /// production unless its write access is on.
    #[arg(long, value_enum, ignore_case = true, default_value_t = ClassArg::A)]
    class: ClassArg,
    /// Yes to class B, for scripts.
    #[arg(long)]
    yes: bool,
    /// Yes to one call of class C, by its title; for scripts. May be given several times.
    #[arg(long, value_name = "TITLE")]
    yes_call: Vec<String>,
    /// The report as JSON: verdicts and evidence, no data, no token.
    #[arg(long)]
    json: bool,
    /// Say which calls would be made, and make none.
    #[arg(long)]
    plan: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ClassArg {
    /// Reads.
    A,
    /// Reads, and writes that cannot succeed.
    B,
    /// These, and calls that are asked for one by one.
    C,
}

/// Runs the command.
pub fn run(command: &TokenCommand) -> Result<ExitCode, Problem> {
    match command {
        TokenCommand::Compare { projects, json } => {
            let (bench, _) = quiet_bench()?;
            tokio_runtime()?.block_on(compare(&bench, projects, *json)).map(|()| ExitCode::SUCCESS)
        }
        TokenCommand::Why { words } => why(words).map(|()| ExitCode::SUCCESS),
        TokenCommand::Test(args) => {
            let writes = args.class != ClassArg::A;
            if args.plan {
                let text = format!("{}\n{}", plan(writes), calls(args.class));
                return print(&text).map(|()| ExitCode::SUCCESS);
            }
            let (bench, _) = quiet_bench()?;
            let (report, before) = tokio_runtime()?.block_on(test(&bench, args))?;
            if args.json {
                print(&format!("{:#}\n", json(&report, before.as_ref())?))?;
            } else {
                print(&text(&report))?;
            }
            Ok(code(&report))
        }
    }
}

fn code(report: &Report) -> ExitCode {
    match report.usable {
        Usable::Reads if report.is_clean() => ExitCode::SUCCESS,
        Usable::Reads => ExitCode::from(LIMITED),
        Usable::NoExport | Usable::Refused | Usable::Unknown => ExitCode::from(READS_NOTHING),
    }
}

/// The calls of the plan, one a line.
fn calls(class: ClassArg) -> String {
    let writes = if class == ClassArg::A { &[] } else { token_test::WRITES };
    let single = if class == ClassArg::C { token_test::SINGLE } else { &[] };
    let line = |p: &token_test::Planned| {
        let log = if p.log.is_empty() { "log line not known".into() } else { format!("log: {}", p.log) };
        format!("  {}: {} ({log})\n", p.call, p.tells)
    };
    token_test::READS.iter().chain(writes).chain(single).map(line).collect()
}

async fn test(bench: &Workbench, args: &TestArgs) -> Result<(Report, Option<Kept>), Problem> {
    let target = target_api(bench, args.project.as_deref(), args.url.as_deref()).await?;
    let writes = args.class != ClassArg::A;
    tell(&format!("Token of {}.\n{}", target.words, plan(writes)));
    if writes && !args.yes {
        agree("Make the calls of class B too?", "Calls of class B need a yes.", "--yes")?;
    }
    let mut randomize = false;
    for call in token_test::SINGLE.iter().filter(|_| args.class == ClassArg::C) {
        let title = call.call.split(':').next().unwrap_or_default();
        if !args.yes_call.iter().any(|t| t == title) {
            let question = format!(
                "Send '{}' too? It tells {}. REDCap should refuse it whatever the right; if it did not, it could not be undone.",
                call.call, call.tells
            );
            agree(
                &question,
                &format!("'{title}' needs a yes of its own."),
                &format!("--yes-call '{title}'"),
            )?;
        }
        randomize = true;
    }
    let write_access = target.saved.as_ref().is_some_and(|p| p.write_access);
    let shows = std::io::stderr().is_terminal();
    let listener = move |event: JobEvent| {
        if let (true, JobEvent::Progress(p)) = (shows, event) {
            let total = p.total.unwrap_or_default();
            let _ = write!(std::io::stderr(), "\r\x1b[K{} ({} of up to {total})", p.step, p.done + 1);
        }
    };
    let agreed = Agreed { writes, randomize, write_access };
    let result = match &target.saved {
        Some(project) => token_test::run_and_keep(bench, project, agreed, &listener).await,
        None => token_test::run(&target.api, agreed, &listener).await.map(|report| (report, None)),
    };
    if shows {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
    let (report, before) = result.map_err(|problem| problem.knowing(&target.context))?;
    if let Some(before) = &before {
        let at = before.at.strftime("%Y-%m-%d %H:%M");
        let list = differences(&[&before.report, &report]);
        tell(&format!("Since the test of {at} UTC: {}", changed(&list)));
    }
    Ok((report, before))
}

/// The report, with what changed since the test before.
fn json(report: &Report, before: Option<&Kept>) -> Result<serde_json::Value, Problem> {
    let mut json = serde_json::to_value(report)
        .map_err(|e| Problem::new("The report could not be written", e.to_string(), "", ""))?;
    if let (Some(before), Some(object)) = (before, json.as_object_mut()) {
        let list: Vec<serde_json::Value> = differences(&[&before.report, report])
            .into_iter()
            .map(|(what, values)| serde_json::json!({"what": what, "before": values.first(), "now": values.last()}))
            .collect();
        let changed = serde_json::json!({"test_before": before.at.to_string(), "differences": list});
        object.insert("changed".into(), changed);
    }
    Ok(json)
}

/// What differs from the test before.
fn changed(list: &[Difference]) -> String {
    if list.is_empty() {
        return "all that was tried is as it was.\n".into();
    }
    let line = |(name, values): &Difference| format!("\n  {name}: {}", said(values).join(" -> "));
    format!("{}\n", list.iter().map(line).collect::<String>())
}

/// What tests say of a thing; one that says nothing says so.
fn said(values: &[String]) -> Vec<&str> {
    values.iter().map(|v| if v.is_empty() { "not known" } else { v.as_str() }).collect()
}

/// Tests several tokens and prints what differs.
async fn compare(bench: &Workbench, projects: &[String], json: bool) -> Result<(), Problem> {
    let _ = writeln!(std::io::stderr(), "{}", plan(false));
    let mut reports = Vec::new();
    for name in projects {
        let target = target_api(bench, Some(name), None).await?;
        reports.push(token_test::run(&target.api, Agreed::default(), &|_| {}).await?);
    }
    let all: Vec<&Report> = reports.iter().collect();
    let list = differences(&all);
    if json {
        let of = |values: &[String]| -> serde_json::Map<String, serde_json::Value> {
            projects.iter().cloned().zip(values.iter().map(|v| v.as_str().into())).collect()
        };
        let differ: Vec<serde_json::Value> = list
            .iter()
            .map(|(what, values)| serde_json::json!({"what": what, "tokens": of(values)}))
            .collect();
        let alike: Vec<serde_json::Value> =
            same(&all).iter().map(|(what, value)| serde_json::json!({"what": what, "all": value})).collect();
        return print(&format!("{:#}\n", serde_json::json!({"differences": differ, "same": alike})));
    }
    if list.is_empty() {
        return print("The tokens differ in nothing that was tried.\n");
    }
    let mut text = String::new();
    for (what, values) in list {
        text.push_str(&format!("{what}\n"));
        for (name, value) in projects.iter().zip(said(&values)) {
            text.push_str(&format!("    {:<24}{value}\n", one_line(name)));
        }
    }
    print(&text)
}

/// Asks for a yes.
fn agree(question: &str, what: &str, flag: &str) -> Result<(), Problem> {
    let refuse = || {
        let advice = format!("Answer yes, give {flag}, or choose a lower --class.");
        Problem::new("The test was not made", what, "", advice)
    };
    if !std::io::stdin().is_terminal() {
        return Err(refuse());
    }
    let _ = write!(std::io::stderr(), "{question} Type yes: ");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|_| refuse())?;
    if line.trim().eq_ignore_ascii_case("yes") { Ok(()) } else { Err(refuse()) }
}

/// Prints the cases that have all these words.
fn why(words: &[String]) -> Result<(), Problem> {
    let has = |text: &str| words.iter().all(|w| text.to_lowercase().contains(&w.to_lowercase()));
    let found: Vec<String> = CASES
        .iter()
        .filter(|c| has(&format!("{} {} {}", c.says, c.truth, c.look_for)))
        .map(|c| {
            let by: Vec<&str> = c.sources.iter().map(|s| s.words()).collect();
            format!(
                "\"{}\"\n    {}\n    Look for: {}\n    Noticed by: {}.\n",
                c.says,
                c.truth,
                c.look_for,
                by.join("; ")
            )
        })
        .collect();
    if found.is_empty() {
        return print("No known case has these words. 'capscope token why' shows all.\n");
    }
    print(&found.join("\n"))
}
