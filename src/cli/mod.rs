//! The command line. Each command is a thin call into `jobs`; what the screen can do, a script
//! can do. Nothing here decides anything about REDCap. Tokens are never arguments: they are asked
//! for without echo, or read from stdin.

mod audit;
mod call;
mod check;
mod doctor;
mod export;
mod help;
mod keeping;
mod markdown;
mod papers;
mod project;
mod project_import;
mod quality;
mod request;
mod serve;
mod show;
mod snippet;
mod spot_check;
mod token;
mod triggers;
mod tui;
mod users;

use crate::api::client::{Observer, silent};
use crate::app::looks::ThemeKind;
use crate::demo::chaos::Rule;
use crate::domain::text::{is_unsafe, many_lines, scrub};
use crate::jobs::Problem;
use crate::jobs::bench::Workbench;
use crate::store::paths::Paths;
use crate::store::settings::{self, Settings};
use crate::store::vault::Vault;
use clap::{Args, Parser, Subcommand};
use std::borrow::Cow;
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// A terminal explorer for REDCap projects.
///
/// Without a command it opens the terminal interface. Nothing is written to a project unless
/// writing was switched on for it and this very write is said yes to.
#[derive(Debug, Parser)]
#[command(name = "capscope", version, max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    look: Look,
    /// Show where settings, cache and log are, and exit.
    #[arg(long)]
    paths: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

/// How the terminal interface looks.
#[derive(Debug, Clone, Args)]
pub struct Look {
    /// Lines and marks in plain ASCII.
    #[arg(long, global = true)]
    ascii: bool,
    /// Leave the mouse to the terminal.
    #[arg(long, global = true)]
    no_mouse: bool,
    /// The colours of the screen. Goes before `NO_COLOR` and the settings.
    #[arg(long, global = true, value_name = "NAME", value_parser = theme_of)]
    theme: Option<ThemeKind>,
}

fn theme_of(word: &str) -> Result<ThemeKind, String> {
    ThemeKind::from_word(word).ok_or_else(|| format!("the themes are {}", settings::THEMES.join(", ")))
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the terminal interface on the embedded demo server: no token, no account.
    Demo {
        /// How many records the demo's registry has.
        #[arg(long, default_value_t = 2000)]
        registry_records: usize,
        /// What goes wrong on the way, such as 503@record#2-: requests for records fail from the second
        /// on. May be given several times. `capscope serve --list-faults` shows them all.
        #[arg(long, value_name = "FAULT")]
        fault: Vec<Rule>,
    },
    /// Run the embedded REDCap-compatible server alone. Prints one JSON line when it is ready.
    Serve {
        /// The loopback address to listen on; port 0 picks a free one.
        #[arg(long, default_value = "127.0.0.1:0")]
        addr: SocketAddr,
        /// A REDCap project XML (CDISC ODM) to load. May be given several times.
        #[arg(long, value_name = "FILE.xml")]
        load: Vec<PathBuf>,
        /// Leave the built-in demo projects out.
        #[arg(long)]
        only_loaded: bool,
        /// How many records the demo's registry has.
        #[arg(long, default_value_t = 2000)]
        registry_records: usize,
        /// Keep everything in this file: start from it if it is there, and write changes into it.
        #[arg(long, value_name = "FILE.json")]
        state: Option<PathBuf>,
        /// Settings for what is not publicly known of REDCap (TOML). `--list-behaviour` shows them.
        #[arg(long, value_name = "FILE.toml")]
        behaviour: Option<PathBuf>,
        /// Post a Data Entry Trigger to this address (http, this computer) when a form is saved. Imports
        /// fire none, as in REDCap: use --clinic for people who save forms.
        #[arg(long, value_name = "URL")]
        trigger_url: Option<String>,
        /// Simulate people who save so many forms a minute, over all projects.
        #[arg(long, value_name = "PER_MINUTE", value_parser = clap::value_parser!(u32).range(1..=60_000))]
        clinic: Option<u32>,
        /// What goes wrong on the way, such as 503@record#2-: requests for records fail from the second
        /// on. May be given several times. `--list-faults` shows them all.
        #[arg(long, value_name = "FAULT")]
        fault: Vec<Rule>,
        /// Print the settings for --behaviour with their defaults, and exit.
        #[arg(long)]
        list_behaviour: bool,
        /// Print all faults and how to choose the requests that meet them, and exit.
        #[arg(long)]
        list_faults: bool,
    },
    /// Look whether everything capscope needs works here, and tell what to do if not.
    Doctor(doctor::DoctorArgs),
    /// Add, list, remove or test saved projects.
    #[command(subcommand)]
    Project(project::ProjectCommand),
    /// Check a file before it is imported: what REDCap would refuse, and what would change.
    Check(check::CheckArgs),
    /// Draw records to compare with the paper source, and count what differs.
    #[command(subcommand)]
    SpotCheck(spot_check::SpotCommand),
    /// What a section of the screen shows, as plain text: headings, and one fact a line.
    Show(show::ShowArgs),
    /// Call any method of the API. The answer is printed as the server sent it.
    Call(call::CallArgs),
    /// Write the records of whole instruments to a CSV or JSON file.
    Export(export::ExportArgs),
    /// Run data quality rules A to I, and rules of your own, over all records.
    Quality(quality::QualityArgs),
    /// Print a call as a program in another language. Nothing is sent.
    Snippet(snippet::SnippetArgs),
    /// Find out what a token may do, what it silently loses, and why.
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Who may do what: rights of users and roles in words, and what differs between two.
    Users(users::UsersArgs),
    /// Look at the audit log of this computer: what capscope asked of servers and wrote to files.
    Audit(audit::AuditArgs),
    /// Receive Data Entry Triggers, play one, or watch the log instead.
    #[command(subcommand)]
    Triggers(triggers::TriggersCommand),
    /// Read the guide, a page for each job, or the help of a command.
    Help {
        /// A page or a command; without it the list of pages.
        topic: Vec<String>,
    },
    /// Print a script with which a shell completes capscope's commands.
    Completions(papers::CompletionArgs),
    /// Print the man page, or write one for every command.
    Man(papers::ManArgs),
}

