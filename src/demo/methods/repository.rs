//! The file repository: folders and files (`redcap-api.md` §3.17).

use crate::demo::model::log::LogType;
use crate::demo::model::project::{Folder, RepositoryFile, StoredFile};
use crate::demo::pipeline::{Body, Call, Reply};
use crate::demo::wire::encode::{Cell, Format, Shape};
use crate::demo::wire::error::ApiError;

/// Whether the user may look into a folder: neither it nor a folder around it is restricted to
/// another group or role.
fn is_open(call: &Call<'_>, folder: &Folder) -> bool {
    let role = call.project.role_of(&call.user.username).map_or("", |r| r.unique_name.as_str());
    let itself = (folder.dag.is_empty() || call.user.dag.is_empty() || folder.dag == call.user.dag)
        && (folder.role.is_empty() || folder.role == role);
    // A folder's number is higher than that of the folder it lies in, so this ends.
    let around = folder.parent.filter(|id| *id < folder.id);
    itself
        && around
            .and_then(|id| call.project.folders.iter().find(|f| f.id == id))
            .is_none_or(|outer| is_open(call, outer))
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
    let (_, stored) = file_of(call)?;
    call.log(LogType::Manage, "Manage/Design ", "Export file from File Repository (API)");
    Ok(super::records::file::send(&stored.file))
}

/// The file that `doc_id` names, if the user may look into its folder.
fn file_of<'a>(call: &'a Call<'_>) -> Result<(u64, &'a RepositoryFile), ApiError> {
    let text = call.params.needed("doc_id")?;
    let project = &call.project;
    text.parse()
        .ok()
        .and_then(|id: u64| Some((id, project.repository.get(&id)?)))
        .filter(|(_, stored)| {
            let folder = project.folders.iter().find(|f| Some(f.id) == stored.folder);
            folder.is_none_or(|f| is_open(call, f))
        })
        .ok_or_else(|| ApiError::bad(format!("The file doc_id={text} does not exist in the File Repository")))
}

/// The longest name of a folder (`redcap-api.md` §3.17).
const LONGEST_NAME: usize = 150;

/// `action=createFolder`: answers with the new folder's number.
pub fn create_folder(call: &Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    let name = params.needed("name")?.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(ApiError::invalid_parameter("name"));
    }
    let parent = folder_of(call)?;
    let dag = match params.text("dag_id") {
        Some(text) => text
            .parse()
            .ok()
            .and_then(|id| call.project.dag_by_id(id))
            .map(|dag| dag.unique_name.clone())
            .ok_or_else(|| ApiError::invalid_parameter("dag_id"))?,
        None => String::new(),
    };
    let role = match params.text("role_id") {
        Some(text) => role_of(call, text).ok_or_else(|| ApiError::invalid_parameter("role_id"))?,
        None => String::new(),
    };
    let id = super::import::edit(call, |project| {
        let id = project.folders.iter().map(|f| f.id).max().unwrap_or(0) + 1;
        project.folders.push(Folder { id, name: name.to_owned(), parent, dag, role });
        Ok(id)
    })?;
    call.log(LogType::Manage, "Manage/Design ", "Create folder in File Repository (API)");
    let cell = Cell::Int(i64::try_from(id).unwrap_or(0));
    call.table(Shape::list("items"), &["folder_id"], &[vec![cell]])
}

/// The unique name of a role. No method tells a role's number; here the roles are numbered from
/// 1 in the order of their export, and the unique name is taken as well.
fn role_of(call: &Call<'_>, text: &str) -> Option<String> {
    let roles = &call.project.roles;
    let by_number = text.parse::<usize>().ok().and_then(|n| roles.get(n.checked_sub(1)?));
    by_number
        .or_else(|| roles.iter().find(|role| role.unique_name == text))
        .map(|role| role.unique_name.clone())
}

/// `action=import`: stores a file under the name of the uploaded part; answers with nothing.
pub fn import(call: &Call<'_>) -> Result<Reply, ApiError> {
    let folder = folder_of(call)?;
    let upload = call
        .params
        .uploads
        .iter()
        .find(|upload| upload.field == "file" && !upload.file_name.is_empty())
        .ok_or_else(|| ApiError::missing_parameter("file"))?;
    let file = StoredFile {
        name: upload.file_name.clone(),
        mime: upload.content_type.clone(),
        bytes: upload.bytes.as_slice().into(),
    };
    super::import::edit(call, |project| {
        let id = project.next_doc_id();
        project.repository.insert(id, RepositoryFile { folder, file });
        Ok(())
    })?;
    call.log(LogType::Manage, "Manage/Design ", "Upload file to File Repository (API)");
    Ok(Reply::plain(""))
}

/// `action=delete`: the file is gone from the folder; the recycle bin of thirty days is a thing
/// of the web pages.
pub fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let (id, _) = file_of(call)?;
    super::import::edit(call, |project| {
        project.repository.remove(&id);
        Ok(())
    })?;
    call.log(LogType::Manage, "Manage/Design ", "Delete file from File Repository (API)");
    Ok(Reply::plain(""))
}
