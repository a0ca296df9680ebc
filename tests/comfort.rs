//! The screen suits the person before it: colours, plain ASCII, nothing that moves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

mod support;

use capscope::app::Model;
use capscope::app::grid::State;
use capscope::app::looks::ThemeKind;
use capscope::app::model::Level;
use capscope::app::{Msg, update};
use capscope::store::settings::{THEMES, parse};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use support::{App, noon, press};

fn draw(model: &mut Model, width: u16, height: u16) -> Buffer {
    model.size = (width, height);
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    capscope::ui::render(model, &mut buffer);
    buffer
}

fn rows(buffer: &Buffer) -> Vec<String> {
    let width = usize::from(buffer.area.width);
    buffer.content.chunks(width).map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect()).collect()
}

#[test]
fn settings_command_line_and_screen_know_the_same_themes() {
    let words: HashSet<&str> = ThemeKind::ALL.iter().map(|kind| kind.word()).collect();
    assert_eq!(words, THEMES.into_iter().collect());
    for word in THEMES {
        let (settings, problems) = parse(&format!("theme = \"{word}\"\n"));
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(settings.theme, word);
    }
    let (settings, problems) = parse("\ntheme = \"pink\"\n");
    assert_eq!((settings.theme, problems.len(), problems[0].line), ("auto", 1, 2));
}

#[test]
fn colours_are_shown_while_they_are_chosen_and_esc_brings_the_old_ones_back() {
    let mut model = support::model();
    press(&mut model, "<C-p>colours<Enter><Down><Down>");
    assert_eq!(model.options.theme, ThemeKind::Light);
    press(&mut model, "<Esc>");
    assert_eq!(model.options.theme, ThemeKind::Auto);
    press(&mut model, "<C-p>colours<Enter>mono<Enter>");
    assert_eq!(model.options.theme, ThemeKind::Mono);
    assert!(model.notice.unwrap().text.contains("theme = \"mono\""));
}

/// The status grid of the demo: every sign stands for one state, and the card has its word.
#[test]
fn the_status_grid_is_read_without_colours_and_without_seeing_red_from_green() {
    let mut app = App::demo(120, 36);
    app.keys("3S").idle();
    let signs: HashSet<&str> = State::ALL.iter().map(|s| s.sign()).collect();
    let words: HashSet<&str> = State::ALL.iter().map(|s| s.words()).collect();
    assert_eq!((signs.len(), words.len()), (State::ALL.len(), State::ALL.len()));
    for theme in [ThemeKind::Mono, ThemeKind::ColourBlind, ThemeKind::ColourBlindLight] {
        let mut model = app.shell.model.clone();
        model.options.theme = theme;
        let buffer = draw(&mut model, 120, 36);
        let text = rows(&buffer);
        for state in State::ALL {
            let legend = format!("  {}  {}", state.sign(), state.words());
            assert!(text.iter().any(|row| row.contains(&legend)), "{theme:?}: {legend}\n{}", text.join("\n"));
        }
        assert!(text.iter().any(|row| row.contains("This column: ")), "{theme:?}");
        // The row under the cursor has its mark besides the reverse video.
        let cursor = text.iter().position(|row| row.contains("┃>")).unwrap();
        let row = &buffer.content[cursor * 120..(cursor + 1) * 120];
        assert!(row.iter().any(|cell| cell.modifier.contains(Modifier::REVERSED)));
        if theme == ThemeKind::Mono {
            assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
        }
    }
}

/// The keys to all sections and to what lies over them.
const PLACES: &[&str] = &[
    "1",
    "1<Tab>",
    "2jj",
    "2j<Enter>jj",
    "3",
    "3j<Enter><Right>",
    "3j<Enter><Right><Right>s",
    "3<Enter>/sbq >= 130",
    "3<Enter>o",
    "3<Enter>i",
    "3<Enter>L[sbp] >= 130",
    "3S",
    "3Q",
    "3Q<Down><Down><Down><Enter>",
    "3<Enter>=[sex]='2'<Enter>",
    "3<Enter>e",
    "3<Enter><Enter>jjj",
    "3<Enter><Enter>H",
    "3N",
    "3w",
    "4",
    "4<Enter>",
    "5",
    "5<Enter>/data/visits.csv",
    "6",
    "6t",
    "7",
    "7/export records<Enter><Enter><Down>",
    "7/instrument export<Enter>s",
    "7/instrument export<Enter>p",
    "8",
    "9",
    "<C-f>",
    "<C-p>",
    "?",
    "3m",
    "<C-p>colours<Enter>",
];

