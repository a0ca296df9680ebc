//! Taking events away, and with them all that hangs on them.

use crate::demo::model::project::Project;
use crate::domain::event::Event;
use std::collections::HashSet;
use std::sync::Arc;

/// Removes events with their mapping, what repeats there, and the data collected in them
/// (`redcap-api.md` §3.1, §3.2). A record that has no other data is gone too.
pub fn remove_events(project: &mut Project, which: impl Fn(&Event) -> bool) {
    let gone: Vec<Event> = project.events.iter().filter(|event| which(event)).cloned().collect();
    if gone.is_empty() {
        return;
    }
    let ids: HashSet<u64> = gone.iter().filter_map(|event| event.event_id).collect();
    let is_gone = |name: &str| gone.iter().any(|event| event.unique_name == name);
    project.events.retain(|event| !which(event));
    project.mapping.retain(|line| !is_gone(&line.event));
    project.repeating.retain(|line| !is_gone(&line.event));
    // A randomization has its field at one event; without it nobody can be randomized.
    project.randomizations.retain(|r| !is_gone(&r.event));
    for report in &mut project.reports {
        report.events.retain(|name| !is_gone(name));
    }
    let data = Arc::make_mut(&mut project.data);
    let names: Vec<String> = data
        .records()
        .filter(|(_, record)| record.rows().iter().any(|row| ids.contains(&row.event)))
        .map(|(name, _)| name.to_owned())
        .collect();
    for name in names {
        data.remove_values(&name, None, |row| ids.contains(&row.event));
    }
    project.info.has_repeating = project.has_repeating();
}
