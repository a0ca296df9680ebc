//! Behaviour by key strings: keys in, effects and a changed model out. No terminal, no network.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

mod support;

use capscope::app::dialog::Dialog;
use capscope::app::model::{Hit, Pane, Section};
use capscope::app::msg::{Effect, Mouse, Msg};
use capscope::app::records::Load;
use capscope::app::running::Slot;
use capscope::app::{Model, update};
use capscope::domain::columns::Column;
use capscope::domain::table::{RecordTable, TableBuilder};
use capscope::jobs::export::Sheet;
use capscope::jobs::types::{Job, JobEvent, Output, Progress, RecordsDone, RecordsPart};
use capscope::jobs::{Problem, Remedy};
use support::{model, noon, press};

fn open(model: &Model) -> &capscope::app::open::Open {
    model.open.as_ref().unwrap()
}

/// The only job that the effects start, with its generation.
fn started(effects: &[Effect]) -> (Slot, u64, &Job) {
    let mut starts = effects.iter().filter_map(|e| match e {
        Effect::Start { slot, generation, job } => Some((*slot, *generation, job)),
        _ => None,
    });
    let first = starts.next().expect("a job is started");
    assert!(starts.next().is_none(), "only one job is started");
    first
}

fn tell(model: &mut Model, slot: Slot, generation: u64, event: JobEvent) -> Vec<Effect> {
    update(model, Msg::Job { slot, generation, event: Box::new(event) })
}

fn rows(rows: &[[&str; 5]]) -> RecordTable {
    let mut builder = TableBuilder::new([
        "study_id",
        "redcap_event_name",
        "redcap_repeat_instrument",
        "redcap_repeat_instance",
        "sbp",
    ]);
    for row in rows {
        builder.push_row(row.iter().copied());
    }
    builder.finish()
}

/// A model with five rows of `visit` in the table.
fn with_records() -> Model {
    let mut model = model();
    let effects = press(&mut model, "3j<Enter>");
    let (slot, generation, job) = started(&effects);
    assert!(matches!(job, Job::Records(_, wanted) if wanted.forms == ["visit"]));
    let table = rows(&[
        ["10", "baseline_arm_1", "", "", "120"],
        ["2", "baseline_arm_1", "", "", "131"],
        ["2", "week_4_arm_1", "", "", ""],
        ["2", "week_4_arm_1", "visit", "1", "140"],
        ["2", "week_4_arm_1", "visit", "2", "150"],
    ]);
    let ids = Some(vec!["2".into(), "10".into(), "11".into()]);
    let part = RecordsPart { ids, rows: table, records_read: 2 };
    tell(&mut model, slot, generation, JobEvent::Rows(Box::new(part)));
    tell(&mut model, slot, generation, JobEvent::Done(Box::new(Output::Records(RecordsDone::default()))));
    model
}

#[test]
fn numbers_go_to_sections_and_the_focus_goes_where_one_starts() {
    let mut m = model();
    for (keys, section, pane) in [
        ("2", Section::Instruments, Pane::List),
        ("3", Section::Records, Pane::List),
        ("9", Section::Activity, Pane::Main),
        ("1", Section::Overview, Pane::Main),
    ] {
        press(&mut m, keys);
        assert_eq!((m.section, m.pane), (section, pane), "{keys}");
    }
}

#[test]
fn tab_goes_round_the_panes_of_the_section() {
    let mut m = model();
    press(&mut m, "2");
    let mut seen = vec![m.pane];
    for _ in 0..4 {
        press(&mut m, "<Tab>");
        seen.push(m.pane);
    }
    assert_eq!(seen, [Pane::List, Pane::Main, Pane::Card, Pane::Projects, Pane::List]);
    press(&mut m, "<S-Tab>");
    assert_eq!(m.pane, Pane::Projects);
}

#[test]
fn the_vim_keys_are_twins_of_the_arrows() {
    for (arrows, letters) in [("<Down>", "j"), ("<Down><Up>", "jk"), ("<End>", "G"), ("<End><Home>", "Gg")] {
        let (mut a, mut b) = (model(), model());
        press(&mut a, "2");
        press(&mut a, arrows);
        press(&mut b, "2");
        press(&mut b, letters);
        assert_eq!(open(&a).instruments.cursor, open(&b).instruments.cursor, "{arrows} {letters}");
    }
}

