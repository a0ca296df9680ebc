//! The tour: a first start offers it, each step waits for what it is about, and none is in the way.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

mod support;

use capscope::app::model::Section;
use capscope::app::tour::{STEPS, Tour};
use capscope::store::Paths;
use support::App;

/// Waits until the step is done, with its keys pressed one by one, each where the tour names it.
fn follow(app: &mut App, step: usize, keys: &[(&str, &str)]) {
    assert_eq!(app.shell.model.tour, Some(Tour { step, done: false }), "{}", app.screen());
    app.assert_shows(&format!("step {} of 6", step + 1)).assert_shows(STEPS[step].title);
    for (said, key) in keys {
        app.assert_shows(said);
        app.keys(key).idle();
    }
    app.wait(|m| m.tour == Some(Tour { step, done: true }));
    app.assert_shows("Done. .  ");
    app.keys(".");
}

#[test]
fn a_first_start_offers_the_tour_and_each_step_is_done_with_the_keys_that_it_names() {
    for (width, height) in [(120, 36), (80, 24)] {
        let home = tempfile::tempdir().unwrap();
        let mut app = App::start(width, height, Some(Paths::under(home.path())), |_, _| Vec::new());
        app.keys("");
        assert!(app.shell.model.dialog.is_none(), "nothing asks for a token before anything was seen");
        app.assert_shows("T  starts a tour").assert_shows("a  adds a project");
        app.keys("T").wait(|m| m.is_idle() && m.open.as_ref().is_some_and(|o| o.source.is_some()));
        follow(&mut app, 0, &[("Next: 3  goes to section Records", "3"), ("Next: S  shows", "S")]);
        follow(&mut app, 1, &[("Next: Enter  opens the participant", "<Enter>")]);
        follow(
            &mut app,
            2,
            &[
                ("Next: 5  goes to section Check", "5"),
                ("Next: o  asks which file", "o"),
                ("Next: Enter  reads", "<Enter>"),
            ],
        );
        app.assert_shows("1410");
        assert_eq!(app.shell.model.tour, Some(Tour { step: 3, done: false }), "{}", app.screen());
        app.assert_shows("Next: p  begins a spot check");
        // In a small window a dialog covers the tour, and has its own keys at its foot.
        let wide = width == 120;
        let says = |app: &App, text: &str| assert!(app.shows(text) || !wide, "{text}\n{}", app.screen());
        app.keys("p").idle();
        says(&app, "Next: Enter  takes the fields");
        app.keys("<Enter>").idle();
        says(&app, "Next: Enter  draws the records");
        app.keys("<Enter>").wait(|m| m.tour == Some(Tour { step: 3, done: true }));
        app.assert_shows("cell 1 of").assert_shows("Stored in REDCap");
        says(&app, "Done. Esc  closes what lies on top; then .");
        app.keys("<Esc>").assert_shows("Done. .  ");
        app.keys(".");
        follow(&mut app, 4, &[("Next: 6  goes to section Token", "6"), ("Next: t  tests", "t")]);
        app.assert_shows("step 6 of 6").assert_shows("Next: 8  goes to section Live");
        app.keys("8").assert_shows("Next: s  starts receiving");
        app.keys("s").wait(|m| m.live.listening().is_some());
        app.assert_shows("Next: e  lets a made-up person save a form");
        app.keys("e").wait(|m| m.tour.is_some_and(|t| t.done));
        app.keys(".").assert_shows("That was the tour.");
        assert_eq!(app.shell.model.tour, None);
        // What was shown is invented, and nothing of it was kept.
        assert!(!home.path().join("projects.json").exists());
    }
}

#[test]
fn the_guide_is_skipped_closed_and_never_in_the_way() {
    let mut app = App::demo(120, 36);
    app.keys("<C-p>tour of<Enter>").assert_shows("step 1 of 6");
    // Other keys do what they always do.
    app.keys("4").idle();
    assert_eq!(app.shell.model.section, Section::Users);
    app.assert_shows("Next: 3  goes to section Records");
    app.keys("?").assert_shows("Next: Esc  closes what lies on top");
    app.keys("<Esc>..").assert_shows("step 3 of 6");
    app.keys("T").assert_shows("The tour is closed.");
    assert_eq!(app.shell.model.tour, None);
    app.keys(".").assert_shows("not available, the tour is not open");
    app.keys("T......");
    assert_eq!(app.shell.model.tour, None, "skipping the last step ends it");
}

#[test]
fn where_a_key_does_not_work_the_tour_says_how_to_get_there() {
    let mut app = App::demo(120, 36);
    app.keys("T3<Tab><Tab>");
    app.assert_shows("Next: Tab  goes to the next part of the screen; there S  shows");
}
