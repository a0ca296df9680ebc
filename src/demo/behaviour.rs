//! The switches for what the references leave open.
//!
//! Nobody could look at a REDCap while this server was written. Where the sources are silent or
//! disagree, the behaviour is a named setting here, with the documented default.

use serde::{Deserialize, Serialize};

/// What happens to dates for a user whose export right is De-Identified
/// (`redcap-permissions.md` §4.2: whether the API drops or shifts them is unknown).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeidentifiedDates {
    /// The columns of dates and date-times are left out.
    Drop,
    /// The columns stay; every date of a record moves back by the same 0 to 364 days.
    Shift,
    /// The columns stay as they are.
    Keep,
}

/// When a De-Identified export replaces record names by a hash (`redcap-api.md` §9.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HashedRecordIds {
    /// Never.
    Never,
    /// If the record id field is marked as an identifier.
    IfIdentifier,
}

/// What a row of an import does that has nothing but its keys (`redcap-validation.md` §9: the
/// sources differ).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyRows {
    /// It counts, and creates nothing.
    Nothing,
    /// It creates its record if that is new, and nothing in a record that exists.
    Record,
    /// It creates its record, and the row of its event or instance.
    Row,
}

/// What the import of records does where the sources are silent or disagree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImportBehaviour {
    /// New records need the right to create records (`redcap-permissions.md` §7.2: likely).
    pub create_right: bool,
    /// Values need the right to edit their instrument (`redcap-permissions.md` §4.3: unknown).
    pub entry_rights: bool,
    /// A row without an event goes to the first event (`redcap-wire.md`); otherwise it is refused.
    pub first_event_if_missing: bool,
    /// A row of a repeating event without an instance is refused; otherwise it is instance 1
    /// (not attested).
    pub repeating_event_needs_instance: bool,
    /// EAV rows take a checkbox field with a ticked code, as EAV exports have it
    /// (`redcap-api.md` §4.5: they do not).
    pub eav_checkbox_codes: bool,
    /// Rows with nothing but keys.
    pub key_rows: KeyRows,
    /// A value on an instrument that was never saved sets its status to 0
    /// (`redcap-validation.md` §2).
    pub values_set_status: bool,
    /// Outer blanks of codes and of validated values are removed (`redcap-validation.md` §3:
    /// unsure). Free text keeps them.
    pub trim_values: bool,
    /// Month and day may have one digit (`redcap-validation.md` §9.1: unsure).
    pub one_digit_dates: bool,
    /// `5.` is a number (`redcap-validation.md` §14 no. 9: the sources differ).
    pub number_with_trailing_point: bool,
    /// The most bytes of a text (`redcap-validation.md` §2).
    pub longest_text: usize,
    /// A value of the secondary unique field that another record has is refused
    /// (`redcap-validation.md` §14 no. 2: unknown).
    pub secondary_unique_field: bool,
    /// Calculations are computed anew (6.3 and later).
    pub calculate: bool,
    /// So are `@CALCTEXT` and `@CALCDATE` (`redcap-api.md` §5.1: not always).
    pub calculate_texts: bool,
    /// If `format` is absent, data that cannot be read are refused in bare words
    /// (`redcap-api.md` §1.6).
    pub bare_format_error: bool,
    /// More bytes of data than this are refused in the words of a server that ran out of memory
    /// (`redcap-api.md` §1.8: the exact limits of servers are unknown).
    pub most_bytes: usize,
    /// Records that are locked as a whole: the project's number, and the record's name. The API
    /// can neither lock nor tell.
    pub locked_records: Vec<(u64, String)>,
}

impl Default for ImportBehaviour {
    fn default() -> Self {
        Self {
            create_right: true,
            entry_rights: true,
            first_event_if_missing: true,
            repeating_event_needs_instance: true,
            eav_checkbox_codes: false,
            key_rows: KeyRows::Record,
            values_set_status: true,
            trim_values: true,
            one_digit_dates: false,
            number_with_trailing_point: false,
            longest_text: 65_535,
            secondary_unique_field: false,
            calculate: true,
            calculate_texts: true,
            bare_format_error: true,
            most_bytes: 64 << 20,
            locked_records: Vec::new(),
        }
    }
}

/// The settings of a demo server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
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
    pub created_choice_separator: String,
    /// A project made from XML through the API keeps the purpose of its XML, whatever `data`
    /// says (not attested).
    pub xml_purpose_wins: bool,
    /// Structure may only be changed in development status (`redcap-permissions.md` §3.2).
    pub structure_needs_development: bool,
    /// A repeating instrument or event is only exported with the Design right
    /// (`redcap-permissions.md` §3.2).
    pub repeating_needs_design: bool,
    /// The import of records.
    pub import: ImportBehaviour,
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
            created_choice_separator: "|".into(),
            xml_purpose_wins: true,
            structure_needs_development: true,
            repeating_needs_design: true,
            import: ImportBehaviour::default(),
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
