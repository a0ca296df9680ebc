//! The test of a token against the demo server: its verdicts are held against the server's real
//! set-up, and it changes nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod demo_support;

use capscope::api::client::{Api, Server, ServerSettings, silent};
use capscope::api::token::Token;
use capscope::api::url::ApiUrl;
use capscope::demo::DemoServer;
use capscope::demo::behaviour::Behaviour;
use capscope::domain::access_test::doctor::Group;
use capscope::domain::access_test::{Report, Usable, Verdict};
use capscope::jobs::token_test::{Agreed, READS, run};
use demo_support::{caller, server, server_with, token};

const BREATHE: u64 = 101;
const READ_ONLY: Agreed = Agreed { writes: false, randomize: false, write_access: false };
const ALL: Agreed = Agreed { writes: true, randomize: false, write_access: true };

fn api(server: &DemoServer, token: &str) -> Api {
    let url = ApiUrl::parse(server.url()).unwrap();
    let settings = ServerSettings { paced: false, ..ServerSettings::default() };
    Api::new(Server::new(url, settings, silent()), Token::parse(token).unwrap())
}

async fn test(server: &DemoServer, word: &str, agreed: Agreed) -> Report {
    let text = token(server, BREATHE, word);
    let report = run(&api(server, &text), agreed, &|_| {}).await.unwrap();
    // Whatever it found, neither the token nor a record's name or value is in it.
    let all = format!("{report:?}{}", capscope::domain::access_test::print::text(&report));
    for secret in [text.as_str(), "Nutmeg", "Nutmouse", "0012345", "dara.mwangi@"] {
        assert!(!all.contains(secret), "{word}: {secret}");
    }
    report
}

fn verdict(report: &Report, content: &str, action: &str) -> Verdict {
    report.row(content, action).unwrap_or_else(|| panic!("{content} {action}")).verdict
}

#[tokio::test]
async fn s24_full_loses_nothing() {
    let server = server().await;
    let report = test(&server, "FULL", READ_ONLY).await;
    assert_eq!(report.doctor.overall(), "Full Data Set (inferred). Fields: none of 31 is missing.");
    assert_eq!(report.owner.as_ref().unwrap().username, "dm");
    assert_eq!(
        (report.version.as_str(), report.project_id, report.in_production),
        ("16.1.3", Some(101), Some(true))
    );
    assert_eq!(report.doctor.group, Group::Sees);
    assert_eq!(
        (report.doctor.records, report.doctor.surveys.as_slice()),
        (Some(6), &["phq9".to_owned()][..])
    );
    assert!(report.is_clean(), "{:#?}", report.rows);
    assert_eq!(report.request, "");
    assert!(report.calls <= READS.len(), "{}", report.calls);
    assert_eq!(verdict(&report, "participantList", "export"), Verdict::Allowed);
    assert_eq!(verdict(&report, "metadata", "import"), Verdict::NotProbed);
}

#[tokio::test]
async fn s24_noid_and_deid_are_told_apart_by_what_is_missing() {
    let server = server().await;
    let report = test(&server, "NOID", READ_ONLY).await;
    assert_eq!(
        report.doctor.overall(),
        "Remove All Identifier Fields (inferred). Fields: 4 of 31 did not come back."
    );
    assert_eq!(report.doctor.forms[0].missing, ["first_name", "last_name", "mrn", "dob"]);
    assert!(
        report.request.contains("'Demographics': it seems to be Remove All Identifier Fields"),
        "{}",
        report.request
    );
    let report = test(&server, "DEID", READ_ONLY).await;
    assert!(report.doctor.overall().starts_with("De-Identified (inferred)."), "{}", report.doctor.overall());
    let missing: Vec<&str> =
        report.doctor.forms.iter().flat_map(|f| &f.missing).map(String::as_str).collect();
    assert_eq!(
        missing,
        [
            "first_name",
            "last_name",
            "mrn",
            "dob",
            "consent_date",
            "notes_free",
            "visit_date",
            "ae_term",
            "ae_start"
        ]
    );
    assert_eq!(verdict(&report, "record", "export"), Verdict::Filtered);
    let cases: Vec<u8> = report.cases.iter().map(|c| c.case).collect();
    assert!(cases.starts_with(&[1, 2, 5]), "{cases:?}");
}

