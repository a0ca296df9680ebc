//! "Why does my token ...?": the cases of `redcap-permissions.md` §8, and which of them fit what
//! was seen. A case that this test cannot see says what to look for instead.

use super::doctor::{FormVerdict, Group};
use super::predict::Level;
use super::{Fired, Report, Usable, Verdict};
use crate::domain::dictionary::{Dictionary, Field, FieldType};
use crate::domain::rights::right_name;

/// What a case looks at.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The report without its cases.
    pub report: &'a Report,
    /// The data dictionary; empty if it could not be read.
    pub dictionary: &'a Dictionary,
}

/// Where in the program the evidence of a case comes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A test of the token.
    Test,
    /// A failed call, whatever asked for it.
    Refusal,
    /// An export: what was asked for and did not come.
    Export,
    /// The check of a file before it is imported.
    Check,
    /// The receipt of an import.
    Receipt,
    /// A call of one's own that was answered, with its parameters.
    Call,
}

impl Source {
    /// The words for it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Test => "a test of the token",
            Self::Refusal => "any refused call",
            Self::Export => "what an export leaves out",
            Self::Check => "the check of a file",
            Self::Receipt => "the receipt of an import",
            Self::Call => "a call in the playground or by capscope call",
        }
    }
}

/// One case.
#[derive(Clone, Copy)]
pub struct Case {
    /// Its number in the reference.
    pub number: u8,
    /// What people say.
    pub says: &'static str,
    /// What is most likely true.
    pub truth: &'static str,
    /// The evidence to look for.
    pub look_for: &'static str,
    /// What was seen that makes it fit; `None` as a function if a test of a token cannot see it.
    pub fires: Option<fn(&Seen<'_>) -> Option<String>>,
    /// Where its evidence comes up. None is empty: every case can fire somewhere.
    pub sources: &'static [Source],
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Case({})", self.number)
    }
}

/// The cases that fit, in the order of the reference.
pub fn fitting(seen: &Seen<'_>) -> Vec<Fired> {
    CASES
        .iter()
        .filter_map(|case| {
            let evidence = case.fires.and_then(|fires| fires(seen))?;
            Some(Fired {
                case: case.number,
                says: case.says.to_owned(),
                truth: case.truth.to_owned(),
                evidence,
            })
        })
        .collect()
}

fn forms_with<'a>(seen: &Seen<'a>, right: &str) -> Vec<&'a FormVerdict> {
    let fits =
        |f: &&FormVerdict| f.fits.iter().any(|r| r == right) && f.fits.iter().all(|r| r != "Full Data Set");
    seen.report.doctor.forms.iter().filter(fits).collect()
}

fn missing<'a>(seen: &Seen<'a>, test: impl Fn(&Field) -> bool) -> Vec<&'a Field> {
    seen.report
        .doctor
        .forms
        .iter()
        .filter(|f| f.fits != ["No Access"])
        .flat_map(|f| &f.missing)
        .filter_map(|name| seen.dictionary.field(name))
        .filter(|f| test(f))
        .collect()
}

