//! User rights, roles and Data Access Groups, with the words REDCap's screens use for them.

use super::project::Readable;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One right that is a number in the API and a line of words on REDCap's User Rights page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Right {
    /// The key in the API, such as `data_access_groups`.
    pub key: &'static str,
    /// The name on REDCap's User Rights page.
    pub name: &'static str,
}

/// The rights capscope knows, in the order of a current user export (`redcap-permissions.md` §1.2).
/// Servers send others too; they are kept and shown by their key.
pub const RIGHTS: &[Right] = &[
    Right { key: "design", name: "Project Design and Setup" },
    Right { key: "alerts", name: "Alerts & Notifications" },
    Right { key: "user_rights", name: "User Rights" },
    Right { key: "data_access_groups", name: "Data Access Groups" },
    Right { key: "reports", name: "Add / Edit / Organize Reports" },
    Right { key: "stats_and_charts", name: "Stats & Charts" },
    Right { key: "manage_survey_participants", name: "Survey Distribution Tools" },
    Right { key: "calendar", name: "Calendar" },
    Right { key: "data_import_tool", name: "Data Import Tool" },
    Right { key: "data_comparison_tool", name: "Data Comparison Tool" },
    Right { key: "logging", name: "Logging" },
    Right { key: "email_logging", name: "Email Logging" },
    Right { key: "file_repository", name: "File Repository" },
    Right { key: "data_quality_create", name: "Data Quality: create and edit rules" },
    Right { key: "data_quality_execute", name: "Data Quality: execute rules" },
    Right { key: "data_quality_resolution", name: "Data Resolution Workflow" },
    Right { key: "api_export", name: "API Export" },
    Right { key: "api_import", name: "API Import/Update" },
    Right { key: "api_modules", name: "API External Modules" },
    Right { key: "mobile_app", name: "REDCap Mobile App" },
    Right { key: "mobile_app_download_data", name: "Mobile App: download data" },
    Right { key: "record_create", name: "Create Records" },
    Right { key: "record_rename", name: "Rename Records" },
    Right { key: "record_delete", name: "Delete Records" },
    Right { key: "lock_records_all_forms", name: "Lock/Unlock Entire Records" },
    Right { key: "lock_records", name: "Lock/Unlock Records (instrument level)" },
    Right { key: "lock_records_customization", name: "Record Locking Customization" },
    Right { key: "mycap_participants", name: "MyCap Participants" },
    Right { key: "random_setup", name: "Randomization: Setup" },
    Right { key: "random_dashboard", name: "Randomization: Dashboard" },
    Right { key: "random_perform", name: "Randomization: Randomize" },
];

/// The name of a right on REDCap's pages, or its key if this version does not know it.
pub fn right_name(key: &str) -> &str {
    RIGHTS.iter().find(|r| r.key == key).map_or(key, |r| r.name)
}

/// What a right's number means, in words.
pub fn right_words(key: &str, value: i64) -> &'static str {
    match (key, value) {
        ("user_rights", 1) => "full access",
        ("user_rights", 2) => "read only",
        ("lock_records", 1) => "locking",
        ("lock_records", 2) => "locking with e-signature",
        // The numbers of the resolution workflow are not attested (permissions §1.2).
        ("data_quality_resolution", n) if n > 0 => "some (meaning of the number unknown)",
        (_, 0) => "no",
        (_, 1) => "yes",
        _ => "unknown code",
    }
}

/// The right to see and edit one instrument (`forms`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryRight {
    /// The instrument is hidden.
    NoAccess,
    /// Look, do not touch.
    ReadOnly,
    /// View and edit; with two extras on top.
    Edit {
        /// May edit survey responses too.
        survey_responses: bool,
        /// May delete the instrument's data (15.6 and later).
        delete: bool,
    },
    /// A number this version does not know. Never to be read as "no access".
    Unknown(i64),
}

impl EntryRight {
    /// Reads the code: 0-3 before 15.6, bits on top of 128 since (`redcap-permissions.md` §1.3).
    pub fn from_code(code: i64) -> Self {
        let edit = |survey_responses, delete| Self::Edit { survey_responses, delete };
        match code {
            0 | 128 => Self::NoAccess,
            2 | 129 => Self::ReadOnly,
            1 | 130 => edit(false, false),
            3 | 138 => edit(true, false),
            146 => edit(false, true),
            154 => edit(true, true),
            other => Self::Unknown(other),
        }
    }

    /// The words for it.
    pub fn words(self) -> String {
        match self {
            Self::NoAccess => "No Access".into(),
            Self::ReadOnly => "Read Only".into(),
            Self::Edit { survey_responses, delete } => {
                let mut words = String::from("View & Edit");
                if survey_responses {
                    words.push_str(" + Edit Survey Responses");
                }
                if delete {
                    words.push_str(" + Delete");
                }
                words
            }
            Self::Unknown(code) => format!("unknown code {code}"),
        }
    }
}

/// The right to export one instrument (`forms_export`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportRight {
    /// 0: nothing of the instrument is exported.
    NoAccess,
    /// 1: everything.
    FullDataSet,
    /// 2: without identifiers, free text and (as documented) dates.
    DeIdentified,
    /// 3: without the fields marked as identifiers.
    RemoveIdentifiers,
    /// A number this version does not know.
    Unknown(i64),
}

