//! `capscope export`: records of whole instruments to a file, or to stdout for a pipe.

use super::call::{Target, target_api};
use super::{print, quiet_bench, tell, tokio_runtime};
use crate::domain::access_test::exports::{Exported, explain};
use crate::domain::project::Metadata;
use crate::domain::record::natural_cmp;
use crate::domain::values::Values;
use crate::jobs::audit::Place;
use crate::jobs::bench::Workbench;
use crate::jobs::export::WholeExport;
use crate::jobs::rows_file::FileFormat;
use crate::jobs::types::JobEvent;
use crate::jobs::{Problem, export, open};
use clap::{Args, ValueEnum};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// The exit code when not everything that was asked for came back.
const INCOMPLETE: u8 = 4;

/// The arguments of `capscope export`.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes:
  0  everything that was asked for is in the file
  4  the file is written, but records or columns that were asked for did not come back
  1  it could not be done
  2  wrong usage")]
pub struct ExportArgs {
    /// A saved project, by its name or id.
    #[arg(long, conflicts_with = "url")]
    project: Option<String>,
    /// The address of a REDCap that is not saved. The token is read from REDCAP_API_TOKEN, or
    /// from stdin.
    #[arg(long)]
    url: Option<String>,
    /// An instrument, by its unique name. May be given several times; without it all are exported.
    #[arg(long, value_name = "INSTRUMENT")]
    form: Vec<String>,
    /// Only this record. May be given several times.
    #[arg(long, value_name = "RECORD")]
    record: Vec<String>,
    /// Only rows for which this logic is true, as the server sees it: `[age] >= 55`.
    #[arg(long, value_name = "LOGIC", default_value = "")]
    filter_logic: String,
    /// How the file is written.
    #[arg(long, value_enum, default_value_t = FormatArg::Csv)]
    format: FormatArg,
    /// Labels in place of codes; a checkbox field becomes one column.
    #[arg(long)]
    labels: bool,
    /// Include fields that are marked as identifiers. Without this they are not even asked for.
    #[arg(long)]
    identifiers: bool,
    /// The file. It is readable by you only, appears when it is complete, and never replaces
    /// another: the name that was used is printed.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatArg {
    /// UTF-8; cells that a spreadsheet would run as a formula get an apostrophe.
    Csv,
    /// The same with the mark by which Excel knows UTF-8.
    Excel,
    /// CSV with every cell exactly as it is stored, to import again.
    Exact,
    /// A list of objects.
    Json,
}

/// Runs the command.
pub fn run(args: &ExportArgs) -> Result<ExitCode, Problem> {
    let (bench, remarks) = quiet_bench()?;
    for remark in remarks {
        tell(&format!("Note: {remark}"));
    }
    tokio_runtime()?.block_on(export(&bench, args))
}

async fn export(bench: &Workbench, args: &ExportArgs) -> Result<ExitCode, Problem> {
    let target = target_api(bench, args.project.as_deref(), args.url.as_deref()).await?;
    export_from(bench, &target, args).await.map_err(|problem| problem.knowing(&target.context))
}

async fn export_from(bench: &Workbench, target: &Target, args: &ExportArgs) -> Result<ExitCode, Problem> {
    let metadata = open::read(&target.api, None, &|_| {}).await?;
    let whole = wanted(&metadata, args)?;
    let shows = std::io::stderr().is_terminal();
    let listener = move |event: JobEvent| {
        if let (true, JobEvent::Progress(p)) = (shows, event) {
            let total = p.total.map_or(String::new(), |t| format!(" of {t}"));
            let _ = write!(std::io::stderr(), "\r{}: {}{total}   ", p.step, p.done);
        }
    };
    let exported = export::whole(&target.api, &whole, &listener).await?;
    let fields = whole.wanted.fields.len();
    let place = Place::from(&target.api);
    bench.note_file(place, &exported.path, Some(exported.rows), Some(fields)).await;
    if shows {
        tell("");
    }
    print(&format!("{} rows are in {}\n", exported.rows, exported.path.display()))?;
    if exported.guarded > 0 {
        tell(&format!(
            "{} cells that look like formulas got an apostrophe; --format exact leaves them as they are.",
            exported.guarded
        ));
    }
    if let Some(remark) = exported.remark() {
        tell(&remark);
    }
    let left_out = left_out(&metadata, args);
    if left_out > 0 {
        tell(&format!("{left_out} identifiers were left out; --identifiers includes them."));
    }
    let seal = &exported.seal;
    if !seal.remark.is_empty() {
        tell(&seal.remark);
    }
    if !seal.missing_columns.is_empty() {
        tell(&format!(
            "{} columns did not come back, export rights leave them out: {}",
            seal.missing_columns.len(),
            seal.missing_columns.join(", ")
        ));
        let server = target.api.server().url().to_string();
        let left = Exported { missing: &seal.missing_columns, server: &server, ids: &[] };
        let (known, request) = explain(&left, &metadata);
        for fired in known {
            tell(&format!("  \"{}\" {} {}", fired.says, fired.truth, fired.evidence));
        }
        if !request.is_empty() {
            tell(&format!("A text to send, to get them:\n\n{}", request.trim_end()));
        }
    }
    if !seal.missing_records.is_empty() {
        tell(&format!(
            "{} RECORDS DID NOT COME BACK: {}",
            seal.missing_records.len(),
            seal.missing_records.join(", ")
        ));
    }
    let complete = seal.missing_columns.is_empty() && seal.missing_records.is_empty();
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::from(INCOMPLETE) })
}

/// What is to be read, from the arguments.
fn wanted(metadata: &Metadata, args: &ExportArgs) -> Result<WholeExport, Problem> {
    let all: Vec<&str> = metadata.instruments.iter().map(|i| i.name.as_str()).collect();
    if let Some(unknown) = args.form.iter().find(|f| !all.contains(&f.as_str())) {
        return Err(Problem::new(
            "There is no such instrument",
            format!("\"{unknown}\" is none of {}.", all.join(", ")),
            "",
            "Give the unique name of an instrument.",
        ));
    }
    let forms: Vec<&str> =
        all.iter().copied().filter(|f| args.form.is_empty() || args.form.iter().any(|g| g == f)).collect();
    let whole = WholeExport::of_forms(metadata, &forms, args.identifiers).ok_or_else(|| {
        Problem::new(
            "There is nothing to export",
            "The project has no record id field.",
            "Its data dictionary is empty, or could not be read.",
            "Open the project with capscope and look at its overview.",
        )
    })?;
    let mut whole = WholeExport {
        values: if args.labels { Values::Labels } else { Values::Codes },
        format: match args.format {
            FormatArg::Csv => FileFormat::Csv,
            FormatArg::Excel => FileFormat::Excel,
            FormatArg::Exact => FileFormat::Exact,
            FormatArg::Json => FileFormat::Json,
        },
        path: args.out.clone(),
        ..whole
    };
    whole.wanted.filter_logic.clone_from(&args.filter_logic);
    if !args.record.is_empty() {
        let mut records = args.record.clone();
        records.sort_by(|a, b| natural_cmp(a, b));
        records.dedup();
        whole.wanted.after = Some((records, 0));
    }
    Ok(whole)
}

/// How many fields marked as identifiers were not asked for.
fn left_out(metadata: &Metadata, args: &ExportArgs) -> usize {
    let chosen = |form: &String| args.form.is_empty() || args.form.contains(form);
    let fields = metadata.dictionary.fields().iter();
    if args.identifiers { 0 } else { fields.filter(|f| f.identifier && chosen(&f.form)).count() }
}