/// Runs the command line that was given to the program.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            // Clap words and colours its own messages; 2 is its code for wrong usage.
            let code = if e.use_stderr() { 2 } else { 0 };
            // It repeats arguments, and a shell may have put in any file's name.
            if std::env::args().any(|arg| arg.contains(is_unsafe)) {
                tell(&e.render().to_string());
            } else {
                let _ = e.print();
            }
            return ExitCode::from(code);
        }
    };
    match run(cli) {
        Ok(code) => code,
        Err(problem) => {
            tell_problem(&problem);
            ExitCode::FAILURE
        }
    }
}

/// Does the command. The exit code is 0 unless the command has codes of its own.
fn run(cli: Cli) -> Result<ExitCode, Problem> {
    if cli.paths {
        return print_paths().map(|()| ExitCode::SUCCESS);
    }
    let done = match cli.command {
        None => tui::run(&cli.look),
        Some(Command::Demo { registry_records, fault }) => tui::run_demo(&cli.look, registry_records, fault),
        Some(Command::Serve { list_behaviour: true, .. }) => serve::list_behaviour(),
        Some(Command::Serve { list_faults: true, .. }) => serve::list_faults(),
        Some(Command::Serve {
            addr,
            load,
            only_loaded,
            registry_records,
            state,
            behaviour,
            trigger_url,
            clinic,
            fault: faults,
            ..
        }) => {
            let options = crate::demo::DemoOptions {
                addr,
                builtin: !only_loaded,
                load,
                registry_records,
                state,
                faults,
            };
            serve::run(options, behaviour.as_deref(), trigger_url.as_deref(), clinic)
        }
        Some(Command::Project(command)) => project::run(command),
        Some(Command::Triggers(command)) => triggers::run(command),
        Some(Command::Show(args)) => show::run(&args),
        Some(Command::Call(args)) => call::run(&args),
        Some(Command::Snippet(args)) => snippet::run(&args),
        Some(Command::SpotCheck(command)) => spot_check::run(command),
        Some(Command::Doctor(args)) => return doctor::run(&args),
        Some(Command::Check(args)) => return Ok(check::run(&args)),
        Some(Command::Export(args)) => return export::run(&args),
        Some(Command::Quality(args)) => return quality::run(&args),
        Some(Command::Help { topic }) => help::run(&topic),
        Some(Command::Completions(args)) => papers::completions(&args),
        Some(Command::Man(args)) => papers::man(&args),
        Some(Command::Users(args)) => users::run(&args),
        Some(Command::Audit(args)) => return audit::run(&args),
        Some(Command::Token(command)) => return token::run(&command),
    };
    done.map(|()| ExitCode::SUCCESS)
}

