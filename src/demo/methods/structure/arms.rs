//! `content=arm`, import and delete (`redcap-api.md` §3.1).

use super::removal::remove_events;
use crate::demo::methods::import::{Mistakes, count, edit, known_names, number, overrides, rows};
use crate::demo::model::log::LogType;
use crate::demo::pipeline::{Call, Reply};
use crate::demo::wire::error::ApiError;
use crate::domain::event::Arm;

/// Adds and renames arms. With `override=1` all arms are deleted first, with their events and
/// the data in them, so that the new ones have none and are not exported until they do.
pub fn import(call: &Call<'_>) -> Result<Reply, ApiError> {
    let replace = overrides(call)?;
    let rows = rows(call, &["arm_num", "name"])?;
    let mut mistakes = Mistakes::default();
    let mut arms = Vec::new();
    // None of the words below is attested.
    for row in &rows {
        let num = mistakes.take(number::<u32>(row, "arm_num")).flatten().filter(|num| *num > 0);
        match (num, row.get("name")) {
            (Some(_), "") => mistakes.add("Each arm must have a name"),
            (Some(num), name) => arms.push(Arm { num, name: name.to_owned() }),
            (None, _) => mistakes.add("Each arm must have an arm_num that is a positive whole number"),
        }
    }
    if replace && rows.is_empty() {
        mistakes.add("With override=1 at least one arm must be provided");
    }
    mistakes.check()?;
    edit(call, |project| {
        if replace {
            remove_events(project, |_| true);
            project.arms.clear();
        }
        for arm in arms {
            match project.arms.iter_mut().find(|a| a.num == arm.num) {
                Some(known) => known.name = arm.name,
                None => project.arms.push(arm),
            }
        }
        project.arms.sort_by_key(|arm| arm.num);
        Ok(())
    })?;
    call.log(LogType::Manage, "Manage/Design ", "Import arms (API)");
    Ok(count(rows.len()))
}

/// Deletes arms with their events and the data collected in them.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let known = |name: &str| call.project.arms.iter().any(|arm| name.trim().parse() == Ok(arm.num));
    let nums: Vec<u32> =
        known_names(call, "arms", known)?.iter().filter_map(|name| name.trim().parse().ok()).collect();
    edit(call, |project| {
        remove_events(project, |event| nums.contains(&event.arm_num));
        project.arms.retain(|arm| !nums.contains(&arm.num));
        Ok(())
    })?;
    call.log(LogType::Manage, "Manage/Design ", "Delete arms (API)");
    Ok(count(nums.len()))
}
