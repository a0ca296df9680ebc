//! From REDCap's JSON to `domain` types.
//!
//! REDCap's types are loose: flags come as numbers or strings, keys come and go by version, new
//! ones appear (`redcap-api.md` Q14, Q42). So every key is optional but the few without which a
//! row means nothing, numbers are taken in either form, and unknown keys are kept where there is
//! a place for them.

mod access;
mod design;
mod dictionary;
mod import;
mod log;
mod project;
mod records;
mod row;

pub use access::{dag_assignments, dags, role_assignments, roles, users};
pub use design::{arms, events, instruments, mapping, repeating};
pub use dictionary::metadata;
pub use import::{ImportAnswer, import_answer};
pub use log::log;
pub use project::project;
pub use records::records;

/// REDCap's version: digits and dots.
pub fn version(text: &str) -> Result<String, String> {
    let version = plain(text)?;
    if version.starts_with(|c: char| c.is_ascii_digit()) && version.len() <= 40 {
        Ok(version)
    } else {
        Err("The answer is not a version number.".into())
    }
}

/// A plain value on one line. Some servers quote it as JSON.
pub fn plain(text: &str) -> Result<String, String> {
    let text = text.trim();
    let value = serde_json::from_str::<String>(text).unwrap_or_else(|_| text.to_owned());
    if value.lines().count() == 1 && value.len() <= 1000 {
        Ok(value)
    } else {
        Err("The answer is not one plain value.".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_version_is_a_number() {
        assert_eq!(version("14.5.2\n").unwrap(), "14.5.2");
        assert_eq!(version("\"14.5.2\"").unwrap(), "14.5.2");
        assert!(version("Welcome").is_err());
        assert!(version("").is_err());
        assert!(plain("1\n2").is_err());
        assert_eq!(plain("1732-4").unwrap(), "1732-4");
    }

    proptest! {
        #[test]
        fn no_text_makes_a_decoder_panic(
            text in "\\PC*|\\[(\\{\"(field_name|forms|arm_num|username|x)\":(\"a\"|1|null|\\[\\]|\\{\"a\":1\\}|1e99),?\\},?){0,3}\\]"
        ) {
            let _ = (version(&text), plain(&text), project(&text), metadata(&text), instruments(&text));
            let _ = (arms(&text), events(&text), mapping(&text), repeating(&text));
            let _ = (users(&text), roles(&text), role_assignments(&text), dags(&text), dag_assignments(&text));
            let _ = (log(&text), records(&text));
        }
    }
}
