//! Why receiving, forwarding or sending cannot begin.

use super::receiver::LEAST_SECRET;
use crate::store::files::StoreError;
use std::net::SocketAddr;
use std::path::PathBuf;
use thiserror::Error;

/// Why the receiver cannot start or a trigger cannot be sent. Addresses may hold a secret path, so
/// no message repeats one.
#[derive(Debug, Error)]
pub enum TriggerError {
    /// Other computers could reach the address, and nothing protects it.
    #[error("{0} can be reached from other computers, so the path must be a secret.")]
    NeedsSecret(SocketAddr),
    /// The secret is too short or has characters that do not belong into a path.
    #[error("The secret path must have at least {LEAST_SECRET} characters, only letters, digits, - and _.")]
    BadSecret,
    /// The address cannot be listened on.
    #[error("{0} cannot be listened on: {1}.")]
    Listen(SocketAddr, #[source] std::io::Error),
    /// A file with a certificate or a key cannot be used.
    #[error("{} cannot be used: {why}.", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// An address to send to is none.
    #[error("This is not an address to which a trigger can be sent.")]
    BadTarget,
    /// Plain HTTP to another computer.
    #[error(
        "The address starts with http:// and is on another computer. Record names would travel unencrypted."
    )]
    NotEncrypted,
    /// The HTTP client could not be made.
    #[error("No connection can be made: {0}.")]
    Client(String),
    /// The program to start is not there.
    #[error("There is no program {}.", .0.display())]
    NoProgram(PathBuf),
    /// The queue cannot be read or written.
    #[error(transparent)]
    Queue(#[from] StoreError),
}

impl TriggerError {
    /// What a person can do.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NeedsSecret(_) => "Give a secret path, or listen on 127.0.0.1.",
            Self::BadSecret => "Take a longer one, without other characters.",
            Self::Listen(..) => {
                "Take another port, stop the program that has it, or take an address of this computer."
            }
            Self::Certificate { .. } => {
                "Give PEM files: the certificate with those above it, and its private key."
            }
            Self::BadTarget => "It should look like https://handler.example.edu/trigger.",
            Self::NotEncrypted => "Use https://, or an address of this computer.",
            Self::Client(_) => "Check the certificates of this computer.",
            Self::NoProgram(_) => "Give the path of a program that can be started.",
            Self::Queue(e) => e.advice(),
        }
    }
}
