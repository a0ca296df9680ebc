//! Action tags that hold logic.

use super::*;
use crate::domain::logic::tags;

#[test]
fn tags_are_found_and_their_logic_is_read() {
    let found = tags::find("me@ORG.org @HIDDEN @DEFAULT='@IF(' @IF([a]=')', @X(1), '') @Y(");
    let names: Vec<(&str, Option<&str>)> = found.iter().map(|t| (t.name, t.argument)).collect();
    assert_eq!(names, [("HIDDEN", None), ("DEFAULT", None), ("IF", Some("[a]=')', @X(1), ''")), ("Y", None)]);
    assert!(found[3].is_open);
    let error = tags::computed("x @CALCTEXT([a] > )").unwrap().unwrap_err();
    assert_eq!(error.at, 18..18);
    assert!(tags::computed("@CALCDATE([a], 1)").unwrap().is_err());
    assert!(tags::computed("@CALCDATE([a], 1, 'year')").unwrap().is_err());
    assert!(tags::computed("@HIDDEN").is_none());
}

fn computed(annotation: &str, validation: &str) -> String {
    let (metadata, table) = (study(), data());
    let project = Project::new(&metadata);
    let rows = TableRows::new(&project, &table);
    let (record, rules) = (rows.record(0), Rules::default());
    let context = RecordContext::new(&project, &record, rows.place(0), &rules, now());
    tags::computed(annotation).unwrap().unwrap().eval(&context, &rules, validation).unwrap()
}

#[test]
fn computed_texts_and_dates_are_those_of_the_reference() {
    for (annotation, validation, result) in [
        ("@CALCTEXT(if([sex]='1', 'female', 'male'))", "", "male"),
        ("@CALCTEXT(if([sex]='2', [born], [event-label]))", "", "1990-06-15"),
        ("@CALCDATE('2024-01-31', 7, 'd')", "date_ymd", "2024-02-07"),
        ("@CALCDATE('2024-01-31', -30, 'd')", "date_mdy", "2024-01-01"),
        ("@CALCDATE('2024-01-31', 1, 'M')", "date_ymd", "2024-03-01"),
        ("@CALCDATE('2024-01-31', 1, 'y')", "datetime_seconds_ymd", "2025-01-30 05:49:12"),
        ("@CALCDATE('now', 0.5, 'h')", "datetime_ymd", "2024-07-04 14:15"),
        ("@CALCDATE([born], [sex]*2, \"d\")", "date_ymd", "1990-06-19"),
        ("@CALCDATE(if([sex]='2', 'today', [born]), 1, 'd')", "date_ymd", "2024-07-05"),
        ("@CALCDATE([born], [weight], 'd')", "date_ymd", ""),
        ("@CALCDATE([weight], 1, 'd')", "date_ymd", ""),
        ("@CALCDATE(, 1, 'd')", "date_ymd", ""),
    ] {
        assert_eq!(computed(annotation, validation), result, "{annotation}");
    }
}
