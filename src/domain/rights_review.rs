//! Who may do what, over all users: API rights, identifiers, expiry; and what differs between two.

use super::dictionary::Dictionary;
use super::event::Instrument;
use super::rights::{Access, EntryRight, ExportRight, RIGHTS, Rights, User, right_name, right_words};
use std::collections::BTreeSet;

/// Whether a user may export fields that are marked as identifiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identifiers {
    /// Of these instruments, by unique name.
    Of(Vec<String>),
    /// Of none.
    None,
    /// The server did not tell the export rights.
    NotTold,
}

/// The instruments of which a set of rights exports identifiers: those with such fields and the
/// right Full Data Set (`redcap-permissions.md` §4.2).
pub fn identifiers(rights: &Rights, dictionary: &Dictionary) -> Identifiers {
    if rights.forms_export.is_empty() {
        return Identifiers::NotTold;
    }
    let with: BTreeSet<&str> =
        dictionary.fields().iter().filter(|f| f.identifier).map(|f| f.form.as_str()).collect();
    let forms: Vec<String> = dictionary
        .forms()
        .into_iter()
        .filter(|f| with.contains(f) && rights.export_of(f) == Some(ExportRight::FullDataSet))
        .map(str::to_owned)
        .collect();
    if forms.is_empty() { Identifiers::None } else { Identifiers::Of(forms) }
}

/// Whether a user's access is over on this day (`YYYY-MM-DD`): today or past
/// (`redcap-permissions.md` §1.2).
pub fn is_expired(user: &User, today: &str) -> bool {
    !user.expiration.is_empty() && user.expiration.as_str() <= today
}

/// A question about all users, and who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The question, such as `May read through the API`.
    pub question: &'static str,
    /// The users, by name.
    pub users: Vec<String>,
}

/// The questions that people ask of a user list.
pub fn who(access: &Access, dictionary: &Dictionary, today: &str) -> Vec<Answer> {
    let of = |question, test: &dyn Fn(&User) -> bool| Answer {
        question,
        users: access.users.list().iter().filter(|u| test(u)).map(|u| u.username.clone()).collect(),
    };
    let live = |u: &User| !is_expired(u, today);
    vec![
        of("May read through the API", &|u| live(u) && u.rights.has("api_export")),
        of("May write through the API", &|u| live(u) && u.rights.has("api_import")),
        of("May export identifiers", &|u| {
            live(u) && matches!(identifiers(&u.rights, dictionary), Identifiers::Of(_))
        }),
        of("May export identifiers through the API", &|u| {
            live(u)
                && u.rights.has("api_export")
                && matches!(identifiers(&u.rights, dictionary), Identifiers::Of(_))
        }),
        of("May delete records", &|u| live(u) && u.rights.has("record_delete")),
        of("May change users and rights", &|u| live(u) && u.rights.get("user_rights") == 1),
        of("May change the project's design", &|u| live(u) && u.rights.has("design")),
        of("Access has expired", &|u| is_expired(u, today)),
        of("In no Data Access Group: sees the records of all", &|u| live(u) && u.dag.is_empty()),
    ]
}

/// One line of a rights table: what it is about, and the right in words.
pub fn lines(rights: &Rights, instruments: &[Instrument]) -> Vec<(String, String)> {
    let known = RIGHTS.iter().map(|r| r.key).filter(|k| rights.flags.contains_key(*k));
    let other = rights.flags.keys().map(String::as_str).filter(|k| !RIGHTS.iter().any(|r| r.key == *k));
    let mut lines: Vec<(String, String)> = known
        .chain(other)
        .map(|key| {
            let value = rights.get(key);
            let words = right_words(key, value);
            let code = if words == "unknown code" { format!(" {value}") } else { String::new() };
            (right_name(key).to_owned(), format!("{words}{code}"))
        })
        .collect();
    for form in instruments {
        let export = rights.export_of(&form.name).map_or("not told".to_owned(), ExportRight::words);
        let entry = rights.entry_of(&form.name).map_or("not told".to_owned(), EntryRight::words);
        lines.push((format!("Export: {}", form.name), export));
        lines.push((format!("Entry: {}", form.name), entry));
    }
    lines
}

/// What differs between two sets of rights: what it is about, the first, the second. Rights that
/// one of them lacks in the list are `not told`.
pub fn differences(a: &Rights, b: &Rights, instruments: &[Instrument]) -> Vec<(String, String, String)> {
    let (left, right) = (lines(a, instruments), lines(b, instruments));
    let find = |list: &[(String, String)], name: &str| {
        list.iter().find(|(n, _)| n == name).map_or_else(|| "not told".to_owned(), |(_, w)| w.clone())
    };
    let mut names: Vec<&String> = left.iter().map(|(n, _)| n).collect();
    names.extend(right.iter().map(|(n, _)| n).filter(|n| !left.iter().any(|(m, _)| m == *n)));
    names
        .into_iter()
        .map(|name| (name.clone(), find(&left, name), find(&right, name)))
        .filter(|(_, a, b)| a != b)
        .collect()
}