#[test]
fn ascii_mode_draws_nothing_beyond_ascii() {
    let mut app = App::demo(120, 36);
    let fresh = app.shell.model.clone();
    for keys in PLACES {
        app.shell.model = fresh.clone();
        let mut rest = *keys;
        while let Some((_, tail)) = capscope::app::keys::Key::parse_one(rest) {
            app.keys(&rest[..rest.len() - tail.len()]).idle();
            rest = tail;
        }
        let mut model = app.shell.model.clone();
        model.options.ascii = true;
        for (width, height) in [(120, 36), (80, 24), (60, 16)] {
            let text = rows(&draw(&mut model, width, height)).join("\n");
            assert!(text.is_ascii(), "at {keys}\n{text}");
            // Names of actions stand for keys in sentences, and none is left over.
            let left = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            let name =
                text.split('{').skip(1).filter_map(|t| t.split_once('}')).find(|(n, _)| n.chars().all(left));
            assert!(name.is_none(), "at {keys}: {name:?}\n{text}");
        }
    }
}

#[test]
fn ascii_mode_keeps_the_letters_of_the_project() {
    let mut model = support::model();
    model.options.ascii = true;
    model.projects[0].name = "Zürich 研究".into();
    let text = rows(&draw(&mut model, 120, 36)).join("\n");
    assert!(text.contains("Zürich 研 究"), "{text}");
}

/// Whatever the source can draw has a plain twin, also where no screen above shows it.
#[test]
fn every_sign_in_the_source_of_the_screen_has_a_plain_twin() {
    let mut signs = BTreeSet::new();
    for room in ["src/app", "src/ui", "src/jobs"] {
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(room), &mut signs);
    }
    assert!(signs.len() > 20, "{signs:?}");
    let mut model = support::model();
    model.options.ascii = true;
    model.open = None;
    for sign in signs.into_iter().filter(|c| !c.is_alphabetic()) {
        model.projects[0].name = sign.to_string();
        let text = rows(&draw(&mut model, 120, 36)).join("\n");
        assert!(text.is_ascii(), "{sign:?} stays\n{text}");
    }
}

fn collect(dir: &Path, signs: &mut BTreeSet<char>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, signs);
            continue;
        }
        let is_test = path.components().any(|c| c.as_os_str() == "tests") || path.ends_with("tests.rs");
        if is_test {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        signs.extend(lines.flat_map(str::chars).filter(|c| !c.is_ascii()));
    }
}

#[test]
fn with_reduced_motion_the_screen_changes_only_after_a_key_or_an_answer() {
    let mut model = support::model();
    model.options.lock_after = None;
    press(&mut model, "r");
    assert!(!model.is_idle());
    assert!(model.next_change().is_some(), "a clock runs beside a job");
    model.options.reduced_motion = true;
    assert_eq!(model.next_change(), None);
    model.notify(Level::Note, "Something to know.");
    assert_eq!(model.next_change(), None);
    update(&mut model, Msg::Clock(noon() + jiff::SignedDuration::from_mins(5)));
    assert!(model.notice.is_some(), "what is said stays");
    press(&mut model, "j");
    assert!(model.notice.is_none(), "and goes with the next key");
}

#[test]
fn idle_nothing_is_due_but_the_lock() {
    let mut model = support::model();
    assert_eq!(model.next_change(), Some(noon() + jiff::SignedDuration::from_mins(5)));
    model.options.lock_after = None;
    assert_eq!(model.next_change(), None, "nothing is drawn again");
}
