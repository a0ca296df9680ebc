//! `capscope check`: what an import would do, before it is sent.

use super::{print, quiet_bench, tokio_runtime};
use crate::api::client::readable;
use crate::domain::check::payload::MOST_RECORDS;
use crate::domain::check::{Cell, DateOrder, Fix, Rehearsal, Rule, Settings, Severity};
use crate::domain::project::Metadata;
use crate::jobs::audit::Place;
use crate::jobs::bench::{Workbench, address};
use crate::jobs::check::{self, CheckWanted, Checked};
use crate::jobs::types::{INTERRUPTED, JobEvent, SENT_BEFORE, SavedProject, SendWanted};
use crate::jobs::{Problem, call, check_report, open, projects, send};
use crate::store::cache::{self, CacheState};
use clap::{Args, ValueEnum};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Nothing to object to.
const CLEAN: u8 = 0;
/// REDCap would refuse the file, or it needs a decision.
const REFUSED: u8 = 1;
/// It could not be checked.
const FAILED: u8 = 2;
/// It was sent, and what is stored is not what was sent, or nobody can tell.
const NOT_VERIFIED: u8 = 3;
/// REDCap would accept it, with warnings.
const WARNINGS: u8 = 4;

/// Check a file before it is imported; with --send, import it and prove what is stored.
///
/// Exit code: 0 clean or verified, 1 REDCap would refuse the file or it needs a decision, 2 it could
/// not be checked or sent, 3 sent but not verified, 4 REDCap would accept it but there are warnings.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The file: CSV in any encoding, or JSON rows.
    file: PathBuf,
    /// The saved project, by its name or id.
    #[arg(long)]
    project: String,
    /// Ask nothing of the server: check against the saved data dictionary only.
    #[arg(long)]
    offline: bool,
    /// Blank cells erase what is stored.
    #[arg(long)]
    overwrite: bool,
    /// The order of dates that do not prove their own.
    #[arg(long, value_name = "ORDER")]
    date_format: Option<DateArg>,
    /// The encoding, such as utf-8 or windows-1252; found out if not given.
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// What separates cells: `,` `;` `tab` `|` `^`; found out if not given.
    #[arg(long, value_name = "CHARACTER")]
    delimiter: Option<String>,
    /// Read values that can only be meant one way as such (1.0 as 1).
    #[arg(long)]
    fix: bool,
    /// Fill record names of digits with zeros to this width.
    #[arg(long, value_name = "DIGITS")]
    pad_ids: Option<usize>,
    /// Records that look as if they lost their leading zeros are new on purpose.
    #[arg(long, conflicts_with = "pad_ids")]
    new_ids: bool,
    /// REDCap gives every record of the file a new name; the names in the file only tell which rows
    /// belong together. Which became which is in the receipt.
    #[arg(long, conflicts_with_all = ["pad_ids", "new_ids"])]
    auto_number: bool,
    /// Send the file after the check. Needs write access for the project and --yes-write.
    #[arg(long, conflicts_with = "offline")]
    send: bool,
    /// Yes, the project may be changed.
    #[arg(long, requires = "send")]
    yes_write: bool,
    /// The exact number of stored values that will be erased.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "send")]
    erase: usize,
    /// Keep the old values of the changed cells in this file. It holds record values.
    #[arg(long, value_name = "FILE.csv", requires = "send")]
    undo: Option<PathBuf>,
    /// Save the receipt in this file.
    #[arg(long, value_name = "FILE.txt", requires = "send")]
    receipt: Option<PathBuf>,
    /// Show sent and stored values in the receipt.
    #[arg(long, requires = "send")]
    receipt_values: bool,
    /// Go on with a send of this file that was interrupted.
    #[arg(long, requires = "send")]
    resume: bool,
    /// Send the file although it was sent before and rows that REDCap numbers would be stored twice.
    #[arg(long, requires = "send")]
    again: bool,
    /// Give a send that was interrupted up, and send the file anew.
    #[arg(long, requires = "send", conflicts_with = "resume")]
    abandon: bool,
    /// Queue the import on the server: it is accepted first and stored later.
    #[arg(long, requires = "send")]
    background: bool,
    /// How many records a request carries at most.
    #[arg(long, value_name = "N", default_value_t = MOST_RECORDS, requires = "send")]
    batch: usize,
    /// List every cell that would be new, changed or erased, with the old and the new value.
    #[arg(long)]
    cells: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Show values of fields marked as identifiers.
    #[arg(long)]
    identifiers: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DateArg {
    /// Year, month, day.
    Ymd,
    /// Month, day, year.
    Mdy,
    /// Day, month, year.
    Dmy,
}

