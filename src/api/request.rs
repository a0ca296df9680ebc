//! One call of a method, before it is sent: the parameters, and the body they make.
//!
//! [`Request::pairs`] is everything but the token, in the order in which it is sent; code
//! snippets are made from it. Only this file and the keyring ever see a token's text.

use super::catalogue::{self, Action, Kind, Method};
use super::token::Token;
use std::borrow::Cow;

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// One text.
    One(String),
    /// A list, sent as `name[0]=`, `name[1]=`, ...: comma lists are refused by newer servers and
    /// select everything on old ones (`redcap-api.md` Q10).
    List(Vec<String>),
}

/// A file to upload.
#[derive(Clone, PartialEq, Eq)]
pub struct Upload {
    /// The name under which REDCap keeps it.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Upload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The content may be a record's document: it is never printed.
        write!(f, "Upload({} bytes)", self.bytes.len())
    }
}

/// A call of one method with its parameters, without a token.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    method: &'static Method,
    params: Vec<(Cow<'static, str>, Value)>,
    file: Option<Upload>,
}

impl Request {
    /// A call of this method without parameters.
    pub fn new(method: &'static Method) -> Self {
        Self { method, params: Vec::new(), file: None }
    }

    /// A call of the method with this content and action, if there is one.
    pub fn find(content: &str, action: Action) -> Option<Self> {
        catalogue::find(content, action).map(Self::new)
    }

    /// The method that is called.
    pub fn method(&self) -> &'static Method {
        self.method
    }

    /// Sets a parameter. An empty text is the same as no parameter and is left out.
    #[must_use]
    pub fn set(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        self.params.retain(|(n, _)| *n != name);
        if !value.is_empty() {
            self.params.push((name, Value::One(value)));
        }
        self
    }

    /// Sets a parameter that is a list. An empty list is left out.
    #[must_use]
    pub fn set_list(
        mut self,
        name: impl Into<Cow<'static, str>>,
        values: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let name = name.into();
        let values: Vec<String> = values.into_iter().map(Into::into).collect();
        self.params.retain(|(n, _)| *n != name);
        if !values.is_empty() {
            self.params.push((name, Value::List(values)));
        }
        self
    }

    /// Sets a parameter that is `true` or `false`; false is left out, as it is REDCap's default.
    #[must_use]
    pub fn set_flag(self, name: impl Into<Cow<'static, str>>, on: bool) -> Self {
        self.set(name, if on { "true" } else { "" })
    }

    /// Adds the file to upload.
    #[must_use]
    pub fn set_file(mut self, name: impl Into<String>, bytes: Vec<u8>) -> Self {
        self.file = Some(Upload { name: name.into(), bytes });
        self
    }

    /// Asks for answers and errors as JSON, as far as the method has a choice. Without it REDCap
    /// would send XML, errors included (`redcap-api.md` Q38).
    #[must_use]
    pub fn json(self) -> Self {
        let has_format = self.method.param("format").is_some();
        let request = if has_format { self.set("format", "json") } else { self };
        request.set("returnFormat", "json")
    }

    /// The value of a parameter that is set.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.params.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// The text of a parameter that is set and no list, or `""`.
    pub fn text(&self, name: &str) -> &str {
        match self.get(name) {
            Some(Value::One(text)) => text,
            _ => "",
        }
    }

    /// The file to upload, if there is one.
    pub fn file(&self) -> Option<&Upload> {
        self.file.as_ref()
    }

    /// The required parameters that are not set.
    pub fn missing(&self) -> Vec<&'static str> {
        let is_set = |p: &catalogue::Param| match p.kind {
            Kind::File => self.file.is_some(),
            _ => self.get(p.name).is_some(),
        };
        self.method.params.iter().filter(|p| p.required && !is_set(p)).map(|p| p.name).collect()
    }

    /// Everything that is sent but the token, in order, lists numbered.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs = vec![("content".to_owned(), self.method.content.to_owned())];
        if self.method.send_action {
            pairs.push(("action".to_owned(), self.method.action.as_str().to_owned()));
        }
        for (name, value) in &self.params {
            match value {
                Value::One(text) => pairs.push((name.clone().into_owned(), text.clone())),
                Value::List(list) => pairs
                    .extend(list.iter().enumerate().map(|(i, text)| (format!("{name}[{i}]"), text.clone()))),
            }
        }
        pairs
    }

    /// The POST with the token in its body: never in the address, never in a header.
    pub(super) fn post(
        &self,
        http: &reqwest::Client,
        url: &reqwest::Url,
        token: &Token,
    ) -> reqwest::RequestBuilder {
        let post = http.post(url.clone());
        let pairs = self.pairs();
        match &self.file {
            None => {
                // Long enough from the start: a text that grows leaves copies of itself behind.
                let length: usize = pairs.iter().map(|(n, v)| encoded(n) + encoded(v) + 2).sum();
                let room = String::with_capacity("token=".len() + token.expose().len() + length);
                let mut body = form_urlencoded::Serializer::new(room);
                body.append_pair("token", token.expose()).extend_pairs(&pairs);
                let body = wiped(body.finish());
                post.header("content-type", "application/x-www-form-urlencoded").body(body)
            }
            Some(file) => {
                // Multipart is needed for files only (`redcap-api.md` §1.3).
                let part = reqwest::multipart::Part::bytes(file.bytes.clone()).file_name(file.name.clone());
                let secret = reqwest::multipart::Part::stream(wiped(token.expose().to_owned()));
                let form = reqwest::multipart::Form::new().part("token", secret);
                let form = pairs.into_iter().fold(form, |form, (name, value)| form.text(name, value));
                post.multipart(form.part("file", part))
            }
        }
    }

    /// What is asked for, in a few words without any record's name or value.
    pub fn summary(&self) -> String {
        let mut parts = Vec::new();
        for (name, value) in &self.params {
            match (name.as_ref(), value) {
                ("forms" | "events" | "arms", Value::List(list)) if list.len() <= 3 => {
                    parts.push(list.join(", "));
                }
                (name, Value::List(list)) if list.len() == 1 => {
                    parts.push(format!("1 {}", name.strip_suffix('s').unwrap_or(name)));
                }
                (name, Value::List(list)) => parts.push(format!("{} {name}", list.len())),
                (
                    "instrument" | "event" | "field" | "report_id" | "doc_id" | "folder_id" | "logtype",
                    Value::One(text),
                ) => {
                    parts.push(format!("{name} {text}"));
                }
                ("record", _) => parts.push("one record".into()),
                _ => {}
            }
        }
        parts.join(", ")
    }

    /// Whether repeating the call changes nothing.
    pub fn is_read(&self) -> bool {
        self.method.effect == catalogue::Effect::Read
    }
}

