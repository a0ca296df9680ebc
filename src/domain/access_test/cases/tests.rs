use super::*;
use crate::domain::access_test::Row;
use crate::domain::access_test::doctor::Doctor;
use crate::domain::access_test::predict::Predicted;

fn report() -> Report {
    Report { usable: Usable::Reads, ..Report::default() }
}

fn row(content: &str, action: &str, verdict: Verdict) -> Row {
    Row {
        title: content.into(),
        content: content.into(),
        action: action.into(),
        reads: action == "export",
        needs: vec!["API Export".into()],
        predicted: Predicted::Allowed,
        verdict,
        why: String::new(),
        evidence: format!("content={content}: 403"),
    }
}

fn fired(report: &Report, dictionary: &Dictionary) -> Vec<u8> {
    fitting(&Seen { report, dictionary }).iter().map(|f| f.case).collect()
}

#[test]
fn all_35_cases_are_there_once_in_order() {
    let numbers: Vec<u8> = CASES.iter().map(|c| c.number).collect();
    assert_eq!(numbers, (1..=35).collect::<Vec<u8>>());
    assert!(CASES.iter().all(|c| !c.says.is_empty() && c.truth.ends_with('.') && c.look_for.ends_with('.')));
}

#[test]
fn nothing_fires_without_evidence() {
    let mut id = Field::new("record_id", "a");
    id.field_type = FieldType::Text;
    assert!(fired(&report(), &Dictionary::new(vec![id])).is_empty());
}

#[test]
fn cases_fire_on_their_evidence() {
    let mut mrn = Field::new("mrn", "a");
    mrn.identifier = true;
    let mut mail = Field::new("mail", "a");
    mail.validation = "email".into();
    let mut seen_on = Field::new("seen_on", "a");
    seen_on.validation = "date_ymd".into();
    let dictionary =
        Dictionary::new(vec![Field::new("record_id", "a"), mrn, Field::new("free", "a"), mail, seen_on]);
    let form = |fits: &[&str], missing: &[&str]| FormVerdict {
        form: "a".into(),
        label: "A".into(),
        fits: fits.iter().map(|s| (*s).to_owned()).collect(),
        told: None,
        missing: missing.iter().map(|s| (*s).to_owned()).collect(),
        fields: 5,
        evidence: String::new(),
    };
    let with = |forms| Report { doctor: Doctor { forms, ..Doctor::default() }, ..report() };
    let group = |group| Report { doctor: Doctor { group, ..Doctor::default() }, ..report() };
    for (name, report, cases) in [
        ("de-identified", with(vec![form(&["De-Identified"], &["mrn", "free"])]), vec![1, 2, 5, 6]),
        ("no identifiers", with(vec![form(&["Remove All Identifier Fields"], &["mrn"])]), vec![2]),
        ("no access", with(vec![form(&["No Access"], &["mrn", "free", "mail", "seen_on"])]), vec![3, 4]),
        ("hashed", Report { doctor: Doctor { hashed: true, ..Doctor::default() }, ..report() }, vec![7]),
        ("in a group", group(Group::Probably("x".into())), vec![8, 9]),
        ("sees all", group(Group::Sees), vec![]),
        ("refused token", Report { usable: Usable::Refused, ..report() }, vec![10]),
        ("import only", Report { usable: Usable::NoExport, ..report() }, vec![12]),
        (
            "no import",
            Report { rows: vec![row("record", "import", Verdict::Refused)], ..report() },
            vec![11, 31],
        ),
        ("in a role", Report { role: Some("Nurse".into()), ..report() }, vec![18, 19]),
        ("production", Report { in_production: Some(true), ..report() }, vec![16]),
        (
            "told no create",
            Report { rights: vec![("record_create".into(), Level::Told(0))], ..report() },
            vec![34],
        ),
        (
            "no delete",
            Report {
                rows: vec![row("record", "delete", Verdict::Unknown)],
                rights: vec![
                    ("api_import".into(), Level::SeenThere),
                    ("record_delete".into(), Level::SeenMissing),
                ],
                ..report()
            },
            vec![17],
        ),
        (
            "a page",
            Report {
                usable: Usable::Unknown,
                rows: vec![row("version", "export", Verdict::Unknown)],
                ..report()
            },
            vec![30],
        ),
    ] {
        assert_eq!(fired(&report, &dictionary), cases, "{name}");
    }
    let other = Dictionary::new(vec![Field::new("study_id", "a")]);
    assert_eq!(fired(&report(), &other), [32]);
}