/// Runs the command and gives its exit code.
pub fn run(args: &CheckArgs) -> ExitCode {
    match check(args) {
        Ok(code) => ExitCode::from(code),
        Err(problem) => {
            super::tell_problem(&problem);
            ExitCode::from(FAILED)
        }
    }
}

fn check(args: &CheckArgs) -> Result<u8, Problem> {
    let settings = settings(args)?;
    let (bench, _) = quiet_bench()?;
    let paths = bench.paths.clone().ok_or_else(super::project::no_paths)?;
    let list = crate::store::projects::load(&paths).map_err(|e| projects::store_problem(&e))?;
    let project = super::project::find(&list, &args.project)?.clone();
    let runtime = tokio_runtime()?;
    let context = crate::jobs::context(&bench, &project);
    let knowing = |problem: Problem| problem.knowing(&context);
    let checked = runtime.block_on(checked(&bench, &project, settings, args)).map_err(knowing)?;
    if args.send && checked.rehearsal.may_be_sent() {
        return runtime.block_on(send(&bench, &project, checked, args)).map_err(knowing);
    }
    if args.json {
        print(&format!("{:#}\n", check_report::json(&checked, args.identifiers)))?;
    } else {
        let cells = if args.cells { CHANGES } else { &[Cell::Erased] };
        print(&check_report::text(&checked, cells, args.identifiers))?;
        for line in next_steps(&checked.rehearsal) {
            super::tell(&line);
        }
    }
    let r = &checked.rehearsal;
    Ok(match (r.may_be_sent(), r.count_of(Severity::Warning)) {
        (false, _) => REFUSED,
        (true, 0) => CLEAN,
        (true, _) => WARNINGS,
    })
}

/// The advice after a send that cannot begin, with the options that follow it.
fn with_options(problem: Problem) -> Problem {
    let options = match problem.title.as_str() {
        INTERRUPTED => "--resume goes on, --abandon gives it up and sends the file anew.",
        SENT_BEFORE => "--again sends it once more.",
        _ => return problem,
    };
    Problem { advice: format!("{} {options}", problem.advice), ..problem }
}

/// The cells in which something would be changed.
const CHANGES: &[Cell] = &[Cell::New, Cell::Changed, Cell::Erased];

/// The options that settle what the findings wait for.
fn next_steps(r: &Rehearsal) -> Vec<String> {
    let mut steps = Vec::new();
    let has = |rule: Rule| r.findings.iter().any(|f| f.rule == rule);
    let fixes: Vec<&Fix> = r.findings.iter().filter_map(|f| r.why(f)?.fix.as_ref()).collect();
    if fixes.iter().any(|f| f.is_sure()) {
        steps.push("--fix accepts the suggestions that can only be meant one way.".to_owned());
    }
    if let Some(Fix::PadIds { width }) = fixes.iter().find(|f| matches!(f, Fix::PadIds { .. })) {
        steps.push(format!(
            "--pad-ids {width} fills the record names with zeros; --new-ids says that they are new on purpose."
        ));
    }
    if has(Rule::AmbiguousDates) {
        steps.push("--date-format dmy or --date-format mdy chooses the order of the dates.".to_owned());
    }
    if fixes.iter().any(|f| !f.is_sure() && !matches!(f, Fix::PadIds { .. } | Fix::KeepIds)) {
        steps.push(
            "Other suggestions are yours to judge: change the file, or accept them one by one in section 5 of 'capscope'."
                .to_owned(),
        );
    }
    steps
}

/// Sends a checked file, prints the receipt and gives the exit code.
async fn send(
    bench: &Workbench,
    project: &SavedProject,
    checked: Checked,
    args: &CheckArgs,
) -> Result<u8, Problem> {
    if !args.yes_write {
        return Err(Problem::new(
            "Nothing was sent",
            "It would change the project.",
            "",
            "If you want that, say so with --yes-write.",
        ));
    }
    let erased = checked.rehearsal.count(Cell::Erased);
    if erased != args.erase {
        return Err(Problem::new(
            "Nothing was sent",
            format!("{erased} stored values would be erased; the number that was given is {}.", args.erase),
            "",
            format!(
                "If you want them erased, say so with --erase {erased}. Without --overwrite blanks keep what is stored."
            ),
        ));
    }
    super::tell(&format!(
        "Sending to {}: {}",
        call::project_words(project),
        checked.rehearsal.effects.sentences().join(" ")
    ));
    if args.abandon {
        send::abandon(bench, project).await?;
    }
    let wanted = SendWanted {
        erasures: args.erase,
        undo: args.undo.clone(),
        resume: args.resume,
        again: args.again,
        background: args.background,
        most_records: args.batch,
        ..SendWanted::new(Box::new(checked))
    };
    let receipt = send::run(bench, project, wanted, &|_| {}).await.map_err(with_options)?;
    bench.note_sent(&receipt);
    let text = receipt.lines(args.receipt_values).join("\n") + "\n";
    if args.json {
        print(&format!("{:#}\n", receipt.json(args.receipt_values)))?;
    } else {
        print(&text)?;
    }
    if let Some(path) = &args.receipt {
        let saved = crate::jobs::export::write_text(&text, path)?;
        bench.note_file(Place::of(project), &saved.path, Some(saved.rows), None).await;
        super::tell(&format!("The receipt is in {}", saved.path.display()));
    }
    Ok(if receipt.is_verified() { CLEAN } else { NOT_VERIFIED })
}

