//! The whole loop against the embedded demo server: keys in, real requests, the screen out.
//! Waits for what is expected, never for a duration.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

mod support;

use capscope::api::catalogue::Action;
use capscope::api::request::Request;
use capscope::app::hidden::Shown;
use capscope::app::model::Section;
use capscope::app::record_view::Line;
use capscope::app::records::Load;
use capscope::domain::project::Readable;
use capscope::domain::status::State;
use capscope::jobs::types::{Draft, Keep, SavedProject};
use capscope::store::Paths;
use support::App;

#[test]
fn opening_a_project_takes_at_most_seven_requests() {
    let app = App::demo(120, 36);
    let requests = app.requests();
    assert!(requests.len() <= 7, "{requests:?}");
    app.assert_shows("BREATHE")
        .assert_shows("* online")
        .assert_shows("[READ-ONLY]")
        .assert_shows("[PRODUCTION]");
}

#[test]
fn a_newcomer_reaches_instruments_fields_records_a_record_and_users() {
    let mut app = App::demo(120, 36);
    app.keys("2").assert_shows("Demographics");
    app.keys("<Enter>").assert_shows("Fields of Demographics").assert_shows("study_id");
    app.keys("3<Enter>").wait(|m| matches!(m.open.as_ref().unwrap().records.load, Load::Done(..)));
    app.assert_shows("6 records").assert_shows("001").assert_shows("as far as this token may see");
    app.keys("<Enter>").idle();
    app.assert_shows("Record 001").assert_shows("Screening").assert_shows("Female");
    app.keys("4").idle();
    app.assert_shows("Rights of").assert_shows("Project Design and Setup");
    app.keys("9").assert_shows("Project Inf");
    assert_eq!(app.shell.model.section, Section::Activity);
}

#[test]
fn identifiers_are_masked_everywhere_until_asked_for() {
    let mut app = App::demo(120, 36);
    app.keys("3<Enter>").idle();
    app.keys("<Right><Right><Right>");
    let secrets = ["Nutmouse", "Nutmeg", "0012345", "Siân", "O'Brien"];
    let check = |app: &App| {
        for secret in secrets {
            assert!(!app.shows(secret), "{secret} is on the screen\n{}", app.screen());
        }
    };
    check(&app);
    app.keys("<Enter>").idle();
    check(&app);
    app.keys("<Esc>/nutm");
    check(&app);
    app.keys("<Esc>my<Enter>").idle();
    app.assert_shows("Nutmouse");
}

#[test]
fn an_untouched_instrument_is_not_shown_as_incomplete() {
    let mut app = App::demo_of(120, 36, "BREATHE FULL");
    app.keys("3").idle();
    let form =
        app.shell.model.open.as_ref().unwrap().metadata.instruments.iter().position(|i| i.name == "visit");
    app.keys(&format!("{}<Enter>", "j".repeat(form.unwrap()))).idle();
    let open = app.shell.model.open.as_ref().unwrap();
    let status = |record: &str, event: &str| {
        let table = &open.records.table;
        let row = (0..table.n_rows())
            .find(|&r| table.get(r, "study_id") == record && table.get(r, "redcap_event_name") == event);
        row.map(|r| table.get(r, "visit_complete").to_owned())
    };
    assert_eq!(status("002", "week_4_arm_1").as_deref(), Some("0"), "red: data, not complete");
    assert_eq!(status("004", "baseline_arm_1").as_deref(), Some(""), "gray: never saved");
}

#[test]
fn a_token_without_rights_still_opens_the_project_and_says_which_right_is_missing() {
    let mut app = App::demo_of(120, 36, "BREATHE COORD");
    app.keys("4").idle();
    let access = &app.shell.model.open.as_ref().unwrap().metadata.access;
    assert!(matches!(&access.users, Readable::NoRight(why) if why.contains("User Rights")), "{access:?}");
    assert!(
        matches!(&access.dags, Readable::NoRight(why) if why.contains("Data Access Groups")),
        "{access:?}"
    );
    app.assert_shows("User Rights");
    app.keys("2").assert_shows("Demographics");
    app.keys("1").assert_shows("Missing right");
}

