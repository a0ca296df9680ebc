//! The parameters of a request, as PHP would read them.

use super::error::ApiError;
use std::collections::HashMap;

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The name of the part.
    pub field: String,
    /// The file name the client gave.
    pub file_name: String,
    /// The content type the client gave.
    pub content_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    One(String),
    Many(Vec<String>),
}

/// The decoded parameters. An empty parameter counts as absent (`redcap-api.md` §1.3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params {
    values: HashMap<String, Value>,
    /// The uploaded files.
    pub uploads: Vec<Upload>,
}

impl Params {
    /// Reads an `application/x-www-form-urlencoded` body.
    pub fn from_urlencoded(body: &[u8]) -> Self {
        let mut params = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            params.add(&name, value.into_owned());
        }
        params
    }

    /// Adds one pair. `records[0]`, `records[]` and `records[a]` all add to the list `records`;
    /// of a plain name the last value counts.
    pub fn add(&mut self, name: &str, value: String) {
        match name.split_once('[') {
            Some((base, rest)) if !base.is_empty() && rest.ends_with(']') => {
                match self.values.entry(base.to_owned()).or_insert_with(|| Value::Many(Vec::new())) {
                    Value::Many(list) => list.push(value),
                    one @ Value::One(_) => *one = Value::Many(vec![value]),
                }
            }
            _ => {
                self.values.insert(name.to_owned(), Value::One(value));
            }
        }
    }

    /// A plain parameter, if it is there and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.values.get(name) {
            Some(Value::One(text)) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// Whether a parameter was sent at all, even empty.
    pub fn is_sent(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Whether a parameter was sent as an array.
    pub fn is_array(&self, name: &str) -> bool {
        matches!(self.values.get(name), Some(Value::Many(_)))
    }

    /// A parameter that the method cannot do without.
    pub fn needed(&self, name: &str) -> Result<&str, ApiError> {
        self.text(name).ok_or_else(|| ApiError::missing_parameter(name))
    }

    /// A switch: `true`, `TRUE`, `True` or `1`.
    pub fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|word| word == "1" || word.eq_ignore_ascii_case("true"))
    }

    /// One of these words, or the first of them if the parameter is absent.
    pub fn choice<'a>(&self, name: &str, words: &[&'a str]) -> Result<&'a str, ApiError> {
        match self.text(name) {
            None => Ok(words.first().copied().unwrap_or_default()),
            Some(word) => {
                words.iter().copied().find(|w| *w == word).ok_or_else(|| ApiError::invalid_parameter(name))
            }
        }
    }

    /// A list, or `None` if nothing was asked for. Blank entries are dropped.
    ///
    /// A plain value is taken as a comma list if `comma_lists` allows it; otherwise it is the
    /// error 400-09 of `redcap-api.md` §1.7.
    pub fn list(&self, name: &str, comma_lists: bool) -> Result<Option<Vec<String>>, ApiError> {
        let list: Vec<String> = match self.values.get(name) {
            None => return Ok(None),
            Some(Value::Many(list)) => list.iter().filter(|v| !v.is_empty()).cloned().collect(),
            Some(Value::One(text)) if text.is_empty() => return Ok(None),
            Some(Value::One(text)) if comma_lists => {
                text.split(',').map(str::trim).filter(|v| !v.is_empty()).map(str::to_owned).collect()
            }
            Some(Value::One(_)) => {
                return Err(ApiError::bad(format!(
                    "The \"{name}\" parameter has been provided with a value, but the value is not an array. The \"{name}\" parameter must be provided as an array of one or more values."
                )));
            }
        };
        Ok(if list.is_empty() { None } else { Some(list) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list(body: &str) -> Option<Vec<String>> {
        Params::from_urlencoded(body.as_bytes()).list("fields", true).unwrap()
    }

    #[test]
    fn lists_are_read_as_php_reads_them() {
        for (body, expected) in [
            ("fields%5B0%5D=a&fields%5B1%5D=b", Some(vec!["a", "b"])),
            ("fields[]=a&fields[]=b", Some(vec!["a", "b"])),
            ("fields=a,%20b", Some(vec!["a", "b"])),
            ("fields=", None),
            ("fields[]=", None),
            ("other=1", None),
        ] {
            let expected = expected.map(|l| l.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(list(body), expected, "{body}");
        }
        let strict = Params::from_urlencoded(b"fields=a,b").list("fields", false).unwrap_err();
        assert!(strict.message.contains("the value is not an array"));
    }

    #[test]
    fn switches_take_the_words_of_all_clients() {
        for (body, on) in [
            ("x=true", true),
            ("x=TRUE", true),
            ("x=True", true),
            ("x=1", true),
            ("x=false", false),
            ("x=FALSE", false),
            ("x=0", false),
            ("x=", false),
            ("", false),
        ] {
            assert_eq!(Params::from_urlencoded(body.as_bytes()).flag("x"), on, "{body}");
        }
    }

    #[test]
    fn words_are_checked() {
        let params = Params::from_urlencoded(b"type=eav&format=pdf");
        assert_eq!(params.choice("type", &["flat", "eav"]), Ok("eav"));
        assert_eq!(params.choice("rawOrLabel", &["raw", "label"]), Ok("raw"));
        assert_eq!(
            params.choice("format", &["xml", "csv"]).unwrap_err().message,
            "The value of the parameter \"format\" is not valid"
        );
    }

    proptest! {
        #[test]
        fn any_body_is_decoded(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let params = Params::from_urlencoded(&body);
            let _ = params.list("a", true);
        }

        #[test]
        fn any_name_is_decoded(body in "[a&=%\\[\\]0-9,]*") {
            let params = Params::from_urlencoded(body.as_bytes());
            let _ = (params.text("a"), params.list("a", true), params.flag("a"));
        }
    }
}
