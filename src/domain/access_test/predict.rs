//! What the rights say about a method, before it is tried.

use super::{Needs, ProjectNeed};
use crate::domain::rights::right_name;
use serde::{Deserialize, Serialize};

/// How much of a right is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The server told this number.
    Told(i64),
    /// A call that needs it was refused.
    SeenMissing,
    /// A call that needs it worked: it is there, at least for reading.
    SeenThere,
}

impl Level {
    /// Whether the right is there at all.
    pub fn is_some(self) -> bool {
        match self {
            Self::Told(n) => n > 0,
            Self::SeenMissing => false,
            Self::SeenThere => true,
        }
    }

    /// Whether it is enough to write. User Rights "read only" (2) is not
    /// (`redcap-permissions.md` §3.3); `None` if that cannot be told.
    pub fn writes(self, key: &str) -> Option<bool> {
        match (key, self) {
            ("user_rights", Self::Told(n)) => Some(n == 1),
            ("user_rights", Self::SeenThere) => None,
            _ => Some(self.is_some()),
        }
    }
}

/// What is known of the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProjectFacts {
    /// It has arms and events.
    pub longitudinal: bool,
    /// Something repeats.
    pub repeating: bool,
    /// Surveys are on.
    pub surveys: bool,
    /// It is in production status.
    pub production: bool,
    /// Randomization is set up.
    pub randomization: bool,
    /// A field of type file exists.
    pub file_field: bool,
}

impl ProjectFacts {
    /// What the project lacks for a method, in words.
    pub fn lacks(&self, needs: &Needs) -> Option<&'static str> {
        needs.project.iter().find_map(|need| match need {
            ProjectNeed::Longitudinal if !self.longitudinal => {
                Some("The project is classic: it has no arms and events.")
            }
            ProjectNeed::Repeating if !self.repeating => Some("Nothing repeats in this project."),
            ProjectNeed::Surveys if !self.surveys => Some("Surveys are not switched on in this project."),
            ProjectNeed::Development if self.production => {
                Some("It is for projects in development status; this one is not.")
            }
            ProjectNeed::Randomization if !self.randomization => {
                Some("Randomization is not switched on in this project.")
            }
            ProjectNeed::FileField if !self.file_field => Some("The project has no file field."),
            _ => None,
        })
    }
}

/// What the rights say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Predicted {
    /// It should work.
    Allowed,
    /// These rights are missing, by name.
    Refused(Vec<String>),
    /// The project has no such thing, and why.
    NotHere(String),
    /// It cannot be told.
    Unknown,
}

impl Predicted {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused(_) => "refused",
            Self::NotHere(_) => "not applicable",
            Self::Unknown => "cannot tell",
        }
    }
}

/// What rights say about a method. `known` gives what is known of a right by its key.
///
/// The rights come first: a project that has no such thing answers so only to who may ask
/// (`redcap-permissions.md` §5.2).
pub fn predict(
    needs: &Needs,
    known: &dyn Fn(&str) -> Option<Level>,
    facts: Option<&ProjectFacts>,
) -> Predicted {
    let Some(gate) = needs.gate else {
        return Predicted::Refused(vec!["a super token".into()]);
    };
    let writes = !needs.reads && gate == "api_import";
    let enough = |key: &str| -> Option<bool> {
        known(key).and_then(|level| if writes { level.writes(key) } else { Some(level.is_some()) })
    };
    let states: Vec<(&str, Option<bool>)> =
        std::iter::once(gate).chain(needs.second).map(|key| (key, enough(key))).collect();
    let missing: Vec<String> =
        states.iter().filter(|(_, s)| *s == Some(false)).map(|(k, _)| right_name(k).to_owned()).collect();
    if !missing.is_empty() {
        return Predicted::Refused(missing);
    }
    if states.iter().any(|(_, s)| s.is_none()) {
        return Predicted::Unknown;
    }
    match facts.and_then(|f| f.lacks(needs)) {
        Some(why) => Predicted::NotHere(why.into()),
        None => Predicted::Allowed,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Class;
    use super::*;

    fn needs(gate: &'static str, second: Option<&'static str>, reads: bool) -> Needs {
        Needs {
            title: "T",
            content: "c",
            action: "a",
            gate: Some(gate),
            second,
            reads,
            class: Class::A,
            project: vec![ProjectNeed::Longitudinal],
        }
    }

    #[test]
    fn read_only_user_rights_read_and_do_not_write() {
        let known = |level: i64| {
            move |key: &str| Some(if key == "user_rights" { Level::Told(level) } else { Level::Told(1) })
        };
        let facts = ProjectFacts { longitudinal: true, ..ProjectFacts::default() };
        for (level, reads, allowed) in [
            (0, true, false),
            (1, true, true),
            (2, true, true),
            (0, false, false),
            (1, false, true),
            (2, false, false),
        ] {
            let gate = if reads { "api_export" } else { "api_import" };
            let found = predict(&needs(gate, Some("user_rights"), reads), &known(level), Some(&facts));
            assert_eq!(found == Predicted::Allowed, allowed, "{level} {reads}: {found:?}");
        }
        // That the user list could be read does not say that it may be changed.
        let seen = |_: &str| Some(Level::SeenThere);
        assert_eq!(
            predict(&needs("api_import", Some("user_rights"), false), &seen, Some(&facts)),
            Predicted::Unknown
        );
    }

    #[test]
    fn rights_come_before_what_the_project_is_and_all_missing_ones_are_named() {
        let none = |_: &str| Some(Level::SeenMissing);
        assert_eq!(
            predict(&needs("api_export", Some("logging"), true), &none, Some(&ProjectFacts::default())),
            Predicted::Refused(vec!["API Export".into(), "Logging".into()])
        );
        let all = |_: &str| Some(Level::Told(1));
        assert!(matches!(
            predict(&needs("api_export", None, true), &all, Some(&ProjectFacts::default())),
            Predicted::NotHere(_)
        ));
        assert_eq!(predict(&needs("api_export", None, true), &|_| None, None), Predicted::Unknown);
    }
}
