//! `capscope show`: what the sections of the screen show, as plain text for screen readers and
//! pipes. No boxes, no columns: headings, and one fact a line.
//!
//! Fields that are marked as identifiers are masked as on the screen: they are not even asked for.
//! Nothing that is read here stays on this computer, but how far a log was looked at.

mod people;
mod project;
mod records;
mod text;

use super::call::saved_project;
use super::{print, quiet_bench, tell, tokio_runtime};
use crate::api::client::silent;
use crate::demo::DemoOptions;
use crate::domain::project::Metadata;
use crate::domain::text::one_line;
use crate::jobs::bench::Workbench;
use crate::jobs::types::SavedProject;
use crate::jobs::{Problem, demo, open};
use crate::store::settings::Settings;
use crate::store::vault::Vault;
use clap::{Args, ValueEnum};
use text::Page;

/// The arguments of `capscope show`.
#[derive(Debug, Args)]
#[command(after_help = "\
The other sections have commands of their own, which are plain text too:
  check       capscope check FILE --project NAME
  quality     capscope quality --project NAME
  token       capscope token test --project NAME
  playground  capscope call METHOD --project NAME
  live        capscope triggers listen
Section Activity lists what a running screen asked of the server; a command asks what it says.")]
#[command(group = clap::ArgGroup::new("whose").required(true).args(["project", "demo"]))]
pub struct ShowArgs {
    /// What to show.
    #[arg(value_enum)]
    section: Section,
    /// A saved project, by its name or id.
    #[arg(long)]
    project: Option<String>,
    /// Use the embedded demo server: no token, no account. With a word, the demo project with this
    /// word in its name.
    #[arg(long, value_name = "WORD", num_args = 0..=1, default_missing_value = "", conflicts_with = "project")]
    demo: Option<String>,
    /// Only this instrument, by its unique name. Records are of one instrument.
    #[arg(long, value_name = "INSTRUMENT")]
    form: Option<String>,
    /// Only this record. May be given several times.
    #[arg(long, value_name = "RECORD")]
    record: Vec<String>,
    /// At most so many records, users or things that are missing.
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    limit: usize,
    /// The codes that are stored in place of labels.
    #[arg(long)]
    codes: bool,
    /// Show fields that are marked as identifiers.
    #[arg(long)]
    identifiers: bool,
}

/// What can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Section {
    /// The project: status, events, what repeats.
    Overview,
    /// Instruments and their fields: the codebook.
    Instruments,
    /// The records of one instrument.
    Records,
    /// One whole record.
    Record,
    /// The status of every instrument of every record.
    Status,
    /// Visits that are late or due, forms not completed, required fields that are blank.
    Missing,
    /// Records that were created, changed or deleted since the last look.
    Changes,
    /// Users, roles, Data Access Groups, and their rights in words.
    Users,
}

/// What all sections work with.
struct Context<'a> {
    bench: &'a Workbench,
    project: SavedProject,
    metadata: Metadata,
    args: &'a ShowArgs,
}

/// Runs the command.
pub fn run(args: &ShowArgs) -> Result<(), Problem> {
    let runtime = tokio_runtime()?;
    let text = match &args.demo {
        Some(word) => {
            let bench = Workbench::new(None, Settings::default(), Vault::in_memory(), silent());
            let list = runtime.block_on(demo::start(
                &bench,
                DemoOptions { registry_records: 200, ..DemoOptions::default() },
            ))?;
            let project = demo_project(list, word)?;
            runtime.block_on(show(&bench, project, args))?
        }
        None => {
            let (bench, remarks) = quiet_bench()?;
            for remark in remarks {
                tell(&format!("Note: {remark}"));
            }
            let project = saved_project(&bench, args.project.as_deref().unwrap_or_default())?;
            runtime.block_on(show(&bench, project, args))?
        }
    };
    print(&text)
}

/// The demo project with this word in its name; the first without one.
fn demo_project(list: Vec<SavedProject>, word: &str) -> Result<SavedProject, Problem> {
    let names: Vec<String> = list.iter().map(|p| p.name.clone()).collect();
    let wanted = word.to_lowercase();
    list.into_iter().find(|p| p.name.to_lowercase().contains(&wanted)).ok_or_else(|| {
        Problem::new(
            "There is no such demo project",
            format!("\"{}\" is in none of these names: {}.", one_line(word), names.join(", ")),
            "",
            "Give a word of one of them.",
        )
    })
}

async fn show(bench: &Workbench, project: SavedProject, args: &ShowArgs) -> Result<String, Problem> {
    let api = bench.api(&project).await?;
    let metadata = open::read(&api, None, &|_| {}).await?;
    let mut context = Context { bench, project, metadata, args };
    context.known_form()?;
    let mut page = Page::default();
    match args.section {
        Section::Overview => project::overview(&mut page, &context),
        Section::Instruments => project::instruments(&mut page, &context),
        Section::Records => records::table(&mut page, &context, &api).await?,
        Section::Record => records::record(&mut page, &context, &api).await?,
        Section::Status => records::status(&mut page, &context, &api).await?,
        Section::Missing => records::missing(&mut page, &context).await?,
        Section::Changes => people::changes(&mut page, &context).await?,
        Section::Users => {
            let (access, _) = open::read_access(&api, &context.metadata, &|_| {}).await?;
            context.metadata.access = access;
            people::users(&mut page, &context);
        }
    }
    Ok(page.finish())
}

impl Context<'_> {
    /// Names of records are masked too where the record id field is marked as an identifier.
    fn record_name<'a>(&self, name: &'a str) -> &'a str {
        let hidden = !self.args.identifiers
            && self.metadata.dictionary.record_id_field().is_some_and(|f| f.identifier);
        if hidden { text::MASKED } else { name }
    }

    fn known_form(&self) -> Result<(), Problem> {
        let names: Vec<&str> = self.metadata.instruments.iter().map(|i| i.name.as_str()).collect();
        match &self.args.form {
            Some(form) if !names.contains(&form.as_str()) => Err(Problem::new(
                "There is no such instrument",
                format!("\"{}\" is none of {}.", one_line(form), names.join(", ")),
                "",
                "Give the unique name of an instrument.",
            )),
            _ => Ok(()),
        }
    }
}
