//! Tokens in the system's keyring.
//!
//! A token is kept there or nowhere: if there is no keyring, it lives in memory for this
//! session. The keyring is asked on a thread of its own with a limit on the wait, because a hung
//! keyring service never answers. Errors of the keyring are never printed as they are: some of
//! them carry the secret.

use super::files::random_hex;
use crate::api::token::{Token, TokenProblem};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;
use thiserror::Error;
use zeroize::Zeroizing;

/// The name under which the keyring lists capscope's entries.
pub const SERVICE: &str = "capscope";

/// The usual limit on the wait. Unlocking by a person takes a while.
pub const WAIT: Duration = Duration::from_secs(30);

/// After so many calls without an answer the service is not asked again.
const MOST_STUCK: usize = 3;

/// Why the keyring could not be used. It never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VaultProblem {
    /// This session has no keyring service.
    #[error("No keyring was found in this session.")]
    NoService,
    /// It is locked and was not unlocked, or was never set up.
    #[error("The keyring is locked or not set up.")]
    Locked,
    /// It refuses capscope.
    #[error("The keyring refused access.")]
    Denied,
    /// It did not answer.
    #[error("The keyring did not answer in time.")]
    TimedOut,
    /// It has no such entry.
    #[error("The keyring has no token for this project.")]
    Missing,
    /// Something else.
    #[error("The keyring could not be used: {0}.")]
    Other(String),
}

impl VaultProblem {
    /// What a person can do.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NoService => {
                "capscope keeps the token in memory until it ends. To keep it longer, start a keyring (such as \
                 gnome-keyring or KeePassXC) and then capscope again, or put the token into an environment variable."
            }
            Self::Locked => {
                "Unlock the keyring and try again. Without a desktop (over SSH) it cannot ask for its password: \
                 unlock it before, or put the token into an environment variable."
            }
            Self::Denied => "Allow capscope in the keyring's own program, then try again.",
            Self::TimedOut => {
                "A window may be waiting for the keyring's password. If there is none, restart the keyring or log \
                 in again."
            }
            Self::Missing => "Enter the token again.",
            Self::Other(_) => "capscope keeps the token in memory until it ends.",
        }
    }
}

/// Why a token could not be taken from an environment variable.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EnvProblem {
    /// The variable is not set.
    #[error("The environment variable {0} is not set.")]
    NotSet(String),
    /// It holds no token.
    #[error("The environment variable {0} holds no token: {1}")]
    NoToken(String, TokenProblem),
}

/// The token in an environment variable.
pub fn token_from_env(name: &str) -> Result<Token, EnvProblem> {
    let text = std::env::var(name).map(Zeroizing::new).map_err(|_| EnvProblem::NotSet(name.to_owned()))?;
    Token::parse(&text).map_err(|problem| EnvProblem::NoToken(name.to_owned(), problem))
}

/// Keeps tokens by the id of the project. All calls block, for at most the limit on the wait.
#[derive(Debug, Clone)]
pub struct Vault(Kind);

#[derive(Debug, Clone)]
enum Kind {
    System { wait: Duration, stuck: Arc<AtomicUsize> },
    Memory(Arc<Mutex<HashMap<String, Token>>>),
}

impl Default for Vault {
    fn default() -> Self {
        Self::system(WAIT)
    }
}

impl Vault {
    /// The system's keyring: Secret Service, Keychain or Credential Manager.
    pub fn system(wait: Duration) -> Self {
        Self(Kind::System { wait, stuck: Arc::default() })
    }

    /// A vault that forgets everything when capscope ends: where there is no keyring, and in tests.
    pub fn in_memory() -> Self {
        Self(Kind::Memory(Arc::default()))
    }

    /// Whether tokens outlive this session.
    pub fn is_lasting(&self) -> bool {
        matches!(self.0, Kind::System { .. })
    }

    /// Finds out whether a token could be kept, before a person is asked for one. It keeps, reads
    /// and deletes an entry without a secret: a locked or empty keyring answers reads as if all
    /// were well.
    pub fn probe(&self) -> Result<(), VaultProblem> {
        if let Kind::Memory(_) = self.0 {
            return Ok(());
        }
        let mark = random_hex(8).map_err(|e| VaultProblem::Other(e.to_string()))?;
        self.on_thread(move || {
            let entry = entry(&format!("probe-{mark}"))?;
            entry.set_password("probe").map_err(|e| problem(&e))?;
            let read = entry.get_password().map_err(|e| problem(&e));
            entry.delete_credential().map_err(|e| problem(&e))?;
            match read {
                Ok(text) if text == "probe" => Ok(()),
                Ok(_) => Err(VaultProblem::Other("it gives back something else than was kept".into())),
                Err(e) => Err(e),
            }
        })
    }

