//! `content=user`, import and delete (`redcap-api.md` §3.26).

use super::rights::AskedRights;
use crate::demo::methods::import::{Mistakes, count, edit, rows};
use crate::demo::model::log::LogType;
use crate::demo::pipeline::{Call, Reply};
use crate::demo::wire::error::ApiError;
use crate::demo::wire::import::Row;
use crate::domain::rights::User;
use jiff::civil::Date;

/// The keys of an exported user that are no rights. Those of the account and the group's number
/// and label are ignored.
const ABOUT: &[&str] = &[
    "username",
    "email",
    "firstname",
    "lastname",
    "expiration",
    "data_access_group",
    "data_access_group_id",
    "data_access_group_label",
];

/// One user as a row describes them.
struct Asked {
    username: String,
    /// Not sent: stays.
    expiration: Option<String>,
    /// Not sent or blank: in no group.
    dag: String,
    rights: AskedRights,
}

/// Adds users, without asking whether the account exists, and changes the rights of known ones.
/// Who is named without a group is taken out of theirs.
pub fn import(call: &Call<'_>) -> Result<Reply, ApiError> {
    let rows = rows(call, &["username"])?;
    let mut mistakes = Mistakes::default();
    let mut asked: Vec<Asked> = Vec::new();
    for row in &rows {
        asked.push(read(call, row, &mut mistakes)?);
    }
    mistakes.check()?;
    let new_codes = call.state.behaviour.at_least((15, 6, 0));
    let mut names: Vec<String> = asked.iter().map(|user| user.username.clone()).collect();
    names.sort_unstable();
    names.dedup();
    let added: Vec<String> = names.iter().filter(|name| call.project.user(name).is_none()).cloned().collect();
    edit(call, |project| {
        for Asked { username, expiration, dag, rights } in asked {
            let at = project.users.iter().position(|user| user.username == username).unwrap_or_else(|| {
                project.users.push(User { username, ..User::default() });
                project.users.len() - 1
            });
            let Some(user) = project.users.get_mut(at) else { continue };
            rights.apply(&mut user.rights, &project.instruments, new_codes);
            if let Some(expiration) = expiration {
                user.expiration = expiration;
            }
            user.dag = dag;
        }
        Ok(())
    })?;
    for name in &names {
        let verb = if added.contains(name) { "Add" } else { "Edit" };
        call.log(LogType::User, &format!("{verb} user {name}"), &format!("user = '{name}'"));
    }
    Ok(count(names.len()))
}

/// Reads a row. Attested is only the refusal of users in roles (400-17); other words are ours.
fn read(call: &Call<'_>, row: &Row, mistakes: &mut Mistakes) -> Result<Asked, ApiError> {
    let project = &call.project;
    let username = row.get("username");
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_-.'@ ".contains(c);
    if username.is_empty() {
        mistakes.add("Each user must have a username");
    } else if !username.chars().all(is_allowed) {
        mistakes.add(format!(
            "The username \"{username}\" is not valid. Usernames can only contain letters, numbers, underscores, hyphens, periods, apostrophes, spaces and the @ sign."
        ));
    }
    if project.role_of(username).is_some() {
        mistakes.add(format!(
            "The user \"{username}\" cannot have their user privileges modified because the user belongs to a user role. Users in roles cannot have their privileges modified via the 'Import User' API method."
        ));
    }
    let expiration = row.text("expiration");
    if expiration.is_some_and(|date| !date.is_empty() && (date.len() != 10 || date.parse::<Date>().is_err()))
    {
        mistakes.add(format!(
            "The expiration \"{}\" of the user \"{username}\" is not a date in the format YYYY-MM-DD",
            expiration.unwrap_or_default()
        ));
    }
    let dag = row.get("data_access_group");
    if !dag.is_empty() && !project.dags.iter().any(|d| d.unique_name == dag) {
        mistakes.add(super::groups::unknown_group(dag));
    }
    let rights = AskedRights::read(call, row, ABOUT, &format!("the user \"{username}\""), mistakes)?;
    Ok(Asked {
        username: username.to_owned(),
        expiration: expiration.map(str::to_owned),
        dag: dag.to_owned(),
        rights,
    })
}

/// Removes users from the project; their tokens stop working. Names that nobody has count for
/// nothing (`redcap-permissions.md` §3.3).
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    if call.state.behaviour.user_delete_needs_record_delete && !call.rights.has("record_delete") {
        return Err(ApiError::forbidden("You do not have Delete Record privileges"));
    }
    let named = call.list("users")?.ok_or_else(|| ApiError::missing_parameter("users"))?;
    let gone = edit(call, |project| {
        let (gone, stay): (Vec<User>, Vec<User>) =
            std::mem::take(&mut project.users).into_iter().partition(|user| named.contains(&user.username));
        project.users = stay;
        project.role_assignments.retain(|line| !named.contains(&line.username));
        project.dag_switcher.retain(|username, _| !named.contains(username));
        Ok(gone)
    })?;
    for user in &gone {
        let name = &user.username;
        call.state.revoke(call.project.info.project_id, name);
        call.log(LogType::User, &format!("Delete user {name}"), &format!("user = '{name}'"));
    }
    Ok(count(gone.len()))
}
