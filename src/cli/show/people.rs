//! Who may do what, and who did what.

use super::Context;
use super::text::{Page, counted, more};
use crate::domain::changes::{Change, by_record, who as doer};
use crate::domain::project::Readable;
use crate::domain::rights_review::{is_expired, lines, who};
use crate::jobs::types::LogWanted;
use crate::jobs::{Problem, log};
use jiff::Timestamp;

/// The questions that people ask of a user list, then every user and role with their rights.
/// Names and e-mail addresses of accounts are left out.
pub fn users(page: &mut Page, context: &Context) {
    let metadata = &context.metadata;
    let access = &metadata.access;
    let today = Timestamp::now().strftime("%Y-%m-%d").to_string();
    page.heading("Users and rights");
    if let Readable::NoRight(why) | Readable::NotHere(why) = &access.users {
        page.fact("Users cannot be read", why);
        page.sentence("Ask the project's owner for User Rights; from REDCap 14.1.0 on, read only is enough.");
        return;
    }
    page.sentence(&counted(access.users.list().len(), "user"));
    for answer in who(access, &metadata.dictionary, &today) {
        let names = if answer.users.is_empty() { "nobody".to_owned() } else { answer.users.join(", ") };
        page.fact(answer.question, &names);
    }
    for user in access.users.list().iter().take(context.args.limit) {
        page.heading(&format!("User {}", user.username));
        page.fact("Role", access.role_of(&user.username).map_or("", |r| r.label.as_str()));
        page.fact("Data Access Group", &user.dag);
        page.fact("Access until", &user.expiration);
        if is_expired(user, &today) {
            page.sentence("Access has expired.");
        }
        for (name, words) in lines(&user.rights, &metadata.instruments) {
            page.fact(&name, &words);
        }
    }
    let left = access.users.list().len().saturating_sub(context.args.limit);
    more(page, left, "user");
    for role in access.roles.list() {
        page.heading(&format!("Role {}", role.label));
        for (name, words) in lines(&role.rights, &metadata.instruments) {
            page.fact(&name, &words);
        }
    }
    if let Readable::NoRight(why) = &access.dags {
        page.fact("Data Access Groups cannot be read", why);
    }
    for dag in access.dags.list() {
        page.heading(&format!("Data Access Group {}", dag.name));
        let of = |u: &&crate::domain::rights::User| u.dag == dag.unique_name;
        let users: Vec<&str> = access.users.list().iter().filter(of).map(|u| u.username.as_str()).collect();
        page.fact("Users", &if users.is_empty() { "nobody".to_owned() } else { users.join(", ") });
    }
}

/// What happened to records since the last look, record by record. Values of the log are not read
/// out.
pub async fn changes(page: &mut Page, context: &Context<'_>) -> Result<(), Problem> {
    let id_field = context.metadata.dictionary.record_id_field().map(|f| f.name.clone()).unwrap_or_default();
    let wanted = LogWanted { span: None, id_field, now: Timestamp::now() };
    let read = log::changes(context.bench, &context.project, &wanted, &|_| {}).await?;
    page.heading(&format!("What changed, {}", read.span.words()));
    page.fact("Since", &format!("{}, server time", read.begin));
    if let Some(why) = &read.refused {
        page.fact("The log cannot be read", why);
        page.sentence("Ask the project's owner for the right Logging. Without it who did it, and what was deleted, stays unknown.");
        for name in &read.touched {
            page.fact("Made or changed", context.record_name(name));
        }
        return Ok(());
    }
    let changes: Vec<Change> = read.entries.iter().map(Change::read).collect();
    let mut groups = by_record(&read.entries, &changes, false);
    groups.retain(|g| context.args.record.is_empty() || context.args.record.contains(&g.record));
    page.sentence(&format!("{} changed.", counted(groups.len(), "record")));
    for group in groups.iter().take(context.args.limit) {
        page.heading(&format!("Record {}", context.record_name(&group.record)));
        for &at in &group.lines {
            let (Some(entry), Some(change)) = (read.entries.get(at), changes.get(at)) else { continue };
            let mut words = vec![change.kind.words().to_owned(), format!("by {}", doer(&entry.username))];
            words.extend(Some(change.place.clone()).filter(|p| !p.is_empty()));
            words.extend(change.instance.map(|n| format!("instance {n}")));
            page.fact(&entry.timestamp, &words.join(", "));
        }
    }
    more(page, groups.len().saturating_sub(context.args.limit), "record");
    Ok(())
}
