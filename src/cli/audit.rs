//! `capscope audit`: the audit log of this computer.

use super::{find_paths, print, tell};
use crate::domain::text::one_line;
use crate::jobs::Problem;
use crate::jobs::projects::store_problem;
use crate::store::audit::{self, Line, RecordKey, Report, What};
use clap::Args;
use jiff::tz::TimeZone;
use std::process::ExitCode;

/// The exit code when the chain does not hold.
const BROKEN: u8 = 3;

/// The arguments of `capscope audit`.
#[derive(Debug, Args)]
#[command(after_help = "\
Each line names time, server, project number, method, counts, outcome and hashes: never a value, a
token or a record's name. Records are kept as hashes with a key of this computer.

Exit codes: 0 it is well, 3 the chain does not hold, 1 it could not be read, 2 wrong usage")]
pub struct AuditArgs {
    /// Check that no line was changed, moved or removed.
    #[arg(long)]
    verify: bool,
    /// Show so many of the newest lines; 0 shows all.
    #[arg(long, value_name = "N", default_value_t = 40)]
    last: usize,
    /// Only lines that name this record. Calls for more than 50 records name none.
    #[arg(long, value_name = "RECORD")]
    record: Option<String>,
    /// Print the lines as they are kept, as JSON.
    #[arg(long, conflicts_with = "verify")]
    json: bool,
}

/// Runs the command.
pub fn run(args: &AuditArgs) -> Result<ExitCode, Problem> {
    let paths = find_paths()?;
    if args.verify {
        let report = audit::verify(&paths).map_err(|e| store_problem(&e))?;
        print(&verdict(&report))?;
        return Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(BROKEN) });
    }
    let mut lines = audit::lines(&paths).map_err(|e| store_problem(&e))?;
    if let Some(record) = &args.record {
        let hash = RecordKey::load(&paths).map_err(|e| store_problem(&e))?.hash(record);
        lines.retain(|l| l.entry.record_hashes.contains(&hash));
    }
    if lines.is_empty() {
        tell("There is no such line in the audit log.");
        return Ok(ExitCode::SUCCESS);
    }
    let from = if args.last == 0 { 0 } else { lines.len().saturating_sub(args.last) };
    let shown = lines.get(from..).unwrap_or_default();
    if args.json {
        let json: Vec<String> = shown.iter().filter_map(|l| serde_json::to_string(l).ok()).collect();
        print(&(json.join("\n") + "\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let zone = TimeZone::system();
    let text: String = shown.iter().map(|l| row(l, &zone) + "\n").collect();
    print(&text)?;
    if from > 0 {
        tell(&format!("{from} older lines are not shown; --last 0 shows all."));
    }
    Ok(ExitCode::SUCCESS)
}

/// A line for people. Its texts may have been changed by somebody: they are made safe.
fn row(line: &Line, zone: &TimeZone) -> String {
    let e = &line.entry;
    let what = match e.what {
        What::Call => e.method.clone(),
        What::WriteBegins => format!("{}: about to be sent", e.method),
        What::FileWritten => "A file was written".to_owned(),
        What::FileSent => "A checked file was sent".to_owned(),
        What::MasksLifted => "Masks over identifiers were lifted".to_owned(),
        What::MasksOff => "Opened with masks switched off in the settings".to_owned(),
    };
    let counts = [(e.fields, "field"), (e.records, "record"), (e.rows, "row"), (e.bytes, "byte")];
    let words = |n: u64, name| if n == 1 { format!("1 {name}") } else { format!("{n} {name}s") };
    let counts: Vec<String> = counts.iter().filter_map(|(n, name)| n.map(|n| words(n, name))).collect();
    let project = e.project.map_or(String::new(), |n| format!(" PID {n}"));
    let hash = if e.content_hash.is_empty() { String::new() } else { format!("SHA-256 {}", e.content_hash) };
    let parts = [format!("{}{project}", e.host), what, counts.join(", "), e.outcome.clone(), hash];
    let parts: Vec<String> = parts.iter().map(|p| one_line(p.trim())).filter(|p| !p.is_empty()).collect();
    let time = line.at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M:%S");
    format!("{:>6}  {time}  {}", line.n, parts.join("  "))
}

/// What the check found, as lines.
fn verdict(report: &Report) -> String {
    let mut lines = vec![format!(
        "{} line{} in {} file{}.",
        report.lines,
        if report.lines == 1 { "" } else { "s" },
        report.files,
        if report.files == 1 { "" } else { "s" }
    )];
    lines.extend(report.remarks.iter().map(|r| format!("Note: {r}")));
    lines.extend(report.problems.iter().map(|p| format!("PROBLEM: {p}")));
    if report.problems.is_empty() && report.lines > 0 {
        lines
            .push("The chain holds: no line between the first and the newest was changed or removed.".into());
        lines.push(format!("Newest: {}", report.newest));
        lines.push(
            "Lines cut off at the end cannot be noticed here; a newest hash that you noted elsewhere shows it."
                .into(),
        );
    }
    lines.join("\n") + "\n"
}