fn settings(args: &CheckArgs) -> Result<Settings, Problem> {
    let delimiter = match args.delimiter.as_deref() {
        None => None,
        Some("tab" | "\\t") => Some(b'\t'),
        Some(text) => match text.as_bytes() {
            [one] => Some(*one),
            _ => {
                return Err(Problem::new(
                    "The delimiter cannot be used",
                    format!("\"{text}\" is not one character."),
                    "",
                    "Give , ; tab | or ^.",
                ));
            }
        },
    };
    let mut settings = Settings {
        encoding: args.encoding.clone(),
        delimiter,
        dates: args.date_format.map(|d| match d {
            DateArg::Ymd => DateOrder::Ymd,
            DateArg::Mdy => DateOrder::Mdy,
            DateArg::Dmy => DateOrder::Dmy,
        }),
        overwrite: args.overwrite,
        auto_number: args.auto_number,
        ..Settings::default()
    };
    settings.fixes.extend(args.pad_ids.map(|width| Fix::PadIds { width }));
    settings.fixes.extend(args.new_ids.then_some(Fix::KeepIds));
    Ok(settings)
}

async fn checked(
    bench: &Workbench,
    project: &SavedProject,
    settings: Settings,
    args: &CheckArgs,
) -> Result<Checked, Problem> {
    let metadata = metadata(bench, project, args.offline).await?;
    let loud = std::io::stderr().is_terminal() && !args.json;
    let tell = move |event: JobEvent| {
        if let JobEvent::Progress(p) = event
            && loud
            && p.total.is_some()
        {
            let _ = write!(std::io::stderr(), "\r{}: {} of {}   ", p.step, p.done, p.total.unwrap_or(0));
        }
    };
    let wanted = |settings: Settings, before: Option<Box<Checked>>| CheckWanted {
        path: args.file.clone(),
        settings,
        metadata: Box::new(metadata.clone()),
        offline: args.offline,
        before,
    };
    let mut checked = check::run(bench, project, wanted(settings.clone(), None), &tell).await?;
    if args.fix {
        let sure = checked.rehearsal.sure_fixes();
        if !sure.is_empty() {
            let mut settings = settings;
            settings.fixes.extend(sure);
            checked = check::run(bench, project, wanted(settings, Some(Box::new(checked))), &tell).await?;
        }
    }
    if loud {
        let _ = write!(std::io::stderr(), "\r{:60}\r", "");
    }
    Ok(checked)
}

/// The project's metadata: offline from the saved copy, else from the server, with the groups.
async fn metadata(bench: &Workbench, project: &SavedProject, offline: bool) -> Result<Metadata, Problem> {
    if offline {
        let paths = bench.paths.as_ref().ok_or_else(super::project::no_paths)?;
        let url = address(&project.url)?;
        return match cache::load(paths, &url, project.project_id) {
            CacheState::Fresh { metadata, .. } => Ok(*metadata),
            CacheState::None => Err(no_copy("Nothing was kept of this project yet.")),
            CacheState::Unusable { why } => Err(no_copy(&why)),
        };
    }
    let api = bench.api(project).await?;
    let mut metadata = open::read(&api, None, &|_| {}).await?;
    metadata.access.dags = readable(api.dags().await)?;
    if let Some(paths) = &bench.paths {
        // So that the next check can be made offline; that it could not be kept is no failure.
        let url = address(&project.url)?;
        let _ = cache::save(paths, &url, &metadata, jiff::Timestamp::now(), bench.settings.cache_users);
    }
    Ok(metadata)
}

fn no_copy(why: &str) -> Problem {
    Problem::new(
        "There is no saved data dictionary",
        why,
        "",
        "Check once without --offline, or open the project in capscope.",
    )
}
