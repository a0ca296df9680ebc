//! Reading the body of a post. Everything about it may be hostile.

use super::Trigger;
use crate::domain::dictionary::status_field;
use std::borrow::Cow;
use thiserror::Error;

/// The longest body that is read, in bytes. A real trigger has less than one KB.
pub const MOST_BYTES: usize = 16 * 1024;

/// The most parameters. REDCap sends eleven at most.
const MOST_PARAMETERS: usize = 64;

/// The longest name of a parameter, in bytes: an instrument's name and `_complete`.
const MOST_NAME: usize = 128;

/// The longest value, in bytes. The longest that REDCap sends are addresses.
const MOST_VALUE: usize = 2048;

/// What a post is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Post {
    /// A trigger.
    Trigger(Box<Trigger>),
    /// Nothing at all. REDCap's setup page may look with such a post whether the address answers
    /// (`redcap-api.md` §11, unsure).
    Empty,
}

/// Why a post is no trigger. The words never repeat what was posted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadPost {
    /// The body is longer than a trigger can be.
    #[error("The body is longer than {MOST_BYTES} bytes.")]
    TooLong,
    /// There are too many parameters.
    #[error("There are more than {MOST_PARAMETERS} parameters.")]
    TooMany,
    /// A name or a value is too long.
    #[error("A parameter is longer than REDCap's are.")]
    LongParameter,
    /// Bytes that are no text, or control characters.
    #[error("A parameter holds bytes that are no text.")]
    NotText,
    /// Something that every trigger has is not there.
    #[error("There is no {0}, which every trigger has.")]
    Missing(&'static str),
    /// A parameter stands there twice.
    #[error("{0} stands there twice.")]
    Twice(&'static str),
    /// Something that is a number is none.
    #[error("{0} is no number.")]
    NoNumber(&'static str),
    /// An instrument's name has characters that no variable name has.
    #[error("The instrument's name holds characters that no variable name has.")]
    OddInstrument,
}

/// The parameters with a name of their own; the status is named after the instrument.
const NAMES: [&str; 10] = [
    "project_id",
    "username",
    "instrument",
    "record",
    "redcap_event_name",
    "redcap_data_access_group",
    "redcap_repeat_instance",
    "redcap_repeat_instrument",
    "redcap_url",
    "project_url",
];

/// Reads a body of type `application/x-www-form-urlencoded`. Only `project_id`, `instrument` and
/// `record` must be there: old servers send less than new ones (`redcap-api.md` §11).
pub fn parse(body: &[u8]) -> Result<Post, BadPost> {
    if body.len() > MOST_BYTES {
        return Err(BadPost::TooLong);
    }
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Post::Empty);
    }
    let mut known: [Option<String>; NAMES.len()] = Default::default();
    let mut other: Vec<(String, String)> = Vec::new();
    for (at, (name, value)) in form_urlencoded::parse(body).enumerate() {
        if at >= MOST_PARAMETERS {
            return Err(BadPost::TooMany);
        }
        if name.len() > MOST_NAME || value.len() > MOST_VALUE {
            return Err(BadPost::LongParameter);
        }
        // The decoder puts the replacement character where bytes are no UTF-8.
        let is_odd = |text: &Cow<'_, str>| text.chars().any(|c| c.is_control() || c == '\u{fffd}');
        if is_odd(&name) || is_odd(&value) {
            return Err(BadPost::NotText);
        }
        match NAMES.iter().position(|n| *n == name) {
            Some(at) => {
                if known[at].replace(value.into_owned()).is_some() {
                    return Err(BadPost::Twice(NAMES[at]));
                }
            }
            None => other.push((name.into_owned(), value.into_owned())),
        }
    }
    let [
        project_id,
        username,
        instrument,
        record,
        event,
        dag,
        instance,
        repeat_instrument,
        redcap_url,
        project_url,
    ] = known.map(Option::unwrap_or_default);
    let needed = [("project_id", &project_id), ("instrument", &instrument), ("record", &record)];
    if let Some((name, _)) = needed.into_iter().find(|(_, value)| value.trim().is_empty()) {
        return Err(BadPost::Missing(name));
    }
    // The name is the beginning of a variable's name, `<instrument>_complete`.
    if !instrument.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(BadPost::OddInstrument);
    }
    let status_name = status_field(&instrument);
    let status = match other.iter().position(|(name, _)| *name == status_name) {
        Some(at) => other.remove(at).1,
        None => String::new(),
    };
    let instance = match instance.as_str() {
        "" => None,
        text => Some(whole(text).ok_or(BadPost::NoNumber("redcap_repeat_instance"))?),
    };
    Ok(Post::Trigger(Box::new(Trigger {
        project_id: whole(&project_id).ok_or(BadPost::NoNumber("project_id"))?,
        username,
        instrument,
        record,
        event,
        dag,
        status,
        instance,
        repeat_instrument,
        redcap_url,
        project_url,
        other,
    })))
}