#[test]
fn another_instrument_shows_its_own_fields() {
    let mut m = model();
    press(&mut m, "2<Enter>jj");
    assert_eq!(open(&m).field().unwrap().name, "sex");
    press(&mut m, "<Esc>j");
    assert_eq!(open(&m).field().unwrap().name, "sbp");
}

#[test]
fn the_filter_narrows_while_typing_and_esc_clears_it_before_it_leaves() {
    let mut m = model();
    press(&mut m, "2<Enter>/sex");
    assert_eq!(open(&m).shown_fields().len(), 1);
    press(&mut m, "<Enter>");
    assert_eq!((m.filter.is_none(), open(&m).fields.filter.as_str()), (true, "sex"));
    press(&mut m, "<Esc>");
    assert_eq!((open(&m).fields.filter.as_str(), m.pane), ("", Pane::Main));
    press(&mut m, "<Esc>");
    assert_eq!(m.pane, Pane::List);
}

#[test]
fn letters_typed_into_the_filter_are_no_commands() {
    let mut m = model();
    let effects = press(&mut m, "2/qv9");
    assert!(effects.iter().all(|e| matches!(e, Effect::Remember(_))));
    assert_eq!(open(&m).instruments.filter, "qv9");
}

#[test]
fn records_are_read_only_when_asked_and_only_the_fields_of_the_instrument() {
    let mut m = model();
    assert!(press(&mut m, "3j").iter().all(|e| !matches!(e, Effect::Start { .. })));
    let effects = press(&mut m, "<Enter>");
    let (slot, _, job) = started(&effects);
    assert_eq!(slot, Slot::Records);
    let Job::Records(_, wanted) = job else { panic!("{job:?}") };
    assert_eq!(wanted.id_field, "study_id");
    assert_eq!(wanted.fields, ["sbp", "visit_complete"]);
    assert_eq!(wanted.events, ["baseline_arm_1", "week_4_arm_1"]);
    assert_eq!(wanted.limit, Some(500));
}

#[test]
fn rows_are_in_human_order_and_rows_that_cannot_hold_the_instrument_are_left_out() {
    let m = with_records();
    let records = &open(&m).records;
    let shown: Vec<(&str, &str)> = records
        .rows
        .iter()
        .map(|&r| (records.table.get(r, "study_id"), records.table.get(r, "sbp")))
        .collect();
    assert_eq!(shown, [("2", "131"), ("2", "140"), ("2", "150"), ("10", "120")]);
}

#[test]
fn a_part_is_shown_as_a_part_and_end_loads_the_rest() {
    let mut m = with_records();
    assert!(support::picture(&m).contains("first 2 of 3 records"));
    assert!(press(&mut m, "<End>").is_empty());
    let effects = press(&mut m, "<End>");
    let (_, _, job) = started(&effects);
    assert!(matches!(job, Job::Records(_, wanted) if wanted.limit.is_none()));
}

#[test]
fn old_rows_stay_until_the_first_new_ones_are_here() {
    let mut m = with_records();
    let effects = press(&mut m, "r");
    let (slot, generation, _) = started(&effects);
    assert_eq!(open(&m).records.rows.len(), 4);
    let part = RecordsPart { rows: rows(&[["7", "baseline_arm_1", "", "", "99"]]), ..RecordsPart::default() };
    tell(&mut m, slot, generation, JobEvent::Rows(Box::new(part)));
    assert_eq!(open(&m).records.rows.len(), 1);
}

#[test]
fn a_late_answer_of_an_older_load_is_dropped() {
    let mut m = with_records();
    let first = press(&mut m, "r");
    let (slot, old, _) = started(&first);
    let second = press(&mut m, "r");
    assert!(matches!(second.first(), Some(Effect::Cancel(Slot::Records, generation)) if *generation == old));
    let part = RecordsPart { rows: rows(&[["7", "baseline_arm_1", "", "", "99"]]), ..RecordsPart::default() };
    tell(&mut m, slot, old, JobEvent::Rows(Box::new(part)));
    assert_eq!(open(&m).records.rows.len(), 4, "the late rows are not taken");
}

#[test]
fn esc_stops_a_running_load_and_says_stopped_not_failed() {
    let mut m = model();
    let effects = press(&mut m, "3j<Enter>");
    let (_, generation, _) = started(&effects);
    let effects = press(&mut m, "<Esc>");
    assert!(matches!(effects.as_slice(), [Effect::Cancel(Slot::Records, g)] if *g == generation));
    assert_eq!(open(&m).records.load, Load::Stopped);
    assert!(m.is_idle());
    assert!(support::picture(&m).contains("Stopped"));
}

