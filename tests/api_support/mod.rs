//! The client against the demo server, each in memory: a bench with a caller for every token.

#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use capscope::api::catalogue::Action;
use capscope::api::client::{Api, Server, ServerSettings, silent};
use capscope::api::request::Request;
use capscope::api::token::Token;
use capscope::api::url::ApiUrl;
use capscope::demo::{DemoOptions, DemoServer};
use std::sync::Arc;

/// A call of the catalogue with JSON as its format; a name ending in `[]` is a list.
pub fn request(method: (&str, Action), params: &[(&str, &str)]) -> Request {
    let mut request = Request::find(method.0, method.1).unwrap().json();
    for (name, value) in params.iter().filter(|(name, _)| !name.is_empty()) {
        request = match name.strip_suffix("[]") {
            Some(list) => request.set_list(list.to_owned(), [*value]),
            None => request.set((*name).to_owned(), *value),
        };
    }
    request
}

/// The text of the answer to a call.
pub async fn text(api: &Api, method: (&str, Action), params: &[(&str, &str)]) -> String {
    api.call(&request(method, params)).await.unwrap().text().into_owned()
}

pub struct Bench {
    pub server: DemoServer,
    client: Arc<Server>,
}

impl Bench {
    pub async fn start() -> Self {
        let options = DemoOptions { registry_records: 5, ..DemoOptions::default() };
        let server = DemoServer::start(options).await.unwrap();
        let settings = ServerSettings { paced: false, ..ServerSettings::default() };
        let client = Server::new(ApiUrl::parse(server.url()).unwrap(), settings, silent());
        Self { server, client }
    }

    fn api(&self, token: &str) -> Api {
        Api::new(self.client.clone(), Token::parse(token).unwrap())
    }

    /// The project whose title begins with this, with its first token: it has all rights.
    pub fn original(&self, title: &str) -> Api {
        let project = self.server.projects().iter().find(|p| p.title.starts_with(title)).unwrap();
        self.api(&project.tokens[0].token)
    }

    /// BREATHE with the rights of the token whose note begins with this.
    pub fn breathe(&self, note: &str) -> Api {
        let tokens = &self.server.projects()[0].tokens;
        self.api(&tokens.iter().find(|t| t.note.starts_with(note)).unwrap().token)
    }

    /// A copy of a project in development, with its data and all rights.
    pub async fn copy(&self, title: &str) -> Api {
        let xml = text(&self.original(title), ("project_xml", Action::Export), &[]).await;
        let data = "[{\"project_title\":\"Copy\",\"purpose\":\"0\"}]";
        let maker = self.api(self.server.super_token());
        let token = text(&maker, ("project", Action::Import), &[("data", data), ("odm", &xml)]).await;
        self.api(token.trim().trim_matches('"'))
    }
}
