//! The idle lock: a screen that nobody touches is blanked, and what it showed is dropped.

use super::live::WatchState;
use super::model::Model;
use super::msg::Effect;
use super::open::Open;
use super::running::Slot;
use crate::jobs::Problem;
use crate::jobs::types::Job;
use jiff::{SignedDuration, Timestamp};

/// A locked screen.
#[derive(Debug, Clone, Default)]
pub struct Locked {
    /// Why it could not be opened again.
    pub problem: Option<Problem>,
}

/// Jobs that write somewhere: half a file or half an import is worse than a screen that waits.
const MUST_END: &[Slot] = &[Slot::Export, Slot::BackUp, Slot::Send];

/// When the screen locks if nobody touches it; `None` if it never does.
pub fn due(model: &Model) -> Option<Timestamp> {
    let open = model.open.is_some() && model.locked.is_none();
    let after = model.options.lock_after.filter(|_| open)?;
    model.last_input.checked_add(after).ok()
}

/// Locks the screen if it is due: jobs that read are stopped, values are dropped from memory, and
/// so are tokens that the password store gave.
pub fn lock_if_due(model: &mut Model) -> Vec<Effect> {
    let busy = MUST_END.iter().any(|slot| model.jobs.get(*slot).is_some());
    if busy || due(model).is_none_or(|at| model.now < at) {
        return Vec::new();
    }
    let running: Vec<Slot> = model.jobs.all().map(|(slot, _)| slot).collect();
    let mut effects: Vec<Effect> = running.into_iter().flat_map(|slot| model.jobs.cancel(slot)).collect();
    if let Some(open) = model.open.take() {
        // Metadata stays; everything that was read of records is gone with the rest.
        model.open = Some(Open {
            metadata: open.metadata,
            review: open.review,
            uses: open.uses,
            source: open.source,
            problem: open.problem,
            access_asked: open.access_asked,
            access_at: open.access_at,
            values: open.values,
            // Marks and notes cost an hour at the archive; names of records and values go.
            spot: open.spot.without_values(),
            ..Open::new(open.project, model.options.mask)
        });
    }
    // The receiver goes on, but the names of records that came are values too.
    model.live.feed.forget();
    model.live.back.forget();
    // The watch of a log needs the token. Nothing is lost: it goes on where it ended.
    model.live.watch.state = WatchState::Off;
    effects.extend(model.jobs.cancel(Slot::Watch));
    model.dialog = None;
    model.filter = None;
    model.notice = None;
    model.unmask_agreed = false;
    model.locked = Some(Locked::default());
    effects.push(Effect::ForgetTokens);
    effects
}

/// A key on the locked screen: asks for the token again.
pub fn open_again(model: &mut Model) -> Vec<Effect> {
    let project = model.open.as_ref().map(|o| o.project.clone());
    match project {
        Some(_) if model.jobs.get(Slot::Unlock).is_some() => Vec::new(),
        Some(project) => {
            let job = Job::Unlock(Box::new(project));
            model.jobs.start(Slot::Unlock, "Asking the password store", job, model.now)
        }
        None => {
            model.locked = None;
            Vec::new()
        }
    }
}

/// The setting in minutes as a length of time; 0 switches the lock off.
pub fn after_minutes(minutes: u32) -> Option<SignedDuration> {
    (minutes > 0).then(|| SignedDuration::from_mins(minutes.into()))
}