    /// The token of a project.
    pub fn get(&self, id: &str) -> Result<Token, VaultProblem> {
        if let Kind::Memory(tokens) = &self.0 {
            let tokens = tokens.lock().unwrap_or_else(PoisonError::into_inner);
            return tokens.get(id).cloned().ok_or(VaultProblem::Missing);
        }
        let id = id.to_owned();
        self.on_thread(move || {
            let text = entry(&id)?.get_password().map(Zeroizing::new).map_err(|e| problem(&e))?;
            Token::parse(&text)
                .map_err(|_| VaultProblem::Other("its entry for this project is no token".into()))
        })
    }

    /// Keeps or replaces the token of a project.
    pub fn set(&self, id: &str, token: &Token) -> Result<(), VaultProblem> {
        if let Kind::Memory(tokens) = &self.0 {
            tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), token.clone());
            return Ok(());
        }
        let (id, token) = (id.to_owned(), token.clone());
        self.on_thread(move || entry(&id)?.set_password(token.expose()).map_err(|e| problem(&e)))
    }

    /// Deletes the token of a project. A token that is not there is deleted too.
    pub fn delete(&self, id: &str) -> Result<(), VaultProblem> {
        if let Kind::Memory(tokens) = &self.0 {
            tokens.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
            return Ok(());
        }
        let id = id.to_owned();
        let deleted = self.on_thread(move || entry(&id)?.delete_credential().map_err(|e| problem(&e)));
        match deleted {
            Err(VaultProblem::Missing) => Ok(()),
            other => other,
        }
    }

    /// Runs a call on a thread of its own and waits for it, but not for ever.
    fn on_thread<T: Send + 'static>(
        &self,
        call: impl FnOnce() -> Result<T, VaultProblem> + Send + 'static,
    ) -> Result<T, VaultProblem> {
        let Kind::System { wait, stuck } = &self.0 else {
            return Err(VaultProblem::NoService);
        };
        if stuck.load(Ordering::Relaxed) >= MOST_STUCK {
            return Err(VaultProblem::TimedOut);
        }
        let (sender, receiver) = mpsc::channel();
        stuck.fetch_add(1, Ordering::Relaxed);
        let done = Arc::clone(stuck);
        let thread = std::thread::Builder::new().name("keyring".into()).spawn(move || {
            let result = call();
            done.fetch_sub(1, Ordering::Relaxed);
            // Nobody listens any more if the wait was over.
            let _ = sender.send(result);
        });
        if let Err(e) = thread {
            stuck.fetch_sub(1, Ordering::Relaxed);
            return Err(VaultProblem::Other(format!("no thread for it: {e}")));
        }
        match receiver.recv_timeout(*wait) {
            Ok(result) => result,
            Err(mpsc::RecvTimeoutError::Timeout) => Err(VaultProblem::TimedOut),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                stuck.fetch_sub(1, Ordering::Relaxed);
                Err(VaultProblem::Other("its call failed".into()))
            }
        }
    }
}

/// The entry of a project.
fn entry(id: &str) -> Result<keyring::Entry, VaultProblem> {
    if let Err(e) = keyring::Entry::store_status() {
        return Err(match problem(e) {
            // Whatever keeps the service from being reached, for a person it is not there.
            VaultProblem::Other(_) => VaultProblem::NoService,
            other => other,
        });
    }
    keyring::Entry::new(SERVICE, id).map_err(|e| problem(&e))
}

/// What a keyring error means. Only the texts of variants that carry no secret are looked at.
fn problem(error: &keyring::Error) -> VaultProblem {
    use keyring::Error;
    match error {
        Error::NoEntry => VaultProblem::Missing,
        Error::NoDefaultStore | Error::NotSupportedByStore(_) => VaultProblem::NoService,
        Error::NoStorageAccess(e) | Error::PlatformFailure(e) => from_text(&e.to_string()),
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::BadStoreFormat(_) => {
            VaultProblem::Other("its entry cannot be read".into())
        }
        Error::Ambiguous(_) => VaultProblem::Other("it has several entries for this project".into()),
        _ => VaultProblem::Other("the system reported a failure".into()),
    }
}

/// What the text of a failed access means; the texts were seen on real systems.
fn from_text(text: &str) -> VaultProblem {
    let text = text.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| text.contains(w));
    if has(&["prompt dismissed", "result not returned", "locked", "no default collection"]) {
        VaultProblem::Locked
    } else if has(&["failed to connect", "serviceunknown", "was not provided", "no such file"]) {
        VaultProblem::NoService
    } else if has(&["denied", "not permitted", "canceled", "cancelled"]) {
        VaultProblem::Denied
    } else if has(&["timeout", "timed out", "noreply"]) {
        VaultProblem::TimedOut
    } else {
        VaultProblem::Other("the system reported a failure".into())
    }
}
