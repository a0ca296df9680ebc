//! Refusals: REDCap's status, words, and the three ways to spell them.

use super::encode::{Format, json_string, xml_text};

/// A refusal as the API gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// REDCap's words.
    pub message: String,
}

impl ApiError {
    /// A 400 with these words.
    pub fn bad(message: impl Into<String>) -> Self {
        Self { status: 400, message: message.into() }
    }

    /// A 403 with these words.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self { status: 403, message: message.into() }
    }

    /// 403-01 of `redcap-api.md` §1.7: the token is not usable, for whatever reason.
    pub fn no_permission() -> Self {
        Self::forbidden("You do not have permissions to use the API")
    }

    /// 501-01: a method this server does not have.
    pub fn not_implemented() -> Self {
        Self { status: 501, message: "The requested method is not implemented.".into() }
    }

    /// The pattern of 400-01, for any parameter (`redcap-api.md` §15).
    pub fn invalid_parameter(name: &str) -> Self {
        Self::bad(format!("The value of the parameter \"{name}\" is not valid"))
    }

    /// A required parameter is not there. The words are ours (`redcap-api.md` §15).
    pub fn missing_parameter(name: &str) -> Self {
        Self::bad(format!("The required parameter \"{name}\" is missing"))
    }

    /// 400-08: names in an array that are no names of this project.
    pub fn invalid_values(parameter: &str, values: &[String]) -> Self {
        let quoted: Vec<String> = values.iter().map(|v| format!("'{v}'")).collect();
        Self::bad(format!(
            "The following values in the parameter \"{parameter}\" are not valid: {}",
            quoted.join(", ")
        ))
    }

    /// The second right is missing: the pattern of 400-11, attested for the DAG right only.
    pub fn insufficient(first: &str, second: &str) -> Self {
        Self::bad(format!(
            "Insufficient user privileges: You must have '{first}' privileges and '{second}' privileges in the project."
        ))
    }

    /// The body for a `returnFormat` (`redcap-api.md` §1.6).
    pub fn body(&self, format: Format, php_escapes: bool) -> String {
        match format {
            Format::Json => format!("{{\"error\":{}}}", json_string(&self.message, php_escapes)),
            Format::Csv => format!("ERROR: {}", self.message),
            Format::Xml => format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><hash><error>{}</error></hash>",
                xml_text(&self.message)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_error_has_three_spellings() {
        let error = ApiError::no_permission();
        for (format, body) in [
            (Format::Json, "{\"error\":\"You do not have permissions to use the API\"}"),
            (Format::Csv, "ERROR: You do not have permissions to use the API"),
            (
                Format::Xml,
                "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><hash><error>You do not have permissions to use the API</error></hash>",
            ),
        ] {
            assert_eq!(error.body(format, true), body);
        }
        let quoted = ApiError::bad("\"1\",\"a\" < b");
        assert_eq!(quoted.body(Format::Json, false), r#"{"error":"\"1\",\"a\" < b"}"#);
        assert!(quoted.body(Format::Xml, false).contains("&lt; b"));
    }

    #[test]
    fn invalid_names_are_quoted_and_joined() {
        let error = ApiError::invalid_values("fields", &["x".into(), "y".into()]);
        assert_eq!(error.message, "The following values in the parameter \"fields\" are not valid: 'x', 'y'");
    }
}
