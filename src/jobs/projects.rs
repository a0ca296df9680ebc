//! Adding and forgetting projects.

use super::bench::{Workbench, address, blocking, vault_problem};
use super::problem::Problem;
use super::types::{Draft, Keep, SavedProject};
use crate::api::client::Api;
use crate::api::token::Token;
use crate::domain::project::ProjectInfo;
use crate::domain::text::without_html;
use crate::store::files::StoreError;
use crate::store::remembered::Remembered;
use crate::store::vault::token_from_env;
use crate::store::{cache, exclusions, projects, token_tests};

/// What a test of an address and a token found.
#[derive(Debug, Clone)]
pub struct Tested {
    /// REDCap's version.
    pub version: String,
    /// The project behind the token.
    pub info: ProjectInfo,
}

/// Tests an address with a token, in two requests. Nothing is kept.
pub async fn test(api: &Api) -> Result<Tested, Problem> {
    let info = api.project_info().await?;
    let version = api.version().await?;
    Ok(Tested { version, info })
}

/// Tests a project's address and token, and keeps both if they work.
///
/// A project that is in the list already, or that is named as the one to be replaced, keeps its
/// place and gets the new token.
pub async fn add(bench: &Workbench, draft: Draft) -> Result<SavedProject, Problem> {
    let url = address(&draft.address)?;
    let token = match (&draft.keep, draft.token) {
        (Keep::Environment(name), _) => token_from_env(name).map_err(|e| {
            Problem::new(
                "There is no token in the environment",
                e.to_string(),
                "",
                "Set the variable and start capscope again.",
            )
        })?,
        (_, Some(token)) => token,
        (_, None) => {
            return Err(Problem::new("There is no token", "No token was given.", "", "Enter a token."));
        }
    };
    if token.is_super() {
        return Err(Problem::new(
            "This is a super token",
            "It has 64 characters and creates projects.",
            "",
            "Use the project's own token, of 32 characters: REDCap > your project > API.",
        ));
    }
    let api = Api::new(bench.server(&url, draft.ca_file.as_ref()), token.clone());
    let (number, title) = match test(&api).await {
        Ok(tested) => (tested.info.project_id, without_html(&tested.info.title)),
        // No call tells which project a token opens that may only import
        // (`redcap-permissions.md` §3.2), but it may be used for that, and tested.
        Err(problem) if problem.reads_nothing() => (0, String::new()),
        Err(problem) => return Err(problem),
    };
    let known = match &bench.paths {
        Some(paths) => projects::load(paths).map_err(|e| store_problem(&e))?,
        None => Vec::new(),
    };
    let mut project = match &draft.replaces {
        Some(id) => known
            .iter()
            .find(|p| p.id == *id)
            .cloned()
            .ok_or_else(|| store_problem(&StoreError::NoProject))?,
        None => {
            if let Some(other) = with_token(bench, &known, url.as_str(), &token).await {
                return Err(Problem::new(
                    "This project is saved already",
                    format!("\"{}\" has this very token.", other.name),
                    "",
                    "Open it from the list. A new token for it is entered there, too.",
                ));
            }
            let wanted = match (draft.name.is_empty(), number) {
                (false, _) => draft.name.clone(),
                (true, 0) => format!("{} (title unknown)", url.host()),
                (true, _) => title.clone(),
            };
            let name = free_name(&known, &wanted);
            SavedProject::new(name, url.as_str(), number, &title, jiff::Timestamp::now())
                .map_err(|e| store_problem(&e))?
        }
    };
    if number == 0 && project.number().is_some() {
        return Err(Problem::new(
            "The project of this token is not known",
            format!(
                "It may not read anything, so nothing tells whether it belongs to PID {}.",
                project.project_id
            ),
            "The token's user lacks the right 'API Export'.",
            "Ask the project's owner for the right 'API Export', or add the token as a new project.",
        ));
    }
    if project.number().is_some_and(|known| known != number) {
        return Err(Problem::new(
            "This token belongs to another project",
            format!("It opens \"{title}\" (PID {number}), not PID {}.", project.project_id),
            "Every token belongs to one user in one project.",
            "Copy the token from the right project's API page, or add this one as a new project.",
        ));
    }
    project.url = url.as_str().to_owned();
    project.title = title;
    project.project_id = number;
    project.ca_file = draft.ca_file;
    project.token_env = None;
    match draft.keep {
        Keep::Keyring => {
            let (vault, id, token) = (bench.vault.clone(), project.id.clone(), token.clone());
            blocking(move || vault.set(&id, &token)).await?.map_err(|e| vault_problem(&e))?;
        }
        Keep::Session => {}
        Keep::Environment(name) => project.token_env = Some(name),
    }
    bench.keep_for_session(&project.id, token);
    if let Some(paths) = &bench.paths {
        projects::add(paths, project.clone()).map_err(|e| store_problem(&e))?;
    }
    Ok(project)
}

