//! The form of a method: one row a parameter, made from the catalogue.

use crate::api::catalogue::{Kind, Method, Param};
use crate::api::request::Request;
use crate::app::cursor::Cursor;
use std::path::PathBuf;

/// A form as it is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// The method.
    pub method: &'static Method,
    /// The values of its parameters, in the catalogue's order; empty is not sent.
    pub values: Vec<Vec<String>>,
    /// The cursor: a parameter, or the last row, which sends.
    pub cursor: Cursor,
}

impl Form {
    /// A form of which nothing is filled in but the format: JSON is what this screen reads best.
    pub fn new(method: &'static Method) -> Self {
        let values = method
            .params
            .iter()
            .map(|p| match p.name {
                "format" | "returnFormat" => vec!["json".to_owned()],
                _ => Vec::new(),
            })
            .collect();
        let first = method.params.iter().position(|p| p.required).unwrap_or_default();
        Self { method, values, cursor: Cursor { at: first, top: 0 } }
    }

    /// How many rows it has: the parameters, and the row that sends.
    pub fn n_rows(&self) -> usize {
        self.method.params.len() + 1
    }

    /// The parameter under the cursor; `None` on the row that sends.
    pub fn param(&self) -> Option<&'static Param> {
        self.method.params.get(self.cursor.at)
    }

    /// The values of a parameter.
    pub fn get(&self, name: &str) -> &[String] {
        let at = self.method.params.iter().position(|p| p.name == name);
        at.and_then(|i| self.values.get(i)).map_or(&[], Vec::as_slice)
    }

    /// The value of a parameter that is no list, or `""`.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).first().map_or("", String::as_str)
    }

    /// Sets the values of a parameter.
    pub fn set(&mut self, name: &str, values: Vec<String>) {
        let at = self.method.params.iter().position(|p| p.name == name);
        if let Some(slot) = at.and_then(|i| self.values.get_mut(i)) {
            *slot = values.into_iter().filter(|v| !v.is_empty()).collect();
        }
    }

    /// Goes to the next of a few values; past the last one nothing is sent again.
    pub fn cycle(&mut self) {
        let Some(param) = self.param() else { return };
        let words: &[&str] = match param.kind {
            Kind::Choice(words) => words,
            Kind::Bool => &["true", "false"],
            Kind::ZeroOne => &["0", "1"],
            _ => return,
        };
        let now = self.text(param.name);
        let next = match words.iter().position(|w| *w == now) {
            None => words.first(),
            Some(at) => words.get(at + 1),
        };
        let next = next.map(|w| (*w).to_owned()).into_iter().collect();
        self.set(param.name, next);
    }

    /// The request. Files are not read here: a text `@FILE` and the upload stay names.
    pub fn request(&self) -> Request {
        let mut request = Request::new(self.method);
        for (param, values) in self.method.params.iter().zip(&self.values) {
            request = match (param.kind, values.first()) {
                (_, None) => request,
                (Kind::Array(_), _) => request.set_list(param.name, values.clone()),
                (Kind::File, Some(path)) => {
                    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
                    request.set_file(name, Vec::new())
                }
                (_, Some(value)) => request.set(param.name, value.clone()),
            };
        }
        request
    }

    /// The file to upload.
    pub fn upload(&self) -> Option<PathBuf> {
        let param = self.method.params.iter().find(|p| p.kind == Kind::File)?;
        self.get(param.name).first().map(PathBuf::from)
    }

    /// Whether a value is to be read from a file when the call is sent.
    pub fn reads_file(&self) -> bool {
        self.method.params.iter().zip(&self.values).any(|(param, values)| {
            matches!(param.kind, Kind::Data | Kind::Text)
                && values.first().is_some_and(|v| v.starts_with('@') && !v.starts_with("@@"))
        })
    }

    /// The request as it goes out, line by line; the token as `••••`.
    pub fn preview(&self, url: &str) -> Vec<String> {
        let mut lines = vec![format!("POST {url}"), "token=••••".to_owned()];
        lines.extend(self.request().pairs().into_iter().map(|(name, value)| format!("{name}={value}")));
        if let Some(path) = self.upload() {
            lines.push(format!("file=@{}  (multipart)", path.display()));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::catalogue::{Action, METHODS, find};

    #[test]
    fn a_form_makes_the_request_that_was_filled_in() {
        let mut form = Form::new(find("record", Action::Export).unwrap());
        form.set("fields", vec!["id".into(), "age".into()]);
        form.set("filterLogic", vec!["[age] > 5".into()]);
        let preview = form.preview("https://r.example.org/api/").join("\n");
        assert_eq!(
            preview,
            "POST https://r.example.org/api/\ntoken=••••\ncontent=record\nformat=json\nreturnFormat=json\n\
             fields[0]=id\nfields[1]=age\nfilterLogic=[age] > 5"
        );
    }

    #[test]
    fn a_few_values_go_round() {
        let mut form = Form::new(find("record", Action::Export).unwrap());
        form.cursor.at = form.method.params.iter().position(|p| p.name == "type").unwrap();
        for expected in ["flat", "eav", "", "flat"] {
            form.cycle();
            assert_eq!(form.text("type"), expected);
        }
    }

    #[test]
    fn every_method_has_a_form_with_a_row_for_each_parameter() {
        for method in METHODS {
            let form = Form::new(method);
            assert_eq!(form.n_rows(), method.params.len() + 1);
            assert!(form.request().pairs().iter().any(|(n, v)| n == "content" && v == method.content));
        }
    }
}