#[test]
fn columns_that_export_rights_leave_out_are_told() {
    let mut app = App::demo_of(120, 36, "BREATHE NOID");
    app.keys("3<Enter>").idle();
    app.assert_shows("columns asked for did not come back");
    let Load::Done(seal, _) = &app.shell.model.open.as_ref().unwrap().records.load else { panic!() };
    assert_eq!(seal.missing_columns, ["first_name", "last_name", "mrn", "dob"]);
}

#[test]
fn a_token_that_is_not_known_gets_its_own_explanation() {
    for who in ["BREATHE BAD", "BREATHE NOAPI"] {
        let app = App::demo_of(120, 36, who);
        app.assert_shows("What happened").assert_shows("Likely reason").assert_shows("What you can do");
        assert!(app.shell.model.open.as_ref().unwrap().problem.is_some(), "{who}");
    }
}

#[test]
fn a_large_project_loads_its_first_records_and_the_rest_on_request() {
    let mut app = App::demo_of(120, 36, "REG-02 (registry_dm)");
    app.keys("3<Enter>").idle();
    app.assert_shows("first 500 of 700 records");
    app.keys("<End><End>").wait(|m| m.open.as_ref().unwrap().records.records_read == 700).idle();
    app.assert_shows("700 records");
    let ids = app.shell.model.open.as_ref().unwrap().records.ids.as_ref().unwrap().clone();
    assert_eq!(ids.len(), 700);
}

#[test]
fn copying_gives_what_is_shown() {
    let mut app = App::demo(120, 36);
    app.keys("2<Enter>jc");
    assert_eq!(app.copied.0.lock().unwrap().as_slice(), ["first_name"]);
    app.assert_shows("characters copied");
}

/// A server with a project, a home folder, and the saved project with its token in memory.
struct Saved {
    home: tempfile::TempDir,
    server: Option<capscope::demo::DemoServer>,
    runtime: tokio::runtime::Runtime,
    url: String,
    token: String,
}

impl Saved {
    fn new() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let options = capscope::demo::DemoOptions { registry_records: 5, ..Default::default() };
        let server = runtime.block_on(capscope::demo::DemoServer::start(options)).unwrap();
        let (url, token) = (server.url().to_owned(), server.projects()[0].tokens[0].token.clone());
        Self { home: tempfile::tempdir().unwrap(), server: Some(server), runtime, url, token }
    }

    fn paths(&self) -> Paths {
        Paths::under(self.home.path())
    }

    /// Adds the project as the dialog does, and gives its entry of the list.
    fn add(
        &self,
        bench: &capscope::jobs::bench::Workbench,
        runtime: &tokio::runtime::Runtime,
    ) -> SavedProject {
        let draft = Draft {
            address: self.url.clone(),
            token: Some(capscope::api::token::Token::parse(&self.token).unwrap()),
            keep: Keep::Keyring,
            name: String::new(),
            ca_file: None,
            replaces: None,
        };
        runtime.block_on(capscope::jobs::projects::add(bench, draft)).unwrap()
    }

    fn app(&self) -> App {
        App::start(120, 36, Some(self.paths()), |bench, runtime| vec![self.add(bench, runtime)])
    }
}

#[test]
fn the_saved_copy_is_shown_offline_with_its_age_and_the_project_stays_usable() {
    let mut saved = Saved::new();
    let mut app = saved.app();
    app.wait(|m| m.is_idle() && m.open.as_ref().is_some_and(|o| o.source.is_some()));
    drop(app);
    // The server goes away.
    let list = capscope::store::projects::load(&saved.paths()).unwrap();
    saved.server = None;
    saved.runtime.block_on(async { tokio::task::yield_now().await });
    let token = capscope::api::token::Token::parse(&saved.token).unwrap();
    let mut app = App::start(120, 36, Some(saved.paths()), |bench, _| {
        bench.keep_for_session(&list[0].id, token);
        list.clone()
    });
    app.wait(|m| m.open.as_ref().is_some_and(|o| o.source.is_some()));
    app.wait(|m| m.is_idle() && m.open.as_ref().unwrap().problem.is_some());
    app.assert_shows("BREATHE").assert_shows("! not connected").assert_shows("Could not update");
    app.keys("2<Enter>").assert_shows("Fields of Demographics").assert_shows("Saved copy");
    app.keys("3<Enter>").idle();
    app.assert_shows("r tries again");
}

