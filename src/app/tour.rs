//! The tour: six steps through what people do with capscope, on the demo projects.
//!
//! It only looks. Each step names the key that is next where the person is, waits until what it
//! is about is on the screen, and never keeps any key from working.

use super::actions::{self, Id, Scope};
use super::dialog::Dialog;
use super::grid::GridLoad;
use super::model::{Level, Model, Pane, Section};
use super::msg::Effect;
use super::open::Open;
use super::picker;
use super::running::Slot;
use crate::jobs::types::Job;

/// The file that the demo has ready to be checked.
pub const DEMO_FILE: &str = "demo-visits.csv";

/// Where the tour is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tour {
    /// The step, from 0.
    pub step: usize,
    /// What the step is about was on the screen.
    pub done: bool,
}

/// A step of the tour.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// For whom, and what about.
    pub title: &'static str,
    /// The question it answers.
    pub question: &'static str,
    /// What is to be seen now that it is done.
    pub seen: &'static str,
}

/// The steps.
pub const STEPS: [Step; 6] = [
    Step {
        title: "For coordinators: who misses which form",
        question: "Which forms of which participants are not complete, and which were never started?",
        seen: "Each row is a participant, each column a form at a visit: C complete, I incomplete, o not started.",
    },
    Step {
        title: "For coordinators: one participant",
        question: "What is known of one participant, over all forms and visits?",
        seen: "The whole record, with its hidden and blank fields. Identifiers stay masked until you press {mask}.",
    },
    Step {
        title: "For data managers: a file before its import",
        question: "What would REDCap refuse of this file, and what would it take without a word?",
        seen: "Findings with line and reason; {check-list} lists each cell that would change, old and new. Nothing was sent.",
    },
    Step {
        title: "For data managers: the proof, cell by cell",
        question: "Does REDCap hold what the paper says? A drawn sample tells, and the same seed draws it again.",
        seen: "A cell as REDCap holds it: mark whether the paper agrees, and the report tells the share of errors.",
    },
    Step {
        title: "For token owners: what a token may do",
        question: "Which calls does this token answer, and what does it leave out without a word?",
        seen: "Verdicts and why. Other tokens in the list lose more: open BREATHE NOID and test it.",
    },
    Step {
        title: "For everyone: what happens right now",
        question: "Who saves which form at this moment?",
        seen: "A made-up person saved a form, and its trigger is here. {open-triggered} opens its record.",
    },
];

impl Tour {
    /// The step that is shown.
    pub fn now(self) -> &'static Step {
        STEPS.get(self.step).unwrap_or(&STEPS[0])
    }
}

/// Starts the tour, or ends it. Without demo projects they are started first.
pub fn toggle(model: &mut Model) -> Vec<Effect> {
    if model.tour.take().is_some() {
        model.notify(Level::Note, model.options.keys.say("The tour is closed. {tour} opens it again."));
        return Vec::new();
    }
    model.tour = Some(Tour::default());
    let there = model.projects.iter().any(|p| is_demo(&p.id));
    if there {
        Vec::new()
    } else {
        model.jobs.start(Slot::Projects, "Starting the demo", Job::StartDemo, model.now)
    }
}

/// Goes to the next step, done or not; after the last one the tour is closed.
pub fn next(model: &mut Model) {
    let Some(tour) = &mut model.tour else { return };
    if tour.step + 1 < STEPS.len() {
        *tour = Tour { step: tour.step + 1, done: false };
        return;
    }
    model.tour = None;
    let text = "That was the tour. {add-project} adds your own project, {help} shows all keys.";
    model.notify(Level::Done, model.options.keys.say(text));
}

/// Notes whether what the step is about is on the screen.
pub fn watch(model: &mut Model) {
    let Some(tour) = model.tour.filter(|t| !t.done) else { return };
    if is_done(model, tour.step)
        && let Some(tour) = &mut model.tour
    {
        tour.done = true;
    }
}

fn is_demo(id: &str) -> bool {
    id.starts_with("demo-")
}

/// The open project, if it is one of the demo's and was read.
fn demo(model: &Model) -> Option<&Open> {
    model.open.as_ref().filter(|o| is_demo(&o.project.id) && o.source.is_some())
}

