//! `content=record`, import (`redcap-api.md` §3.11, §5).
//!
//! The way of an import: the data are read into a table ([`table`], [`xml`], [`odm`]); columns
//! become targets ([`columns`]); rows find their places ([`place`]) and cells are checked
//! ([`check`], [`value`], [`crate::domain::validation`]), and all that is wrong is told at once
//! ([`problems`]). Only if nothing is wrong is anything written ([`apply`]), and then
//! calculations follow ([`calculate`]). Checks and writing happen under one lock, so that two
//! imports of one record never mix.

mod apply;
mod calculate;
mod check;
mod columns;
mod odm;
mod place;
mod problems;
mod reply;
pub mod table;
mod value;
pub mod xml;

pub use apply::{action, next_number};
pub use check::{LOCKED, is_locked};

use self::columns::{flat_of_eav, resolve};
use self::problems::Problems;
use self::table::{Json, Table};
use super::csv_delimiter;
use crate::demo::model::project::Project;
use crate::demo::pipeline::{Body, Call, Reply, return_format};
use crate::demo::wire::encode::Format;
use crate::demo::wire::error::ApiError;
use crate::domain::validation::{DateOrder, DateRules};

/// What the answer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReturnContent {
    Count,
    Ids,
    AutoIds,
    Nothing,
}

/// The parameters of an import.
#[derive(Debug)]
pub struct Request {
    /// One value a row.
    eav: bool,
    /// Blanks erase.
    overwrite: bool,
    /// Records get new names.
    auto_number: bool,
    /// How dates are written.
    dates: DateRules,
    return_content: ReturnContent,
    return_format: Format,
    /// Good records are stored although others are bad.
    background: bool,
}

impl Request {
    fn of_call(call: &Call<'_>) -> Result<Self, ApiError> {
        let params = call.params;
        let auto_number = params.flag("forceAutoNumber");
        let is_odm = params.text("format") == Some("odm");
        let order = match params.choice("dateFormat", &["YMD", "MDY", "DMY"])? {
            // XML has one way to write a date.
            _ if is_odm => DateOrder::Ymd,
            "MDY" => DateOrder::Mdy,
            "DMY" => DateOrder::Dmy,
            _ => DateOrder::Ymd,
        };
        let return_content = match params.choice("returnContent", &["count", "ids", "auto_ids", "nothing"])? {
            "ids" => ReturnContent::Ids,
            "auto_ids" if auto_number => ReturnContent::AutoIds,
            // Pairs of names only exist where there are new ones (§3.11).
            "auto_ids" => ReturnContent::Ids,
            "nothing" => ReturnContent::Nothing,
            _ => ReturnContent::Count,
        };
        Ok(Self {
            eav: params.choice("type", &["flat", "eav"])? == "eav" && !is_odm,
            overwrite: params.choice("overwriteBehavior", &["normal", "overwrite"])? == "overwrite",
            auto_number,
            dates: DateRules { order, one_digit: call.state.behaviour.import.one_digit_dates },
            return_content,
            return_format: return_format(params),
            background: params.flag("backgroundProcess"),
        })
    }
}

/// Imports records.
pub fn import(call: &Call<'_>) -> Result<Reply, ApiError> {
    let request = Request::of_call(call)?;
    let data = call.params.text("data").unwrap_or_default();
    if data.len() > call.state.behaviour.import.most_bytes {
        return Err(too_much_data());
    }
    let Some(table) = read(call, data) else { return not_in_format(call) };
    if table.is_too_large() {
        return Err(too_much_data());
    }
    let table = if request.eav {
        flat_of_eav(&table, &call.project, call.state.behaviour.import.eav_checkbox_codes)?
    } else {
        table
    };
    let escapes = call.state.behaviour.json_php_escapes;
    let id = call.project.info.project_id;
    let names = call.state.edit(id, |project| write(&table, project, call, &request));
    if request.background {
        return Ok(reply::accepted(request.return_format));
    }
    Ok(reply::reply(&request, &names?, escapes))
}

/// Checks and stores a table. Gives the records by their sent and their stored names.
fn write(
    table: &Table,
    project: &mut Project,
    call: &Call<'_>,
    request: &Request,
) -> Result<Vec<(String, String)>, ApiError> {
    let columns = resolve(table, project)?;
    let mut problems = Problems::default();
    let mut rows = check::check(table, &columns, project, call, request, &mut problems);
    if request.background {
        // The background process stores good records and skips bad ones.
        rows.retain(|row| !problems.is_everything() && !problems.has_record(&row.record));
    } else if !problems.is_empty() {
        return Err(problems.into_error());
    }
    let username = if request.background {
        format!("SYSTEM ({})", call.user.username)
    } else {
        call.user.username.clone()
    };
    let applied = apply::apply(&rows, &columns, project, call, request, &username);
    calculate::calculate(project, &columns, &applied, call, &username);
    Ok(applied.names)
}

/// Reads the data in their format. `None` if they are not in it.
fn read(call: &Call<'_>, data: &str) -> Option<Table> {
    if call.params.text("format") == Some("odm") {
        return odm::from_odm(data, &call.project);
    }
    read_rows(call, data)
}

/// Reads a table of any kind as CSV, JSON or XML. `None` if it is not in its format.
pub fn read_rows(call: &Call<'_>, data: &str) -> Option<Table> {
    match call.params.text("format") {
        Some("json") => match table::from_json(data)? {
            Json::Table(table) => Some(table),
            // One bare object imports nothing, and says so (`redcap-api.md` §5.1).
            Json::Object => Some(Table::default()),
        },
        Some("csv") => table::from_csv(data, csv_delimiter(call)),
        _ => xml::from_xml(data),
    }
}

/// 400-15. Without any format its words come bare (`redcap-api.md` §1.6).
fn not_in_format(call: &Call<'_>) -> Result<Reply, ApiError> {
    let error = ApiError::bad("The data is not in the specified format.");
    let is_bare = !call.params.is_sent("format")
        && !call.params.is_sent("returnFormat")
        && call.state.behaviour.import.bare_format_error;
    if !is_bare {
        return Err(error);
    }
    Ok(Reply {
        status: error.status,
        content_type: "text/html; charset=utf-8".into(),
        body: Body::Bytes(error.message.into_bytes()),
    })
}

/// 200-01, in the words of a server that ran out of memory.
pub fn too_much_data() -> ApiError {
    ApiError {
        status: 500,
        message: "REDCap ran out of server memory. The request cannot be processed. Please try importing/exporting a smaller amount of data.".into(),
    }
}
