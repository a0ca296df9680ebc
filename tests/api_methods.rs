//! Every method of the catalogue, through the client, against the demo server: it succeeds,
//! it is refused to a token without the right, and a bad parameter gets an answer of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod api_support;

use api_support::{Bench, request};
use capscope::api::catalogue::{Action, Gate, Kind, METHODS};
use capscope::api::error::{ApiError, ErrorKind};

/// A call that succeeds on a copy of BREATHE, and a change to it that makes it fail.
struct Case {
    content: &'static str,
    action: Action,
    /// The parameters; a name ending in `[]` is a list.
    good: &'static [(&'static str, &'static str)],
    /// A parameter that makes the call fail; empty if the method has none that could be wrong.
    bad: (&'static str, &'static str),
}

const fn case(
    content: &'static str,
    action: Action,
    good: &'static [(&'static str, &'static str)],
    bad: (&'static str, &'static str),
) -> Case {
    Case { content, action, good, bad }
}

const FORMAT: (&str, &str) = ("format", "excel");
const NO_JSON: (&str, &str) = ("data", "[{\"x\":");

/// In an order in which each finds what the ones before have left.
const CASES: &[Case] = &[
    case("version", Action::Export, &[], ("", "")),
    case("project", Action::Export, &[], FORMAT),
    case("metadata", Action::Export, &[("forms[]", "visit")], ("fields[]", "nothing")),
    case("exportFieldNames", Action::Export, &[("field", "race")], ("field", "nothing")),
    case("instrument", Action::Export, &[], FORMAT),
    case("arm", Action::Export, &[], FORMAT),
    case("event", Action::Export, &[], FORMAT),
    case("formEventMapping", Action::Export, &[], FORMAT),
    case("repeatingFormsEvents", Action::Export, &[], FORMAT),
    case("record", Action::Export, &[("fields[]", "study_id")], ("fields[]", "nothing")),
    case("generateNextRecordName", Action::Export, &[], ("", "")),
    case("log", Action::Export, &[], ("logtype", "nothing")),
    case("user", Action::Export, &[], FORMAT),
    case("userRole", Action::Export, &[], FORMAT),
    case("userRoleMapping", Action::Export, &[], FORMAT),
    case("dag", Action::Export, &[], FORMAT),
    case("userDagMapping", Action::Export, &[], FORMAT),
    case("project_xml", Action::Export, &[("returnMetadataOnly", "true")], ("", "")),
    case("pdf", Action::Export, &[("instrument", "visit")], ("instrument", "nothing")),
    case(
        "surveyLink",
        Action::Export,
        &[("record", "001"), ("instrument", "phq9"), ("event", "baseline_arm_1")],
        ("record", "nobody"),
    ),
    case(
        "surveyAccessCode",
        Action::Export,
        &[("record", "001"), ("instrument", "phq9"), ("event", "baseline_arm_1")],
        ("instrument", "visit"),
    ),
    case(
        "participantList",
        Action::Export,
        &[("instrument", "phq9"), ("event", "baseline_arm_1")],
        ("instrument", "visit"),
    ),
    case(
        "record",
        Action::Import,
        &[("data", "[{\"study_id\":\"099\",\"redcap_event_name\":\"screening_arm_1\",\"sex\":\"1\"}]")],
        ("data", "[{\"study_id\":\"099\",\"nothing\":\"1\"}]"),
    ),
    case("record", Action::Rename, &[("record", "099"), ("new_record_name", "098")], ("record", "nobody")),
    case("record", Action::Delete, &[("records[]", "098")], ("records[]", "nobody")),
    case("user", Action::Import, &[("data", "[{\"username\":\"interop\"}]")], NO_JSON),
    case("userRole", Action::Import, &[("data", "[{\"role_label\":\"Interop\"}]")], NO_JSON),
    case(
        "userRoleMapping",
        Action::Import,
        &[("data", "[{\"username\":\"interop\",\"unique_role_name\":\"\"}]")],
        NO_JSON,
    ),
    case(
        "dag",
        Action::Import,
        &[("data", "[{\"data_access_group_name\":\"New DAG\",\"unique_group_name\":\"\"}]")],
        NO_JSON,
    ),
    case(
        "userDagMapping",
        Action::Import,
        &[("data", "[{\"username\":\"interop\",\"redcap_data_access_group\":\"new_dag\"}]")],
        NO_JSON,
    ),
    case("dag", Action::Delete, &[("dags[]", "new_dag")], ("dags[]", "nothing")),
    case("user", Action::Delete, &[("users[]", "interop")], ("", "")),
    case(
        "arm",
        Action::Import,
        &[("override", "0"), ("data", "[{\"arm_num\":2,\"name\":\"Two\"}]")],
        NO_JSON,
    ),
    case(
        "event",
        Action::Import,
        &[("override", "0"), ("data", "[{\"event_name\":\"Start\",\"arm_num\":2}]")],
        NO_JSON,
    ),
    case("event", Action::Delete, &[("events[]", "start_arm_2")], ("events[]", "nothing")),
    case("arm", Action::Delete, &[("arms[]", "2")], ("arms[]", "77")),
    case("project_settings", Action::Import, &[("data", "[{\"project_title\":\"Renamed\"}]")], NO_JSON),
    case(
        "formEventMapping",
        Action::Import,
        &[("data", "[{\"arm_num\":1,\"unique_event_name\":\"screening_arm_1\",\"form\":\"demographics\"}]")],
        NO_JSON,
    ),
    case("repeatingFormsEvents", Action::Import, &[("data", "[]")], NO_JSON),
    case("fileRepository", Action::CreateFolder, &[("name", "New folder")], ("folder_id", "9999")),
    case("fileRepository", Action::List, &[], ("folder_id", "9999")),
];

