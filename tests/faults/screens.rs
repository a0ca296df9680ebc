//! The screen while the server is in trouble: the old data stay, and what happened is said.

#[path = "../support/mod.rs"]
mod support;

use capscope::app::changes::LogLoad;
use capscope::app::grid::GridLoad;
use capscope::app::records::Load;
use capscope::domain::project::Readable;
use support::App;

/// A few faults, at both sizes that people are promised: the matrix has all of them.
const FAULTS: [(u16, u16, &str); 6] = [
    (120, 36, "503"),
    (80, 24, "page"),
    (120, 36, "cut-quoted"),
    (80, 24, "reset"),
    (80, 24, "301-elsewhere"),
    (120, 36, "ban"),
];

/// What the keys of the message line are, whatever the problem is.
const KEYS: &str = "d details, r tries again.";

#[test]
fn a_project_that_cannot_be_read_again_stays_on_screen() {
    for (width, height, fault) in FAULTS {
        let mut app = App::demo_with(width, height, &[&format!("{fault}@metadata#2-")]);
        let before = app.shell.model.open.as_ref().unwrap().metadata.clone();
        assert!(before.dictionary.fields().len() > 20);
        // The users are there too, and are not asked for again.
        app.keys("4").idle();
        app.keys("1r").idle();
        let open = app.shell.model.open.as_ref().unwrap();
        assert!(open.problem.is_some(), "{fault}");
        assert_eq!(open.metadata.dictionary.fields().len(), before.dictionary.fields().len(), "{fault}");
        assert_eq!(open.metadata.instruments, before.instruments);
        assert_eq!(open.metadata.events, before.events);
        assert!(matches!(open.metadata.access.users, Readable::Known(_)), "{fault}");
        app.assert_shows(KEYS);
        app.keys("2").assert_shows("Demographics");
        app.keys("d").assert_shows("What you can do");
    }
}

#[test]
fn records_that_cannot_be_read_again_stay_on_screen() {
    for (width, height, fault) in FAULTS {
        let mut app = App::demo_with(width, height, &[&format!("{fault}@record#3-")]);
        app.keys("3<Enter>").wait(|m| matches!(m.open.as_ref().unwrap().records.load, Load::Done(..)));
        app.assert_shows("001");
        app.keys("r").wait(|m| matches!(m.open.as_ref().unwrap().records.load, Load::Failed(_)));
        app.idle();
        assert_eq!(app.shell.model.open.as_ref().unwrap().records.table.n_rows(), 6, "{fault}");
        app.assert_shows("001").assert_shows("010").assert_shows(KEYS);
        app.keys("d").assert_shows("What you can do");
        // Once the message is gone, the screen still says what is old.
        app.keys("<Esc>j<Esc>");
        app.assert_shows("001");
    }
}

#[test]
fn a_grid_that_cannot_be_read_again_stays_on_screen() {
    for (width, height, fault) in FAULTS {
        let mut app = App::demo_with(width, height, &[&format!("{fault}@record#2-")]);
        app.keys("3S").wait(|m| matches!(m.open.as_ref().unwrap().grid.load, GridLoad::Done(_)));
        app.assert_shows("001");
        app.keys("r").wait(|m| matches!(m.open.as_ref().unwrap().grid.load, GridLoad::Failed(_)));
        app.idle().assert_shows("001").assert_shows("record 1 of 6").assert_shows(KEYS);
        app.keys("d").assert_shows("What you can do");
    }
}

#[test]
fn a_list_of_changes_that_cannot_be_read_again_stays_on_screen() {
    for (width, height, fault) in FAULTS {
        // The first look asks for the log once to learn the clock, and once for the lines.
        let mut app = App::demo_with(width, height, &[&format!("{fault}@log#4-")]);
        app.keys("3N").wait(|m| matches!(m.open.as_ref().unwrap().changes.load, LogLoad::Done(_)));
        let before = app.shell.model.open.as_ref().unwrap().changes.read.entries.len();
        assert!(before > 0);
        for _ in 0..3 {
            app.keys("r").idle();
        }
        let changes = &app.shell.model.open.as_ref().unwrap().changes;
        assert!(matches!(changes.load, LogLoad::Failed(_)), "{fault}");
        assert!(changes.read.entries.len() >= before, "{fault}");
        app.assert_shows("What changed").assert_shows(KEYS);
        app.keys("d").assert_shows("What you can do");
    }
}

#[test]
fn after_a_ban_nothing_is_sent_until_a_person_says_so() {
    let mut app = App::demo_with(120, 36, &["ban@record#3"]);
    app.keys("3<Enter>").wait(|m| matches!(m.open.as_ref().unwrap().records.load, Load::Done(..)));
    app.keys("r").wait(|m| matches!(m.open.as_ref().unwrap().records.load, Load::Failed(_)));
    app.idle().assert_shows("! blocked").assert_shows("001");
    let sent = app.requests().len();
    // Whatever else is begun is not sent.
    app.keys("S").idle();
    app.keys("S<Enter>").idle();
    app.keys("<Esc>");
    assert_eq!(app.requests().len(), sent);
    app.assert_shows("! blocked");
    app.keys("r").wait(|m| matches!(m.open.as_ref().unwrap().records.load, Load::Done(..)));
    app.idle().assert_shows("* online");
    assert!(app.requests().len() > sent);
}
