//! The file repository: listing folders and sending files (`redcap-api.md` §3.17).

use crate::demo::model::project::Folder;
use crate::demo::pipeline::{Body, Call, Reply};
use crate::demo::wire::encode::{Cell, Format, Shape};
use crate::demo::wire::error::ApiError;

/// Whether the user may look into a folder: it is restricted neither to another group nor to
/// another role.
fn is_open(call: &Call<'_>, folder: &Folder) -> bool {
    let role = call.project.role_of(&call.user.username).map_or("", |r| r.unique_name.as_str());
    (folder.dag.is_empty() || call.user.dag.is_empty() || folder.dag == call.user.dag)
        && (folder.role.is_empty() || folder.role == role)
}

/// The folder with this number, if the user may look into it; `None` is the top.
fn folder_of(call: &Call<'_>) -> Result<Option<u64>, ApiError> {
    let Some(text) = call.params.text("folder_id") else { return Ok(None) };
    let found = text.parse().ok().and_then(|id: u64| call.project.folders.iter().find(|f| f.id == id));
    match found.filter(|folder| is_open(call, folder)) {
        Some(folder) => Ok(Some(folder.id)),
        None => Err(ApiError::bad(format!(
            "The File Repository folder folder_id={text} does not exist or else you do not have permission to that folder because it is DAG-restricted or Role-restricted."
        ))),
    }
}

/// `action=list`: what lies directly in a folder. Folders have a `folder_id`, files a `doc_id`.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    let parent = folder_of(call)?;
    let restricted = call.state.behaviour.at_least((16, 0, 8));
    let project = &call.project;
    let folders = project.folders.iter().filter(|f| f.parent == parent && is_open(call, f));
    let files = project.repository.iter().filter(|(_, f)| f.folder == parent);
    if call.format == Format::Json {
        let items: Vec<serde_json::Value> = folders
            .map(|f| {
                let mut item = serde_json::json!({ "folder_id": f.id, "name": f.name });
                for (key, value) in [("role", &f.role), ("dag", &f.dag)] {
                    if restricted && !value.is_empty() {
                        item[key] = value.clone().into();
                    }
                }
                item
            })
            .chain(files.map(|(id, f)| serde_json::json!({ "doc_id": id, "name": f.file.name })))
            .collect();
        let body = serde_json::Value::from(items).to_string().into_bytes();
        return Ok(Reply {
            status: 200,
            content_type: call.format.content_type().into(),
            body: Body::Bytes(body),
        });
    }
    let number = |id: u64| Cell::Int(i64::try_from(id).unwrap_or(0));
    let mut rows: Vec<Vec<Cell<'_>>> = folders
        .map(|f| {
            vec![number(f.id), Cell::text(""), Cell::text(&f.name), Cell::text(&f.role), Cell::text(&f.dag)]
        })
        .collect();
    rows.extend(files.map(|(id, f)| {
        vec![Cell::text(""), number(*id), Cell::text(&f.file.name), Cell::text(""), Cell::text("")]
    }));
    let keys: &[&str] = if restricted {
        &["folder_id", "doc_id", "name", "role", "dag"]
    } else {
        for row in &mut rows {
            row.truncate(3);
        }
        &["folder_id", "doc_id", "name"]
    };
    call.table(Shape { empty_csv_is_blank: true, ..Shape::list("items") }, keys, &rows)
}

/// `action=export`: the bytes of a file. The words for a missing one are ours.
pub fn export(call: &Call<'_>) -> Result<Reply, ApiError> {
    let text = call.params.needed("doc_id")?;
    let project = &call.project;
    let stored = text
        .parse()
        .ok()
        .and_then(|id: u64| project.repository.get(&id))
        .filter(|stored| {
            let folder = project.folders.iter().find(|f| Some(f.id) == stored.folder);
            folder.is_none_or(|f| is_open(call, f))
        })
        .ok_or_else(|| {
            ApiError::bad(format!("The file doc_id={text} does not exist in the File Repository"))
        })?;
    Ok(super::records::file::send(&stored.file))
}
