//! The dialog that sets the receiver up: where it listens, and what it does with triggers.

use super::add_project::edit;
use super::keys::{Code, Key};
use crate::jobs::types::Setup;
use tui_input::Input;

/// A box of the dialog, in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The address and port.
    Address,
    /// The secret path.
    Secret,
    /// The file with the certificate.
    Certificate,
    /// The file with its key.
    Key,
    /// Where triggers are forwarded to.
    Forward,
    /// The program that is started.
    Exec,
}

/// All boxes.
pub const PARTS: [Part; 6] =
    [Part::Address, Part::Secret, Part::Certificate, Part::Key, Part::Forward, Part::Exec];

impl Part {
    /// Its name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Address => "Address",
            Self::Secret => "Secret path",
            Self::Certificate => "Certificate",
            Self::Key => "Its key",
            Self::Forward => "Forward to",
            Self::Exec => "Program",
        }
    }

    /// What belongs into it.
    pub fn help(self) -> &'static str {
        match self {
            Self::Address => {
                "Blank: this computer only, port 7373. For others: 0.0.0.0:7373, or one address of this computer."
            }
            Self::Secret => {
                "16 or more letters, digits, - or _: who knows it can send triggers. Blank: none on this computer, \
                 a new one for others."
            }
            Self::Certificate => "A PEM file, for HTTPS. Without it names of records come unencrypted.",
            Self::Key => "The PEM file with the private key of the certificate.",
            Self::Forward => {
                "A handler of yours: https, or http on this computer. What waits for it is in a file that only you \
                 can read."
            }
            Self::Exec => {
                "Started for each trigger, without a shell. It finds CAPSCOPE_TRIGGER_RECORD and so on in its \
                 environment."
            }
        }
    }
}

/// The dialog.
#[derive(Debug, Clone)]
pub struct LiveSetup {
    boxes: [Input; PARTS.len()],
    at: usize,
}

/// What the dialog wants after a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Nothing more.
    Nothing,
    /// Close it.
    Close,
    /// Receive like this.
    Start(Setup),
}

impl LiveSetup {
    /// The dialog with what was set up last.
    pub fn new(setup: &Setup) -> Self {
        let texts = [&setup.addr, &setup.secret, &setup.certificate, &setup.key, &setup.forward, &setup.exec];
        Self { boxes: texts.map(|text| Input::new(text.clone())), at: 0 }
    }

    /// The box with the focus.
    pub fn part(&self) -> Part {
        PARTS.get(self.at).copied().unwrap_or(Part::Address)
    }

    /// The text of a box.
    pub fn text(&self, part: Part) -> &str {
        self.boxes.get(part as usize).map_or("", Input::value)
    }

    /// The box to type into.
    pub fn input(&mut self) -> &mut Input {
        &mut self.boxes[self.at.min(PARTS.len() - 1)]
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Wish {
        match key.code {
            Code::Esc => return Wish::Close,
            Code::Tab | Code::Down => self.at = (self.at + 1) % PARTS.len(),
            Code::BackTab | Code::Up => self.at = (self.at + PARTS.len() - 1) % PARTS.len(),
            Code::Enter => return Wish::Start(self.setup()),
            _ => edit(self.input(), key),
        }
        Wish::Nothing
    }

    fn setup(&self) -> Setup {
        let text = |part: Part| self.text(part).trim().to_owned();
        Setup {
            addr: text(Part::Address),
            secret: text(Part::Secret),
            certificate: text(Part::Certificate),
            key: text(Part::Key),
            forward: text(Part::Forward),
            exec: text(Part::Exec),
            known: Vec::new(),
        }
    }
}
