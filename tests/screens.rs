//! Pictures of every screen at two sizes, with their styles; and every size without a panic.
//!
//! `INSTA_UPDATE=always cargo test --test screens` accepts what is drawn now.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

mod support;

use capscope::app::Model;
use capscope::app::dialog::{Dialog, ProblemView};
use capscope::app::looks::ThemeKind;
use capscope::app::model::Options;
use capscope::app::records::Load;
use capscope::jobs::{Problem, Remedy};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use support::{App, picture};

/// The keys to each screen from the start of the demo.
const SCREENS: &[(&str, &str)] = &[
    ("overview", ""),
    ("overview_card", "<Tab>"),
    ("instruments", "2jj"),
    ("fields", "2j<Enter>jj"),
    ("fields_filter", "2<Enter>/name"),
    ("records_never", "3"),
    ("records", "3j<Enter><Right>"),
    ("records_codes", "3<Enter>v<Right><Right><Right>"),
    ("records_sorted", "3j<Enter><Right><Right><Right>s"),
    ("records_filter", "3j<Enter>/sbp >= 130"),
    ("records_filter_mistake", "3j<Enter>/sbq >= 130"),
    ("records_columns", "3j<Enter><Right><Right><Right>ojj<Space>"),
    ("records_search", "3j<Enter>F1"),
    ("records_summary", "3j<Enter><Right><Right><Right><Right>i"),
    ("records_server_filter", "3j<Enter>L[sbp] >= 130 and [nothing]"),
    ("grid", "3Sjj<Right><Right>"),
    ("quality", "3Q"),
    ("findings", "3Q<Down><Down><Down><Down><Down><Down><Down><Down><Enter>"),
    ("quality_export", "3Qe"),
    ("logic", "3<Enter>=[sex]='2' and [notes_free]<lt><gt>''<Enter>"),
    ("logic_mistake", "3<Enter>=[sax]=1 or [sex"),
    ("record_why", "3Q<Enter>jjjjjjjjjjjjjjjjjj<Enter><Tab>"),
    ("export", "3<Enter>e"),
    ("record", "3<Enter><Enter>jjj"),
    ("record_card", "3<Enter><Enter>jjj<Tab>"),
    ("users", "4"),
    ("rights", "4<Enter>"),
    ("playground", "7"),
    ("playground_form", "7/export records<Enter><Enter><Down><Down><Down><Down>"),
    ("playground_param", "7/export records<Enter><Enter><Down><Down><Down><Down><Enter>visit<Down>"),
    ("playground_refused", "7/delete records<Enter><Enter>"),
    ("playground_answer", "7/instrument export<Enter>s<Down>/moca<Enter>"),
    ("playground_code", "7/instrument export<Enter>p"),
    ("playground_calls", "7/instrument export<Enter>sfs<Esc>y<Space>"),
    ("check_never", "5"),
    ("check_file", "5<Enter>/data/visits.csv"),
    ("token_untested", "6"),
    ("token", "6t"),
    ("token_method", "6tG<Tab>"),
    ("activity", "9"),
    ("palette", "3<C-p>load"),
    ("help", "3?"),
    ("confirm", "3m"),
];

fn demo(width: u16, height: u16, keys: &str) -> App {
    let mut app = App::demo(width, height);
    let mut rest = keys;
    while let Some((_, tail)) = capscope::app::keys::Key::parse_one(rest) {
        app.keys(&rest[..rest.len() - tail.len()]).idle();
        rest = tail;
    }
    app
}

#[test]
fn screens_wide() {
    for (name, keys) in SCREENS {
        let app = demo(120, 36, keys);
        insta::assert_snapshot!(format!("wide_{name}"), picture(&app.still()));
    }
}

#[test]
fn screens_medium() {
    for (name, keys) in SCREENS {
        let app = demo(80, 24, keys);
        insta::assert_snapshot!(format!("medium_{name}"), picture(&app.still()));
    }
}

fn problem() -> Problem {
    Problem {
        remedy: Remedy::NewToken,
        details: "You do not have permissions to use the API".into(),
        ..Problem::new(
            "REDCap refused this token",
            "The server answered 403.",
            "The token was changed, or API Export was switched off in User Rights.",
            "Copy the token again, or ask for the right 'API Export'.",
        )
    }
}

