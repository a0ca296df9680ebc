//! The Users list: users, roles and Data Access Groups under one another.

use super::open::matches;
use crate::domain::rights::{Access, Rights};

/// A row of the Users list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserRow {
    /// A heading.
    Heading(&'static str),
    /// A user, by place.
    User(usize),
    /// A role, by place.
    Role(usize),
    /// A Data Access Group, by place.
    Dag(usize),
    /// The questions over all users: who has API rights, who may export identifiers.
    Who,
}

/// The rows that a filter leaves. Headings stay where something is under them.
pub fn rows(access: &Access, filter: &str) -> Vec<UserRow> {
    let users = access.users.list().iter().enumerate().filter_map(|(i, u)| {
        let names = [u.username.as_str(), &u.firstname, &u.lastname, &u.email];
        matches(filter, &names).then_some(UserRow::User(i))
    });
    let roles = access
        .roles
        .list()
        .iter()
        .enumerate()
        .filter_map(|(i, r)| matches(filter, &[&r.label, &r.unique_name]).then_some(UserRow::Role(i)));
    let dags = access
        .dags
        .list()
        .iter()
        .enumerate()
        .filter_map(|(i, d)| matches(filter, &[&d.name, &d.unique_name]).then_some(UserRow::Dag(i)));
    let mut rows = Vec::new();
    for (heading, mut part) in [
        ("Users", users.collect::<Vec<_>>()),
        ("Roles", roles.collect()),
        ("Data Access Groups", dags.collect()),
    ] {
        if !part.is_empty() {
            rows.push(UserRow::Heading(heading));
            rows.append(&mut part);
        }
    }
    if !access.users.list().is_empty() && filter.is_empty() {
        rows.push(UserRow::Heading("All users"));
        rows.push(UserRow::Who);
    }
    rows
}

/// What a user or role is called.
pub fn name_of(access: &Access, row: UserRow) -> Option<&str> {
    match row {
        UserRow::User(i) => access.users.list().get(i).map(|u| u.username.as_str()),
        UserRow::Role(i) => access.roles.list().get(i).map(|r| r.label.as_str()),
        UserRow::Heading(_) | UserRow::Dag(_) | UserRow::Who => None,
    }
}

/// The rights of a row: a user's, in effect, or a role's.
pub fn rights_of(access: &Access, row: UserRow) -> Option<&Rights> {
    match row {
        UserRow::User(i) => access.users.list().get(i).map(|u| &u.rights),
        UserRow::Role(i) => access.roles.list().get(i).map(|r| &r.rights),
        UserRow::Heading(_) | UserRow::Dag(_) | UserRow::Who => None,
    }
}