#[tokio::test]
async fn every_method_succeeds_with_good_parameters() {
    let bench = Bench::start().await;
    let copy = bench.copy("BREATHE").await;
    let mut failed = Vec::new();
    for case in CASES {
        if let Err(e) = copy.call(&request((case.content, case.action), case.good)).await {
            failed.push(format!("{} {}: {:?} {}", case.content, case.action.as_str(), e.kind, e.server_text));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[tokio::test]
async fn every_method_is_refused_without_its_right() {
    let bench = Bench::start().await;
    // A token that may only import, and one that may only export.
    let (loader, reader) = (bench.breathe("IMPONLY"), bench.breathe("COORD"));
    let mut wrong = Vec::new();
    for method in METHODS {
        let exports = method.gate == Gate::Export;
        let api = if exports { &loader } else { &reader };
        let case = CASES.iter().find(|c| c.content == method.content && c.action == method.action);
        let mut request = request((method.content, method.action), case.map_or(&[], |c| c.good));
        // The rights are looked at before the parameters, so any value will do.
        for name in request.missing() {
            request = match method.param(name).unwrap().kind {
                Kind::Array(_) => request.set_list(name, ["1"]),
                Kind::File => request.set_file("x.txt", vec![1]),
                _ => request.set(name, "1"),
            };
        }
        match api.call(&request).await {
            Err(ApiError { kind: ErrorKind::NoRight { .. } | ErrorKind::BadToken, .. }) => {}
            other => wrong.push(format!("{}: {other:?}", method.title)),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn every_second_right_is_asked_for_by_its_name() {
    let bench = Bench::start().await;
    let reader = bench.breathe("COORD");
    for (content, right) in [
        ("user", "User Rights"),
        ("userRole", "User Rights"),
        ("userRoleMapping", "User Rights"),
        ("dag", "Data Access Groups"),
        ("userDagMapping", "Data Access Groups"),
        ("repeatingFormsEvents", "Project Design and Setup"),
    ] {
        let error = reader.call(&request((content, Action::Export), &[])).await.unwrap_err();
        assert_eq!(
            error.kind,
            ErrorKind::NoRight { right: Some(right.into()) },
            "{content}: {}",
            error.server_text
        );
        assert_eq!(error.status, Some(400), "{content}");
    }
}

#[tokio::test]
async fn every_bad_parameter_gets_an_answer_of_its_own() {
    let bench = Bench::start().await;
    let copy = bench.copy("BREATHE").await;
    let mut wrong = Vec::new();
    for case in CASES.iter().filter(|c| !c.bad.0.is_empty()) {
        let (name, _) = case.bad;
        let mut params: Vec<(&str, &str)> = case.good.iter().copied().filter(|(n, _)| *n != name).collect();
        params.push(case.bad);
        match copy.call(&request((case.content, case.action), &params)).await {
            Err(e) if e.status.is_some_and(|s| (400..500).contains(&s)) && !e.server_text.is_empty() => {}
            other => {
                wrong.push(format!("{} {} {:?}: {other:?}", case.content, case.action.as_str(), case.bad));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn methods_without_a_case_are_tested_elsewhere() {
    // These need a set-up that BREATHE has not, or a file: other tests have them.
    let elsewhere = [
        ("project", Action::Import),
        ("metadata", Action::Import),
        ("file", Action::Export),
        ("file", Action::Import),
        ("file", Action::Delete),
        ("fileRepository", Action::Export),
        ("fileRepository", Action::Import),
        ("fileRepository", Action::Delete),
        ("report", Action::Export),
        ("record", Action::Randomize),
        ("dag", Action::Switch),
        ("surveyQueueLink", Action::Export),
        ("surveyReturnCode", Action::Export),
        ("userRole", Action::Delete),
    ];
    for method in METHODS {
        let here = CASES.iter().any(|c| c.content == method.content && c.action == method.action);
        assert!(here || elsewhere.contains(&(method.content, method.action)), "{}", method.title);
    }
}
