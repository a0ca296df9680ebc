//! The 35 cases of "Why does my token ...?": for each one the evidence that makes it fire, and
//! where in the program that evidence comes up. What a test of a token sees is beside the cases
//! themselves; here is everything else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use capscope::domain::access_test::calls::{self, Answered};
use capscope::domain::access_test::cases::{CASES, Source};
use capscope::domain::access_test::explain::{Context, Refusal, causes};
use capscope::domain::access_test::exports::{self, Exported};
use capscope::domain::access_test::imports::{of_cell, of_finding, of_receipt};
use capscope::domain::access_test::judge::Answer;
use capscope::domain::check::{Cell, Rule};
use capscope::domain::dictionary::{Dictionary, Field, FieldType};
use capscope::domain::project::Metadata;
use std::collections::BTreeSet;

/// Evidence, and the case that it must make fire.
enum Evidence {
    /// Method, what came back, status, the server's words, JSON although CSV was asked for.
    Refused(&'static str, &'static str, Answer, u16, &'static str, bool),
    /// Columns that did not come, and the name of a record that did.
    Missing(&'static [&'static str], &'static str),
    Finding(Rule),
    Fate(Cell),
    NothingNew,
    /// Method, parameters, body.
    Answered(&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str),
}

impl Evidence {
    fn source(&self) -> Source {
        match self {
            Self::Refused(..) => Source::Refusal,
            Self::Missing(..) => Source::Export,
            Self::Finding(_) | Self::Fate(_) => Source::Check,
            Self::NothingNew => Source::Receipt,
            Self::Answered(..) => Source::Call,
        }
    }

