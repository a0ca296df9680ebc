//! Other keys for actions: they work, hints and sentences follow, and what cannot be is told.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

mod support;

use capscope::app::Model;
use capscope::app::keymap::{Keymap, Wish};
use capscope::app::model::{Level, Pane, Section};
use capscope::store::settings::{TEMPLATE, parse};
use support::{picture, press};

fn with(keys: &[(&str, &str)]) -> Model {
    let wish = |(line, (action, key)): (usize, &(&str, &str))| Wish {
        line,
        action: (*action).into(),
        keys: vec![(*key).into()],
    };
    let wishes: Vec<Wish> = keys.iter().enumerate().map(wish).collect();
    let (map, problems) = Keymap::new(&wishes);
    assert!(problems.is_empty(), "{problems:?}");
    let mut model = support::model();
    model.options.keys = map;
    model
}

#[test]
fn a_changed_key_works_its_old_one_does_not_and_hints_help_and_palette_show_it() {
    let mut model = with(&[("section-3", "Z"), ("filter", "F7"), ("quit", "Ctrl+D"), ("down", "E")]);
    press(&mut model, "3");
    assert_eq!(model.section, Section::Overview, "3 does nothing any more");
    press(&mut model, "Z");
    assert_eq!(model.section, Section::Records);
    press(&mut model, "2E");
    assert_eq!(model.open.as_ref().unwrap().instruments.cursor.at, 1, "E moves down");
    assert_eq!(model.pane, Pane::List);
    let screen = picture(&model);
    let hints = screen.lines().nth(35).unwrap();
    assert!(hints.contains("F7 filter") && hints.contains("Ctrl+D quit"), "{hints}");
    press(&mut model, "<F7>vis");
    assert_eq!(model.filter.as_ref().unwrap().value(), "vis", "letters are typed, not pressed");
    press(&mut model, "<Esc>?");
    assert!(picture(&model).contains("F7            Filter this list"), "{}", picture(&model));
    press(&mut model, "<Esc><C-p>load again");
    assert!(picture(&model).contains("r, F5"), "{}", picture(&model));
}

#[test]
fn sentences_name_the_changed_key() {
    let mut model = with(&[("add-project", "F6"), ("demo", "F8")]);
    model.open = None;
    model.projects.clear();
    let screen = picture(&model);
    assert!(screen.contains("F6  adds a project") && screen.contains("F8  opens the invented"), "{screen}");
    assert!(screen.contains("+ Add a project  (F6)"), "{screen}");
}

#[test]
fn what_is_not_available_what_is_asked_and_what_is_told_name_the_changed_key() {
    let mut model = with(&[("mask", "F6"), ("changes", "F7"), ("pause", "F8")]);
    assert!(picture(&model).contains("masked (F6 shows"), "{}", picture(&model));
    press(&mut model, "<C-p>another span");
    assert!(picture(&model).contains("show what changed first (F7)"), "{}", picture(&model));
    press(&mut model, "<Esc><F6>");
    assert!(picture(&model).contains("F6 masks them"), "{}", picture(&model));
    press(&mut model, "<Esc>");
    model.notify(Level::Note, "Paused. {pause} goes on.");
    assert!(picture(&model).contains("Paused. F8 goes on."), "{}", picture(&model));
}

#[test]
fn settings_give_the_wishes_with_their_lines() {
    let text = "mouse = false\n[keys]\nreload = \"F6\"\nload-all = [\"A\", \"Ctrl+A\"]\nquit = 3\n";
    let (settings, problems) = parse(text);
    let found: Vec<(usize, &str, usize)> =
        settings.keys.iter().map(|k| (k.line, k.action.as_str(), k.keys.len())).collect();
    assert_eq!(found, [(3, "reload", 1), (4, "load-all", 2)]);
    assert_eq!((problems.len(), problems[0].line), (1, 5));
    assert!(!settings.mouse, "the other settings count");
    let (_, problems) = parse("keys = 1\n");
    assert_eq!(problems[0].line, 1);
}