#[tokio::test]
async fn s24_nophq_has_no_access_and_the_words_warn_of_forms_added_later() {
    let server = server().await;
    let report = test(&server, "NOPHQ", READ_ONLY).await;
    assert_eq!(
        report.doctor.overall(),
        "Full Data Set (inferred). No Access on PHQ-9 for export (inferred). Fields: 10 of 31 did not come back."
    );
    let case = report.cases.iter().find(|c| c.case == 3).unwrap();
    assert!(case.evidence.contains("PHQ-9") && case.evidence.contains("added later"), "{}", case.evidence);
    assert!(
        report.request.contains("'PHQ-9': it seems to be No Access. 'Full Data Set' would"),
        "{}",
        report.request
    );
}

#[tokio::test]
async fn s24_daga_is_probably_in_a_group() {
    let server = server().await;
    let report = test(&server, "DAGA", READ_ONLY).await;
    assert_eq!(report.doctor.records, Some(3));
    let Group::Probably(how) = &report.doctor.group else { panic!("{:?}", report.doctor.group) };
    assert!(how.contains("You see 3 records; the project may have more.") && how.contains("331"), "{how}");
    assert!(report.request.contains("Data Access Group"), "{}", report.request);
    assert_eq!(verdict(&report, "dag", "export"), Verdict::Refused);
}

#[tokio::test]
async fn s24_imponly_is_not_made_to_import() {
    let server = server().await;
    let report = test(&server, "IMPONLY", ALL).await;
    assert_eq!((report.usable, report.calls), (Usable::NoExport, 1));
    assert_eq!(verdict(&report, "record", "export"), Verdict::Refused);
    assert_eq!(verdict(&report, "record", "import"), Verdict::NotProbed);
    assert!(report.request.contains("'API Export'"), "{}", report.request);
    assert!(report.cases.iter().any(|c| c.case == 12), "{:?}", report.cases);
}

/// S25 a and b: one answer, all causes, nothing said as a fact.
#[tokio::test]
async fn s25_bad_and_noapi_are_not_told_apart() {
    let server = server().await;
    for word in ["BAD", "NOAPI"] {
        let report = test(&server, word, ALL).await;
        assert_eq!((report.usable, report.calls), (Usable::Refused, 1), "{word}");
        let case = report.cases.iter().find(|c| c.case == 10).unwrap();
        for cause in ["replaced", "removed", "expired", "suspended", "API rights are off"] {
            assert!(case.truth.contains(cause), "{cause}: {}", case.truth);
        }
        assert!(case.evidence.contains("right shape"), "{}", case.evidence);
        assert!(!format!("{report:?}").to_lowercase().contains("wrong token"));
    }
}

#[tokio::test]
async fn coord_lacks_what_its_role_lacks() {
    let server = server().await;
    let report = test(&server, "COORD", READ_ONLY).await;
    assert_eq!(report.owner.as_ref().unwrap().username, "coord1");
    for (content, action, expected) in [
        ("log", "export", Verdict::Allowed),
        ("fileRepository", "list", Verdict::Allowed),
        ("user", "export", Verdict::Refused),
        ("userRole", "export", Verdict::Refused),
        ("dag", "export", Verdict::Refused),
        ("userDagMapping", "export", Verdict::Refused),
        ("repeatingFormsEvents", "export", Verdict::Refused),
        ("participantList", "export", Verdict::Refused),
        ("surveyLink", "export", Verdict::Refused),
        ("record", "export", Verdict::Allowed),
    ] {
        assert_eq!(verdict(&report, content, action), expected, "{content} {action}");
    }
    for right in
        ["User Rights", "Data Access Groups", "Project Design and Setup", "Survey Distribution Tools"]
    {
        assert!(
            report.request.contains(&format!("- '{right}'. It is needed for:")),
            "{right}: {}",
            report.request
        );
    }
    assert!(!report.request.contains("'API Export'") && !report.request.contains("'Logging'"));
}

