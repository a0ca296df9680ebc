//! A request in words of the command line, as `capscope call` and `capscope snippet` take it.

use crate::api::catalogue::{Kind, METHODS, Method};
use crate::api::request::Request;
use crate::jobs::{Problem, call};
use clap::Args;
use std::path::PathBuf;

/// A method and its parameters.
#[derive(Debug, Args)]
pub struct RequestArgs {
    /// What: `record`, `metadata`, `user`, ... `capscope call --list` shows all.
    content: Option<String>,
    /// How: `export` (usual), `import`, `delete`, `rename`, `switch`, `list`, ...; then parameters
    /// as KEY=VALUE.
    #[arg(value_name = "ACTION | KEY=VALUE")]
    words: Vec<String>,
    /// A parameter. For a list give it several times. `data=@FILE` reads a file; `@@` stands for
    /// one `@` at the start of a text.
    #[arg(short, long = "param", value_name = "KEY=VALUE")]
    param: Vec<String>,
    /// The file to upload.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// What to do with the file to upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upload {
    /// Read it: it will be sent.
    Read,
    /// Only its name matters.
    Named,
}

impl RequestArgs {
    /// The method that is meant.
    pub fn method(&self) -> Result<&'static Method, Problem> {
        let Some(content) = &self.content else {
            return Err(Problem::new(
                "What shall be called?",
                "No content was given.",
                "",
                "'capscope call --list' shows all methods; 'capscope call version --project NAME' is a small one.",
            ));
        };
        let actions: Vec<&String> = self.words.iter().filter(|w| !w.contains('=')).collect();
        if let [_, second, ..] = actions.as_slice() {
            return Err(Problem::new(
                "A word was not understood",
                format!("\"{}\" is neither an action nor KEY=VALUE.", crate::domain::text::one_line(second)),
                "",
                "Write parameters as key=value.",
            ));
        }
        call::action_of(content, actions.first().map(|a| a.as_str()), METHODS)
    }

    /// Builds the request: lists as lists, `@FILE` read, answers in JSON unless something else is
    /// asked for.
    pub fn request(&self, method: &'static Method, upload: Upload) -> Result<Request, Problem> {
        let mut given: Vec<(String, String)> = Vec::new();
        for text in self.words.iter().filter(|w| w.contains('=')).chain(&self.param) {
            let Some((name, value)) = text.split_once('=') else {
                return Err(Problem::new(
                    "A parameter cannot be read",
                    format!("\"{}\" has no \"=\".", crate::domain::text::one_line(text)),
                    "",
                    "Write it as -p key=value.",
                ));
            };
            given.push((name.to_owned(), value.to_owned()));
        }
        let mut request = Request::new(method).json();
        for param in method.params {
            let values: Vec<String> =
                given.iter().filter(|(n, _)| n == param.name).map(|(_, v)| v.clone()).collect();
            request = match (param.kind, values.last()) {
                (_, None) => request,
                (Kind::Array(_), _) => request.set_list(param.name, values),
                (_, Some(last)) => request.set(param.name, last.clone()),
            };
        }
        request = match (&self.file, upload) {
            (None, _) => request,
            (Some(path), Upload::Read) => call::with_upload(request, path)?,
            (Some(path), Upload::Named) => {
                request.set_file(path.file_name().unwrap_or_default().to_string_lossy(), Vec::new())
            }
        };
        call::check(&request, &given)?;
        call::read_files(request)
    }
}
