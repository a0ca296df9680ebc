//! Searching: records by what people know of them, fields in the codebooks of all projects.

use super::bench::{Workbench, address, blocking};
use super::open::Listener;
use super::problem::Problem;
use super::types::{JobEvent, RecordsWanted, SavedProject};
use super::worklist::collected;
use crate::domain::find::{self, Codebook, Index};
use crate::domain::project::Metadata;
use crate::store::cache::{self, CacheState};

/// Reads the fields of a search of all records, by name, and makes them ready for searching. Gives back
/// with it the fields that the server left out.
pub async fn index(
    bench: &Workbench,
    project: &SavedProject,
    chosen: Vec<String>,
    metadata: Metadata,
    tell: Listener<'_>,
) -> Result<(Index, Vec<String>), Problem> {
    let api = bench.api(project).await?;
    let Some(id_field) = metadata.dictionary.record_id_field().map(|f| f.name.clone()) else {
        return Ok((Index::default(), Vec::new()));
    };
    let fields = find::fields(&metadata, &chosen);
    bench.remember(&project.id, |kept| kept.search_fields = chosen);
    let request = RecordsWanted {
        id_field,
        fields: fields.clone(),
        columns: fields.clone(),
        ..RecordsWanted::default()
    };
    let tell = |event| match event {
        JobEvent::Progress(progress) => {
            tell(JobEvent::Progress(super::types::Progress {
                step: "Reading for the search".into(),
                ..progress
            }));
        }
        other => tell(other),
    };
    let (table, done) = collected(&api, &request, &tell).await?;
    let index = blocking(move || Index::build(&table, &metadata, &fields)).await?;
    Ok((index, done.missing_columns))
}

/// The codebooks of these projects, each project once: as read in this session, or as kept on
/// this computer. Projects that were never read are left out. Nothing is asked of any server.
pub async fn codebooks(bench: &Workbench, projects: &[SavedProject]) -> Result<Vec<Codebook>, Problem> {
    let mut books = Vec::new();
    let mut seen = std::collections::HashSet::new();
    // What was read in this session goes before what was kept.
    let (read, rest): (Vec<_>, Vec<_>) = projects.iter().partition(|p| bench.metadata(&p.id).is_some());
    for project in read.into_iter().chain(rest) {
        if seen.contains(&(&project.url, project.project_id)) {
            continue;
        }
        let kept = match (bench.metadata(&project.id), &bench.paths) {
            (Some(metadata), _) => Some(metadata),
            (None, Some(paths)) => {
                let (paths, pid) = (paths.clone(), project.project_id);
                let Ok(url) = address(&project.url) else { continue };
                match blocking(move || cache::load(&paths, &url, pid)).await? {
                    CacheState::Fresh { metadata, .. } => Some(std::sync::Arc::new(*metadata)),
                    _ => None,
                }
            }
            (None, None) => None,
        };
        let Some(metadata) = kept else { continue };
        seen.insert((&project.url, project.project_id));
        let (id, name) = (project.id.clone(), project.name.clone());
        books.push(blocking(move || Codebook::new(&id, &name, &metadata)).await?);
    }
    Ok(books)
}