/// The rights table: a header and one row a user, then one a role. E-mail addresses are left out.
pub fn table(
    access: &Access,
    dictionary: &Dictionary,
    instruments: &[Instrument],
    today: &str,
) -> Vec<Vec<String>> {
    let all: Vec<(&str, &str, Option<&User>, &Rights)> = access
        .users
        .list()
        .iter()
        .map(|u| ("user", u.username.as_str(), Some(u), &u.rights))
        .chain(access.roles.list().iter().map(|r| ("role", r.label.as_str(), None, &r.rights)))
        .collect();
    let mut names: Vec<String> = Vec::new();
    for (_, _, _, rights) in &all {
        for (name, _) in lines(rights, instruments) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let mut header: Vec<String> =
        ["kind", "name", "role", "data access group", "expiration", "expired", "exports identifiers of"]
            .map(str::to_owned)
            .into();
    header.extend(names.iter().cloned());
    let mut rows = vec![header];
    for (kind, name, user, rights) in all {
        let role = user.and_then(|u| access.role_of(&u.username)).map_or("", |r| r.label.as_str());
        let expired = match user {
            Some(u) if is_expired(u, today) => "yes",
            Some(_) => "no",
            None => "",
        };
        let mut row = vec![
            kind.to_owned(),
            name.to_owned(),
            role.to_owned(),
            user.map(|u| u.dag.clone()).unwrap_or_default(),
            user.map(|u| u.expiration.clone()).unwrap_or_default(),
            expired.to_owned(),
            match identifiers(rights, dictionary) {
                Identifiers::Of(forms) => forms.join(" "),
                Identifiers::None => "none".to_owned(),
                Identifiers::NotTold => "not told".to_owned(),
            },
        ];
        let own = lines(rights, instruments);
        row.extend(names.iter().map(|n| {
            own.iter().find(|(m, _)| m == n).map_or_else(|| "not told".to_owned(), |(_, w)| w.clone())
        }));
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dictionary::Field;
    use crate::domain::project::Readable;

    fn rights(flags: &[(&str, i64)], export: i64, entry: i64) -> Rights {
        Rights {
            flags: flags.iter().map(|(k, n)| ((*k).to_owned(), *n)).collect(),
            forms: vec![("a".into(), entry)],
            forms_export: vec![("a".into(), export)],
        }
    }

    fn user(name: &str, rights: Rights) -> User {
        User { username: name.into(), rights, ..User::default() }
    }

    fn dictionary() -> Dictionary {
        let mut field = Field::new("mrn", "a");
        field.identifier = true;
        Dictionary::new(vec![Field::new("id", "a"), field])
    }

    fn instruments() -> Vec<Instrument> {
        vec![Instrument { name: "a".into(), label: "A".into() }]
    }

    #[test]
    fn identifiers_need_the_full_data_set() {
        for (code, expected) in [
            (0, Identifiers::None),
            (1, Identifiers::Of(vec!["a".into()])),
            (2, Identifiers::None),
            (3, Identifiers::None),
            (9, Identifiers::None),
        ] {
            assert_eq!(identifiers(&rights(&[], code, 1), &dictionary()), expected, "{code}");
        }
        assert_eq!(identifiers(&Rights::default(), &dictionary()), Identifiers::NotTold);
    }

    #[test]
    fn the_questions_find_their_users_and_leave_expired_ones_out() {
        let mut gone = user("gone", rights(&[("api_export", 1)], 1, 1));
        gone.expiration = "2026-01-31".into();
        let access = Access {
            users: Readable::Known(vec![
                user("dm", rights(&[("api_export", 1), ("user_rights", 1)], 1, 154)),
                user("reader", rights(&[("api_export", 1), ("user_rights", 2)], 3, 129)),
                gone,
            ]),
            ..Access::default()
        };
        let answers = who(&access, &dictionary(), "2026-01-31");
        let of = |q: &str| answers.iter().find(|a| a.question == q).unwrap().users.join(",");
        assert_eq!(of("May read through the API"), "dm,reader");
        assert_eq!(of("May export identifiers through the API"), "dm");
        assert_eq!(of("May change users and rights"), "dm");
        assert_eq!(of("Access has expired"), "gone");
        let rows = table(&access, &dictionary(), &instruments(), "2026-01-30");
        assert_eq!(rows[3][..6], ["user", "gone", "", "", "2026-01-31", "no"]);
        assert!(rows.iter().all(|r| r.len() == rows[0].len()));
    }

    #[test]
    fn differences_are_in_words_for_both_codings() {
        let old = rights(&[("design", 1), ("logging", 1)], 1, 3);
        let new = rights(&[("design", 1), ("alerts", 1)], 2, 138);
        assert_eq!(
            differences(&old, &new, &instruments()),
            [
                ("Logging".into(), "yes".into(), "not told".into()),
                ("Export: a".into(), "Full Data Set".into(), "De-Identified".into()),
                ("Alerts & Notifications".into(), "not told".into(), "yes".into()),
            ]
        );
        assert!(differences(&old, &old, &instruments()).is_empty());
    }
}
