//! `capscope call`: any method of the API, with the answer as the server sent it.

use super::request::{RequestArgs, Upload};
use super::{print, print_bytes, quiet_bench, tell, tokio_runtime};
use crate::api::catalogue::{Effect, METHODS};
use crate::api::client::Api;
use crate::api::request::Request;
use crate::api::sniff::{Shape, shape_of};
use crate::api::token::Token;
use crate::domain::access_test::explain::Context;
use crate::jobs::audit::Place;
use crate::jobs::bench::{Workbench, address};
use crate::jobs::call::{self, Consent};
use crate::jobs::types::SavedProject;
use crate::jobs::{Problem, projects};
use clap::Args;
use std::io::IsTerminal;
use std::path::PathBuf;

/// The environment variable with a token, for calls to a project that is not saved.
const TOKEN_VARIABLE: &str = "REDCAP_API_TOKEN";

/// The arguments of `capscope call`.
#[derive(Debug, Args)]
pub struct CallArgs {
    #[command(flatten)]
    words: RequestArgs,
    /// A saved project, by its name or id.
    #[arg(long, conflicts_with = "url")]
    project: Option<String>,
    /// The address of a REDCap that is not saved. The token is read from REDCAP_API_TOKEN, or
    /// from stdin.
    #[arg(long)]
    url: Option<String>,
    /// Write the answer to this file, or into this folder under the server's name for it.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Yes, this call may change something.
    #[arg(long)]
    yes_write: bool,
    /// The number of the project, to delete or replace something in it.
    #[arg(long, value_name = "N")]
    project_id: Option<u64>,
    /// Show all methods.
    #[arg(long)]
    list: bool,
    /// Show all about the method, and send nothing.
    #[arg(long)]
    explain: bool,
}

/// Runs the command.
pub fn run(args: &CallArgs) -> Result<(), Problem> {
    if args.list {
        return print(&call::table(METHODS));
    }
    let method = args.words.method()?;
    if args.explain {
        return print(&call::describe(method));
    }
    let request = args.words.request(method, Upload::Read)?;
    let (bench, _) = quiet_bench()?;
    tokio_runtime()?.block_on(send(&bench, &request, args))
}

/// The project that a command names, and the way to it.
pub struct Target {
    /// The way to call its API.
    pub api: Api,
    /// The saved project, if it is one.
    pub saved: Option<SavedProject>,
    /// What to call it in a sentence.
    pub words: String,
    /// What is known of it, for the explainer of refusals.
    pub context: Context,
}

/// The saved project with this name or id.
pub(super) fn saved_project(bench: &Workbench, name: &str) -> Result<SavedProject, Problem> {
    let paths = bench.paths.as_ref().ok_or_else(super::project::no_paths)?;
    let list = crate::store::projects::load(paths).map_err(|e| projects::store_problem(&e))?;
    super::project::find(&list, name).cloned()
}

/// Finds the project of a command: a saved one, or one at an address with its token in the
/// environment or on stdin.
pub async fn target_api(
    bench: &Workbench,
    project: Option<&str>,
    url: Option<&str>,
) -> Result<Target, Problem> {
    match (project, url) {
        (Some(name), _) => {
            let saved = saved_project(bench, name)?;
            let api = bench.api(&saved).await?;
            let context = crate::jobs::context(bench, &saved);
            Ok(Target { api, words: call::project_words(&saved), saved: Some(saved), context })
        }
        (None, Some(url)) => {
            let url = address(url)?;
            let api = Api::new(bench.server(&url, None), token()?);
            let context = Context { server: url.to_string(), ..Context::default() };
            Ok(Target { api, saved: None, words: format!("the project at {url}"), context })
        }
        (None, None) => Err(Problem::new(
            "Which project?",
            "Neither a saved project nor an address was given.",
            "",
            "Give --project NAME, or --url ADDRESS with the token in REDCAP_API_TOKEN.",
        )),
    }
}

async fn send(bench: &Workbench, request: &Request, args: &CallArgs) -> Result<(), Problem> {
    let target = target_api(bench, args.project.as_deref(), args.url.as_deref()).await?;
    let context = target.context.clone();
    send_to(bench, target, request, args).await.map_err(|problem| problem.knowing(&context))
}

async fn send_to(
    bench: &Workbench,
    target: Target,
    request: &Request,
    args: &CallArgs,
) -> Result<(), Problem> {
    let Target { api, saved, words: project, .. } = target;
    let method = request.method();
    let consent = Consent { write: args.yes_write, project_id: args.project_id };
    if method.effect != Effect::Read {
        // Said before anything is sent, whatever the answer will be.
        tell(&call::plan(method, &project));
    }
    call::may_be_sent(&api, method, saved.as_ref(), &consent).await?;
    if let Some(out) = out_file(request, args) {
        let path = call::download(&api, request, &out).await?;
        bench.note_file(Place::from(&api), &path, None, None).await;
        tell(&format!("Written to {}", path.display()));
        return Ok(());
    }
    let reply = api.call_raw(request).await?;
    print_bytes(&reply.body)?;
    Api::judge_reply(request, &reply)?;
    for known in call::known(request, &reply, &[]) {
        super::tell(&format!("\"{}\"\n  {}\n  Seen: {}", known.says, known.truth, known.evidence));
    }
    Ok(())
}

/// Where the answer goes. Files go to the disk: a terminal would only be upset by their bytes.
fn out_file(request: &Request, args: &CallArgs) -> Option<PathBuf> {
    let is_file = shape_of(request) == Shape::File && std::io::stdout().is_terminal();
    args.out.clone().or_else(|| is_file.then(|| PathBuf::from(".")))
}

/// The token for a project that is not saved: from the environment, or from stdin.
pub(super) fn token() -> Result<Token, Problem> {
    match std::env::var(TOKEN_VARIABLE) {
        Ok(text) if !text.trim().is_empty() => Token::parse(&text).map_err(|e| {
            Problem::new(
                "This is no API token",
                format!("{TOKEN_VARIABLE}: {e}"),
                "",
                "Copy it again from REDCap > your project > API.",
            )
        }),
        _ => super::project::read_token(),
    }
}
