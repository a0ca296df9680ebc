//! The switches for what the references leave open.
//!
//! Nobody could look at a REDCap while this server was written. Where the sources are silent or
//! disagree, the behaviour is a named setting here, with the documented default.

/// What happens to dates for a user whose export right is De-Identified
/// (`redcap-permissions.md` §4.2: whether the API drops or shifts them is unknown).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeidentifiedDates {
    /// The columns of dates and date-times are left out.
    Drop,
    /// The columns stay; every date of a record moves back by the same 0 to 364 days.
    Shift,
    /// The columns stay as they are.
    Keep,
}

/// When a De-Identified export replaces record names by a hash (`redcap-api.md` §9.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashedRecordIds {
    /// Never.
    Never,
    /// If the record id field is marked as an identifier.
    IfIdentifier,
}

/// The settings of a demo server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behaviour {
    /// The version the server says it has. From 15.6 on, entry rights are 128 and more; from
    /// 16.0.0 on, users carry `data_access_group_label`.
    pub version: String,
    /// Take `fields=a,b` where an array is due, as some 14.x servers do (`redcap-api.md` §1.3);
    /// otherwise answer the 400 of 13.4.3.
    pub comma_lists: bool,
    /// Dates for De-Identified users.
    pub deidentified_dates: DeidentifiedDates,
    /// Hashed record names for De-Identified users.
    pub hashed_record_ids: HashedRecordIds,
    /// Write JSON as PHP does by default, `\/` and `\u00e9` (`redcap-api.md` §18: likely).
    pub json_php_escapes: bool,
    /// In label mode, event names carry ` (Arm 1: name)` when there are several arms
    /// (`redcap-api.md` §4.4: unsure).
    pub event_labels_name_the_arm: bool,
    /// The group's column is only exported from projects that have groups. The probe of
    /// `redcap-permissions.md` §6.3 rests on it.
    pub dag_column_needs_dags: bool,
    /// A user in a Data Access Group reads only the log lines of the group's records
    /// (`redcap-permissions.md` §9 question 7: unknown).
    pub log_follows_dag: bool,
    /// A project made from XML through the API loses its stored calculations. Attested
    /// (`redcap-wire.md`), but off: such projects then lack what their file holds, and this
    /// server does not compute calculations.
    pub created_projects_lose_calculations: bool,
    /// What stands between two choices in a project made from XML through the API
    /// (`redcap-wire.md`: `0, No|1, Yes`).
    pub created_choice_separator: &'static str,
    /// A project made from XML through the API keeps the purpose of its XML, whatever `data`
    /// says (not attested).
    pub xml_purpose_wins: bool,
    /// Structure may only be changed in development status (`redcap-permissions.md` §3.2).
    pub structure_needs_development: bool,
    /// A repeating instrument or event is only exported with the Design right
    /// (`redcap-permissions.md` §3.2).
    pub repeating_needs_design: bool,
    /// Imports of arms and events without `override` are taken as with `0`. The parameter is
    /// documented as required (`redcap-api.md` §3.1), but clients in use leave it out.
    pub missing_override_is_zero: bool,
    /// An imported event with a unique name that the project does not know becomes a new event
    /// with a generated name; otherwise it is an error (not attested).
    pub unknown_unique_event_names_create: bool,
    /// Renaming a Data Access Group changes its unique name, as it does for events
    /// (`redcap-api.md` §7 attests it for events only).
    pub renamed_dags_change_their_unique_name: bool,
    /// A Data Access Group that holds records may be deleted; the records then have none.
    /// REDCap's page refuses it, for the API it is unknown (`redcap-permissions.md` §3.3).
    pub dags_with_records_can_be_deleted: bool,
    /// A user may only switch to groups that the DAG switcher lists for them
    /// (`redcap-permissions.md` §3.3).
    pub switch_needs_switcher: bool,
    /// Keys of imported users and roles that nobody knows are an error; otherwise they are
    /// ignored (`redcap-api.md` §3.26: unsure; §17 Q27 and `redcap-permissions.md` §1.2: error).
    pub unknown_user_keys_are_errors: bool,
    /// The inner names of rights, such as `data_logging`, are taken in imports. The official
    /// sample uses them; whether servers do is unknown (`redcap-permissions.md` §1.2).
    pub inner_right_names: bool,
    /// Users are only deleted with the Delete Records right, as one tested version had it
    /// (`redcap-permissions.md` §3.3).
    pub user_delete_needs_record_delete: bool,
    /// Imported role assignments also set the `data_access_group` they carry (unknown; the key
    /// is attested for the export only).
    pub role_assignments_set_the_group: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            version: "16.1.3".into(),
            comma_lists: true,
            deidentified_dates: DeidentifiedDates::Drop,
            hashed_record_ids: HashedRecordIds::IfIdentifier,
            json_php_escapes: true,
            event_labels_name_the_arm: true,
            dag_column_needs_dags: true,
            log_follows_dag: true,
            created_projects_lose_calculations: false,
            created_choice_separator: "|",
            xml_purpose_wins: true,
            structure_needs_development: true,
            repeating_needs_design: true,
            missing_override_is_zero: true,
            unknown_unique_event_names_create: true,
            renamed_dags_change_their_unique_name: true,
            dags_with_records_can_be_deleted: false,
            switch_needs_switcher: true,
            unknown_user_keys_are_errors: true,
            inner_right_names: true,
            user_delete_needs_record_delete: false,
            role_assignments_set_the_group: false,
        }
    }
}

impl Behaviour {
    /// Whether the pretended version is at least this one.
    pub fn at_least(&self, version: (u32, u32, u32)) -> bool {
        let mut parts = self.version.split('.').map(|p| p.parse::<u32>().unwrap_or(0));
        let mut next = || parts.next().unwrap_or(0);
        (next(), next(), next()) >= version
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        let behaviour = Behaviour { version: "9.10.3".into(), ..Behaviour::default() };
        assert!(behaviour.at_least((9, 2, 0)));
        assert!(!behaviour.at_least((13, 0, 0)));
    }
}
