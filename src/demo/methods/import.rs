//! What all imports of structure and people share: reading the rows, collecting mistakes,
//! changing the project wholly or not at all, and answering with a bare count.

use crate::demo::model::project::Project;
use crate::demo::pipeline::{Call, Reply};
use crate::demo::wire::error::ApiError;
use crate::demo::wire::import::{self, Row};
use std::str::FromStr;

/// The rows of `data`, which must have some of these keys. An empty `data` is an empty list in
/// CSV, where a table without rows and columns is nothing at all.
pub fn rows(call: &Call<'_>, expected: &[&str]) -> Result<Vec<Row>, ApiError> {
    import::read_list(call.params.text("data").unwrap_or_default(), call.format, expected)
}

/// Changes the call's project wholly or not at all.
pub fn edit<T>(
    call: &Call<'_>,
    change: impl FnOnce(&mut Project) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    call.state.edit(call.project.info.project_id, change)
}

/// Every import and delete but that of records answers with a bare number in all formats
/// (`redcap-api.md` §2.1).
pub fn count(number: usize) -> Reply {
    Reply::plain(number.to_string())
}

/// `override`: `0` or `1` (`redcap-api.md` §3.1). Whether it may be left out is a setting.
pub fn overrides(call: &Call<'_>) -> Result<bool, ApiError> {
    match call.params.text("override") {
        None if call.state.behaviour.missing_override_is_zero => Ok(false),
        None => Err(ApiError::missing_parameter("override")),
        Some(word) if word == "1" || word.eq_ignore_ascii_case("true") => Ok(true),
        Some(word) if word == "0" || word.eq_ignore_ascii_case("false") => Ok(false),
        Some(_) => Err(ApiError::invalid_parameter("override")),
    }
}

/// The names in an array parameter of a delete; all must be known (the pattern of 400-08).
pub fn known_names(
    call: &Call<'_>,
    parameter: &str,
    known: impl Fn(&str) -> bool,
) -> Result<Vec<String>, ApiError> {
    let mut names = call.list(parameter)?.ok_or_else(|| ApiError::missing_parameter(parameter))?;
    super::structure::check_names(parameter, &names, known)?;
    // Naming one thing twice deletes it once.
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    Ok(names)
}

/// The mistakes of an import: all are collected and given back together, a line each
/// (`redcap-permissions.md` §5.2, step 10).
#[derive(Debug, Default)]
pub struct Mistakes(Vec<String>);

impl Mistakes {
    /// Notes a mistake; one that is known already is not repeated.
    pub fn add(&mut self, line: impl Into<String>) {
        let line = line.into();
        if !self.0.contains(&line) {
            self.0.push(line);
        }
    }

    /// Notes the mistake of a result and gives its value.
    pub fn take<T>(&mut self, result: Result<T, String>) -> Option<T> {
        result.map_err(|line| self.add(line)).ok()
    }

    /// An error of all mistakes, if there are any.
    pub fn check(self) -> Result<(), ApiError> {
        if self.0.is_empty() { Ok(()) } else { Err(ApiError::bad(self.0.join("\n"))) }
    }
}

/// A number of a row; `None` if the key is absent or blank. The words are ours.
pub fn number<T: FromStr>(row: &Row, key: &str) -> Result<Option<T>, String> {
    match row.get(key) {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| format!("The value \"{text}\" of {key} is not valid")),
    }
}