#[test]
fn a_failed_load_keeps_the_old_rows_and_d_shows_why() {
    let mut m = with_records();
    let effects = press(&mut m, "r");
    let (slot, generation, _) = started(&effects);
    let problem = Problem {
        remedy: Remedy::Retry,
        ..Problem::new("The server is busy", "It answered 503.", "Too much to do.", "Wait a minute.")
    };
    tell(&mut m, slot, generation, JobEvent::Failed(Box::new(problem)));
    assert_eq!(open(&m).records.rows.len(), 4);
    press(&mut m, "d");
    let picture = support::picture(&m);
    for text in ["The server is busy", "It answered 503.", "Too much to do.", "Wait a minute."] {
        assert!(picture.contains(text), "{text}\n{picture}");
    }
    let (slot, ..) = started(&press(&mut m, "r"));
    assert_eq!(slot, Slot::Records);
}

#[test]
fn identifiers_are_masked_until_a_yes_and_the_starting_key_is_not_the_yes() {
    let mut m = model();
    press(&mut m, "3m");
    assert!(matches!(m.dialog, Some(Dialog::Confirm(_))));
    press(&mut m, "m");
    assert!(open(&m).masked, "the key that asked does not answer");
    press(&mut m, "<Enter>");
    assert!(open(&m).masked, "Enter presses the safe button");
    press(&mut m, "my");
    assert!(!open(&m).masked);
    press(&mut m, "m");
    assert!(open(&m).masked, "masking again needs no question");
    press(&mut m, "m");
    assert!(!open(&m).masked, "asked once a session");
}

/// A batch of one record whose last name, an identifier, is Nutmouse.
fn one_record_with_an_identifier() -> RecordsPart {
    let mut builder = TableBuilder::new(["study_id", "redcap_event_name", "last_name", "sex"]);
    builder.push_row(["1", "baseline_arm_1", "Nutmouse", "2"]);
    RecordsPart { ids: Some(vec!["1".into()]), rows: builder.finish(), records_read: 1 }
}

#[test]
fn a_masked_value_is_masked_in_the_table_the_filter_result_and_the_clipboard() {
    let mut m = model();
    let effects = press(&mut m, "3<Enter>");
    let (slot, generation, _) = started(&effects);
    let part = one_record_with_an_identifier();
    tell(&mut m, slot, generation, JobEvent::Rows(Box::new(part)));
    press(&mut m, "<Right><Right>");
    assert!(!support::picture(&m).contains("Nutmouse"));
    let effects = press(&mut m, "c");
    assert!(effects.is_empty(), "neither the value nor its mask is copied: {effects:?}");
    assert!(support::picture(&m).contains("masked: nothing was copied"));
}

#[test]
fn v_cycles_labels_codes_and_both_without_a_request() {
    let mut m = model();
    let effects = press(&mut m, "3<Enter>");
    let (slot, generation, _) = started(&effects);
    let mut builder = TableBuilder::new(["study_id", "redcap_event_name", "sex"]);
    builder.push_row(["1", "baseline_arm_1", "2"]);
    let part = RecordsPart { rows: builder.finish(), ..RecordsPart::default() };
    tell(&mut m, slot, generation, JobEvent::Rows(Box::new(part)));
    for text in ["Female", "baseline_arm_1", "2 Female"] {
        assert!(support::picture(&m).contains(text), "{text}");
        assert!(press(&mut m, "v").is_empty());
    }
}

#[test]
fn users_are_read_when_their_section_is_first_shown() {
    let mut m = model();
    let (slot, ..) = started(&press(&mut m, "4"));
    assert_eq!(slot, Slot::Access);
    assert!(press(&mut m, "14").iter().all(|e| !matches!(e, Effect::Start { .. })), "once is enough");
}

#[test]
fn ctrl_c_explains_itself_first_and_quits_when_pressed_again_soon() {
    let mut m = model();
    assert!(press(&mut m, "<C-c>").is_empty());
    assert!(support::picture(&m).contains("Press Ctrl+C again to quit"));
    update(&mut m, Msg::Clock(noon() + jiff::SignedDuration::from_secs(10)));
    assert!(press(&mut m, "<C-c>").is_empty(), "too late for a second press");
    assert!(matches!(press(&mut m, "<C-c>").last(), Some(Effect::Quit)));
}

