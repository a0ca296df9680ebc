//! Wishes for keys are taken where nothing else has the key, and told with their line where not.

use super::*;

fn wish(line: usize, action: &str, keys: &[&str]) -> Wish {
    Wish { line, action: action.into(), keys: keys.iter().map(|k| (*k).to_owned()).collect() }
}

fn action(id: Id) -> &'static Action {
    ACTIONS.iter().find(|a| a.id == id && can_change(a)).unwrap()
}

#[test]
fn every_action_that_can_be_changed_has_a_name_of_its_own() {
    let mut names: Vec<String> = ACTIONS.iter().filter(|a| can_change(a)).map(|a| name(a.id)).collect();
    let mut titles: Vec<&str> = ACTIONS.iter().filter(|a| can_change(a)).map(|a| a.title).collect();
    let n = names.len();
    names.sort();
    names.dedup();
    titles.sort_unstable();
    titles.dedup();
    assert_eq!(names.len(), n, "two actions have one name");
    assert_eq!(titles.len(), n, "two actions have one title");
    assert!(names.contains(&"load-all".to_owned()) && names.contains(&"section-3".to_owned()));
}

#[test]
fn keys_are_read_as_people_write_them_and_as_they_are_shown() {
    for text in
        ["a", "A", "<", "%", "Ctrl+P", "F5", "Enter", "PgDn", "Space", "Shift+Tab", "Backspace", "Del"]
    {
        assert_eq!(read_key(text).unwrap().to_string(), text);
    }
    for text in ["", "Alt+P", "Ctrl+", "Ctrl+PP", "Return", "ab"] {
        assert_eq!(read_key(text), None, "{text}");
    }
}

#[test]
fn a_wish_replaces_the_keys_and_hints_follow() {
    let (map, problems) = Keymap::new(&[wish(1, "reload", &["F6", "Z"]), wish(2, "logic", &[])]);
    assert!(problems.is_empty(), "{problems:?}");
    let reload = action(Id::Reload);
    assert!(map.has(reload, Key::char('Z')) && !map.has(reload, Key::char('r')));
    assert_eq!((map.shown(reload).unwrap(), map.words(reload)), ("F6".into(), "F6, Z".into()));
    assert_eq!(map.shown(action(Id::Logic)), None);
    assert_eq!(map.say("{reload}  tries again, {quit} quits, {x"), "F6  tries again, q quits, {x");
    assert_eq!(Keymap::default().say("{reload}  tries again"), "r  tries again");
}

#[test]
fn clashes_unknown_names_and_keys_that_lead_out_are_told_with_their_line() {
    let (map, problems) = Keymap::new(&[
        wish(3, "reload", &["q"]),
        wish(4, "relaod", &["Z"]),
        wish(5, "quit", &["Esc"]),
        wish(6, "copy", &["Alt+C"]),
        wish(7, "grid", &["s"]),
        wish(8, "back", &["b"]),
    ]);
    assert_eq!(map, Keymap::default(), "none of them is used");
    let lines: Vec<usize> = problems.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [3, 4, 5, 6, 7, 8]);
    assert_eq!(problems[0].1, "'reload' cannot have the key q: it is 'quit' (Quit). Its own key stays.");
    assert!(problems[4].1.contains("Sort by this column"), "{}", problems[4].1);
}

#[test]
fn two_actions_can_swap_their_keys_and_only_both_or_none() {
    let (map, problems) = Keymap::new(&[wish(1, "sort", &["S"]), wish(2, "grid", &["s"])]);
    assert!(problems.is_empty(), "{problems:?}");
    assert!(map.has(action(Id::Sort), Key::char('S')) && map.has(action(Id::Grid), Key::char('s')));
    let (map, problems) = Keymap::new(&[wish(1, "sort", &["S"]), wish(2, "grid", &["q"])]);
    assert_eq!((map, problems.len()), (Keymap::default(), 2), "S is the grid's again");
}