#[test]
fn the_example_in_the_template_is_right() {
    let text: String = TEMPLATE
        .lines()
        .skip_while(|line| *line != "# [keys]")
        .flat_map(|line| [line.trim_start_matches("# "), "\n"])
        .collect();
    let (settings, problems) = parse(&text);
    assert!(problems.is_empty() && settings.keys.len() == 2, "{problems:?}");
    let wish = |k: &capscope::store::settings::KeyWish| Wish {
        line: k.line,
        action: k.action.clone(),
        keys: k.keys.clone(),
    };
    let (_, problems) = Keymap::new(&settings.keys.iter().map(wish).collect::<Vec<_>>());
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn section_live_names_the_changed_keys() {
    let keys = [
        ("listen", "F6"),
        ("watch-log", "F7"),
        ("set-up-live", "F8"),
        ("save-a-form", "F9"),
        ("read-back", "F10"),
        ("watch-pause", "F11"),
        ("copy", "F12"),
    ];
    let mut model = with(&keys);
    model.options.demo = true;
    press(&mut model, "8");
    let screen = picture(&model);
    for words in [
        "Triggers: off. F6 receives them.",
        "Log: not watched. F7 watches it",
        "in two ways. F6:",
        "setup. F7: capscope",
        "F8 sets up another address",
        "In the demo, F6 and then F9",
    ] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    model.live.state = capscope::app::live::LiveState::On(capscope::jobs::types::Listening {
        url: "http://127.0.0.1:7373/".into(),
        ..Default::default()
    });
    model.live.watch.state = capscope::app::live::WatchState::On;
    model.live.back.on = true;
    let screen = picture(&model);
    for words in
        ["7373/   (F12 copies)", "it; F8 sets up", "every 1 min (F11 changes)", "each trigger (F10 stops)"]
    {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
}

#[test]
fn leaving_says_the_changed_keys_and_so_does_the_way_to_the_other_panes() {
    let mut model = with(&[("copy", "F6"), ("quit", "F7"), ("next-pane", "F8"), ("demo", "F9")]);
    press(&mut model, "<C-c>");
    assert!(picture(&model).contains("F6 copies, F7 quits. Press Ctrl+C again"), "{}", picture(&model));
    (model.size, model.pane) = ((108, 24), Pane::Main);
    model.notice = None;
    assert!(picture(&model).contains("F8 panes"), "{}", picture(&model));
    model.open = None;
    model.projects.clear();
    press(&mut model, "a");
    assert!(picture(&model).contains("Esc, then F9 opens the demo"), "{}", picture(&model));
}

fn collect(dir: &std::path::Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

/// The sentences of the screen may not hold a key as a letter: it is another one where the settings
/// say so. Dialogs have keys of their own, which are fixed.
#[test]
fn no_sentence_of_a_section_holds_a_key_as_a_letter() {
    let key = regex::Regex::new(
        r#""[^"]*(?:^|[ .;:(])(?:[a-zA-Z?]|Enter|Space) (?:sets|receives|watches|copies|changes|shows|tells|stops|quits|lists|opens the|lifts|sets this|reads the record|again to|on \{name\})(?-u:\b)"#,
    )
    .unwrap();
    let dialogs = ["src/ui/dialogs/spot.rs", "src/ui/dialogs/problem.rs", "src/ui/dialogs/logic.rs"];
    let mut wrong = Vec::new();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for dir in ["src/app", "src/ui", "src/domain/filter"] {
        collect(&root.join(dir), &mut files);
    }
    assert!(files.len() > 100, "{}", files.len());
    for file in files {
        if dialogs.iter().any(|d| file.ends_with(d)) || file.ends_with("tests.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let lines = text.lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//"));
        wrong.extend(
            lines
                .filter(|(_, l)| key.is_match(l))
                .map(|(n, l)| format!("{}:{}: {}", file.display(), n + 1, l.trim())),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn why_a_call_cannot_be_sent_names_the_changed_key() {
    let mut model = with(&[("write-access", "F6")]);
    press(&mut model, "7/import rec<Enter>");
    let screen = picture(&model);
    assert!(screen.contains("F6 in section 1 or 5") && !screen.contains("{write-access}"), "{screen}");
    press(&mut model, "6");
    assert!(!picture(&model).contains("{write-access}"), "{}", picture(&model));
}
