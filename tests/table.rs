//! The record table: filter, columns, search, summaries, the filter on the server, pause.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod support;

use capscope::app::Model;
use capscope::app::dialog::Dialog;
use capscope::app::msg::{Effect, Msg, Remember};
use capscope::app::records::Load;
use capscope::app::running::Slot;
use capscope::app::update;
use capscope::domain::table::TableBuilder;
use capscope::jobs::Problem;
use capscope::jobs::types::{Job, JobEvent, Output, RecordsDone, RecordsPart};
use support::{App, model, press};

/// What the table shows of its rows: the chosen columns, blank cells as `·`.
fn rows(model: &Model, columns: &[&str]) -> Vec<String> {
    let records = &model.open.as_ref().unwrap().records;
    let cell = |row: usize, name: &str| match records.table.get(row, name) {
        "" => "·".to_owned(),
        text => text.to_owned(),
    };
    records.rows.iter().map(|&r| columns.iter().map(|c| cell(r, c)).collect::<Vec<_>>().join(" ")).collect()
}

fn shown(model: &Model) -> Vec<&str> {
    model.open.as_ref().unwrap().records.columns.iter().map(|c| c.name.as_str()).collect()
}

fn tell(model: &mut Model, effects: &[Effect], event: JobEvent) -> Vec<Effect> {
    let started = effects.iter().find_map(|e| match e {
        Effect::Start { slot, generation, .. } => Some((*slot, *generation)),
        _ => None,
    });
    let (slot, generation) = started.expect("a job is started");
    update(model, Msg::Job { slot, generation, event: Box::new(event) })
}

fn part(ids: &[&str], read: usize) -> RecordsPart {
    let mut table = TableBuilder::new(["study_id", "last_name", "sex", "demographics_complete"]);
    for (id, name, sex) in [("1", "Wood", "1"), ("2", "Núñez", "2"), ("10", "Walker", "")] {
        if ids.contains(&id) {
            table.push_row([id, name, sex, "2"]);
        }
    }
    let names = Some(["1", "2", "10"].map(str::to_owned).to_vec());
    RecordsPart { ids: names, rows: table.finish(), records_read: read }
}

#[test]
fn of_many_records_that_did_not_come_the_first_are_named_and_all_counted() {
    let mut model = model();
    let effects = press(&mut model, "3<Enter>");
    tell(&mut model, &effects, JobEvent::Rows(Box::new(part(&["1", "2", "10"], 3))));
    let missing_records = (1..=400).map(|n| format!("rec-{n}")).collect();
    let done = RecordsDone { missing_records, ..RecordsDone::default() };
    tell(&mut model, &effects, JobEvent::Done(Box::new(Output::Records(done))));
    press(&mut model, "d");
    let Some(Dialog::Problem(view)) = &model.dialog else { panic!("no dialog") };
    let said = &view.problem.what;
    assert!(
        said.starts_with("400 records were asked for") && said.contains("rec-12 and 388 more."),
        "{said}"
    );
    // A record id that identifies people is not spelled out at all.
    let open = model.open.as_mut().unwrap();
    let mut fields = open.metadata.dictionary.fields().to_vec();
    fields[0].identifier = true;
    open.metadata.dictionary = capscope::domain::dictionary::Dictionary::new(fields);
    let missing_records = vec!["rec-7".to_owned()];
    let done = RecordsDone { missing_records, ..RecordsDone::default() };
    let effects = press(&mut model, "<Esc>r");
    tell(&mut model, &effects, JobEvent::Done(Box::new(Output::Records(done))));
    press(&mut model, "d");
    let Some(Dialog::Problem(view)) = &model.dialog else { panic!("no dialog") };
    assert!(view.problem.what.contains("identifiers") && !view.problem.what.contains("rec-7"));
}

/// A model with three records of `demographics` in the table, identifiers readable.
fn loaded() -> Model {
    let mut model = model();
    model.open.as_mut().unwrap().masked = false;
    let effects = press(&mut model, "3<Enter>");
    tell(&mut model, &effects, JobEvent::Rows(Box::new(part(&["1", "2", "10"], 3))));
    tell(&mut model, &effects, JobEvent::Done(Box::new(Output::Records(RecordsDone::default()))));
    model
}

#[test]
fn a_filter_in_plain_language_is_read_while_it_is_typed() {
    let mut m = loaded();
    press(&mut m, "/sex = Fem");
    assert_eq!(rows(&m, &["study_id"]), ["2"]);
    assert_eq!(m.open.as_ref().unwrap().records.reading, "sex is Female (2)");
    press(&mut m, "<C-u>sex = blank");
    assert_eq!(rows(&m, &["study_id"]), ["10"]);
    press(&mut m, "<C-u>study_id > 1 wo<Enter>");
    assert_eq!(rows(&m, &["study_id"]), ["2", "10"], "the value is all of 1 wo");
    press(&mut m, "<Esc>/study_id > 1, w<Enter>");
    assert_eq!(rows(&m, &["study_id"]), ["10"]);
}

