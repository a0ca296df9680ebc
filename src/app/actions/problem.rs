//! The problem of what is on screen.

use crate::app::model::{Model, Section};
use crate::app::open::Over;
use crate::jobs::Problem;

/// The problem that belongs to what is on screen.
pub fn problem_here(model: &Model) -> Option<&Problem> {
    use crate::app::grid::GridLoad;
    use crate::app::record_view::ViewState;
    use crate::app::records::Load;
    if model.section == Section::Live {
        return model.live.problem();
    }
    let open = model.open.as_ref()?;
    let of_section = match model.section {
        Section::Records => match (&open.records.view, &open.records.load) {
            (Some(view), _) => match &view.state {
                _ if view.timeline.shown => view.timeline.load.problem(),
                ViewState::Failed(problem) => Some(problem),
                _ => None,
            },
            (None, _) if open.over == Some(Over::Changes) => open.changes.load.problem(),
            (None, _) if open.over == Some(Over::Worklist) => open.work.load.problem(),
            (None, _) if open.grid.shown && matches!(open.grid.load, GridLoad::Failed(_)) => {
                match &open.grid.load {
                    GridLoad::Failed(problem) => Some(problem),
                    _ => None,
                }
            }
            (None, _) if open.quality.shown => crate::app::quality::problem(&open.quality),
            (None, Load::Failed(problem)) => Some(problem),
            (None, Load::Done(..)) => open.records.missing.as_ref(),
            _ => None,
        },
        Section::Playground => open.playground.problem(),
        Section::Token => open.token.problem.as_ref(),
        Section::Check => match &open.check.state {
            crate::app::check::CheckState::Failed(problem) => Some(problem),
            _ => None,
        },
        _ => None,
    };
    of_section.or(open.problem.as_ref())
}