    fn fires(&self) -> Vec<u8> {
        match self {
            Self::Refused(content, action, answer, status, words, other_format) => {
                let refusal = Refusal {
                    title: "T".into(),
                    content: (*content).into(),
                    action: (*action).into(),
                    needs: vec!["API Export".into()],
                    answer: answer.clone(),
                    status: Some(*status),
                    words: (*words).into(),
                    other_format: *other_format,
                };
                causes(&refusal, &Context::default()).iter().map(|c| c.case).collect()
            }
            Self::Missing(columns, id) => {
                let missing: Vec<String> = columns.iter().map(|s| (*s).to_owned()).collect();
                let export = Exported { missing: &missing, server: "", ids: &[(*id).to_owned()] };
                exports::explain(&export, &metadata()).0.iter().map(|f| f.case).collect()
            }
            Self::Finding(rule) => of_finding(*rule).map(|c| c.number).into_iter().collect(),
            Self::Fate(cell) => of_cell(*cell).map(|c| c.number).into_iter().collect(),
            Self::NothingNew => {
                assert!(of_receipt(false, 3).is_none());
                of_receipt(true, 3).map(|f| f.case).into_iter().collect()
            }
            Self::Answered(content, action, params, body) => {
                let params: Vec<(String, String)> =
                    params.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
                let call = Answered { content, action, params: &params, body, instruments: &[] };
                calls::explain(&call).iter().map(|f| f.case).collect()
            }
        }
    }
}

fn metadata() -> Metadata {
    let field = |name: &str, form: &str, validation: &str| Field {
        validation: validation.into(),
        ..Field::new(name, form)
    };
    let mut mrn = field("mrn", "a", "");
    mrn.identifier = true;
    let mut note = field("note", "a", "");
    note.field_type = FieldType::Notes;
    let fields = vec![
        field("id", "a", ""),
        mrn,
        note,
        field("mail", "a", "email"),
        field("seen_on", "a", "date_ymd"),
        field("score", "b", "integer"),
    ];
    Metadata { dictionary: Dictionary::new(fields), ..Metadata::default() }
}

fn table() -> Vec<(u8, Evidence)> {
    use Evidence::{Answered, Fate, Finding, Missing, NothingNew, Refused};
    let right = || Answer::NoRight(None);
    vec![
        (1, Missing(&["mrn", "note"], "1")),
        (2, Missing(&["mrn"], "1")),
        (3, Missing(&["score", "b_complete"], "1")),
        (4, Missing(&["score", "b_complete"], "1")),
        (4, Answered("record", "export", &[("format", "csv"), ("fields[0]", "score")], "id\n1\n")),
        (5, Missing(&["mrn", "note"], "1")),
        (6, Missing(&["mrn", "note"], "1")),
        (7, Missing(&[], "0123456789abcdef0123456789abcdef")),
        (
            9,
            Answered("record", "export", &[("format", "csv"), ("exportDataAccessGroups", "true")], "id\n1\n"),
        ),
        (10, Refused("record", "export", Answer::TokenRefused, 403, "", false)),
        (
            11,
            Refused("record", "import", right(), 403, "You do not have API Import/Update privileges", false),
        ),
        (12, Refused("version", "export", right(), 403, "privileges", false)),
        (12, Refused("metadata", "export", Answer::Page, 200, "Access was not granted", false)),
        (13, Refused("dag", "export", right(), 400, "privileges", false)),
        (14, Refused("user", "export", right(), 400, "privileges", false)),
        (
            15,
            Refused(
                "report",
                "export",
                Answer::Other,
                403,
                "because report_id=3 does not belong to this project.",
                false,
            ),
        ),
        (16, Refused("metadata", "import", right(), 400, "privileges", false)),
        (16, Refused("metadata", "import", Answer::Other, 400, "The project is in production", false)),
        (17, Refused("record", "delete", right(), 403, "You do not have Delete Record privileges", false)),
        (
            18,
            Refused("user", "import", Answer::Other, 400, "because the user belongs to a user role.", false),
        ),
        (
            19,
            Refused("user", "import", Answer::Other, 400, "because the user belongs to a user role.", false),
        ),
        (20, Answered("user", "import", &[("format", "json"), ("data", r#"[{"username":"x"}]"#)], "1")),
        (21, Answered("user", "import", &[("format", "csv"), ("data", "username,forms\nx,a:1\n")], "1")),
        (22, NothingNew),
        (
            23,
            Answered("record", "import", &[("format", "json"), ("data", r#"{"id":"1"}"#)], r#"{"count":0}"#),
        ),
        (24, Answered("record", "import", &[("format", "csv"), ("data", "id,x\n1,\n")], "1")),
        (24, Fate(Cell::Kept)),
        (
            25,
            Answered(
                "record",
                "import",
                &[("format", "csv"), ("overwriteBehavior", "overwrite"), ("data", "id,x\n1,\n")],
                "1",
            ),
        ),
        (25, Fate(Cell::Erased)),
        (25, Finding(Rule::BlankColumnErases)),
        (26, Finding(Rule::FileColumn)),
        (27, Finding(Rule::CalcColumn)),
        (28, Finding(Rule::OutOfRange)),
        (30, Refused("record", "export", Answer::Page, 200, "Log In", false)),
        (31, Refused("record", "export", right(), 403, "no permission for this method", true)),
        (
            32,
            Refused(
                "record",
                "export",
                Answer::Other,
                400,
                "The following values in the parameter \"fields\" are not valid: 'record_id'",
                false,
            ),
        ),
        (
            33,
            Refused(
                "record",
                "import",
                Answer::Other,
                400,
                "This record has been locked at the record level.",
                false,
            ),
        ),
        (
            34,
            Refused(
                "record",
                "import",
                Answer::Other,
                400,
                "Your user privileges do NOT allow you to create new records.",
                false,
            ),
        ),
        (35, Answered("dag", "switch", &[("dag", "site_b")], "1")),
    ]
}

#[test]
fn every_case_fires_where_it_says_that_it_does() {
    let mut proved: BTreeSet<(u8, String)> = BTreeSet::new();
    for (case, evidence) in table() {
        assert!(evidence.fires().contains(&case), "case {case}: {:?}", evidence.fires());
        proved.insert((case, format!("{:?}", evidence.source())));
    }
    let said: BTreeSet<(u8, String)> = CASES
        .iter()
        .flat_map(|c| c.sources.iter().map(|s| (c.number, *s)))
        .filter(|(_, s)| *s != Source::Test)
        .map(|(n, s)| (n, format!("{s:?}")))
        .collect();
    assert_eq!(proved, said);
    for case in CASES {
        // There is no case that can never fire.
        assert!(!case.sources.is_empty(), "{}", case.number);
        assert_eq!(case.fires.is_some(), case.sources.contains(&Source::Test), "{}", case.number);
    }
}
