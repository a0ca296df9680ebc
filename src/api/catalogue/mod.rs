//! Every method of the REDCap API, described once, as data.
//!
//! From this table come the requests, the demo server's checks, the permission test, the
//! playground and the documents. A method that is added here appears everywhere.
//! Sources: reference `redcap-api.md` §2-3 and `redcap-permissions.md` §3, §6.

mod methods;
mod params;

pub use methods::METHODS;

/// The `action` of a call. REDCap's default is export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Read. Most contents need no `action` for it.
    Export,
    /// Write. Some contents recognise it by the presence of `data` alone.
    Import,
    /// Delete.
    Delete,
    /// Rename a record.
    Rename,
    /// Randomize a record.
    Randomize,
    /// Switch the token's user to another Data Access Group.
    Switch,
    /// List a folder of the file repository.
    List,
    /// Create a folder in the file repository.
    CreateFolder,
}

impl Action {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Export => "export",
            Self::Import => "import",
            Self::Delete => "delete",
            Self::Rename => "rename",
            Self::Randomize => "randomize",
            Self::Switch => "switch",
            Self::List => "list",
            Self::CreateFolder => "createFolder",
        }
    }

    /// Reads the word on the wire.
    pub fn from_word(word: &str) -> Option<Self> {
        [
            Self::Export,
            Self::Import,
            Self::Delete,
            Self::Rename,
            Self::Randomize,
            Self::Switch,
            Self::List,
            Self::CreateFolder,
        ]
        .into_iter()
        .find(|a| a.as_str() == word)
    }
}

/// The first, coarse right check that a call must pass (`redcap-permissions.md` §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// API Export.
    Export,
    /// API Import/Update.
    Import,
    /// Delete Records.
    DeleteRecord,
    /// Rename Records.
    RenameRecord,
    /// Randomization: Randomize.
    Randomize,
    /// A 64-character super token instead of a project token.
    SuperToken,
}

impl Gate {
    /// The user right behind the gate, by its API key; a super token has none.
    pub fn right(self) -> Option<&'static str> {
        match self {
            Self::Export => Some("api_export"),
            Self::Import => Some("api_import"),
            Self::DeleteRecord => Some("record_delete"),
            Self::RenameRecord => Some("record_rename"),
            Self::Randomize => Some("random_perform"),
            Self::SuperToken => None,
        }
    }
}

/// What a call does to the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Reads only (and leaves a line in the server's log).
    Read,
    /// Adds or changes.
    Write,
    /// Removes or replaces what is there.
    Destroy,
}

/// How the permission test may try a method (`redcap-permissions.md` §6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// Runs freely.
    A,
    /// Needs one yes for the session.
    B,
    /// Needs a yes for each call.
    C,
    /// Never sent by a test.
    X,
}

/// What the project must be for the method to make sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It has arms and events.
    Longitudinal,
    /// Something repeats.
    Repeating,
    /// Surveys are on.
    Surveys,
    /// It is in development status.
    Development,
    /// Randomization is set up.
    Randomization,
}

/// What kind of value a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Free text.
    Text,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Bool,
    /// `0` or `1`.
    ZeroOne,
    /// `YYYY-MM-DD HH:MM:SS`.
    DateTime,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// An array of names: `records[0]=`, `records[1]=`, ...
    Array(Of),
    /// One name of this project.
    Name(Of),
    /// The rows to import, in the declared `format`.
    Data,
    /// An uploaded file (multipart).
    File,
}

/// What the names in a parameter are names of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Records.
    Record,
    /// Fields.
    Field,
    /// Instruments.
    Form,
    /// Events.
    Event,
    /// Arms.
    Arm,
    /// Users.
    User,
    /// User roles.
    Role,
    /// Data Access Groups.
    Dag,
}

/// One parameter of a method. `token`, `content` and `action` are not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Param {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// The call fails without it.
    pub required: bool,
    /// What the server takes if it is absent; empty if nothing.
    pub default: &'static str,
    /// One sentence for people.
    pub help: &'static str,
}

/// One method of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Method {
    /// The `content` on the wire.
    pub content: &'static str,
    /// The `action`.
    pub action: Action,
    /// The action must be sent; otherwise REDCap infers it (`redcap-api.md` §1.3).
    pub send_action: bool,
    /// Its name in REDCap's own API help, such as `Export Records`.
    pub title: &'static str,
    /// One sentence: what it is for.
    pub help: &'static str,
    /// Its parameters in the order of the API help.
    pub params: &'static [Param],
    /// The first right check.
    pub gate: Gate,
    /// The second right check: the API key of a project right, if the method needs one.
    pub second: Option<&'static str>,
    /// What the project must be.
    pub needs: &'static [Need],
    /// What it does.
    pub effect: Effect,
    /// What a person should know before a write; empty for reads.
    pub danger: &'static str,
    /// How the permission test may try it.
    pub probe: Probe,
    /// The REDCap version that had it first; `?` in it means not sure.
    pub since: &'static str,
}

impl Method {
    /// The parameter with this name.
    pub fn param(&self, name: &str) -> Option<&'static Param> {
        self.params.iter().find(|p| p.name == name)
    }
}

/// The method for a content and an action.
pub fn find(content: &str, action: Action) -> Option<&'static Method> {
    METHODS.iter().find(|m| m.content == content && m.action == action)
}

/// Whether any method has this content.
pub fn is_content(content: &str) -> bool {
    METHODS.iter().any(|m| m.content == content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_method_is_listed_twice() {
        for (i, m) in METHODS.iter().enumerate() {
            let twin = METHODS.iter().skip(i + 1).find(|o| o.content == m.content && o.action == m.action);
            assert!(twin.is_none(), "{} {}", m.content, m.action.as_str());
        }
    }

    #[test]
    fn writes_say_their_danger_and_are_never_probed_freely() {
        for m in METHODS {
            let writes = m.effect != Effect::Read;
            assert_eq!(writes, !m.danger.is_empty(), "{}", m.title);
            assert!(!writes || m.probe != Probe::A, "{}", m.title);
        }
    }

    #[test]
    fn rights_are_rights_of_the_user_export() {
        for m in METHODS {
            for key in m.gate.right().into_iter().chain(m.second) {
                assert!(crate::domain::rights::RIGHTS.iter().any(|r| r.key == key), "{key}");
            }
        }
    }

    #[test]
    fn parameters_are_listed_once_and_explained() {
        for m in METHODS {
            for (i, p) in m.params.iter().enumerate() {
                assert!(!p.help.is_empty(), "{} {}", m.title, p.name);
                assert!(m.params.iter().skip(i + 1).all(|o| o.name != p.name), "{} {}", m.title, p.name);
            }
        }
    }
}