fn is_done(model: &Model, step: usize) -> bool {
    let Some(open) = demo(model) else { return false };
    let (section, main) = (model.section, model.dialog.is_none());
    match step {
        0 => section == Section::Records && open.grid.shown && matches!(open.grid.load, GridLoad::Done(_)),
        1 => {
            main && section == Section::Records
                && open.records.view.as_ref().is_some_and(|v| v.read_at.is_some())
        }
        2 => section == Section::Check && open.check.checked.is_some(),
        3 => section == Section::Check && open.spot.bench.is_some(),
        4 => section == Section::Token && open.token.report.is_some(),
        _ => section == Section::Live && !model.live.feed.is_empty(),
    }
}

/// What to press next, where the person is now. Names of actions stand in braces.
pub fn advice(model: &Model) -> String {
    let Some(tour) = model.tour else { return String::new() };
    if tour.done {
        let last = tour.step + 1 == STEPS.len();
        let next = if last { "ends the tour" } else { "goes on with the next step" };
        if model.dialog.is_some() {
            return format!("Esc  closes what lies on top; then {{tour-next}}  {next}");
        }
        return format!("{{tour-next}}  {next}");
    }
    match model.dialog.as_ref().filter(|_| tour.step == 3) {
        Some(Dialog::Pick(picker)) if matches!(picker.about, picker::About::SpotFields(_)) => {
            return "Enter  takes the fields that are ticked".into();
        }
        Some(Dialog::Spot(_)) => return "Enter  draws the records".into(),
        _ => {}
    }
    if let Some(Dialog::Ask(_)) = model.dialog.as_ref().filter(|_| tour.step == 2) {
        return format!("Enter  reads {DEMO_FILE}, a file of the demo with mistakes in it");
    }
    if model.dialog.is_some() || model.filter.is_some() {
        return "Esc  closes what lies on top".into();
    }
    let Some(open) = demo(model) else {
        return if model.jobs.is_idle() {
            hint(model, Id::OpenProject, "opens the demo project under the cursor of the list")
        } else {
            "The demo is being opened".into()
        };
    };
    let go = |section: Section, id: Id, what: &str| {
        (model.section != section).then(|| hint(model, id, &format!("goes to section {what}")))
    };
    let reads = |what: &str| format!("{what} ...  Esc stops it");
    match tour.step {
        0 => go(Section::Records, Id::Section3, "Records").unwrap_or_else(|| match open.grid.load {
            GridLoad::Running if open.grid.shown => reads("The status of all forms is being read"),
            _ => hint(model, Id::Grid, "shows the status of all forms"),
        }),
        1 => go(Section::Records, Id::Section3, "Records").unwrap_or_else(|| {
            if open.chosen_record().is_some() {
                hint(model, Id::OpenRecord, "opens the participant under the cursor")
            } else {
                hint(model, Id::Grid, "shows the participants")
            }
        }),
        2 => go(Section::Check, Id::Section5, "Check")
            .unwrap_or_else(|| hint(model, Id::ChooseFile, "asks which file")),
        3 => go(Section::Check, Id::Section5, "Check").unwrap_or_else(|| {
            if model.jobs.get(Slot::Spot).is_some() {
                reads("The stored values are being read")
            } else {
                hint(model, Id::SpotCheck, "begins a spot check against the paper")
            }
        }),
        4 => go(Section::Token, Id::Section6, "Token").unwrap_or_else(|| {
            if model.jobs.get(Slot::Token).is_some() {
                reads("The token is being tested")
            } else {
                hint(model, Id::TestToken, "tests the token with calls that only read")
            }
        }),
        _ => go(Section::Live, Id::Section8, "Live").unwrap_or_else(|| match model.live.listening() {
            None => hint(model, Id::Listen, "starts receiving what REDCap tells"),
            Some(_) => hint(model, Id::SaveAForm, "lets a made-up person save a form"),
        }),
    }
}

/// The key of an action and what it does; where it does not work in this pane, the way there.
fn hint(model: &Model, id: Id, what: &str) -> String {
    let name = super::keymap::name(id);
    let here = actions::place(model);
    let works =
        actions::find(id).is_some_and(|a| a.scopes.contains(&here) || a.scopes.contains(&Scope::Global));
    if works {
        return format!("{{{name}}}  {what}");
    }
    let view = model.open.as_ref().is_some_and(|o| o.records.view.is_some());
    if model.pane == Pane::Main && model.section == Section::Records && view {
        return "{back}  goes back to all participants".into();
    }
    format!("{{next-pane}}  goes to the next part of the screen; there {{{name}}}  {what}")
}