/// Models that the demo does not lead to.
fn states() -> Vec<(&'static str, Model)> {
    let mut states = Vec::new();
    let mut first = Model::new(Options::default(), Vec::new(), support::noon());
    capscope::app::update::start(&mut first, None);
    states.push(("welcome", first.clone()));
    support::press(&mut first, "a");
    states.push(("first_start", first));

    let mut loading = Model::new(Options::default(), vec![support::saved("p1", "HF-301")], support::noon());
    capscope::app::update::start(&mut loading, None);
    states.push(("project_loading", loading.clone()));
    loading.open.as_mut().unwrap().problem = Some(problem());
    states.push(("project_failed", loading.clone()));
    loading.dialog = Some(Dialog::Problem(ProblemView { details: true, ..ProblemView::of(problem()) }));
    states.push(("problem", loading));

    let mut records = support::model();
    support::press(&mut records, "3<Enter>");
    states.push(("records_loading", records.clone()));
    records.open.as_mut().unwrap().records.load = Load::Failed(problem());
    records.jobs.ended(capscope::app::running::Slot::Records);
    states.push(("records_failed", records));

    let mut saved = support::model();
    let open = saved.open.as_mut().unwrap();
    open.source =
        Some(capscope::jobs::types::Source::Saved(support::noon() - jiff::SignedDuration::from_hours(18)));
    open.problem = Some(problem());
    states.push(("offline", saved));

    let mut wide_characters = support::model();
    let open = wide_characters.open.as_mut().unwrap();
    open.metadata.instruments[0].label = "漢字の書式 with a very long name that must be cut".into();
    support::press(&mut wide_characters, "2");
    states.push(("wide_characters", wide_characters));

    let mut check = support::checked_model();
    states.push(("check_findings", check.clone()));
    support::press(&mut check, "v<Down>");
    states.push(("check_cells", check.clone()));
    support::press(&mut check, "Wy");
    states.push(("check_switching", check));

    let mut logic = support::model();
    let open = logic.open.as_mut().unwrap();
    let mut fields = open.metadata.dictionary.fields().to_vec();
    fields[3].branching_logic = "[sxe] = '2' and [sex] = 'Female'".into();
    open.metadata.dictionary = capscope::domain::dictionary::Dictionary::new(fields);
    open.review = capscope::domain::logic::review(&open.metadata);
    support::press(&mut logic, "2j<Enter>");
    states.push(("logic", logic.clone()));
    support::press(&mut logic, "1");
    states.push(("logic_overview", logic));
    states
}

#[test]
fn states_wide_and_medium() {
    for (name, mut model) in states() {
        for (size, width, height) in [("wide", 120, 36), ("medium", 80, 24)] {
            model.size = (width, height);
            insta::assert_snapshot!(format!("{size}_state_{name}"), picture(&model));
        }
    }
}

#[test]
fn no_size_makes_drawing_panic() {
    let mut models: Vec<Model> = states().into_iter().map(|(_, model)| model).collect();
    for (_, keys) in SCREENS {
        models.push(demo(120, 36, keys).still());
    }
    for model in &mut models {
        for width in 0..=60 {
            for height in 0..=20 {
                draw(model, width, height);
            }
        }
        // The borders between the layouts.
        for (width, height) in [(79, 20), (80, 19), (80, 20), (109, 24), (110, 23), (110, 24), (250, 80)] {
            draw(model, width, height);
        }
    }
}

fn draw(model: &mut Model, width: u16, height: u16) -> Buffer {
    model.size = (width, height);
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    capscope::ui::render(model, &mut buffer);
    buffer
}

#[test]
fn the_project_and_the_read_only_mark_are_there_at_every_usable_size() {
    let mut model = demo(120, 36, "").still();
    for (width, height) in [(60, 16), (79, 24), (80, 24), (109, 30), (120, 36), (200, 60)] {
        let buffer = draw(&mut model, width, height);
        let first: String = (0..width).map(|x| buffer[(x, 0)].symbol()).collect();
        assert!(first.contains("BREATHE") && first.contains("[READ-ONLY]"), "{width}x{height}: {first}");
    }
}

#[test]
fn a_window_that_is_too_small_says_how_large_it_must_be() {
    let mut model = support::model();
    let buffer = draw(&mut model, 52, 14);
    let text: String =
        (0..2).flat_map(|y| (0..52).map(move |x| (x, y))).map(|p| buffer[p].symbol()).collect();
    assert!(text.contains("60 x 16 needed, 52 x 14 now"), "{text}");
}

#[test]
fn ascii_mode_draws_ascii_only() {
    let mut model = demo(120, 36, "3<Enter>").still();
    model.options.ascii = true;
    let buffer = draw(&mut model, 120, 36);
    for cell in &buffer.content {
        // Letters of the project's own texts stay; everything capscope draws itself is ASCII.
        let c = cell.symbol().chars().next().unwrap();
        assert!(c.is_ascii() || c.is_alphabetic(), "{c:?}");
    }
}

#[test]
fn mono_uses_no_colour_and_no_theme_sets_a_background() {
    for theme in ThemeKind::ALL {
        let mut model = demo(120, 36, "3<Enter>").still();
        model.options.theme = theme;
        let buffer = draw(&mut model, 120, 36);
        for cell in &buffer.content {
            assert_eq!(cell.bg, ratatui::style::Color::Reset);
            assert!(theme != ThemeKind::Mono || cell.fg == ratatui::style::Color::Reset);
        }
    }
}

#[test]
fn server_text_cannot_steer_the_terminal() {
    let mut model = support::model();
    let open = model.open.as_mut().unwrap();
    open.metadata.info.title = "Evil \u{1b}[31m\u{1b}]52;c;eA==\u{7} title".into();
    open.metadata.instruments[0].label = "In\u{1b}[2Jstrument\u{202e}".into();
    open.project.name = "Name\u{1b}[0m".into();
    model.projects[0].name = "Name\u{1b}[0m".into();
    for keys in ["1", "2", "3", "4", "9"] {
        support::press(&mut model, keys);
        let buffer = draw(&mut model, 120, 36);
        for cell in &buffer.content {
            assert!(!cell.symbol().chars().any(|c| c.is_control() || c == '\u{202e}'), "{:?}", cell.symbol());
        }
    }
}
