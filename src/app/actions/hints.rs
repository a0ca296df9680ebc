//! The footer's hints: the keys that matter here.

use super::{ACTIONS, Action, Id, Scope, available, scope};
use crate::app::dialog::Dialog;
use crate::app::model::{Model, Section};
use crate::app::playground::consent::may_write;
use crate::app::running::Slot;
use crate::domain::check::DateProof;

/// The footer's hints for what works now: as many of the place as there is room for, then commands, help, quit.
pub fn hints(model: &Model, at_most: usize) -> Vec<&'static Action> {
    let scope = scope(model);
    let rank = |a: &&Action| match a.hint {
        // Where records are listed, finding one comes before most else.
        Some(_) if a.id == Id::Find && lists_records(scope) => 3,
        Some((rank, _)) => rank,
        None => u8::MAX,
    };
    let usable =
        |a: &&'static Action| a.hint.is_some() && available(model, a.id).is_ok() && remedy_fits(model, a.id);
    let mut own: Vec<&Action> = ACTIONS.iter().filter(|a| a.scopes.contains(&scope)).filter(usable).collect();
    if scope.is_modal() {
        own.sort_by_key(rank);
        return own;
    }
    let global = ACTIONS.iter().filter(|a| a.scopes.contains(&Scope::Global)).filter(usable);
    own.extend(global.clone().filter(|a| rank(a) < 90));
    own.sort_by_key(rank);
    own.truncate(at_most.saturating_sub(3));
    own.extend(global.filter(|a| rank(a) >= 90));
    own
}

fn lists_records(scope: Scope) -> bool {
    matches!(
        scope,
        Scope::Overview | Scope::RecordForms | Scope::Table | Scope::Grid | Scope::Changes | Scope::Worklist
    )
}

/// Whether write access is all that a checked file waits for. Who never sends is not led to it.
fn waits_for_write_access(model: &Model) -> bool {
    let Some(open) = model.open.as_ref().filter(|_| model.section == Section::Check) else { return false };
    open.check.receipt.is_none()
        && may_write(open).is_err()
        && open.check.why_not_sent(true).is_none()
        && model.jobs.get(Slot::Check).is_none()
}

/// Whether a column of the checked file leaves open what is day and what is month.
fn waits_for_the_order(model: &Model) -> bool {
    let r = model.open.as_ref().and_then(|open| open.check.rehearsal());
    r.is_some_and(|r| r.dates.iter().any(|(_, proof)| *proof == DateProof::Ambiguous))
}

/// A problem dialog shows only the next steps that make sense for its problem.
fn remedy_fits(model: &Model, id: Id) -> bool {
    use crate::jobs::Remedy;
    if let (Some(Dialog::Param(param)), Id::TickHere) = (&model.dialog, id) {
        return param.is_list();
    }
    if id == Id::CheckDates {
        return waits_for_the_order(model);
    }
    if id == Id::WriteAccess {
        return waits_for_write_access(model);
    }
    let Some(Dialog::Problem(view)) = &model.dialog else { return true };
    match id {
        Id::TokenHere => view.problem.remedy == Remedy::NewToken && !model.options.demo,
        Id::AddressHere => matches!(view.problem.remedy, Remedy::UseAddress(_)),
        Id::RetryHere => view.problem.remedy != Remedy::Nothing && model.jobs.get(Slot::Open).is_none(),
        Id::DetailsHere => !view.problem.details.is_empty(),
        Id::CopyRequestHere => !view.problem.why.request.is_empty(),
        _ => true,
    }
}