#[test]
fn a_mistake_stands_under_the_box_and_what_is_before_it_holds() {
    let mut m = loaded();
    press(&mut m, "/study_id < 3, sex = Malex");
    assert_eq!(rows(&m, &["study_id"]), ["1", "2"]);
    let picture = support::picture(&m);
    assert!(picture.contains("! sex has no choice “Malex”. One of Male, Female"), "{picture}");
    press(&mut m, "<BS><Esc>");
    assert_eq!(rows(&m, &["study_id"]).len(), 3);
    assert!(m.open.as_ref().unwrap().records.mistake.is_none());
}

#[test]
fn a_filter_does_not_tell_what_is_masked() {
    let mut m = loaded();
    press(&mut m, "/last_name = Wood<Enter>");
    assert_eq!(rows(&m, &["study_id"]), ["1"]);
    // Masking again takes the filter back.
    press(&mut m, "m");
    let records = &m.open.as_ref().unwrap().records;
    assert!(records.mistake.as_ref().is_some_and(|w| w.contains("masked")), "{:?}", records.mistake);
    assert_eq!(rows(&m, &["study_id"]).len(), 3, "the filter would tell who it is");
}

#[test]
fn columns_are_hidden_moved_frozen_and_widened_and_that_is_remembered() {
    let mut m = loaded();
    assert_eq!(shown(&m), ["study_id", "last_name", "sex", "demographics_complete"]);
    let effects = press(&mut m, "l-");
    assert_eq!(shown(&m), ["study_id", "sex", "demographics_complete"]);
    assert!(matches!(
        effects.as_slice(),
        [Effect::Remember(Remember::Layout { project, form, layout })]
            if project == "p1" && form == "demographics" && layout.hidden.contains("last_name")
    ));
    press(&mut m, "l<lt>");
    assert_eq!(shown(&m), ["study_id", "demographics_complete", "sex"]);
    press(&mut m, "lf");
    assert_eq!(shown(&m), ["study_id", "sex", "demographics_complete"]);
    assert_eq!(m.open.as_ref().unwrap().records.n_frozen(), 2);
    press(&mut m, "]]");
    assert_eq!(m.layouts["p1"]["demographics"].widths.len(), 1);
    // The record id stays.
    press(&mut m, "hhh-");
    assert_eq!(shown(&m)[0], "study_id");
    // The same instrument comes back as it was left, in this session too.
    let effects = press(&mut m, "r");
    tell(&mut m, &effects, JobEvent::Rows(Box::new(part(&["1"], 1))));
    assert_eq!(shown(&m), ["study_id", "sex", "demographics_complete"]);
}

#[test]
fn the_chooser_shows_all_columns_and_takes_nothing_on_escape() {
    let mut m = loaded();
    press(&mut m, "on");
    assert!(matches!(&m.dialog, Some(Dialog::Columns(_))));
    press(&mut m, "<Esc>");
    assert_eq!(shown(&m).len(), 4);
    press(&mut m, "onj<Space>j<Space><Left><Enter>");
    assert_eq!(shown(&m), ["study_id", "sex", "last_name"]);
    // A filter may name a column that is not shown.
    press(&mut m, "/demographics_complete = Complete<Enter>");
    assert_eq!(rows(&m, &["study_id"]).len(), 3);
    press(&mut m, "<Esc>o0<Enter>");
    assert_eq!(shown(&m), ["study_id", "last_name", "sex", "demographics_complete"]);
}

#[test]
fn a_search_lists_the_cells_and_enter_goes_there() {
    let mut m = loaded();
    press(&mut m, "Fw");
    let Some(Dialog::Search(search)) = &m.dialog else { panic!("no search") };
    assert_eq!((search.total, search.hits.len()), (2, 2));
    press(&mut m, "<Down><Enter>");
    let records = &m.open.as_ref().unwrap().records;
    assert_eq!((records.cursor.at, records.column), (2, 1));
    // Masked columns are not searched, and that is told.
    press(&mut m, "mFw");
    let Some(Dialog::Search(search)) = &m.dialog else { panic!("no search") };
    assert_eq!((search.total, search.masked), (0, 1));
    let picture = support::picture(&m);
    assert!(picture.contains("1 masked columns are not searched"), "{picture}");
}

#[test]
fn a_summary_counts_the_rows_shown_and_keeps_masked_values() {
    let mut m = loaded();
    press(&mut m, "lli");
    let picture = support::picture(&m);
    for text in ["Summary of sex", "2 of 3 rows shown are filled, 67 %", "Male (1)", "Female (2)"] {
        assert!(picture.contains(text), "{text}\n{picture}");
    }
    press(&mut m, "<Esc>mhi");
    let picture = support::picture(&m);
    assert!(
        picture.contains("Summary of last_name") && picture.contains("The values are masked"),
        "{picture}"
    );
    assert!(!picture.contains("Núñez"), "{picture}");
}