/// A text as a body whose memory is wiped when it was sent. The copies that the HTTP and the TLS
/// library make of it on its way out are theirs and are not.
fn wiped(text: String) -> bytes::Bytes {
    bytes::Bytes::from_owner(zeroize::Zeroizing::new(text.into_bytes()))
}

/// How many bytes a text has in a form body.
fn encoded(text: &str) -> usize {
    form_urlencoded::byte_serialize(text.as_bytes()).map(str::len).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records() -> Request {
        Request::find("record", Action::Export).unwrap()
    }

    #[test]
    fn lists_are_numbered_and_empty_values_left_out() {
        let request = records()
            .json()
            .set_list("fields", ["id", "age"])
            .set_list("events", Vec::<String>::new())
            .set("filterLogic", "")
            .set_flag("exportDataAccessGroups", true)
            .set_flag("exportSurveyFields", false);
        let pairs = request.pairs();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(
            pairs,
            [
                ("content", "record"),
                ("format", "json"),
                ("returnFormat", "json"),
                ("fields[0]", "id"),
                ("fields[1]", "age"),
                ("exportDataAccessGroups", "true"),
            ]
        );
    }

    #[test]
    fn setting_again_replaces() {
        let request = records().set("format", "csv").set("format", "json");
        assert_eq!((request.text("format"), request.pairs().len()), ("json", 2));
    }

    #[test]
    fn actions_are_sent_only_where_redcap_needs_them() {
        let delete = Request::find("record", Action::Delete).unwrap();
        assert!(delete.pairs().contains(&("action".into(), "delete".into())));
        assert!(!records().pairs().iter().any(|(n, _)| n == "action"));
        assert_eq!(delete.missing(), ["records"]);
        assert!(!delete.is_read() && records().is_read());
    }

    #[test]
    fn the_token_is_in_the_body_and_nowhere_else() {
        let token = Token::parse("0123456789ABCDEF0123456789ABCDEF").unwrap();
        let http = reqwest::Client::builder().tls_certs_only(Vec::new()).build().unwrap();
        let url = reqwest::Url::parse("http://127.0.0.1/api/").unwrap();
        let post = records().set("filterLogic", "[a b] = 'é&'").post(&http, &url, &token).build().unwrap();
        let body = std::str::from_utf8(post.body().unwrap().as_bytes().unwrap()).unwrap();
        assert_eq!(
            body,
            "token=0123456789ABCDEF0123456789ABCDEF&content=record&filterLogic=%5Ba+b%5D+%3D+%27%C3%A9%26%27"
        );
        assert!(!post.url().as_str().contains("0123") && !format!("{:?}", post.headers()).contains("0123"));
        assert!(!format!("{:?}", records()).contains("0123"));
    }
}