#[tokio::test]
async fn class_b_shows_the_rights_to_write_and_stays_off_production_projects() {
    let server = server().await;
    let off = Agreed { write_access: false, ..ALL };
    let report = test(&server, "FULL", off).await;
    let row = report.row("record", "import").unwrap();
    assert_eq!(row.verdict, Verdict::NotProbed);
    assert!(row.why.contains("in production"), "{}", row.why);
    for (word, import, delete, rename) in [
        ("FULL", Verdict::Allowed, Verdict::Allowed, Verdict::Allowed),
        ("NOPHQ", Verdict::Allowed, Verdict::Refused, Verdict::Refused),
        ("DEID", Verdict::Refused, Verdict::Refused, Verdict::Refused),
        // In a group nobody can prove that a record does not exist.
        ("DAGA", Verdict::Allowed, Verdict::NotProbed, Verdict::NotProbed),
    ] {
        let report = test(&server, word, ALL).await;
        let found = [("record", "import"), ("record", "delete"), ("record", "rename")]
            .map(|(c, a)| verdict(&report, c, a));
        assert_eq!(found, [import, delete, rename], "{word}");
        let file = report.row("file", "import").unwrap();
        let expected = if import == Verdict::Allowed { Verdict::NotHere } else { Verdict::Refused };
        assert_eq!(file.verdict, expected, "{word}: the project has no file field");
    }
}

/// Hundreds of random sets of rights: what the test says is what the server is set up for, and
/// what the server holds is the same before and after, byte for byte.
#[tokio::test]
async fn verdicts_equal_the_set_up_for_random_rights() {
    let server = server_with(Behaviour::default()).await;
    let full = caller(&server, BREATHE, "FULL");
    let text = token(&server, BREATHE, "DEID");
    let forms = ["demographics", "visit", "ae_log", "phq9", "moca"];
    let keys = [
        "user_rights",
        "data_access_groups",
        "logging",
        "design",
        "file_repository",
        "manage_survey_participants",
        "record_create",
        "record_delete",
        "record_rename",
    ];
    let mut seed = 7_u64;
    let mut next = move |n: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % n
    };
    let entry = [128_u64, 129, 130, 138, 146, 154];
    let mut kinds = [0_usize; 3];
    for round in 0..300 {
        let mut user = serde_json::json!({"username": "analyst_deid", "data_access_group": ""});
        user["api_export"] = u64::from(next(10) != 0).into();
        user["api_import"] = next(2).into();
        for key in keys {
            user[key] = next(if key == "user_rights" { 3 } else { 2 }).into();
        }
        if next(4) == 0 {
            user["data_access_group"] = "site_a".into();
        }
        let codes: Vec<(&str, u64)> = forms.iter().map(|f| (*f, next(4))).collect();
        let map = |pairs: Vec<(&str, u64)>| -> serde_json::Value {
            pairs
                .iter()
                .map(|(f, c)| ((*f).to_owned(), (*c).into()))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        user["forms_export"] = map(codes.clone());
        user["forms"] = map(forms.iter().map(|f| (*f, entry[next(6) as usize])).collect());
        let data = form_urlencoded::byte_serialize(serde_json::json!([user]).to_string().as_bytes())
            .collect::<String>();
        full.text(&format!("content=user&format=json&data={data}")).await;
        let before = server.holdings(BREATHE).unwrap();
        let report = run(&api(&server, &text), ALL, &|_| {}).await.unwrap();
        assert!(before == server.holdings(BREATHE).unwrap(), "round {round} {user}: something changed");
        let has = |key: &str| user[key].as_u64().unwrap_or(0) > 0;
        let usable = match (has("api_export"), has("api_import")) {
            (true, _) => Usable::Reads,
            (false, true) => Usable::NoExport,
            (false, false) => Usable::Refused,
        };
        assert_eq!(report.usable, usable, "round {round} {user}");
        kinds[usable as usize] += 1;
        for row in &report.rows {
            let method = capscope::api::catalogue::METHODS.iter().find(|m| m.title == row.title).unwrap();
            let gate = method.gate.right().is_some_and(has);
            let second = method
                .second
                .is_none_or(|k| if k == "user_rights" && !row.reads { user[k] == 1 } else { has(k) });
            let context = || format!("round {round} {user}\n{row:?}");
            match row.verdict {
                Verdict::Allowed | Verdict::Filtered => assert!(gate && second, "{}", context()),
                Verdict::Refused => {
                    let closed =
                        method.content == "record" && row.reads && codes.iter().all(|(_, c)| *c == 0);
                    let off = usable == Usable::Refused;
                    assert!(!(gate && second) || closed || off, "{}", context());
                }
                Verdict::Unknown => panic!("{}", context()),
                Verdict::NotHere | Verdict::NotProbed => {}
            }
            assert!(!row.disagrees(), "{}", context());
        }
        // What is missing is asked for, what is there is not.
        for (key, name) in [("logging", "'Logging'"), ("design", "'Project Design and Setup'")] {
            let asked = report.request.contains(&format!("- {name}."));
            assert!(usable != Usable::Reads || asked != has(key), "round {round} {user}\n{}", report.request);
        }
        if usable != Usable::Reads {
            assert_eq!(report.calls, 1, "round {round}");
            continue;
        }
        let in_group = user["data_access_group"] != "";
        let found = matches!(report.doctor.group, Group::In(_) | Group::Probably(_));
        let none_open = codes.iter().all(|(_, c)| *c == 0);
        assert!(none_open || in_group == found, "round {round} {user} {:?}", report.doctor.group);
        for form in &report.doctor.forms {
            let code = codes.iter().find(|(f, _)| *f == form.form).unwrap().1;
            let right = capscope::domain::rights::ExportRight::from_code(code.cast_signed()).words();
            assert!(form.fits.contains(&right), "round {round} {user}\n{form:?}");
        }
    }
    assert!(kinds.iter().all(|n| *n > 5), "all kinds of tokens came up: {kinds:?}");
}