/// The folders, as lines of a name and a path.
fn folders(paths: &Paths) -> Vec<(String, String)> {
    [
        ("Settings", paths.settings_file()),
        ("Projects", paths.projects_file()),
        ("Metadata cache", paths.cache_dir()),
        ("State", paths.state_dir().to_owned()),
        ("Audit log", crate::store::audit::current_file(paths)),
    ]
    .into_iter()
    .map(|(name, path)| (name.to_owned(), path.display().to_string()))
    .collect()
}

fn print_paths() -> Result<(), Problem> {
    let paths = find_paths()?;
    let lines: Vec<String> = folders(&paths).iter().map(|(name, path)| format!("{name:<16}{path}")).collect();
    print(&format!("{}\n", lines.join("\n")))
}

fn find_paths() -> Result<Paths, Problem> {
    Paths::find().map_err(|e| crate::jobs::projects::store_problem(&e))
}

/// The settings, with a line for each that could not be used.
fn load_settings(paths: &Paths) -> Result<(Settings, Vec<String>), Problem> {
    let (settings, problems) = settings::load(paths).map_err(|e| crate::jobs::projects::store_problem(&e))?;
    let file = paths.settings_file();
    let lines = problems.iter().map(|p| format!("{}, line {}: {}", file.display(), p.line, p.what)).collect();
    Ok((settings, lines))
}

/// A bench for commands that have no screen.
fn quiet_bench() -> Result<(Workbench, Vec<String>), Problem> {
    bench_with(silent(), |problem| tell(&format!("Note: {problem}")))
}

fn bench_with(
    observer: Observer,
    on_problem: impl Fn(&str) + Send + 'static,
) -> Result<(Workbench, Vec<String>), Problem> {
    let paths = find_paths()?;
    let (settings, remarks) = load_settings(&paths)?;
    let bench = Workbench::new(Some(paths), settings, Vault::default(), observer);
    if let Some(audit) = &bench.audit {
        audit.on_problem(on_problem);
    }
    Ok((bench, remarks))
}

/// The async side of the program.
fn tokio_runtime() -> Result<tokio::runtime::Runtime, Problem> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|e| {
        Problem::new(
            "capscope could not start",
            e.to_string(),
            "The system gave no threads.",
            "Close other programs and try again.",
        )
    })
}

/// Says something beside the output, on stderr. Names of files and words of servers in it cannot
/// steer the terminal.
fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", many_lines(text));
}

/// Says what went wrong.
fn tell_problem(problem: &Problem) {
    let _ = write!(std::io::stderr(), "{}", many_lines(&scrub(&problem.paragraphs())));
}

/// Data for stdout: exactly as it is for files and programs, without what could steer a terminal
/// where one shows it.
fn for_stdout(data: &[u8]) -> Cow<'_, [u8]> {
    if std::io::stdout().is_terminal() {
        Cow::Owned(many_lines(&String::from_utf8_lossy(data)).into_bytes())
    } else {
        Cow::Borrowed(data)
    }
}

/// Prints to stdout. A closed pipe (`capscope ... | head`) is no failure.
fn print(text: &str) -> Result<(), Problem> {
    print_bytes(text.as_bytes())
}

/// Prints bytes that a server sent.
fn print_bytes(data: &[u8]) -> Result<(), Problem> {
    let mut out = std::io::stdout();
    match out.write_all(&for_stdout(data)).and_then(|()| out.flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Problem::new("The output could not be written", e.to_string(), "", ""))
        }
        _ => Ok(()),
    }
}