fn names(fields: &[&Field]) -> String {
    let shown: Vec<&str> = fields.iter().take(8).map(|f| f.name.as_str()).collect();
    let more = fields.len() - shown.len();
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

fn labels(forms: &[&FormVerdict]) -> String {
    forms.iter().map(|f| f.label.as_str()).collect::<Vec<_>>().join(", ")
}

fn refused(seen: &Seen<'_>, content: &str, action: &str) -> Option<String> {
    let row = seen.report.row(content, action).filter(|r| r.verdict == Verdict::Refused)?;
    Some(if row.evidence.is_empty() { row.why.clone() } else { row.evidence.clone() })
}

fn level(seen: &Seen<'_>, key: &str) -> Option<Level> {
    seen.report.rights.iter().find(|(k, _)| k == key).map(|(_, level)| *level)
}

fn in_group(seen: &Seen<'_>) -> Option<String> {
    match &seen.report.doctor.group {
        Group::In(how) | Group::Probably(how) => Some(how.clone()),
        _ => None,
    }
}

fn free_text(f: &Field) -> bool {
    !f.identifier
        && (f.field_type == FieldType::Notes || (f.field_type == FieldType::Text && f.validation.is_empty()))
}

fn no_access(seen: &Seen<'_>) -> Option<String> {
    let forms: Vec<&FormVerdict> =
        seen.report.doctor.forms.iter().filter(|f| f.fits == ["No Access"]).collect();
    let production = if seen.report.in_production == Some(true) {
        " The project is in production, where a form that is added later starts this way for every user and role."
    } else {
        ""
    };
    let others = if forms.len() < seen.report.doctor.forms.len() { ", other instruments did" } else { "" };
    (!forms.is_empty()).then(|| format!("Nothing of {} came back{others}.{production}", labels(&forms)))
}

fn lacks(seen: &Seen<'_>, key: &str, import: (&str, &str)) -> Option<String> {
    if let Some(evidence) = refused(seen, import.0, import.1) {
        return Some(evidence);
    }
    level(seen, key)
        .filter(|l| !l.is_some() && seen.report.usable == Usable::Reads)
        .map(|_| format!("The user list says: {} is not given.", right_name(key)))
}

/// Where the evidence of a case comes up.
const fn sources(number: u8) -> &'static [Source] {
    use Source::{Call, Check, Export, Receipt, Refusal, Test};
    match number {
        1..=3 | 5..=7 => &[Test, Export],
        4 => &[Test, Export, Call],
        8 => &[Test],
        9 => &[Test, Call],
        10..=14 | 16..=19 | 30 | 31 | 34 => &[Test, Refusal],
        29 => &[Test],
        32 => &[Test, Refusal],
        15 | 33 => &[Refusal],
        20 | 21 | 23 | 35 => &[Call],
        22 => &[Receipt],
        24 | 25 => &[Check, Call],
        26..=28 => &[Check],
        _ => &[],
    }
}

/// The case with this number.
pub fn numbered(number: u8) -> Option<&'static Case> {
    CASES.iter().find(|c| c.number == number)
}

/// A case that evidence outside a test of a token made fire.
pub fn fired(number: u8, evidence: impl Into<String>) -> Option<Fired> {
    numbered(number).map(|case| Fired {
        case: number,
        says: case.says.to_owned(),
        truth: case.truth.to_owned(),
        evidence: evidence.into(),
    })
}

const fn case(number: u8, says: &'static str, truth: &'static str, look_for: &'static str) -> Case {
    Case { number, says, truth, look_for, fires: None, sources: sources(number) }
}