#[test]
fn ctrl_c_stops_a_running_job_first() {
    let mut m = model();
    press(&mut m, "3<Enter>");
    assert!(matches!(press(&mut m, "<C-c>").as_slice(), [Effect::Cancel(Slot::Records, _)]));
    assert!(m.is_idle());
}

#[test]
fn q_quits_but_asks_while_records_are_being_read() {
    let mut m = model();
    assert!(matches!(press(&mut m, "q").last(), Some(Effect::Quit)));
    press(&mut m, "3<Enter>");
    assert!(press(&mut m, "q").is_empty());
    assert!(matches!(m.dialog, Some(Dialog::Confirm(_))));
    assert!(press(&mut m, "<Enter>").is_empty(), "Enter goes on reading");
    press(&mut m, "q");
    assert!(matches!(press(&mut m, "y").last(), Some(Effect::Quit)));
}

#[test]
fn esc_never_quits() {
    let mut m = model();
    for _ in 0..10 {
        assert!(press(&mut m, "<Esc>").iter().all(|e| !matches!(e, Effect::Quit)));
    }
}

#[test]
fn an_action_that_cannot_be_done_says_why() {
    let mut m = model();
    press(&mut m, "3A");
    assert!(support::picture(&m).contains("load the first records first"));
}

#[test]
fn the_palette_finds_by_words_runs_and_remembers() {
    let mut m = model();
    press(&mut m, "<C-p>codebook<Enter>");
    assert_eq!(m.section, Section::Instruments);
    press(&mut m, ":");
    let Some(Dialog::Palette(palette)) = &m.dialog else { panic!() };
    assert_eq!(palette.found(&m.recent)[0].title, "Instruments");
}

#[test]
fn help_shows_the_keys_of_the_place_and_filters_while_typing() {
    let mut m = model();
    press(&mut m, "3?");
    let picture = support::picture(&m);
    assert!(picture.contains("Load the instrument's records"), "{picture}");
    press(&mut m, "quit");
    let picture = support::picture(&m);
    assert!(picture.contains("Ends capscope"), "{picture}");
    assert!(!picture.contains("Load the instrument's records"), "{picture}");
    press(&mut m, "<Esc>");
    assert!(m.dialog.is_none());
}

#[test]
fn forgetting_a_project_asks_and_the_safe_answer_has_the_focus() {
    let mut m = model();
    assert_eq!(m.pane, Pane::Projects);
    press(&mut m, "D<Enter>");
    assert!(m.is_idle(), "Enter keeps the project");
    let effects = press(&mut m, "Dy");
    assert!(matches!(started(&effects).2, Job::Forget(p) if p.id == "p1"));
}

/// A first start, and the way to the dialog that adds a project. Nothing starts by itself.
fn first_start(model: &mut Model) -> Vec<Effect> {
    assert!(update::start(model, None).is_empty() && model.dialog.is_none());
    press(model, "a")
}

#[test]
fn the_dialog_that_adds_a_project_looks_for_the_password_store_first() {
    let mut m = Model::new(capscope::app::model::Options::default(), Vec::new(), noon());
    let effects = first_start(&mut m);
    assert!(matches!(started(&effects).2, Job::ProbeVault));
    assert!(matches!(m.dialog, Some(Dialog::Add(_))));
    m.size = (80, 24);
    let picture = support::picture(&m);
    assert!(picture.contains("Add a REDCap project"), "{picture}");
    assert!(picture.contains("d opens the demo"), "{picture}");
    press(&mut m, "<Esc>");
    let (slot, _, job) = started_from(&mut m, "d");
    assert!(matches!((slot, job), (Slot::Projects, Job::StartDemo)));
}

fn started_from(model: &mut Model, keys: &str) -> (Slot, u64, Job) {
    let effects = press(model, keys);
    let (slot, generation, job) = started(&effects);
    (slot, generation, job.clone())
}

#[test]
fn without_a_password_store_the_dialog_offers_the_honest_choices() {
    let mut m = Model::new(capscope::app::model::Options::default(), Vec::new(), noon());
    m.size = (80, 24);
    let effects = first_start(&mut m);
    let (slot, generation, _) = started(&effects);
    let problem = Problem::new("No store", "No keyring was found.", "", "");
    tell(&mut m, slot, generation, JobEvent::Done(Box::new(Output::Vault(Err(problem)))));
    let picture = support::picture(&m);
    assert!(picture.contains("No keyring was found."), "{picture}");
    assert!(picture.contains("(o) only until I quit"), "{picture}");
    assert!(picture.contains("environment variable"), "{picture}");
}

