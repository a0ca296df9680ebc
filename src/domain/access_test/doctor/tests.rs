use super::*;
use crate::domain::dictionary::Field;

/// The fixture of the demo as far as rights matter: identifiers, free text, notes, dates, and two
/// instruments without any of them.
fn dictionary() -> Dictionary {
    let field = |name: &str, form: &str, kind: &str, validation: &str, identifier: bool| {
        let mut field = Field::new(name, form);
        field.field_type = kind.into();
        field.validation = validation.into();
        field.identifier = identifier;
        field
    };
    Dictionary::new(vec![
        field("study_id", "demographics", "text", "", false),
        field("last_name", "demographics", "text", "", true),
        field("dob", "demographics", "text", "date_mdy", true),
        field("sex", "demographics", "radio", "", false),
        field("consent_date", "demographics", "text", "date_ymd", false),
        field("notes_free", "demographics", "notes", "", false),
        field("ae_term", "ae_log", "text", "", false),
        field("ae_grade", "ae_log", "dropdown", "", false),
        field("phq1", "phq9", "radio", "", false),
        field("phq_total", "phq9", "calc", "", false),
    ])
}

/// The columns that come back if these fields and forms are left out.
fn without(fields: &[&str], forms: &[&str]) -> Vec<String> {
    let d = dictionary();
    let mut columns: Vec<String> = d
        .fields()
        .iter()
        .filter(|f| {
            f.name == "study_id" || (!fields.contains(&f.name.as_str()) && !forms.contains(&f.form.as_str()))
        })
        .map(|f| f.name.clone())
        .collect();
    columns.extend(d.forms().into_iter().filter(|f| !forms.contains(f)).map(status_field));
    columns
}

fn doctor(returned: &[String]) -> Doctor {
    let label = |form: &str| if form == "phq9" { "PHQ-9".to_owned() } else { form.to_owned() };
    Doctor { forms: examine(&dictionary(), returned, &label, &|_| None), ..Doctor::default() }
}

/// S24, as far as it can be told without a server.
#[test]
fn s24_each_missing_set_names_its_right() {
    for (name, fields, forms, overall, missing) in [
        ("FULL", vec![], vec![], "Full Data Set (inferred). Fields: none of 10 is missing.", 0),
        (
            "NOID",
            vec!["last_name", "dob"],
            vec![],
            "Remove All Identifier Fields (inferred). Fields: 2 of 10 did not come back.",
            2,
        ),
        (
            "DEID, dates dropped",
            vec!["last_name", "dob", "consent_date", "notes_free", "ae_term"],
            vec![],
            "De-Identified (inferred). Fields: 5 of 10 did not come back.",
            5,
        ),
        (
            "DEID, dates kept",
            vec!["last_name", "dob", "notes_free", "ae_term"],
            vec![],
            "De-Identified (inferred). Fields: 4 of 10 did not come back.",
            4,
        ),
        (
            "NOPHQ",
            vec![],
            vec!["phq9"],
            "Full Data Set (inferred). No Access on PHQ-9 for export (inferred). Fields: 2 of 10 did not come back.",
            2,
        ),
    ] {
        let found = doctor(&without(&fields, &forms));
        assert_eq!((found.overall().as_str(), found.missing()), (overall, missing), "{name}");
        assert_eq!(found.leaves_out(), missing > 0, "{name}");
    }
}

#[test]
fn what_cannot_be_told_apart_is_not_told() {
    let found = doctor(&without(&[], &[]));
    let phq = found.forms.iter().find(|f| f.form == "phq9").unwrap();
    assert_eq!(
        phq.words(),
        "Full Data Set or Remove All Identifier Fields or De-Identified (cannot be told apart)"
    );
    let ae = found.forms.iter().find(|f| f.form == "ae_log").unwrap();
    assert_eq!(ae.fits, ["Full Data Set", "Remove All Identifier Fields"]);
    // A field that is gone for no reason of rights fits none.
    let odd = doctor(&without(&["ae_grade"], &[]));
    assert_eq!(odd.forms[1].words(), "fits no export right (inferred)");
    assert!(odd.forms[1].evidence.contains("1 of 1 other fields"), "{}", odd.forms[1].evidence);
}

#[test]
fn evidence_counts_kinds_and_names_no_value() {
    let found = doctor(&without(&["last_name", "dob", "notes_free"], &[]));
    assert_eq!(
        found.forms[0].evidence,
        "Missing: 2 of 2 identifiers, 1 of 1 notes boxes, 0 of 1 dates, 0 of 1 other fields."
    );
}

#[test]
fn what_the_server_told_is_held_against_what_came() {
    let label = |form: &str| form.to_owned();
    let told = |_: &str| Some(ExportRight::DeIdentified);
    let forms = examine(&dictionary(), &without(&[], &[]), &label, &told);
    assert!(forms[0].disagrees() && !forms[2].disagrees());
    assert_eq!(forms[0].words(), "De-Identified (told by the server)");
}

#[test]
fn names_tell_hashes_and_groups() {
    let hash = "0123456789abcdef0123456789abcdef";
    assert!(are_hashed([hash, hash].into_iter()));
    assert!(!are_hashed([hash, "001"].into_iter()) && !are_hashed(std::iter::empty()));
    assert_eq!(group_of_next_name("331-4"), Some("331"));
    for name in ["7", "A-7", "331-", "-4", "331-4-1"] {
        assert_eq!(group_of_next_name(name), None, "{name}");
    }
    let d = dictionary();
    assert_eq!(survey_form(&d, "phq9_timestamp"), Some("phq9"));
    assert_eq!(survey_form(&d, "nothing_timestamp"), None);
}
