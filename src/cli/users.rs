//! `capscope users`: rights of users and roles in words, who may do what, and what differs.

use super::call::target_api;
use super::{print, quiet_bench, tokio_runtime};
use crate::domain::project::{Metadata, Readable};
use crate::domain::rights::Rights;
use crate::domain::rights_review::{differences, table, who};
use crate::domain::text::{guarded_csv, one_line};
use crate::jobs::bench::Workbench;
use crate::jobs::{Problem, open};
use clap::Args;
use jiff::Timestamp;

/// The arguments of `capscope users`.
#[derive(Debug, Args)]
pub struct UsersArgs {
    /// A saved project, by its name or id.
    #[arg(long, conflicts_with = "url")]
    project: Option<String>,
    /// The address of a REDCap that is not saved. The token is read from REDCAP_API_TOKEN, or
    /// from stdin.
    #[arg(long)]
    url: Option<String>,
    /// The whole rights table of users and roles as CSV, in words, without e-mail addresses.
    #[arg(long, conflicts_with = "diff")]
    csv: bool,
    /// What differs between two users or roles.
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    diff: Vec<String>,
}

/// Runs the command.
pub fn run(args: &UsersArgs) -> Result<(), Problem> {
    let (bench, _) = quiet_bench()?;
    let metadata = tokio_runtime()?.block_on(read(&bench, args))?;
    let today = Timestamp::now().strftime("%Y-%m-%d").to_string();
    if let Readable::NoRight(why) | Readable::NotHere(why) = &metadata.access.users {
        return Err(Problem::new(
            "Users cannot be read",
            why.clone(),
            "",
            "Ask the project's owner for 'User Rights'; from REDCap 14.1.0 on, read only is enough.",
        ));
    }
    match args.diff.as_slice() {
        [a, b] => print(&difference(&metadata, a, b)?),
        _ if args.csv => {
            print(&guarded_csv(table(&metadata.access, &metadata.dictionary, &metadata.instruments, &today)))
        }
        _ => {
            let lines: Vec<String> = who(&metadata.access, &metadata.dictionary, &today)
                .iter()
                .map(|a| {
                    let users = if a.users.is_empty() { "nobody".to_owned() } else { a.users.join(", ") };
                    format!("{}\n    {}\n", a.question, one_line(&users))
                })
                .collect();
            print(&lines.concat())
        }
    }
}

async fn read(bench: &Workbench, args: &UsersArgs) -> Result<Metadata, Problem> {
    let target = target_api(bench, args.project.as_deref(), args.url.as_deref()).await?;
    let knowing = |problem: Problem| problem.knowing(&target.context);
    let mut metadata = open::read(&target.api, None, &|_| {}).await.map_err(knowing)?;
    let (access, _) = open::read_access(&target.api, &metadata, &|_| {}).await.map_err(knowing)?;
    metadata.access = access;
    Ok(metadata)
}

fn difference(metadata: &Metadata, a: &str, b: &str) -> Result<String, Problem> {
    let (left, right) = (rights(metadata, a)?, rights(metadata, b)?);
    let list = differences(left, right, &metadata.instruments);
    if list.is_empty() {
        return Ok(format!("{} and {} have the same rights.\n", one_line(a), one_line(b)));
    }
    let mut text = format!("{:<42}{:<40}{}\n", "RIGHT", one_line(a), one_line(b));
    for (name, left, right) in list {
        text.push_str(&format!("{name:<42}{left:<40}{right}\n"));
    }
    Ok(text)
}

fn rights<'a>(metadata: &'a Metadata, name: &str) -> Result<&'a Rights, Problem> {
    let access = &metadata.access;
    let user = access.users.list().iter().find(|u| u.username == name).map(|u| &u.rights);
    let role =
        || access.roles.list().iter().find(|r| r.label == name || r.unique_name == name).map(|r| &r.rights);
    user.or_else(role).ok_or_else(|| {
        let known: Vec<&str> = access
            .users
            .list()
            .iter()
            .map(|u| u.username.as_str())
            .chain(access.roles.list().iter().map(|r| r.label.as_str()))
            .collect();
        Problem::new(
            "There is no such user or role",
            format!("\"{}\" is none of {}.", one_line(name), one_line(&known.join(", "))),
            "",
            "Give the name of a user or of a role.",
        )
    })
}
