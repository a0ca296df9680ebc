//! What is kept on this computer: settings, the list of projects, metadata, where one was, and
//! tokens in the system's keyring.
//!
//! Record values never come here. Tokens go to the keyring and nowhere else. Every file is
//! readable by its owner only and is replaced as a whole or not at all. Everything here blocks:
//! call it off the threads that must not wait.

pub mod audit;
pub mod cache;
pub mod exclusions;
pub mod files;
pub mod journal;
pub mod part_file;
pub mod paths;
pub mod projects;
pub mod remembered;
pub mod session;
pub mod settings;
pub mod shred;
pub mod token_tests;
pub mod vault;

pub use files::StoreError;
pub use paths::Paths;