impl ExportRight {
    /// Reads the code (`redcap-permissions.md` §1.4).
    pub fn from_code(code: i64) -> Self {
        match code {
            0 => Self::NoAccess,
            1 => Self::FullDataSet,
            2 => Self::DeIdentified,
            3 => Self::RemoveIdentifiers,
            other => Self::Unknown(other),
        }
    }

    /// The words on REDCap's User Rights page.
    pub fn words(self) -> String {
        match self {
            Self::NoAccess => "No Access".into(),
            Self::FullDataSet => "Full Data Set".into(),
            Self::DeIdentified => "De-Identified".into(),
            Self::RemoveIdentifiers => "Remove All Identifier Fields".into(),
            Self::Unknown(code) => format!("unknown code {code}"),
        }
    }
}

/// A set of rights: those of a user, or those of a role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    /// The numbered rights by their API key; unknown keys are kept.
    pub flags: BTreeMap<String, i64>,
    /// Entry right codes per instrument, in the server's order.
    pub forms: Vec<(String, i64)>,
    /// Export right codes per instrument, in the server's order. May name instruments that are gone.
    pub forms_export: Vec<(String, i64)>,
}

impl Rights {
    /// The value of a right; 0 if the server did not send it.
    pub fn get(&self, key: &str) -> i64 {
        self.flags.get(key).copied().unwrap_or(0)
    }

    /// Whether a right is given at all.
    pub fn has(&self, key: &str) -> bool {
        self.get(key) > 0
    }

    /// The export right for an instrument, if the server told it.
    pub fn export_of(&self, form: &str) -> Option<ExportRight> {
        code_of(&self.forms_export, form).map(ExportRight::from_code)
    }

    /// The entry right for an instrument, if the server told it.
    pub fn entry_of(&self, form: &str) -> Option<EntryRight> {
        code_of(&self.forms, form).map(EntryRight::from_code)
    }
}

fn code_of(list: &[(String, i64)], form: &str) -> Option<i64> {
    list.iter().find(|(f, _)| f == form).map(|(_, code)| *code)
}

/// A user of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The account's name.
    pub username: String,
    /// E-mail of the account.
    pub email: String,
    /// First name of the account.
    pub firstname: String,
    /// Last name of the account.
    pub lastname: String,
    /// `YYYY-MM-DD`; today or past means no access. Empty means never.
    pub expiration: String,
    /// The unique name of the user's Data Access Group; empty means all records.
    pub dag: String,
    /// The group's number, if the server told it.
    pub dag_id: Option<u64>,
    /// The rights in effect: those of the role while the user is in one.
    pub rights: Rights,
}

/// A user role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Such as `U-527D39JXAC`.
    pub unique_name: String,
    /// The name people see.
    pub label: String,
    /// What the role may do.
    pub rights: Rights,
}

/// Which role a user is in; an empty role name means none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleAssignment {
    /// The user.
    pub username: String,
    /// The role's unique name, or empty.
    pub role: String,
}

/// A Data Access Group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dag {
    /// The name people see.
    pub name: String,
    /// The unique name.
    pub unique_name: String,
    /// Its number; servers before about 13.1 do not tell it.
    pub id: Option<u64>,
}

/// Which Data Access Group a user is in; an empty group means none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DagAssignment {
    /// The user.
    pub username: String,
    /// The group's unique name, or empty.
    pub dag: String,
}

/// Who may do what: five lists, each of which a token may or may not be allowed to read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// The users.
    pub users: Readable<Vec<User>>,
    /// The roles.
    pub roles: Readable<Vec<Role>>,
    /// Users in roles.
    pub role_assignments: Readable<Vec<RoleAssignment>>,
    /// The Data Access Groups.
    pub dags: Readable<Vec<Dag>>,
    /// Users in groups.
    pub dag_assignments: Readable<Vec<DagAssignment>>,
}

impl Access {
    /// The role a user is in.
    pub fn role_of(&self, username: &str) -> Option<&Role> {
        let name = &self.role_assignments.list().iter().find(|a| a.username == username)?.role;
        self.roles.list().iter().find(|r| !name.is_empty() && r.unique_name == *name)
    }

    /// The display name of a Data Access Group, or its unique name.
    pub fn dag_label<'a>(&'a self, unique_name: &'a str) -> &'a str {
        self.dags
            .list()
            .iter()
            .find(|d| d.unique_name == unique_name)
            .map_or(unique_name, |d| d.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_rights_read_both_codings() {
        for (code, words) in [
            (0, "No Access"),
            (1, "View & Edit"),
            (2, "Read Only"),
            (3, "View & Edit + Edit Survey Responses"),
            (128, "No Access"),
            (129, "Read Only"),
            (130, "View & Edit"),
            (138, "View & Edit + Edit Survey Responses"),
            (146, "View & Edit + Delete"),
            (154, "View & Edit + Edit Survey Responses + Delete"),
            (7, "unknown code 7"),
        ] {
            assert_eq!(EntryRight::from_code(code).words(), words, "{code}");
        }
    }

    #[test]
    fn an_unknown_export_code_is_unknown_and_not_no_access() {
        assert_eq!(ExportRight::from_code(9), ExportRight::Unknown(9));
    }

    #[test]
    fn every_right_key_is_listed_once() {
        let mut keys: Vec<_> = RIGHTS.iter().map(|r| r.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), RIGHTS.len());
    }
}
