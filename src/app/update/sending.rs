//! Sending a checked file, and the switch that allows it.

use super::check;
use crate::app::ask::{About, Ask};
use crate::app::check::CheckState;
use crate::app::dialog::{Confirm, Dialog, Then};
use crate::app::model::{Level, Model};
use crate::app::msg::Effect;
use crate::app::playground::consent::may_write;
use crate::app::running::{Slot, grouped};
use crate::domain::check::{Cell, Severity};
use crate::jobs::types::{INTERRUPTED, Job, Receipt, SENT_BEFORE, SavedProject};

/// Switches writing off at once, or asks before it is switched on.
pub fn ask_write(model: &mut Model) -> Vec<Effect> {
    let Some(open) = &model.open else { return Vec::new() };
    if open.project.write_access {
        return set_write(model, false);
    }
    let production = if open.metadata.info.in_production { " The project is in PRODUCTION." } else { "" };
    model.dialog = Some(Dialog::Confirm(Confirm {
        question: format!("Let capscope write to {}?", open.project.name),
        text: match open.project.number() {
            Some(number) => format!(
                "A checked file can then be sent to PID {number}. Each send is still asked for by itself. {{write-access}} switches it off again.{production}"
            ),
            None => "Calls of section 7 can then write. Each is still asked for by itself. What project this is, and whether it is in production, is not known. {write-access} switches it off again.".to_owned(),
        },
        yes: "Allow writing",
        no: "Stay read-only",
        on_yes: false,
        then: Then::AllowWriting,
    }));
    Vec::new()
}

/// Switches writing on or off for the open project.
pub fn set_write(model: &mut Model, on: bool) -> Vec<Effect> {
    let Some(open) = &model.open else { return Vec::new() };
    let job = Job::SetWrite(Box::new(open.project.clone()), on);
    model.jobs.start(Slot::Projects, "Switching write access", job, model.now)
}

/// The switch was kept.
pub fn switched(model: &mut Model, project: &SavedProject) {
    let text = if project.write_access {
        "Writing is switched on for this project. {write-access} switches it off."
    } else {
        "This project is read-only again."
    };
    for known in model.projects.iter_mut().filter(|p| p.id == project.id) {
        known.write_access = project.write_access;
    }
    if let Some(open) = model.open.as_mut().filter(|o| o.project.id == project.id) {
        open.project.write_access = project.write_access;
    }
    model.notify(Level::Done, text);
}

/// The first step to send: the offer to keep the old values.
pub fn offer_undo(model: &mut Model) {
    let Some(open) = &model.open else { return };
    let Some(r) = open.check.rehearsal() else { return };
    let (touched, keyless) = r.touched_cells();
    if touched == keyless {
        // Nothing changes whose old value could be kept.
        return ask(model);
    }
    let left_out = match keyless {
        0 => String::new(),
        1 => " That of one more cannot be kept: REDCap numbers its row.".into(),
        n => format!(" Those of {} more cannot be kept: REDCap numbers their rows.", grouped(n as u64)),
    };
    let ask = Ask::new(About::UndoFile, "Keep the old values?", "Undo file", String::new())
        .saying(format!(
            "{} can be kept in a CSV file that an import in overwrite mode brings back.{left_out}",
            match touched - keyless {
                1 => "1 cell will change. Its old value".to_owned(),
                n => format!("{} cells will change. Their old values", grouped(n as u64)),
            }
        ))
        .saying("It is plain CSV, not encrypted, so that REDCap's own import can read it too. It holds record values: capscope writes it only where you say, readable by you only. Delete it when it is no longer needed.")
        .saying("Type its path, or leave the box blank to keep nothing.");
    model.dialog = Some(Dialog::Ask(Box::new(ask)));
}

