//! `capscope spot-check`: a sample of records to compare with the paper source, and the error rate.

use super::{print, quiet_bench, tell, tokio_runtime};
use crate::jobs::audit::Place;
use crate::jobs::spot_check::{self, SpotWanted};
use crate::jobs::{Problem, export, open, projects};
use clap::Subcommand;
use std::path::PathBuf;

/// What to do.
#[derive(Debug, Subcommand)]
pub enum SpotCommand {
    /// Draw records and write a worksheet with their stored values. Mark each line with agree,
    /// differ or unclear.
    Draw {
        /// The saved project, by its name or id.
        #[arg(long)]
        project: String,
        /// The critical fields, separated by commas.
        #[arg(long, value_delimiter = ',', required = true)]
        fields: Vec<String>,
        /// How many records.
        #[arg(short, long)]
        n: usize,
        /// The same seed draws the same records on every machine.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Each Data Access Group gets its share of the records.
        #[arg(long)]
        by_dag: bool,
        /// The worksheet to write. It holds record values, readable by you only.
        #[arg(long, value_name = "FILE.csv")]
        sheet: PathBuf,
    },
    /// Count the marks of a worksheet: the error rate per 10,000 fields with its interval.
    Report {
        /// The worksheet.
        sheet: PathBuf,
        /// Save the report, which holds record names and fields but no values.
        #[arg(long, value_name = "FILE.txt")]
        out: Option<PathBuf>,
    },
}

/// Runs the command.
pub fn run(command: SpotCommand) -> Result<(), Problem> {
    match command {
        SpotCommand::Draw { project, fields, n, seed, by_dag, sheet } => {
            let (bench, _) = quiet_bench()?;
            let paths = bench.paths.clone().ok_or_else(super::project::no_paths)?;
            let list = crate::store::projects::load(&paths).map_err(|e| projects::store_problem(&e))?;
            let project = super::project::find(&list, &project)?.clone();
            let wanted = SpotWanted { fields, n, seed, by_group: by_dag };
            let drawn = tokio_runtime()?.block_on(async {
                let api = bench.api(&project).await?;
                let metadata = open::read(&api, None, &|_| {}).await?;
                let drawn = spot_check::draw(&api, &metadata, &wanted, &sheet, &|_| {}).await?;
                bench.note_file(Place::from(&api), &drawn.sheet, Some(drawn.cells), None).await;
                Ok::<_, Problem>(drawn)
            })?;
            print(&format!(
                "{} of {} records, {} cells, seed {seed}: {}\nThe worksheet is {}\n",
                drawn.records.len(),
                drawn.of,
                drawn.cells,
                drawn.records.join(", "),
                drawn.sheet.display()
            ))
        }
        SpotCommand::Report { sheet, out } => {
            let (_, lines) = spot_check::report(&sheet)?;
            let text = lines.join("\n") + "\n";
            print(&text)?;
            if let Some(out) = out {
                // The worksheet does not say which project it was drawn from.
                let saved = export::write_text(&text, &out)?;
                let (bench, _) = quiet_bench()?;
                let noted = bench.note_file(Place::default(), &saved.path, Some(saved.rows), None);
                tokio_runtime()?.block_on(noted);
                tell(&format!("The report is in {}", saved.path.display()));
            }
            Ok(())
        }
    }
}
