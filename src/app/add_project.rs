//! The dialog that adds a project: address, token, where to keep it.

use super::keys::{Code, Key};
use crate::api::token::Token;
use crate::api::url::ApiUrl;
use crate::jobs::Problem;
use crate::jobs::types::{Draft, Keep, SavedProject};
use tui_input::{Input, InputRequest};
use zeroize::Zeroizing;

/// A box or button of the dialog, in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// The address.
    #[default]
    Address,
    /// The token, or the name of the environment variable.
    Token,
    /// Where to keep the token.
    Keep,
    /// Test and continue.
    Continue,
    /// Cancel.
    Cancel,
}

const PARTS: [Part; 5] = [Part::Address, Part::Token, Part::Keep, Part::Continue, Part::Cancel];

/// Which of the three ways to keep a token is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Way {
    /// The password store of this computer.
    #[default]
    Keyring,
    /// Only until capscope ends.
    Session,
    /// An environment variable.
    Environment,
}

/// The ways in the order of the dialog.
pub const WAYS: [Way; 3] = [Way::Keyring, Way::Session, Way::Environment];

/// The state of the dialog.
#[derive(Clone, Default)]
pub struct AddProject {
    /// The address as typed.
    pub address: Input,
    /// The token as typed. Kept in memory that is wiped, and never drawn.
    token: Zeroizing<String>,
    /// The name of the environment variable.
    pub variable: Input,
    /// The way to keep the token.
    pub way: Way,
    /// What has the focus.
    pub part: Part,
    /// What is wrong with a box, by part.
    pub complaint: Option<(Part, String)>,
    /// Why the test failed.
    pub problem: Option<Problem>,
    /// The project that gets a new token.
    pub replaces: Option<SavedProject>,
}

impl std::fmt::Debug for AddProject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AddProject").field("part", &self.part).finish_non_exhaustive()
    }
}

/// What the dialog wants after a key.
#[derive(Debug, Clone)]
pub enum Wish {
    /// Nothing more.
    Nothing,
    /// Close it.
    Close,
    /// Test and keep this.
    Add(Box<Draft>),
}

impl AddProject {
    /// The dialog that gives a saved project a new token.
    pub fn replacing(project: &SavedProject) -> Self {
        Self {
            address: Input::new(project.url.clone()),
            part: Part::Token,
            replaces: Some(project.clone()),
            ..Self::default()
        }
    }

    /// A text that grows leaves copies of itself behind: room for any token from the start.
    fn make_room(&mut self) {
        if self.token.capacity() == 0 {
            self.token.reserve(512);
        }
    }

    /// How many characters of the token are typed. Nothing else of it is ever told.
    pub fn token_length(&self) -> usize {
        self.token.chars().count()
    }

    /// Takes pasted text into the box with the focus, without blanks and line ends around it.
    pub fn paste(&mut self, text: &str) {
        let text = text.trim();
        match self.part {
            Part::Token if self.way != Way::Environment => {
                self.make_room();
                self.token.push_str(text);
            }
            Part::Token => insert(&mut self.variable, text),
            Part::Address => insert(&mut self.address, text),
            _ => {}
        }
        self.complaint = None;
    }

    /// Takes a key. Esc and Enter act as in any form: Enter goes on, and on the last box tests.
    pub fn key(&mut self, key: Key) -> Wish {
        match key.code {
            Code::Esc => return Wish::Close,
            Code::Tab | Code::Down => self.go(1),
            Code::BackTab | Code::Up => self.go(PARTS.len() - 1),
            Code::Enter => match self.part {
                Part::Address | Part::Keep => self.go(1),
                Part::Token | Part::Continue => return self.finish(),
                Part::Cancel => return Wish::Close,
            },
            Code::Left | Code::Right | Code::Char(' ') if self.part == Part::Keep => {
                self.choose(key.code != Code::Left);
            }
            Code::Left | Code::Right if matches!(self.part, Part::Continue | Part::Cancel) => {
                self.part = if self.part == Part::Continue { Part::Cancel } else { Part::Continue };
            }
            _ => self.edit(key),
        }
        Wish::Nothing
    }

