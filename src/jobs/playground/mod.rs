//! Calls of the playground: sending what a person composed, and preparing the answer for reading.

mod answer;
mod compare;
mod table;
mod views;
mod xml;

pub use answer::{Answer, Guard, View, ViewKind};
pub use compare::{Comparison, DiffKind, DiffLine, compare};

use super::bench::{Workbench, blocking};
use super::call::{self, Consent};
use super::problem::Problem;
use super::projects::store_problem;
use super::types::SavedProject;
use crate::api::catalogue::Effect;
use crate::api::client::Api;
use crate::api::request::Request;
use crate::store::part_file::PartFile;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A call that is to be sent.
#[derive(Debug, Clone)]
pub struct Sending {
    /// The project whose token is used.
    pub project: SavedProject,
    /// The request as composed; texts that begin with `@` name files.
    pub request: Request,
    /// The file to upload.
    pub upload: Option<PathBuf>,
    /// What the person agreed to.
    pub consent: Consent,
    /// What of the answer may be shown while identifiers are masked.
    pub guard: Guard,
}

/// Sends a call and prepares its answer. A refusal of the server is an answer too.
pub async fn send(bench: &Workbench, sending: Sending) -> Result<Answer, Problem> {
    let Sending { mut project, request, upload, consent, guard } = sending;
    let request = blocking(move || -> Result<Request, Problem> {
        let request = call::read_files(request)?;
        match upload {
            None => Ok(request),
            Some(path) => call::with_upload(request, &path),
        }
    })
    .await??;
    let api = bench.api(&project).await?;
    // The demo's studies are invented and kept nowhere: their write access is always on.
    project.write_access |= project.id.starts_with(super::demo::PREFIX);
    call::may_be_sent(&api, request.method(), Some(&project), &consent).await?;
    let reply = api.call_raw(&request).await?;
    let context = super::context(bench, &project);
    let verdict = Api::judge_reply(&request, &reply).err().map(|e| Problem::from(e).knowing(&context));
    let instruments: Vec<String> = bench
        .metadata(&project.id)
        .map(|m| m.instruments.iter().map(|i| i.name.clone()).collect())
        .unwrap_or_default();
    blocking(move || {
        let known = if verdict.is_none() { call::known(&request, &reply, &instruments) } else { Vec::new() };
        Answer { known, ..Answer::new(&request, reply, verdict, guard) }
    })
    .await
}

/// Writes the bytes of an answer, or a program, into a new private file. Returns where it is.
pub fn save(bytes: &[u8], target: &Path) -> Result<PathBuf, Problem> {
    let mut file = PartFile::create(target).map_err(|e| store_problem(&e))?;
    file.write_all(bytes).map_err(|e| {
        Problem::new("The file could not be written", e.to_string(), "", "Check the disk and the name.")
    })?;
    file.finish(target).map_err(|e| store_problem(&e))
}

/// Reads what a write may change into a new private file: the way back. Returns where it is.
pub async fn back_up(
    bench: &Workbench,
    project: &SavedProject,
    request: &Request,
    target: &Path,
) -> Result<PathBuf, Problem> {
    if request.method().effect != Effect::Read {
        return Err(Problem::new("No backup was made", "This call writes.", "", ""));
    }
    let api = bench.api(project).await?;
    call::download(&api, request, target).await
}

/// Bytes that are written to a file as they are. Never printed.
#[derive(Clone)]
pub struct Bytes(pub Arc<Vec<u8>>);

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bytes({})", self.0.len())
    }
}