#[test]
fn a_damaged_saved_copy_is_noticed_explained_and_replaced() {
    let saved = Saved::new();
    drop({
        let mut app = saved.app();
        app.wait(|m| m.is_idle() && m.open.as_ref().is_some_and(|o| o.source.is_some()));
        app
    });
    let mut files = Vec::new();
    let mut folders = vec![saved.paths().cache_dir()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    assert_eq!(files.len(), 1, "{files:?}");
    std::fs::write(&files[0], "{\"format\": 1, \"saved").unwrap();
    let mut app = saved.app();
    app.wait(|m| m.is_idle() && m.open.as_ref().is_some_and(|o| o.source.is_some()));
    app.assert_shows("damaged").assert_shows("* online");
}

#[test]
fn no_record_value_and_no_token_reaches_the_disk() {
    let saved = Saved::new();
    let mut app = saved.app();
    app.wait(|m| m.is_idle() && m.open.as_ref().is_some_and(|o| o.source.is_some()));
    app.keys("3<Enter>").idle();
    app.keys("<Enter>").idle();
    app.keys("4").idle();
    drop(app);
    let mut folders = vec![saved.home.path().to_owned()];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            seen += 1;
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            for secret in [saved.token.as_str(), "Nutmouse", "0012345", "O'Brien"] {
                assert!(!text.contains(secret), "{secret} is in {}", path.display());
            }
        }
    }
    assert!(seen >= 2, "the list of projects and the metadata are kept");
}

#[test]
fn forgetting_a_project_removes_all_of_it() {
    let saved = Saved::new();
    let mut app = saved.app();
    app.wait(|m| m.is_idle() && m.open.as_ref().is_some_and(|o| o.source.is_some()));
    app.keys("<S-Tab>").keys("Dy").idle();
    app.assert_shows("is forgotten");
    assert!(app.shell.model.projects.is_empty());
    assert!(capscope::store::projects::load(&saved.paths()).unwrap().is_empty());
}

#[test]
fn a_token_of_another_project_cannot_replace_this_ones() {
    let saved = Saved::new();
    let other = saved.server.as_ref().unwrap().projects()[1].tokens[0].token.clone();
    let app = saved.app();
    let id = app.shell.model.projects[0].id.clone();
    let draft = Draft {
        address: saved.url.clone(),
        token: Some(capscope::api::token::Token::parse(&other).unwrap()),
        keep: Keep::Session,
        name: String::new(),
        ca_file: None,
        replaces: Some(id),
    };
    let problem = app.block_on(capscope::jobs::projects::add(&app.bench, draft)).unwrap_err();
    assert_eq!(problem.title, "This token belongs to another project");
}

#[test]
fn what_is_shown_is_written_to_a_private_file_and_the_place_is_told() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("visits.csv");
    let mut app = App::demo(120, 36);
    app.keys("3j<Enter>").idle();
    app.keys("/week<Enter>e<C-u>");
    app.shell.send(capscope::app::msg::Msg::Paste(file.display().to_string())).unwrap();
    app.keys("<Enter>").idle();
    app.assert_shows("3 rows are in");
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), 4, "{text}");
    assert!(text.starts_with("study_id,redcap_event_name,"), "{text}");
    assert!(text.contains("Week 4") && !text.contains("Baseline"), "{text}");
}

/// Was shown as "not started", although the form is complete and only the token may not read it.
#[test]
fn a_form_that_may_not_be_exported_is_not_called_not_started() {
    let mut app = App::demo_of(120, 36, "BREATHE NOPHQ");
    app.keys("3<Enter>").idle();
    app.keys("<Enter>").idle();
    app.assert_shows("not readable").assert_shows("10 fields are not here");
    let open = app.shell.model.open.as_ref().unwrap();
    let lines = &open.records.view.as_ref().unwrap().lines;
    let phq = lines.iter().filter_map(|l| match l {
        Line::Instrument { label, status, .. } if label == "PHQ-9" => Some(*status),
        _ => None,
    });
    assert!(phq.into_iter().all(|status| status == "not readable"));
}

