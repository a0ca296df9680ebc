//! The actions of the sections Users and Token.

use super::table::act;
use super::{Action, Group, Id, Scope};

/// The part of the table for rights.
pub(super) const TABLE: &[Action] = &[
    act(
        Id::CompareUsers,
        "Compare others with this one",
        "Shows for every other user or role only what differs. Again ends it.",
        &["b"],
        &[Scope::Users, Scope::Rights],
        Group::Do,
    )
    .hint(3, "compare"),
    act(
        Id::TestToken,
        "Test the token",
        "Tries what the token may do with calls that only read.",
        &["t"],
        &[Scope::Token],
        Group::Do,
    )
    .hint(1, "test"),
    act(
        Id::TestWrites,
        "Test the rights to write too",
        "Adds calls that would write but name what does not exist. Asks first.",
        &["w"],
        &[Scope::Token],
        Group::Do,
    )
    .hint(3, "test writes"),
    act(
        Id::CopyRequest,
        "Copy what to ask for",
        "Copies a text for the project's owner: the rights by name, no data, no token.",
        &["y"],
        &[Scope::Token],
        Group::Do,
    )
    .hint(2, "copy request"),
    act(
        Id::TestSingle,
        "Test what cannot be undone",
        "Calls that are asked for one by one. Each names a record that does not exist.",
        &["T"],
        &[Scope::Token],
        Group::Do,
    ),
    act(
        Id::CompareTokens,
        "Compare with another token",
        "Tests another saved token of this project and shows both side by side. Again ends it.",
        &["b"],
        &[Scope::Token],
        Group::Do,
    )
    .hint(4, "compare"),
    act(
        Id::ExportRights,
        "Export the rights table",
        "Writes the rights of all users and roles in words into a CSV file, without e-mail addresses.",
        &["e"],
        &[Scope::Users, Scope::Rights],
        Group::Do,
    )
    .hint(4, "export rights"),
];
