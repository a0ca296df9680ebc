//! Which columns a token's user may export (`redcap-permissions.md` §4.2).

use crate::demo::behaviour::{DeidentifiedDates, HashedRecordIds};
use crate::demo::model::project::Project;
use crate::demo::pipeline::Call;
use crate::demo::rng::{Rng, token_from};
use crate::demo::wire::error::ApiError;
use crate::domain::dictionary::{Field, FieldType};
use crate::domain::rights::{ExportRight, Rights};
use jiff::ToSpan as _;
use jiff::civil::Date;
use std::borrow::Cow;

/// The export rights of a user with the settings that bear on them.
#[derive(Debug, Clone)]
pub struct Allowed {
    rights: Rights,
    dates: DeidentifiedDates,
    hash: HashedRecordIds,
}

/// Fails if no instrument may be exported at all. The help promises an error; its words are ours.
pub fn some_form(call: &Call<'_>) -> Result<(), ApiError> {
    let any = call
        .project
        .instruments
        .iter()
        .any(|i| Project::export_right(&call.rights, &i.name) != ExportRight::NoAccess);
    if any { Ok(()) } else { Err(ApiError::forbidden("You do not have Data Export privileges")) }
}

impl Allowed {
    /// What the user of a call may export.
    pub fn of_call(call: &Call<'_>) -> Self {
        Self {
            rights: call.rights.clone(),
            dates: call.state.behaviour.deidentified_dates,
            hash: call.state.behaviour.hashed_record_ids,
        }
    }

    /// Whether anything of an instrument may be exported: its status, its survey times.
    pub fn form(&self, form: &str) -> bool {
        !matches!(Project::export_right(&self.rights, form), ExportRight::NoAccess | ExportRight::Unknown(_))
    }

    /// Whether the column of a field may be exported.
    pub fn field(&self, field: &Field) -> bool {
        match Project::export_right(&self.rights, &field.form) {
            ExportRight::FullDataSet => true,
            ExportRight::RemoveIdentifiers => !field.identifier,
            ExportRight::DeIdentified => {
                let free_text = field.field_type == FieldType::Notes
                    || (field.field_type == FieldType::Text && field.validation.is_empty());
                let date = is_date(field) && self.dates == DeidentifiedDates::Drop;
                !field.identifier && !free_text && !date
            }
            ExportRight::NoAccess | ExportRight::Unknown(_) => false,
        }
    }

    /// Whether the survey identifier may be exported: only with the Full Data Set.
    pub fn survey_identifier(&self, form: &str) -> bool {
        Project::export_right(&self.rights, form) == ExportRight::FullDataSet
    }

    /// A record's name as the user gets it.
    pub fn record_name<'a>(&self, project: &Project, name: &'a str) -> Cow<'a, str> {
        let hashed = self.hash == HashedRecordIds::IfIdentifier
            && project.dictionary.record_id_field().is_some_and(|f| {
                f.identifier && Project::export_right(&self.rights, &f.form) == ExportRight::DeIdentified
            });
        if hashed {
            let salted = format!("record {} {name}", project.info.project_id);
            Cow::Owned(token_from(&salted, 32).to_lowercase())
        } else {
            Cow::Borrowed(name)
        }
    }

    /// Whether the values of a date field are moved for this user.
    pub fn shifts(&self, field: &Field) -> bool {
        self.dates == DeidentifiedDates::Shift
            && is_date(field)
            && Project::export_right(&self.rights, &field.form) == ExportRight::DeIdentified
    }
}

fn is_date(field: &Field) -> bool {
    field.field_type == FieldType::Text && field.validation.starts_with("date")
}

/// Moves a date or date-time back by the record's own 0 to 364 days, so that intervals survive.
pub fn shift_date(record: &str, value: &str) -> Option<String> {
    let days = i64::try_from(Rng::from_text(record).below(365)).ok()?;
    let date: Date = value.get(..10)?.parse().ok()?;
    let moved = date.checked_sub(days.days()).ok()?;
    Some(format!("{moved}{}", value.get(10..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: FieldType, validation: &str, identifier: bool) -> Field {
        let mut field = Field::new("x", "form");
        field.field_type = kind;
        field.validation = validation.into();
        field.identifier = identifier;
        field
    }

    fn allowed(code: i64) -> Allowed {
        let rights = Rights { forms_export: vec![("form".into(), code)], ..Rights::default() };
        Allowed { rights, dates: DeidentifiedDates::Drop, hash: HashedRecordIds::IfIdentifier }
    }

    #[test]
    fn export_rights_cut_columns_by_field_type() {
        use FieldType::{Calc, Notes, Radio, Text};
        // Field, and whether it survives Full (1), Remove identifiers (3), De-identified (2), none.
        for (name, field, kept) in [
            ("tagged text", field(Text, "", true), [true, false, false, false]),
            ("tagged radio", field(Radio, "", true), [true, false, false, false]),
            ("free text", field(Text, "", false), [true, true, false, false]),
            ("notes", field(Notes, "", false), [true, true, false, false]),
            ("ssn", field(Text, "ssn", false), [true, true, true, false]),
            ("date", field(Text, "date_dmy", false), [true, true, false, false]),
            ("time", field(Text, "time", false), [true, true, true, false]),
            ("radio", field(Radio, "", false), [true, true, true, false]),
            ("calc", field(Calc, "", false), [true, true, true, false]),
        ] {
            for (code, kept) in [1, 3, 2, 0].into_iter().zip(kept) {
                assert_eq!(allowed(code).field(&field), kept, "{name} with {code}");
            }
        }
        let unnamed = Allowed { rights: Rights::default(), ..allowed(1) };
        assert!(!unnamed.form("form"));
    }

    #[test]
    fn shifted_dates_keep_intervals() {
        let first = shift_date("001", "2026-03-10").unwrap();
        let second = shift_date("001", "2026-03-17 10:00").unwrap();
        let days = |text: &str| text.get(..10).unwrap().parse::<Date>().unwrap();
        assert_eq!((days(&second) - days(&first)).get_days(), 7);
        assert!(second.ends_with(" 10:00"));
        assert_eq!(shift_date("001", "UNK"), None);
    }
}