/// Was one letter at a time of a masked name: the filter found what the screen did not show.
#[test]
fn a_filter_does_not_search_masked_values() {
    let mut app = App::demo(120, 36);
    app.keys("3<Enter>").idle();
    app.keys("/nutm");
    app.assert_shows("masked columns are not searched").assert_shows("No row passes the filter nutm");
    app.keys("<Esc>my/nutm");
    assert_eq!(app.shell.model.open.as_ref().unwrap().records.rows.len(), 1);
    app.keys("<Enter>m");
    assert_eq!(app.shell.model.open.as_ref().unwrap().records.rows.len(), 0);
}

/// Said "No row has ..." of a part, and started the whole load anew for the rest.
#[test]
fn a_filter_over_a_part_says_so_and_the_rest_is_read_without_reading_anything_twice() {
    let mut app = App::demo_of(120, 36, "REG-02 (registry_dm)");
    app.keys("3<Enter>").idle();
    app.keys("/zzzz");
    app.assert_shows("among the first 500 of 700 records");
    app.keys("<Esc>");
    let before = app.requests().len();
    app.keys("A").idle();
    // 200 records are left: one batch, and the names are not asked for again.
    assert_eq!(app.requests().len(), before + 1);
    assert_eq!(app.shell.model.open.as_ref().unwrap().records.records_read, 700);
}

/// Adding a project again took its environment variable away without a word.
#[test]
fn a_project_that_is_saved_already_is_not_saved_again() {
    let saved = Saved::new();
    let app = saved.app();
    let draft = Draft {
        address: saved.url.clone(),
        token: Some(capscope::api::token::Token::parse(&saved.token).unwrap()),
        keep: Keep::Session,
        name: String::new(),
        ca_file: None,
        replaces: None,
    };
    let problem = app.block_on(capscope::jobs::projects::add(&app.bench, draft.clone())).unwrap_err();
    assert_eq!(problem.title, "This project is saved already");
    // Another token of the same project is another entry, and can be told apart.
    let other = saved.server.as_ref().unwrap().projects()[0].tokens[1].token.clone();
    let token = Some(capscope::api::token::Token::parse(&other).unwrap());
    let second = app.block_on(capscope::jobs::projects::add(&app.bench, Draft { token, ..draft })).unwrap();
    assert!(second.name.ends_with("(2)"), "{}", second.name);
}

#[test]
fn a_record_marks_the_fields_that_branching_logic_hides() {
    // 002 is male, so "pregnant" is hidden for him; 001 is female, so it is shown for her.
    for (record, expected) in [("001", Shown::Yes), ("002", Shown::Hidden)] {
        let mut app = App::demo_of(120, 36, "BREATHE FULL");
        app.keys("3j<Enter>").idle();
        let records = &app.shell.model.open.as_ref().unwrap().records;
        let at = records.rows.iter().position(|&r| records.table.get(r, "study_id") == record).unwrap();
        app.keys(&format!("{}<Enter>", "j".repeat(at))).idle();
        let open = app.shell.model.open.as_ref().unwrap();
        let pregnant = open.metadata.dictionary.fields().iter().position(|f| f.name == "pregnant").unwrap();
        let lines = &open.records.view.as_ref().unwrap().lines;
        let found = lines.iter().find_map(|l| match l {
            Line::Field { field, shown, .. } if *field == pregnant => Some(*shown),
            _ => None,
        });
        assert_eq!(found, Some(expected), "{record}");
    }
}