#[test]
fn a_pasted_token_is_trimmed_masked_and_triggers_no_keys() {
    let mut m = Model::new(capscope::app::model::Options::default(), Vec::new(), noon());
    m.size = (80, 24);
    first_start(&mut m);
    let token = "0123456789ABCDEF0123456789ABCDEF";
    update(&mut m, Msg::Paste("https://redcap.example.edu/\n".into()));
    press(&mut m, "<Tab>");
    update(&mut m, Msg::Paste(format!("  {token}\r\n")));
    let picture = support::picture(&m);
    assert!(picture.contains(&"*".repeat(32)) && !picture.contains(token), "{picture}");
    let (_, _, job) = started_from(&mut m, "<Enter>");
    let Job::Add(draft) = &job else { panic!("{job:?}") };
    assert_eq!(draft.address, "https://redcap.example.edu/");
    assert!(draft.token.is_some());
    assert!(!format!("{job:?}").contains(token), "a token never shows in a debug text");
}

#[test]
fn a_wrong_address_or_token_is_told_before_anything_is_sent() {
    for (address, token, text) in [
        ("ftp://redcap.example.edu/", "0123456789ABCDEF0123456789ABCDEF", "address"),
        ("https://redcap.example.edu/", "0123", "32"),
        ("https://redcap.example.edu/", "0123456789ABCDEF0123456789ABCDEZ", "character 32"),
    ] {
        let mut m = Model::new(capscope::app::model::Options::default(), Vec::new(), noon());
        m.size = (80, 24);
        first_start(&mut m);
        update(&mut m, Msg::Paste(address.into()));
        press(&mut m, "<Tab>");
        update(&mut m, Msg::Paste(token.into()));
        let effects = press(&mut m, "<Enter>");
        assert!(effects.is_empty(), "{address} {token}");
        let picture = support::picture(&m);
        assert!(picture.contains('!') && picture.contains(text), "{picture}");
    }
}

#[test]
fn a_refused_token_says_its_causes_and_offers_a_new_one() {
    let mut m =
        Model::new(capscope::app::model::Options::default(), vec![support::saved("p1", "HF")], noon());
    m.size = (80, 24);
    let effects = update::start(&mut m, None);
    let (slot, generation, _) = started(&effects);
    let problem = Problem {
        remedy: Remedy::NewToken,
        details: "You do not have permissions to use the API".into(),
        ..Problem::new("REDCap refused this token", "403", "Several causes.", "Ask.")
    };
    tell(&mut m, slot, generation, JobEvent::Failed(Box::new(problem)));
    let picture = support::picture(&m);
    assert!(picture.contains("REDCap refused this token") && picture.contains("t new token"), "{picture}");
    press(&mut m, "d");
    assert!(support::picture(&m).contains("You do not have permissions"));
    press(&mut m, "t");
    let Some(Dialog::Add(add)) = &m.dialog else { panic!("{:?}", m.dialog) };
    assert_eq!(add.address.value(), "https://redcap.example.edu/api/");
}

#[test]
fn progress_is_shown_with_the_key_that_stops_it() {
    let mut m = model();
    let effects = press(&mut m, "3<Enter>");
    let (slot, generation, _) = started(&effects);
    let progress = Progress { step: "Reading records".into(), done: 120, total: Some(1284) };
    tell(&mut m, slot, generation, JobEvent::Progress(progress));
    let picture = support::picture(&m);
    assert!(picture.contains("Reading records: 120 of 1,284"), "{picture}");
    assert!(picture.contains("Esc stops"), "{picture}");
}

#[test]
fn a_click_chooses_and_a_second_click_opens() {
    let mut m = model();
    press(&mut m, "3");
    draw(&mut m);
    let (area, _) = *m.painted.hits.iter().find(|(_, hit)| *hit == Hit::Row(Pane::List, 1)).unwrap();
    assert!(update(&mut m, Msg::Mouse(Mouse::Click, area.x + 2, area.y)).is_empty());
    assert_eq!(open(&m).instrument().unwrap().name, "visit");
    draw(&mut m);
    let effects = update(&mut m, Msg::Mouse(Mouse::Click, area.x + 2, area.y));
    assert!(matches!(started(&effects).2, Job::Records(_, wanted) if wanted.forms == ["visit"]));
}

