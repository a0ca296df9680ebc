//! Reading a project's metadata: at most seven requests, each part shown as soon as it is here.

use super::problem::Problem;
use super::types::{JobEvent, OpenPart, Progress};
use crate::api::client::{Api, readable};
use crate::domain::event::Arm;
use crate::domain::project::{Metadata, Readable};
use crate::domain::rights::Access;

/// Hears of a running job.
pub type Listener<'a> = &'a (dyn Fn(JobEvent) + Send + Sync);

/// Reads everything about a project that is not data, and tells each part as it comes.
///
/// `saved` is the copy from the last time: what the server has not told yet is taken from it.
/// Requests: version, project, data dictionary, instruments, and where the project has them
/// events, mapping, and what repeats, or else the arms. Users are read when somebody looks.
pub async fn read(api: &Api, saved: Option<Metadata>, tell: Listener<'_>) -> Result<Metadata, Problem> {
    let mut metadata = saved.unwrap_or_default();
    let step = |done: u64, total: u64| {
        tell(JobEvent::Progress(Progress { step: "Reading the project".into(), done, total: Some(total) }));
    };
    let show = |metadata: &Metadata| tell(JobEvent::Opening(OpenPart::Fresh(Box::new(metadata.clone()))));
    step(0, 7);
    metadata.info = api.project_info().await?;
    let total = if metadata.info.is_longitudinal { 7 } else { 4 + u64::from(metadata.info.has_repeating) };
    step(1, total);
    show(&metadata);
    metadata.instruments = api.instruments().await?;
    step(2, total);
    metadata.dictionary = api.metadata().await?;
    step(3, total);
    show(&metadata);
    if metadata.info.is_longitudinal {
        metadata.events = readable(api.events().await)?;
        step(4, total);
        metadata.mapping = readable(api.mapping().await)?;
        step(5, total);
        show(&metadata);
    } else {
        let why = "This project is classic: it has no events.";
        metadata.events = Readable::NotHere(why.into());
        metadata.mapping = Readable::NotHere(why.into());
        metadata.arms = Readable::NotHere(why.into());
    }
    if metadata.info.has_repeating {
        metadata.repeating = readable(api.repeating().await)?;
    } else {
        metadata.repeating = Readable::NotHere("Nothing repeats in this project.".into());
        if metadata.info.is_longitudinal {
            metadata.arms = readable(api.arms().await)?;
        }
    }
    step(total - 1, total);
    metadata.version = api.version().await?;
    show(&metadata);
    Ok(metadata)
}

/// Reads users, roles, Data Access Groups and who is in them, and the arms if they are not known.
///
/// A list that the token may not read is no failure: the pane says which right is missing.
pub async fn read_access(
    api: &Api,
    metadata: &Metadata,
    tell: Listener<'_>,
) -> Result<(Access, Readable<Vec<Arm>>), Problem> {
    let step = |done: u64| {
        tell(JobEvent::Progress(Progress { step: "Reading users and rights".into(), done, total: Some(5) }));
    };
    let mut access = Access::default();
    step(0);
    access.users = readable(api.users().await)?;
    step(1);
    match &access.users {
        // One right opens all three lists; asking on would only fill the server's log.
        Readable::NoRight(why) => {
            access.roles = Readable::NoRight(why.clone());
            access.role_assignments = Readable::NoRight(why.clone());
        }
        _ => {
            access.roles = readable(api.roles().await)?;
            step(2);
            access.role_assignments = readable(api.role_assignments().await)?;
        }
    }
    step(3);
    access.dags = readable(api.dags().await)?;
    step(4);
    access.dag_assignments = match &access.dags {
        Readable::NoRight(why) => Readable::NoRight(why.clone()),
        _ => readable(api.dag_assignments().await)?,
    };
    let arms = if metadata.info.is_longitudinal && metadata.arms == Readable::NotAsked {
        readable(api.arms().await)?
    } else {
        Readable::NotAsked
    };
    Ok((access, arms))
}
