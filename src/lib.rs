//! # capscope: a terminal explorer for REDCap projects
//!
//! One binary, one library behind it, which has no other user. This page is the map of the house.
//!
//! Where to begin reading: [`app::model::Model`] is all that is on screen and [`app::update()`] the one
//! function that changes it; [`jobs::types::Job`] is all that capscope can be told to do, and
//! [`jobs::run`] does it; [`api::catalogue::METHODS`] is the whole API of REDCap as one table;
//! [`app::actions::ACTIONS`] is every key. Then the first page of each room says what it is and what
//! it never does.
//!
//! ```text
//!  keys, mouse, paste, resize                     answers, progress, errors
//!    (reader thread)                                   (worker tasks)
//!           \                                             /
//!            \________________  Msg  ____________________/
//!                              one queue
//!                                 |
//!                      update(&mut Model, Msg)            <- pure: no clock, no files, no network
//!                                 |
//!                  +--------------+---------------+
//!                  |                              |
//!            Vec<Effect>                     Model changed
//!                  |                              |
//!    runtime performs them            queue empty?  yes -> render(&Model, Buffer)
//!    Start  -> a job on the API worker                      |
//!    Cancel -> its cancellation token                Painted { hit areas, page sizes }
//!    Copy, Remember, Quit, ...                       kept for the next click or PgDn
//! ```
//!
//! The terminal never waits for the network: every request is a job on an async worker, which
//! takes jobs over a channel and answers with messages. Answers carry the job's slot and
//! generation, and `update` drops what is not the newest for its place.
//!
//! ## The rooms
//!
//! | room | what lives there | may use |
//! |---|---|---|
//! | [`domain`] | what REDCap things are; pure | nothing else |
//! | [`api`] | the only place that knows the wire | `domain` |
//! | [`store`] | what is kept on this computer: keyring, cache, settings, journal of a send, audit log | `domain`, `api::token`, `api::url` |
//! | [`snippets`] | a request as a program in many languages; text only | `api::catalogue`, `api::request` |
//! | [`triggers`] | the receiver of Data Entry Triggers, and their forwarding | `domain::trigger`, `store::files` |
//! | [`jobs`] | what capscope does for people, without a screen | `domain`, `api`, `store`, `demo`, `triggers` |
//! | [`app`] | the pure core of the interface: model, messages, actions | `domain`, `snippets`, `api` and `jobs` types |
//! | [`ui`] | the pure view | `app`, `domain`, `api` and `jobs` types |
//! | [`demo`] | the embedded REDCap-compatible server | `domain`, `api::catalogue` |
//! | [`runtime`], [`cli`] | the only places where things happen | everything |
//!
//! `tests/architecture.rs` reads the source and fails on an import that this table forbids.
//!
//! ## Invariants
//!
//! 1. `update` never waits; `render` never changes the model.
//! 2. A token leaves its type in two functions only: the one that builds a request body and the
//!    one that hands it to the keyring. `Debug` of a token is `••••`, and every sink scrubs the
//!    shapes of tokens.
//! 3. Record values never reach the disk unless the user names a file for them: an export, the old
//!    values of an import, the worksheet of a spot check, a state file of the demo server. The cache
//!    holds metadata; the journal of a send and the audit log hold counts, hashes and, in the
//!    journal, names of records.
//! 4. Nothing writes to a REDCap project unless writing was switched on for it and the person
//!    agreed to this very write after seeing what it will do. A write is never sent twice blindly:
//!    if the answer to a batch is lost, what is stored is read back first.
//! 5. Data on screen is not replaced by an empty pane while a newer copy loads; it shows its age.
//!    A part is never shown as the whole.
//! 6. Nothing on screen is told by colour alone. Every visible key comes from
//!    [`app::actions::ACTIONS`].
//! 7. Every error names what happened, the likely reason and what can be done.
//! 8. The terminal is restored on quit, error, signal and panic.
//! 9. capscope's requests stay far below a server's ban limit, whatever the user does.

pub mod api;
pub mod app;
pub mod cli;
pub mod demo;
pub mod domain;
pub mod jobs;
pub mod runtime;
pub mod snippets;
pub mod store;
pub mod triggers;
pub mod ui;