#[test]
fn hints_and_tabs_can_be_clicked() {
    let mut m = model();
    draw(&mut m);
    let find = |m: &Model, hit: Hit| m.painted.hits.iter().find(|(_, h)| *h == hit).unwrap().0;
    let tab = find(&m, Hit::Section(Section::Instruments));
    update(&mut m, Msg::Mouse(Mouse::Click, tab.x, tab.y));
    assert_eq!(m.section, Section::Instruments);
    draw(&mut m);
    let help = find(&m, Hit::Action(capscope::app::actions::Id::Help));
    update(&mut m, Msg::Mouse(Mouse::Click, help.x, help.y));
    assert!(matches!(m.dialog, Some(Dialog::Help(_))));
}

fn draw(model: &mut Model) {
    let area = ratatui::layout::Rect::new(0, 0, model.size.0, model.size.1);
    let mut buffer = ratatui::buffer::Buffer::empty(area);
    let painted = capscope::ui::render(model, &mut buffer);
    update(model, Msg::Painted(painted));
}

#[test]
fn the_mouse_can_be_switched_off() {
    let mut m = model();
    draw(&mut m);
    assert!(matches!(press(&mut m, "%").as_slice(), [Effect::Mouse(false)]));
    let before = m.section;
    update(&mut m, Msg::Mouse(Mouse::Click, 20, 1));
    assert_eq!(m.section, before);
}

#[test]
fn a_notice_goes_by_itself_but_a_problem_stays_until_a_key() {
    let mut m = model();
    press(&mut m, "%");
    assert!(m.notice.is_some());
    update(&mut m, Msg::Clock(noon() + jiff::SignedDuration::from_secs(5)));
    assert!(m.notice.is_none());
    m.notify(capscope::app::model::Level::Problem, "lost");
    update(&mut m, Msg::Clock(noon() + jiff::SignedDuration::from_secs(200)));
    assert!(m.notice.is_some());
    press(&mut m, "j");
    assert!(m.notice.is_none());
}

#[test]
fn s_sorts_up_down_and_back_and_says_the_rule() {
    let mut m = with_records();
    let shown = |m: &Model| -> Vec<String> {
        let records = &open(m).records;
        records.rows.iter().map(|&r| records.table.get(r, "sbp").to_owned()).collect()
    };
    let at = open(&m).records.columns.iter().position(|c| c.name == "sbp").unwrap();
    press(&mut m, &"<Right>".repeat(at));
    press(&mut m, "s");
    assert_eq!(shown(&m), ["120", "131", "140", "150"]);
    assert!(support::picture(&m).contains("Sorted by sbp, numbers up"));
    press(&mut m, "s");
    assert_eq!(shown(&m), ["150", "140", "131", "120"]);
    press(&mut m, "s");
    assert_eq!(shown(&m), ["131", "140", "150", "120"]);
}

#[test]
fn an_export_leaves_identifiers_out_unless_asked() {
    let mut m = model();
    let effects = press(&mut m, "3<Enter>");
    let (slot, generation, _) = started(&effects);
    let part = one_record_with_an_identifier();
    tell(&mut m, slot, generation, JobEvent::Rows(Box::new(part)));
    tell(&mut m, slot, generation, JobEvent::Done(Box::new(Output::Records(RecordsDone::default()))));
    let (_, _, job) = started_from(&mut m, "e<Enter>");
    let written = |sheet: &Sheet| -> Vec<String> {
        let text = |c: &Column| c.text(&sheet.table, sheet.rows[0], sheet.values, false, &sheet.metadata);
        sheet.columns.iter().map(|c| format!("{}={}", c.name, text(c))).collect()
    };
    let Job::Export(sheet, _, path) = job else { panic!("{job:?}") };
    assert_eq!(written(&sheet), ["study_id=1", "redcap_event_name=Baseline", "sex=Female"]);
    assert_eq!(path.to_str(), Some("482_demographics_20260310.csv"));
    let (_, _, job) = started_from(&mut m, "e<Up> <Down><Enter>");
    let Job::Export(sheet, ..) = job else { panic!("{job:?}") };
    assert!(written(&sheet).contains(&"last_name=Nutmouse".to_owned()), "{:?}", written(&sheet));
    // A whole instrument is read without the fields that are left out.
    let (_, _, job) = started_from(&mut m, "e<Tab><Tab><Tab> <Up><Up><Enter>");
    let Job::ExportWhole(_, whole) = job else { panic!("{job:?}") };
    assert_eq!(whole.wanted.fields, ["sex", "demographics_complete"]);
}