/// S1: one request, real status fields by name, gray told from red, a missing visit from both.
#[test]
fn the_status_grid_tells_gray_from_red_and_a_missing_visit_from_both() {
    let mut app = App::demo_of(120, 36, "BREATHE COORD");
    let before = app.requests().len();
    app.keys("3S").idle();
    assert_eq!(app.requests().len(), before + 1, "one request");
    let asked = app.calls.lock().unwrap().last().unwrap().detail.clone();
    assert_eq!(asked, "6 fields", "the record id and five statuses; moca4_complete is a field, no status");
    let view = &app.shell.model.open.as_ref().unwrap().grid;
    let (grid, all) = (&view.grid, &view.rows);
    let state = |record: &str, event: &str, form: &str| {
        let column = grid.columns.iter().position(|c| c.event == event && c.form == form)?;
        let (_, cells) = grid.rows.iter().find(|(r, _)| r == record)?;
        Some(cells[column].state)
    };
    assert_eq!(state("002", "week_4_arm_1", "visit"), Some(State::Incomplete));
    assert_eq!(state("004", "baseline_arm_1", "visit"), Some(State::NotStarted));
    assert_eq!(state("004", "week_4_arm_1", "visit"), Some(State::NoVisit));
    assert_eq!(state("001", "week_4_arm_1", "ae_log"), None, "not used here");
    assert_eq!(state("001", "week_12_arm_1", "phq9"), Some(State::SurveyPartial));
    let visit: Vec<usize> = (0..grid.columns.len()).filter(|&c| grid.columns[c].form == "visit").collect();
    let total = |state| visit.iter().map(|&c| grid.count(all, c, state)).sum::<usize>();
    let totals = [State::Complete, State::Unverified, State::Incomplete, State::NotStarted].map(total);
    assert_eq!(totals, [4, 1, 1, 1]);
    assert_eq!(visit.iter().map(|&c| grid.instances(all, c)).sum::<usize>(), 2, "unscheduled visits apart");
    app.assert_shows("Status of all instruments").assert_shows("Signs").assert_shows("no visit");
    app.assert_shows("survey partial").assert_shows("survey complete");
    app.keys("<Enter>").idle();
    app.assert_shows("Record 001");
    app.keys("<Esc>").assert_shows("Status of all instruments");
    app.keys("S").assert_shows("Records are read when you ask");
}

#[test]
fn mistakes_in_the_logic_of_a_data_dictionary_are_found_and_gone_when_mended() {
    let mut app = App::demo_of(120, 36, "HEARTBEAT (heartbeat_dm");
    let open = app.shell.model.open.as_ref().unwrap();
    assert!(open.review.is_empty(), "{:?}", open.review);
    let (project, dictionary) = (open.project.clone(), open.metadata.dictionary.clone());
    let api = app.block_on(app.bench.api(&project)).unwrap();
    let metadata = |action| Request::find("metadata", action).unwrap().json();
    let good = app.block_on(api.call(&metadata(Action::Export))).unwrap().text().into_owned();
    let broken = dictionary.fields().iter().rfind(|f| f.branching_logic.is_empty()).unwrap();
    let (name, form) = (broken.name.clone(), broken.form.clone());
    let mut fields: Vec<serde_json::Value> = serde_json::from_str(&good).unwrap();
    let field = fields.iter_mut().find(|f| f["field_name"] == name.as_str()).unwrap();
    field["branching_logic"] = "[no_such_field] = '1'".into();
    let bad = serde_json::to_string(&fields).unwrap();
    app.block_on(api.call(&metadata(Action::Import).set("data", bad))).unwrap();
    app.keys("1r").idle();
    app.assert_shows("mistakes in 1 field");
    let open = app.shell.model.open.as_ref().unwrap();
    let at = open.metadata.instruments.iter().position(|i| i.name == form).unwrap();
    let field = open.metadata.dictionary.fields_of(&form).position(|f| f.name == name).unwrap();
    app.keys(&format!("2{}<Enter>{}", "j".repeat(at), "j".repeat(field)));
    app.assert_shows("logic!").assert_shows("Mistake").assert_shows("[no_such_field]");
    app.block_on(api.call(&metadata(Action::Import).set("data", good))).unwrap();
    app.keys("1r").idle();
    assert!(!app.shows("mistakes in"), "{}", app.screen());
}

/// S8: what is not marked as an identifier and may identify is named where masks are taken off,
/// where masks are put on, and where rows go to a file.
#[test]
fn fields_that_are_not_marked_and_may_identify_are_named() {
    let mut app = App::demo_of(120, 36, "BREATHE FULL");
    app.assert_shows("Unmarked, may identify");
    app.keys("m").assert_shows("Not marked, so never").assert_shows("may identify: zip (place), notes_free");
    app.keys("y").keys("m").assert_shows("Identifiers are masked. Not marked, may identify: zip (place)");
    app.keys("3<Enter>").idle();
    app.keys("e").assert_shows("not marked, may identify, written: zip (place)");
}
