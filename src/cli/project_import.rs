//! `capscope project import`: tokens that other tools keep in a file or in the environment are
//! tested and kept in the password store; the plain file can then be deleted.

use super::{print, tell};
use crate::domain::text::{one_line, scrub};
use crate::jobs::Problem;
use crate::jobs::bench::Workbench;
use crate::jobs::import::{self, Imported};
use crate::store::shred::TRUTH;
use clap::Args;
use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// The arguments of `capscope project import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// A CSV file as REDCapR documents it: redcap_uri, username, project_id, token, comment.
    #[arg(required_unless_present = "env")]
    file: Option<PathBuf>,
    /// An environment variable that holds a token. May be given several times; needs --url.
    #[arg(long, value_name = "NAME", requires = "url", conflicts_with = "file")]
    env: Vec<String>,
    /// The address of REDCap for the variables.
    #[arg(long)]
    url: Option<String>,
    /// Delete the file when all of its tokens are kept, without asking.
    #[arg(long, requires = "file", conflicts_with = "keep_file")]
    delete_file: bool,
    /// Leave the file as it is, without asking.
    #[arg(long)]
    keep_file: bool,
}

/// Runs the command. It fails unless every token was kept.
pub fn run(runtime: &tokio::runtime::Runtime, bench: &Workbench, args: &ImportArgs) -> Result<(), Problem> {
    let mut tell_place = |place: &str| tell(&format!("Testing {place}..."));
    let all = match (&args.file, &args.url) {
        (Some(file), _) => runtime.block_on(import::take_over(bench, file, &mut tell_place))?,
        (None, url) => {
            let url = url.as_deref().unwrap_or_default();
            let entries = args.env.iter().map(|name| import::from_variable(name, url));
            let entries = entries.collect::<Result<Vec<_>, _>>()?;
            bench.vault.probe().map_err(|e| crate::jobs::bench::vault_problem(&e))?;
            runtime.block_on(import::keep(bench, entries, &mut tell_place))
        }
    };
    let mut failed = 0;
    let mut kept = 0;
    for Imported { place, result } in &all {
        match result {
            Ok((project, remark)) => {
                kept += 1;
                print(&format!("{place}: added {} (PID {})\n", one_line(&project.name), project.project_id))?;
                if let Some(remark) = remark {
                    tell(&format!("Note: {place}: {remark}"));
                }
            }
            Err(problem) => {
                failed += 1;
                tell(&scrub(&format!("{place}: {}", problem.one_line())));
            }
        }
    }
    if failed > 0 {
        return Err(Problem::new(
            "Not every token was kept",
            format!("{kept} were kept, {failed} were not."),
            "The reasons stand above.",
            if args.file.is_some() {
                "Mend those lines and import the file again. The file was left as it is."
            } else {
                ""
            },
        ));
    }
    match &args.file {
        Some(file) if !args.keep_file && kept > 0 => offer_to_delete(runtime, file, args.delete_file),
        _ => Ok(()),
    }
}

/// Asks whether the file is to be deleted, and says what that cannot reach. Where nobody can be
/// asked the file stays.
fn offer_to_delete(runtime: &tokio::runtime::Runtime, file: &Path, sure: bool) -> Result<(), Problem> {
    let name = file.display();
    tell(&format!("The tokens are in the password store now, and still in plain text in {name}."));
    if !sure {
        if !std::io::stdin().is_terminal() {
            tell("It was left as it is. --delete-file deletes it.");
            return Ok(());
        }
        tell(TRUTH);
        let _ = write!(std::io::stderr(), "Delete {name}? Type yes, or press Enter to keep it: ");
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        if read.is_err() || answer.trim() != "yes" {
            tell("It was left as it is.");
            return Ok(());
        }
    }
    runtime.block_on(import::delete(file))?;
    tell(&format!("{name} was overwritten and deleted."));
    if sure {
        tell(TRUTH);
    }
    Ok(())
}