/// The saved project of this address that has this very token.
pub async fn with_token<'a>(
    bench: &Workbench,
    known: &'a [SavedProject],
    url: &str,
    token: &Token,
) -> Option<&'a SavedProject> {
    for project in known.iter().filter(|p| p.url == url) {
        if bench.token(project).await.is_ok_and(|t| t.same_as(token)) {
            return Some(project);
        }
    }
    None
}

/// Notes the number and the title of a project whose token could not read them when it was added.
pub fn learn(bench: &Workbench, project: &SavedProject, info: &ProjectInfo) -> Result<(), Problem> {
    let Some(paths) = bench.paths.as_ref().filter(|_| project.number().is_none()) else { return Ok(()) };
    let project =
        SavedProject { project_id: info.project_id, title: without_html(&info.title), ..project.clone() };
    projects::add(paths, project).map(drop).map_err(|e| store_problem(&e))
}

/// A name that no saved project has yet: `HF-301`, `HF-301 (2)`, ... Two tokens of one project are
/// two entries of the list, and must be told apart.
fn free_name(known: &[SavedProject], wanted: &str) -> String {
    let taken = |name: &str| known.iter().any(|p| p.name.eq_ignore_ascii_case(name));
    if !taken(wanted) {
        return wanted.to_owned();
    }
    let mut n = 2;
    loop {
        let name = format!("{wanted} ({n})");
        if !taken(&name) {
            return name;
        }
        n += 1;
    }
}

/// Removes a project's token, its saved metadata and its place in the list.
///
/// The list goes last, so that a failure before it can be tried again. Returns a remark if the
/// password store could not be reached: the token then is still in it.
pub async fn forget(bench: &Workbench, project: &SavedProject) -> Result<Option<String>, Problem> {
    bench.drop_from_session(&project.id);
    bench.remember(&project.id, |kept| *kept = Remembered::default());
    let mut remark = None;
    if project.token_env.is_none() {
        let (vault, id) = (bench.vault.clone(), project.id.clone());
        if let Err(e) = blocking(move || vault.delete(&id)).await? {
            remark = Some(format!(
                "The project is forgotten, but its token may still be in the password store: {e}"
            ));
        }
    }
    if let Some(paths) = &bench.paths {
        if let Ok(url) = address(&project.url) {
            cache::remove(paths, &url, project.project_id).map_err(|e| store_problem(&e))?;
        }
        token_tests::remove(paths, &project.id).map_err(|e| store_problem(&e))?;
        let left = projects::remove(paths, &project.id).map_err(|e| store_problem(&e))?;
        // Another token of the same project still needs what was excluded there.
        let shared = left.iter().any(|p| p.url == project.url && p.project_id == project.project_id);
        if !shared && let Ok(url) = address(&project.url) {
            exclusions::remove(paths, &url, project.project_id).map_err(|e| store_problem(&e))?;
        }
    }
    Ok(remark)
}

/// Switches writing on or off for a project, and gives the project as it is now. The demo's
/// projects are kept nowhere.
pub async fn set_write(bench: &Workbench, project: &SavedProject, on: bool) -> Result<SavedProject, Problem> {
    let project = SavedProject { write_access: on, ..project.clone() };
    if let Some(paths) = bench.paths.clone()
        && !project.id.starts_with(super::demo::PREFIX)
    {
        let kept = project.clone();
        blocking(move || projects::add(&paths, kept)).await?.map_err(|e| store_problem(&e))?;
    }
    Ok(project)
}

/// A problem with a file of capscope's own.
pub fn store_problem(error: &StoreError) -> Problem {
    Problem::new("A file of capscope could not be used", error.to_string(), "", error.advice())
}