/// The last question: what will happen, in numbers. Erasures need their number typed.
pub fn ask(model: &mut Model) {
    let Some(open) = &model.open else { return };
    let Some(r) = open.check.rehearsal() else { return };
    let count = |cell: Cell| grouped(r.count(cell) as u64);
    let requests = match r.batches(crate::domain::check::payload::MOST_RECORDS).len() {
        1 => "in 1 request".to_owned(),
        n => format!("in {} requests, one after the other", grouped(n as u64)),
    };
    let several = |n: usize, one: &str, more: &str| {
        format!("{} {}", grouped(n as u64), if n == 1 { one } else { more })
    };
    let mut text = format!(
        "{} {requests}: {} new values, {} changed, {} same.",
        several(r.records.len(), "record", "records"),
        count(Cell::New),
        count(Cell::Changed),
        count(Cell::Same),
    );
    if [Cell::New, Cell::Changed, Cell::Erased, Cell::Filled].into_iter().all(|c| r.count(c) == 0) {
        text.push_str(" Nothing would change.");
    }
    let new = r.effects.new_records;
    if new > 0 {
        text.push_str(&format!(" {}.", several(new, "NEW record", "NEW records")));
    }
    let warnings = r.count_of(Severity::Warning);
    if warnings > 0 {
        text.push_str(&format!(" {}.", several(warnings, "warning is accepted", "warnings are accepted")));
    }
    if r.effects.surveys {
        text.push_str(" Alerts and invitations may e-mail participants.");
    }
    if open.check.resume {
        text.push_str(" Goes on with the send that was interrupted: what is stored is not sent again.");
    }
    if open.check.again {
        text.push_str(" This very file was sent before: rows that REDCap numbers are stored ONCE MORE.");
    }
    let erased = r.count(Cell::Erased);
    let place = format!("{} (PID {})", open.project.name, open.project.project_id);
    if erased > 0 {
        let ask = Ask::new(About::Erasures(erased), "Send and ERASE?", "Number erased", String::new())
            .saying(format!("To {place}: {text}"))
            .saying(format!(
                "{} stored values will be ERASED. Type that number to send.",
                grouped(erased as u64)
            ));
        model.dialog = Some(Dialog::Ask(Box::new(ask)));
        return;
    }
    model.dialog = Some(Dialog::Confirm(Confirm {
        question: format!("Send to {place}?"),
        text,
        yes: "Send",
        no: "Do not send",
        on_yes: false,
        then: Then::Send,
    }));
}

/// Sends the file.
pub fn send(model: &mut Model, erasures: usize) -> Vec<Effect> {
    let Some(open) = &model.open else { return Vec::new() };
    let Some(wanted) = open.check.to_send(erasures) else { return Vec::new() };
    // The demo's projects in development need no switch.
    let project = SavedProject { write_access: may_write(open).is_ok(), ..open.project.clone() };
    let job = Job::Send(Box::new(project), Box::new(wanted));
    model.jobs.start(Slot::Send, "Sending", job, model.now)
}

/// A send ended: shows the receipt, and reads anew what is stored.
pub fn sent(model: &mut Model, receipt: Box<Receipt>) -> Vec<Effect> {
    let text = format!(
        "The file was sent: {}. The receipt is shown; {{export-findings}} saves it.",
        receipt.result()
    );
    let level = if receipt.is_verified() { Level::Done } else { Level::Problem };
    let place = (&receipt.project.0, &receipt.project.2);
    let is_here = model.open.as_ref().is_some_and(|o| (&o.project.name, &o.project.url) == place);
    if !is_here {
        let text = format!("The file was sent to {}: {}.", receipt.project.0, receipt.result());
        model.notify(level, text);
        return Vec::new();
    }
    if let Some(open) = &mut model.open {
        open.check.take_receipt(receipt, open.masked);
    }
    let effects = check::start(model);
    model.notify(level, text);
    effects
}

/// A send could not begin, or was stopped. What it met is told by the title of the problem.
pub fn not_sent(model: &mut Model, title: &str) {
    if let Some(open) = &mut model.open {
        open.check.resume |= title == INTERRUPTED;
        open.check.again |= title == SENT_BEFORE;
        if let Some(checked) = &mut open.check.checked {
            checked.read_at = None;
        }
        if matches!(open.check.state, CheckState::Running) {
            open.check.state = CheckState::Done;
        }
    }
}

/// Asks before an interrupted send is given up.
pub fn ask_abandon(model: &mut Model) {
    model.dialog = Some(Dialog::Confirm(Confirm {
        question: "Give the interrupted send up?".into(),
        text: "What was sent stays stored. What was not sent will not be. The file can be checked and sent anew."
            .into(),
        yes: "Give up",
        no: "Keep it",
        on_yes: false,
        then: Then::AbandonSend,
    }));
}

/// Gives it up.
pub fn abandon(model: &mut Model) -> Vec<Effect> {
    let Some(open) = &model.open else { return Vec::new() };
    let job = Job::AbandonSend(Box::new(open.project.clone()));
    model.jobs.start(Slot::Send, "Giving the send up", job, model.now)
}