/// Class C: sent only with its own yes, and nothing changes even for who has the right.
#[tokio::test]
async fn class_c_is_sent_only_with_its_own_yes_and_changes_nothing() {
    const ALBA: u64 = 103;
    const YES: Agreed = Agreed { randomize: true, ..READ_ONLY };
    let server = server().await;
    // Without the right to see the groups nobody can prove that a record does not exist.
    let report = run(&api(&server, &token(&server, ALBA, "API Export only")), YES, &|_| {}).await.unwrap();
    let row = report.row("record", "randomize").unwrap();
    assert!(row.evidence.is_empty() && row.why.contains("cannot be proven"), "{row:?}");
    let user = r#"[{"username":"alba_reader","data_access_groups":1,"data_access_group":""}]"#;
    let text: String = form_urlencoded::byte_serialize(user.as_bytes()).collect();
    caller(&server, ALBA, "all rights").text(&format!("content=user&format=json&data={text}")).await;
    for (word, expected) in [("all rights", Verdict::Allowed), ("API Export only", Verdict::Refused)] {
        let text = token(&server, ALBA, word);
        let before = server.holdings(ALBA).unwrap();
        let report = run(&api(&server, &text), ALL, &|_| {}).await.unwrap();
        let row = report.row("record", "randomize").unwrap();
        assert_eq!(row.verdict, Verdict::NotProbed, "{row:?}");
        assert!(row.why.contains("only if you say yes to this very call"), "{}", row.why);
        let report = run(&api(&server, &text), YES, &|_| {}).await.unwrap();
        let row = report.row("record", "randomize").unwrap();
        assert_eq!(row.verdict, expected, "{word}: {row:?}");
        assert!(row.evidence.contains("randomization_id=0") && row.evidence.contains("record=(a name)"));
        assert_eq!(report.row("record", "import").unwrap().verdict, Verdict::NotProbed, "no class B with it");
        assert!(before == server.holdings(ALBA).unwrap(), "{word}: something changed");
    }
    // In production only with write access.
    let report = test(&server, "FULL", YES).await;
    let row = report.row("record", "randomize").unwrap();
    assert!(row.evidence.is_empty(), "{row:?}");
}

#[tokio::test]
async fn tokens_of_one_project_side_by_side() {
    let server = server().await;
    let (full, daga) = (test(&server, "FULL", READ_ONLY).await, test(&server, "DAGA", READ_ONLY).await);
    let list = capscope::domain::access_test::compare::differences(&[&full, &daga]);
    let of = |name: &str| list.iter().find(|(n, _)| n == name).map(|(_, values)| values.join(" / "));
    assert_eq!(of("Records the token sees").as_deref(), Some("6 / 3"));
    assert_eq!(of("Data Access Group").as_deref(), Some("sees all groups / one group only"));
    assert_eq!(of("Export Users").as_deref(), Some("allowed / refused"));
    assert_eq!(of("Export Logging"), None, "both may");
}