    fn go(&mut self, by: usize) {
        let at = PARTS.iter().position(|p| *p == self.part).unwrap_or_default();
        self.part = PARTS.get((at + by) % PARTS.len()).copied().unwrap_or_default();
    }

    fn choose(&mut self, forward: bool) {
        let at = WAYS.iter().position(|w| *w == self.way).unwrap_or_default();
        let by = if forward { 1 } else { WAYS.len() - 1 };
        self.way = WAYS.get((at + by) % WAYS.len()).copied().unwrap_or_default();
    }

    fn edit(&mut self, key: Key) {
        self.complaint = None;
        match self.part {
            Part::Address => edit(&mut self.address, key),
            Part::Token if self.way == Way::Environment => edit(&mut self.variable, key),
            Part::Token => match key {
                Key { code: Code::Char('u'), ctrl: true } => self.token.clear(),
                Key { code: Code::Char(c), ctrl: false } => {
                    self.make_room();
                    self.token.push(c);
                }
                Key { code: Code::Backspace, .. } => {
                    self.token.pop();
                }
                _ => {}
            },
            _ => {}
        }
    }

    /// Checks what can be checked without the server, and asks for the test if all is well.
    pub fn finish(&mut self) -> Wish {
        self.problem = None;
        if let Err(why) = ApiUrl::parse(self.address.value()) {
            self.complaint = Some((Part::Address, why.to_string()));
            self.part = Part::Address;
            return Wish::Nothing;
        }
        let (token, keep) = if self.way == Way::Environment {
            let name = self.variable.value().trim().to_owned();
            if name.is_empty() || name.contains(['=', '\0', ' ']) {
                self.complaint = Some((Part::Token, "Give the name of an environment variable.".into()));
                self.part = Part::Token;
                return Wish::Nothing;
            }
            (None, Keep::Environment(name))
        } else {
            match Token::parse(&self.token) {
                Ok(token) if !token.is_super() => {
                    (Some(token), if self.way == Way::Keyring { Keep::Keyring } else { Keep::Session })
                }
                Ok(_) => {
                    let text = "This is a super token (64 characters). A project's own token has 32.";
                    self.complaint = Some((Part::Token, text.into()));
                    self.part = Part::Token;
                    return Wish::Nothing;
                }
                Err(why) => {
                    self.complaint = Some((Part::Token, why.to_string()));
                    self.part = Part::Token;
                    return Wish::Nothing;
                }
            }
        };
        Wish::Add(Box::new(Draft {
            address: self.address.value().trim().to_owned(),
            token,
            keep,
            name: self.replaces.as_ref().map(|p| p.name.clone()).unwrap_or_default(),
            ca_file: self.replaces.as_ref().and_then(|p| p.ca_file.clone()),
            replaces: self.replaces.as_ref().map(|p| p.id.clone()),
        }))
    }
}

/// Edits a line of text: the keys every text box knows.
pub fn edit(input: &mut Input, key: Key) {
    let request = match key {
        Key { code: Code::Char('u'), ctrl: true } => InputRequest::DeleteLine,
        Key { code: Code::Char('w'), ctrl: true } => InputRequest::DeletePrevWord,
        Key { code: Code::Char('a'), ctrl: true } | Key { code: Code::Home, .. } => InputRequest::GoToStart,
        Key { code: Code::Char('e'), ctrl: true } | Key { code: Code::End, .. } => InputRequest::GoToEnd,
        Key { code: Code::Char(c), ctrl: false } => InputRequest::InsertChar(c),
        Key { code: Code::Backspace, .. } => InputRequest::DeletePrevChar,
        Key { code: Code::Delete, .. } => InputRequest::DeleteNextChar,
        Key { code: Code::Left, .. } => InputRequest::GoToPrevChar,
        Key { code: Code::Right, .. } => InputRequest::GoToNextChar,
        _ => return,
    };
    input.handle(request);
}

/// Inserts text where the caret is. Line breaks and other control characters are left out.
pub fn insert(input: &mut Input, text: &str) {
    for c in text.chars().filter(|c| !c.is_control()) {
        input.handle(InputRequest::InsertChar(c));
    }
}