impl Case {
    const fn when(mut self, fires: fn(&Seen<'_>) -> Option<String>) -> Self {
        self.fires = Some(fires);
        self
    }
}

/// The 35 cases.
pub const CASES: &[Case] = &[
    case(1, "Field X is not in my export", "The export right of its form is De-Identified and X is a notes box or a text without validation.", "Other fields of the form are there.")
        .when(|s| {
            let gone = missing(s, free_text);
            (!gone.is_empty()).then(|| format!("Missing notes boxes and texts without validation: {}.", names(&gone)))
        }),
    case(2, "Name and MRN are gone, the rest is there", "The export right is Remove All Identifier Fields or De-Identified, and these fields are marked as identifiers.", "Exactly the fields marked as identifiers are missing.")
        .when(|s| {
            let gone = missing(s, |f| f.identifier);
            (!gone.is_empty()).then(|| format!("Missing and marked as identifiers: {}.", names(&gone)))
        }),
    case(3, "A whole form is gone", "The export right of that form is No Access; often the form was added after the project went into production.", "The form is absent, others are present.").when(no_access),
    case(4, "I named the field and still got no column and no error", "Its form has No Access. A name that does not exist would be an error.", "The field is in the data dictionary.").when(no_access),
    case(5, "E-mail and SSN still come although I am de-identified", "Validated text stays unless it is marked as an identifier.", "The field has a validation and no identifier mark.")
        .when(|s| {
            let forms: Vec<String> = forms_with(s, "De-Identified").iter().map(|f| f.form.clone()).collect();
            let kinds = ["email", "phone", "ssn", "mrn", "zipcode", "postalcode"];
            let stay: Vec<&Field> = s.dictionary.fields().iter()
                .filter(|f| forms.contains(&f.form) && !f.identifier && kinds.iter().any(|k| f.validation.starts_with(k)))
                .filter(|f| s.report.doctor.forms.iter().all(|v| !v.missing.contains(&f.name)))
                .collect();
            (!stay.is_empty()).then(|| format!("These still come: {}.", names(&stay)))
        }),
    case(6, "My dates are wrong by months", "De-identified dates may be shifted, by the same span within a record. Whether the API drops or shifts them is not known.", "Differences between two dates of one record are right.")
        .when(|s| {
            let forms: Vec<String> = forms_with(s, "De-Identified").iter().filter(|f| f.fits.len() == 1).map(|f| f.form.clone()).collect();
            let stay: Vec<&Field> = s.dictionary.fields().iter()
                .filter(|f| forms.contains(&f.form) && !f.identifier && f.validation.starts_with("date"))
                .filter(|f| s.report.doctor.forms.iter().all(|v| !v.missing.contains(&f.name)))
                .collect();
            (!stay.is_empty()).then(|| format!("The right seems to be De-Identified and these dates still come, perhaps shifted: {}.", names(&stay)))
        }),
    case(7, "Record ids are long codes", "The names of records are hashed; they cannot be used in later calls.", "All names have 32 hexadecimal digits.")
        .when(|s| s.report.doctor.hashed.then(|| "Every record name that came back has 32 hexadecimal digits.".into())),
    case(8, "I get 12 records, my colleague 80", "The user is in a Data Access Group.", "The group's column is missing although asked for, or the next record name begins with the group's number.").when(in_group),
    case(9, "I asked for the group's column and it is not there", "Users in a Data Access Group never get it.", "The same as above.").when(in_group),
    case(10, "403: You do not have permissions to use the API", "REDCap answers all of these alike: the token is not right, it was replaced, the user was removed, expired or suspended, or both API rights are off. Only an administrator can tell them apart.", "The answer to the smallest call.")
        .when(|s| (s.report.usable == Usable::Refused).then(|| "The smallest call, Export REDCap Version, was refused with these words. The token has the right shape: hexadecimal digits of the right number, nothing around them.".into())),
    case(11, "Export works, import says privileges", "API Import/Update is not given.", "403 and the words for the import right.").when(|s| lacks(s, "api_import", ("record", "import"))),
    case(12, "Import works, but I cannot even read the version", "The token has API Import/Update only. Nothing was imported to find out.", "Reading the version is refused.")
        .when(|s| (s.report.usable == Usable::NoExport).then(|| refused(s, "version", "export").unwrap_or_default())),
    case(13, "The export of groups fails with 400 since the upgrade", "It needs the right Data Access Groups now. The export of records is not affected.", "The answer names the right.").when(|s| refused(s, "dag", "export").filter(|_| s.report.usable == Usable::Reads)),
    case(14, "The user list says privileges are missing", "It needs User Rights, besides API Export. From REDCap 14.1.0 on, read only is enough to ask for.", "The answer names the right.").when(|s| refused(s, "user", "export").filter(|_| s.report.usable == Usable::Reads)),
    case(15, "Report 3 gives 403", "3 is its place in the list and not its number.", "The answer says that the report does not belong to this project."),
    case(16, "The upload of the data dictionary fails", "The project is in production, or the right Project Design and Setup is missing.", "Production status; the right.")
        .when(|s| {
            let design = level(s, "design").is_some_and(|l| !l.is_some());
            let production = s.report.in_production == Some(true);
            match (production, design) {
                (true, true) => Some("The project is in production, and the right Project Design and Setup is missing.".into()),
                (true, false) => Some("The project is in production.".into()),
                (false, true) => Some("The right Project Design and Setup is missing.".into()),
                (false, false) => None,
            }
        }),
    case(17, "I cannot delete though I have API Import/Update", "Deleting needs Delete Records.", "403 and the words for deleting.").when(|s| lacks(s, "record_delete", ("record", "delete")).filter(|_| level(s, "api_import").is_some_and(Level::is_some))),
    case(18, "I changed my rights and nothing happened", "The user is in a role; the rights of the role count.", "The list of roles.")
        .when(|s| s.report.role.as_ref().map(|r| format!("The user is in the role {r}."))),
    case(19, "The import of a user says that the user belongs to a role", "Rights of a user in a role cannot be changed one by one: edit the role.", "The list of roles.")
        .when(|s| s.report.role.as_ref().map(|r| format!("The user is in the role {r}."))),
    case(20, "After my user import a colleague sees all sites", "The import left data_access_group out, so the group was cleared.", "The log: update of a user; the group is empty now."),
    case(21, "After my user import forms vanished for someone", "Forms that an import leaves out become No Access.", "The list of users before and after."),
    case(22, "The import gave a count, but nothing changed", "The values were the same, or blanks do not overwrite.", "No update in the log."),
    case(23, "The import said count 0", "The JSON was an object and no list.", "The data begin with a brace."),
    case(24, "A blank did not clear the value", "overwriteBehavior is normal.", "The parameters of the call."),
    case(25, "The import cleared values that I did not touch", "It ran with overwrite and blank cells; some clients do so unless told otherwise.", "The parameters of the call."),
    case(26, "The file field did not import", "Imports ignore it: there is a method for files.", "The type of the field."),
    case(27, "The score is not what I sent", "It is a calculated field: REDCap computes it.", "The type of the field."),
    case(28, "A value outside the limits got in", "Limits do not stop imports.", "The limits in the data dictionary."),
    case(29, "Survey times are missing", "exportSurveyFields was not set.", "This test sets it.")
        .when(|s| (!s.report.doctor.surveys.is_empty()).then(|| format!("With exportSurveyFields they come, for: {}.", s.report.doctor.surveys.join(", ")))),
    case(30, "I get a web page instead of data", "A proxy, a login page, a wrong address, or a token for imports only.", "The answer is HTML.")
        .when(|s| (s.report.usable == Usable::Unknown && !s.report.rows.is_empty()).then(|| s.report.row("version", "export").map(|r| r.evidence.clone()).unwrap_or_default())),
    case(31, "One method is refused, its sister works", "An add-on of the site may limit methods one by one.", "A method is refused although the rights would allow it.")
        .when(|s| {
            let odd: Vec<&str> = s.report.rows.iter().filter(|r| r.disagrees() && r.verdict == Verdict::Refused).map(|r| r.title.as_str()).collect();
            (!odd.is_empty()).then(|| format!("Refused against the rights that the server shows: {}.", odd.join(", ")))
        }),
    case(32, "record_id is refused as a field", "The first field has another name here.", "The first row of the data dictionary.")
        .when(|s| s.dictionary.record_id_field().filter(|f| f.name != "record_id").map(|f| format!("The record id field is {}.", f.name))),
    case(33, "The import is refused: locked", "The record or the form is locked.", "The answer names the record."),
    case(34, "New records are refused, updates are fine", "Create Records is missing, or the project is in Analysis/Cleanup status.", "The right; the status.")
        .when(|s| level(s, "record_create").filter(|l| !l.is_some()).map(|_| "The user list says: Create Records is not given.".into())),
    case(35, "After I switched the group by the API my web view changed too", "The switch is kept for the user.", "The list of users in groups before and after."),
];

#[cfg(test)]
mod tests;