/// A number of digits only: no sign and no blanks, which Rust and people read differently.
fn whole<T: std::str::FromStr>(text: &str) -> Option<T> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn trigger(body: &str) -> Trigger {
        match parse(body.as_bytes()) {
            Ok(Post::Trigger(trigger)) => *trigger,
            other => panic!("{body}: {other:?}"),
        }
    }

    /// The example of the reference, letter by letter.
    const EXAMPLE: &str = "project_id=17&username=alice&instrument=visit&record=1001&redcap_event_name=visit_arm_1&redcap_repeat_instance=2&visit_complete=2&redcap_url=https%3A%2F%2Fhost%2F&project_url=https%3A%2F%2Fhost%2Fredcap_v14.9.1%2Findex.php%3Fpid%3D17";

    #[test]
    fn the_example_of_the_reference_is_understood_whole() {
        let read = trigger(EXAMPLE);
        let expected = Trigger {
            project_id: 17,
            username: "alice".into(),
            instrument: "visit".into(),
            record: "1001".into(),
            event: "visit_arm_1".into(),
            status: "2".into(),
            instance: Some(2),
            redcap_url: "https://host/".into(),
            project_url: "https://host/redcap_v14.9.1/index.php?pid=17".into(),
            ..Trigger::default()
        };
        assert_eq!(read, expected);
        assert_eq!(read.status_words(), "Complete");
    }

    #[test]
    fn old_servers_send_less_and_unknown_parameters_are_kept() {
        let read = trigger("project_id=3&instrument=a&record=R+1&new_thing=x%20y&b_complete=1");
        assert_eq!((read.record.as_str(), read.status.as_str(), read.instance), ("R 1", "", None));
        // The status of another instrument is no status of this one.
        assert_eq!(read.other, [("new_thing".into(), "x y".into()), ("b_complete".into(), "1".into())]);
        let survey = trigger("project_id=3&instrument=a&record=1&username=%5Bsurvey+respondent%5D");
        assert_eq!(survey.username, super::super::SURVEY_RESPONDENT);
    }

    #[test]
    fn what_is_no_trigger_is_refused_and_told_why() {
        let long = format!("project_id=1&instrument=a&record={}", "x".repeat(MOST_VALUE + 1));
        let many = format!("project_id=1&instrument=a&record=1{}", "&a=b".repeat(MOST_PARAMETERS));
        for (body, expected) in [
            ("x=1", BadPost::Missing("project_id")),
            ("project_id=1&instrument=a", BadPost::Missing("record")),
            ("project_id=1&instrument=a&record=+", BadPost::Missing("record")),
            ("project_id=1&project_id=2&instrument=a&record=1", BadPost::Twice("project_id")),
            ("project_id=-1&instrument=a&record=1", BadPost::NoNumber("project_id")),
            ("project_id=99999999999999999999&instrument=a&record=1", BadPost::NoNumber("project_id")),
            (
                "project_id=1&instrument=a&record=1&redcap_repeat_instance=1.5",
                BadPost::NoNumber("redcap_repeat_instance"),
            ),
            ("project_id=1&instrument=a&record=%00", BadPost::NotText),
            ("project_id=1&instrument=a&record=%1b[2J", BadPost::NotText),
            ("project_id=1&instrument=a&record=%ff%fe", BadPost::NotText),
            ("project_id=1&instrument=%24(reboot)&record=1", BadPost::OddInstrument),
            (long.as_str(), BadPost::LongParameter),
            (many.as_str(), BadPost::TooMany),
            ("<?xml version='1.0'?>", BadPost::Missing("project_id")),
        ] {
            assert_eq!(parse(body.as_bytes()), Err(expected), "{body:.80}");
        }
        assert_eq!(parse(&vec![b'a'; MOST_BYTES + 1]), Err(BadPost::TooLong));
        assert_eq!(parse(b" \r\n"), Ok(Post::Empty));
    }

    proptest! {
        #[test]
        fn no_body_makes_it_stumble(body in prop::collection::vec(any::<u8>(), 0..600)) {
            if let Ok(Post::Trigger(trigger)) = parse(&body) {
                prop_assert!(!trigger.record.is_empty() && !trigger.instrument.is_empty());
                prop_assert!(!trigger.record.chars().any(char::is_control));
            }
        }

        #[test]
        fn what_is_written_out_is_read_back_the_same(
            project_id in any::<u64>(),
            texts in prop::collection::vec("[^\\p{Cc}\u{fffd}]{0,20}", 7),
            record in "[a-z0-9 &=%+;$'\"()ä]{0,20}x",
            instrument in "[a-z][a-z0-9_]{0,20}",
            instance in proptest::option::of(any::<u32>()),
        ) {
            let [username, event, dag, status, repeat_instrument, redcap_url, project_url] =
                <[String; 7]>::try_from(texts).unwrap();
            let trigger = Trigger {
                project_id, username, instrument, record, event, dag, status, instance,
                repeat_instrument, redcap_url, project_url, other: Vec::new(),
            };
            let body = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(trigger.parameters())
                .finish();
            prop_assert_eq!(parse(body.as_bytes()), Ok(Post::Trigger(Box::new(trigger))));
        }
    }
}