#[test]
fn a_paused_load_goes_on_where_it_was_and_a_failed_one_too() {
    let mut m = model();
    let effects = press(&mut m, "3<Enter>");
    tell(&mut m, &effects, JobEvent::Rows(Box::new(part(&["1"], 1))));
    let stopped = press(&mut m, "p");
    assert!(matches!(stopped.as_slice(), [Effect::Cancel(Slot::Records, _)]));
    let effects = press(&mut m, "p");
    let goes_on = |effects: &[Effect], read: usize| {
        effects.iter().any(|e| {
            matches!(e, Effect::Start { job: Job::Records(_, wanted), .. }
                if wanted.limit == Some(500) && wanted.after.as_ref().is_some_and(|(_, n)| *n == read))
        })
    };
    assert!(goes_on(&effects, 1), "{effects:?}");
    tell(&mut m, &effects, JobEvent::Rows(Box::new(RecordsPart { ids: None, ..part(&["2"], 2) })));
    let problem = Problem::new("Busy", "The server is busy.", "", "Try later.");
    tell(&mut m, &effects, JobEvent::Failed(Box::new(problem)));
    assert_eq!(rows(&m, &["study_id"]), ["1", "2"], "what was read stays");
    assert!(matches!(m.open.as_ref().unwrap().records.load, Load::Failed(_)));
    let effects = press(&mut m, "p");
    assert!(goes_on(&effects, 2), "{effects:?}");
    tell(&mut m, &effects, JobEvent::Rows(Box::new(RecordsPart { ids: None, ..part(&["10"], 3) })));
    tell(&mut m, &effects, JobEvent::Done(Box::new(Output::Records(RecordsDone::default()))));
    assert_eq!(rows(&m, &["study_id"]), ["1", "2", "10"]);
    press(&mut m, "p");
    assert!(m.notice.as_ref().is_some_and(|n| n.text.contains("no records are being read")));
}

#[test]
fn logic_that_the_server_would_refuse_is_not_sent() {
    let mut m = loaded();
    let effects = press(&mut m, "L[nothing] = 1<Enter>");
    assert!(effects.is_empty(), "{effects:?}");
    let picture = support::picture(&m);
    assert!(picture.contains("Refused: ") && picture.contains("nothing"), "{picture}");
    let effects = press(&mut m, "<C-u>[sex] = '2'<Enter>");
    let sent = effects.iter().any(
        |e| matches!(e, Effect::Start { job: Job::Records(_, w), .. } if w.filter_logic == "[sex] = '2'"),
    );
    assert!(sent, "{effects:?}");
    // Another instrument starts without it.
    m.pane = capscope::app::model::Pane::List;
    let effects = press(&mut m, "j<Enter>");
    assert!(
        effects
            .iter()
            .any(|e| matches!(e, Effect::Start { job: Job::Records(_, w), .. } if w.filter_logic.is_empty()))
    );
}

#[test]
fn a_filter_on_the_server_and_the_same_filter_here_show_the_same_rows() {
    let mut app = App::demo(120, 36);
    app.keys("3j<Enter>").idle();
    app.keys("/sbp >= 130<Enter>");
    let here = rows(&app.shell.model, &["study_id", "redcap_event_name", "sbp"]);
    app.keys("<Esc>L[sbp] >= 130<Enter>").idle();
    let there = rows(&app.shell.model, &["study_id", "redcap_event_name", "sbp"]);
    assert_eq!(here, there);
    assert!(!there.is_empty());
    app.assert_shows("on the server: [sbp] >= 130");
    app.keys("L<C-u><Enter>").idle();
    assert!(rows(&app.shell.model, &["study_id"]).len() > there.len());
}

#[test]
fn the_status_grid_is_filtered_by_record_group_and_state_and_sorted_by_what_is_missing() {
    let mut app = App::demo(120, 36);
    app.keys("3S").idle();
    let shown = |app: &App| -> Vec<String> {
        let view = &app.shell.model.open.as_ref().unwrap().grid;
        view.rows.iter().map(|&r| view.grid.rows[r].0.clone()).collect()
    };
    assert_eq!(shown(&app), ["001", "002", "003", "004", "005", "010"]);
    for (filter, records) in [
        ("site_a", &["001", "002", "003"][..]),
        ("DAG = site_b", &["004", "005"]),
        ("DAG = blank", &["010"]),
        ("visit = incomplete", &["002"]),
        ("visit = not started", &["004"]),
        ("demographics = unverified or demographics = incomplete", &["005", "010"]),
        ("record > 004", &["005", "010"]),
    ] {
        app.keys(&format!("/<C-u>{filter}<Enter>"));
        assert_eq!(shown(&app), records, "{filter}");
        app.assert_shows(&format!("{} of 6 records", records.len()));
    }
    app.keys("/<C-u>vist = complete");
    app.assert_shows("There is no column “vist” here. Is it visit?");
    app.keys("<Esc>");
    // The baseline visit: what is missing first.
    app.keys("<Right>s");
    assert_eq!(shown(&app), ["005", "010", "004", "001", "002", "003"]);
    app.keys("s");
    assert_eq!(shown(&app)[0], "001");
    app.keys("<Enter>").idle();
    app.assert_shows("Record 001");
}
