//! A request as every language sees it.

use super::Refusal;
use crate::api::catalogue::{Effect, Method};
use crate::api::request::{Request, Value};

/// What a program shall send, and where to.
#[derive(Debug, Clone)]
pub struct Call<'a> {
    /// The request. The bytes of its file are not looked at.
    pub request: &'a Request,
    /// The address of the API.
    pub url: &'a str,
    /// The path of the file to upload, if there is one.
    pub file: Option<&'a str>,
    /// The number of the project, if it is known.
    pub project_id: Option<u64>,
}

impl Call<'_> {
    /// The method that is called.
    pub(super) fn method(&self) -> &'static Method {
        self.request.method()
    }

    /// Everything that is sent but the token and the file, in order.
    pub(super) fn pairs(&self) -> Vec<(String, String)> {
        self.request.pairs()
    }

    /// The lines for a comment on top: what the program does, and what is dangerous about it.
    pub(super) fn about(&self) -> Vec<String> {
        let method = self.method();
        let mut lines = vec![format!("REDCap API: {}.", method.title)];
        if method.effect != Effect::Read {
            lines.push(format!("This changes the project! {}", method.danger));
        }
        lines
    }

    /// The name under which REDCap keeps the uploaded file.
    pub(super) fn file_name(&self) -> Option<&str> {
        self.file.map(|path| path.rsplit(['/', '\\']).next().unwrap_or(path))
    }

    /// The value of a parameter as a list, whether it is one or not.
    pub(super) fn values(&self, name: &str) -> Vec<&str> {
        match self.request.get(name) {
            None => Vec::new(),
            Some(Value::One(text)) => vec![text],
            Some(Value::List(list)) => list.iter().map(String::as_str).collect(),
        }
    }

    /// The ending that fits the answer.
    pub(super) fn extension(&self) -> &'static str {
        match (self.method().content, self.request.text("format")) {
            ("pdf", _) => "pdf",
            ("file" | "fileRepository", _) if !self.method().params.iter().any(|p| p.name == "format") => {
                "bin"
            }
            ("project_xml", _) => "xml",
            (_, "json") => "json",
            (_, "csv") => "csv",
            (_, "xml" | "odm") => "xml",
            _ => "txt",
        }
    }

    /// What no language can pass on.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        for (name, value) in self.pairs() {
            if value.contains('\0') {
                return Err(Refusal::Nul(name));
            }
            if self.file.is_some() && value.contains(['\n', '\r']) {
                return Err(Refusal::LineBreak(name));
            }
        }
        match self.file {
            Some(path) if path.contains('\0') => Err(Refusal::Nul("file".into())),
            Some(path) if path.contains(['\n', '\r']) => Err(Refusal::LineBreak("file".into())),
            _ => Ok(()),
        }
    }
}
