//! What jobs take and give: plain data that the screen may hold without knowing how it came.

pub use super::audit::Place;
pub use super::call::Consent;
pub use super::check::{CheckWanted, Checked};
pub use super::complete::Completion;
pub use super::export::{Exported, Sheet, WholeExport};
pub use super::import::{CREDENTIAL_COLUMNS, Imported};
pub use super::playground::{Answer, Bytes, Comparison, DiffKind, DiffLine, Guard, Sending, View, ViewKind};
use super::problem::Problem;
pub use super::receipt::Receipt;
pub use super::rows_file::FileFormat;
pub use super::send::{INTERRUPTED, SENT_BEFORE, SendWanted};
pub use super::spot_check::{Sample, SpotWanted};
pub use super::token_test::{Agreed, Kept, SINGLE, plan};
pub use super::triggers::{Delivery, Listening, LiveEvent, Setup};
pub use super::wanted::{
    LogWanted, ReadBackWanted, RecordWanted, RecordsWanted, StatusWanted, SurveyPlace, SurveySecret,
    WorklistWanted,
};
pub use super::watch::{Look, WatchWanted, Watched};
pub use crate::api::client::RecordPlace;
use crate::api::request::Request;
use crate::api::token::Token;
use crate::domain::changes::Span;
use crate::domain::clock::ServerClock;
use crate::domain::event::Arm;
use crate::domain::find::{Codebook, Index};
use crate::domain::log::LogEntry;
use crate::domain::logic::{Review, Uses};
use crate::domain::project::{Metadata, Readable};
use crate::domain::quality::{Checks, Exclusion, Exclusions, Report};
use crate::domain::status::Grid;
use crate::domain::table::RecordTable;
use crate::domain::worklist::Worklist;
pub use crate::store::projects::SavedProject;
pub use crate::store::shred::TRUTH as SHREDDING_TRUTH;
use std::path::PathBuf;

/// A project to be added: what the dialog or the command line asked for.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The address as typed.
    pub address: String,
    /// The token, if it is not read from an environment variable.
    pub token: Option<Token>,
    /// Where the token is to be kept.
    pub keep: Keep,
    /// A name of the user's choice; empty takes the project's title.
    pub name: String,
    /// A file with an extra certificate authority.
    pub ca_file: Option<std::path::PathBuf>,
    /// The saved project that gets a new token, if this is not a new one.
    pub replaces: Option<String>,
}

/// Where a token is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Keep {
    /// In the password store of this computer.
    #[default]
    Keyring,
    /// In memory, until capscope ends.
    Session,
    /// Not by capscope: it is read from this environment variable at every start.
    Environment(String),
}

/// Where the metadata on screen comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// From the copy saved on this computer at that time.
    Saved(jiff::Timestamp),
    /// From the server, read at that time.
    Server(jiff::Timestamp),
}

/// One piece of an opening project, sent as soon as it is known.
#[derive(Debug, Clone)]
pub enum OpenPart {
    /// All that the saved copy holds.
    Saved(Box<Metadata>, jiff::Timestamp),
    /// The saved copy could not be used, and why.
    SavedUnusable(String),
    /// What the server has told so far; parts not told yet come from the saved copy.
    Fresh(Box<Metadata>),
    /// What is wrong or doubtful in the logic of the data dictionary, and where fields are used.
    Reviewed(Review, Uses),
}

/// Something an async worker can do for the screen.
#[derive(Debug, Clone)]
pub enum Job {
    /// Find out whether this computer has a usable password store.
    ProbeVault,
    /// Test a project's address and token, and keep both if they work.
    Add(Box<Draft>),
    /// Ask for the token of a project again, after the screen was locked.
    Unlock(Box<SavedProject>),
    /// Forget a project: its token, its saved metadata and its place in the list.
    Forget(Box<SavedProject>),
    /// Test and keep the tokens of a credential file.
    TakeOver(PathBuf),
    /// Overwrite and delete a credential file whose tokens are kept.
    DeleteFile(PathBuf),
    /// Start the embedded demo server and list its projects.
    StartDemo,
    /// Read a project's metadata.
    Open(Box<SavedProject>),
    /// Read users, roles and Data Access Groups.
    Access(Box<SavedProject>, Box<Metadata>),
    /// Read the records of one instrument.
    Records(Box<SavedProject>, RecordsWanted),
    /// Read one whole record.
    Record(Box<SavedProject>, RecordWanted),
    /// Read the form status of every instrument of every record.
    Grid(Box<SavedProject>, StatusWanted, Box<Metadata>),
    /// Read what changed in a project since a moment.
    Changes(Box<SavedProject>, LogWanted),
    /// Read the log of one record, since a server time.
    Timeline(Box<SavedProject>, String, String),
    /// Read the survey link or the return code of a participant.
    Survey(Box<SavedProject>, SurveyPlace, SurveySecret),
    /// Read the fields of a search, and these chosen ones, of all records. Choices are remembered.
    Find(Box<SavedProject>, Vec<String>, Box<Metadata>),
    /// Gather the codebooks of these projects, as far as they were read, and the fields that were
    /// chosen before for searching the project with this id.
    Codebooks(Vec<SavedProject>, String),
    /// Work out which visits, forms and required fields are missing.
    Worklist(Box<SavedProject>, WorklistWanted, Box<Metadata>),
    /// Check a file before it is imported.
    Check(Box<SavedProject>, Box<CheckWanted>),
    /// Send a checked file.
    Send(Box<SavedProject>, Box<SendWanted>),
    /// Give a send up that was interrupted.
    AbandonSend(Box<SavedProject>),
    /// Draw a sample of records to compare with the paper source.
    DrawSpot(Box<SavedProject>, Box<SpotWanted>, Box<Metadata>),
    /// Look which files begin with what was typed.
    Complete(String),
    /// Write a text about this project to a file.
    SaveText(String, PathBuf, Place),
    /// Switch writing on or off for a project.
    SetWrite(Box<SavedProject>, bool),
    /// Test what the token may do.
    TestToken(Box<SavedProject>, Agreed),
    /// Test another token of the same project, to put it beside.
    TestBeside(Box<SavedProject>),
    /// Write rows to a file.
    Export(Box<Sheet>, FileFormat, PathBuf),
    /// Read whole instruments and write them to a file.
    ExportWhole(Box<SavedProject>, Box<WholeExport>),
    /// Run data quality rules over all records.
    Quality(Box<SavedProject>, Box<Metadata>, Box<Checks>),
    /// Find the rows where a rule of one's own is true: in rows that are here already, or else in
    /// all records.
    Match(Box<SavedProject>, Box<Metadata>, Box<Checks>, Option<Box<RecordTable>>),
    /// Send a call of the playground.
    Call(Box<Sending>),
    /// Find what is different between two answers.
    Compare(Comparison),
    /// Write bytes to a file.
    Save(Bytes, PathBuf, Place),
    /// Read the file of a record's file field into a file here.
    Download(Box<SavedProject>, Box<RecordPlace>, PathBuf),
    /// Read what a write may change into a file.
    BackUp(Box<SavedProject>, Box<Request>, PathBuf),
    /// Keep findings as excluded, or include them again.
    Exclude(Box<SavedProject>, Vec<Exclusion>, Excluded),
    /// Receive Data Entry Triggers, until it is stopped.
    Listen(Box<Setup>),
    /// Read what is in a record after its trigger came.
    ReadBack(Box<SavedProject>, Box<ReadBackWanted>),
    /// Watch the log of a project, until it is stopped.
    WatchLog(Box<SavedProject>, Box<WatchWanted>),
    /// Let a made-up person save a form of the demo project with this number, whose triggers go to
    /// this address.
    SaveAForm(u64, String),
}

impl Job {
    /// The saved project whose token it uses; none where the token is not known to have worked.
    pub fn project(&self) -> Option<&SavedProject> {
        match self {
            Self::Unlock(p)
            | Self::Open(p)
            | Self::Access(p, _)
            | Self::Records(p, _)
            | Self::Record(p, _)
            | Self::Grid(p, ..)
            | Self::Changes(p, _)
            | Self::Timeline(p, ..)
            | Self::Survey(p, ..)
            | Self::Find(p, ..)
            | Self::Worklist(p, ..)
            | Self::Check(p, _)
            | Self::Send(p, _)
            | Self::TestToken(p, _)
            | Self::TestBeside(p)
            | Self::ExportWhole(p, _)
            | Self::Quality(p, ..)
            | Self::Match(p, ..)
            | Self::DrawSpot(p, ..)
            | Self::ReadBack(p, _)
            | Self::WatchLog(p, _)
            | Self::Download(p, ..)
            | Self::BackUp(p, ..) => Some(p),
            Self::Call(sending) => Some(&sending.project),
            Self::ProbeVault
            | Self::Add(_)
            | Self::Forget(_)
            | Self::TakeOver(_)
            | Self::DeleteFile(_)
            | Self::StartDemo
            | Self::Codebooks(..)
            | Self::AbandonSend(_)
            | Self::SaveText(..)
            | Self::Complete(_)
            | Self::SetWrite(..)
            | Self::Export(..)
            | Self::Compare(_)
            | Self::Save(..)
            | Self::Exclude(..)
            | Self::Listen(_)
            | Self::SaveAForm(..) => None,
        }
    }
}

/// What becomes of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excluded {
    /// They are left out from now on.
    Yes,
    /// They count again.
    No,
}

/// What was read of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogRead {
    /// Since when, as it was asked for.
    pub span: Span,
    /// The server time from which on lines were asked for.
    pub begin: String,
    /// The lines, newest first.
    pub entries: Vec<LogEntry>,
    /// The server's clock, if it could be told.
    pub clock: Option<ServerClock>,
    /// The server time up to which the log had been looked at before.
    pub last_look: Option<String>,
    /// The token may not read the log, in the server's words.
    pub refused: Option<String>,
    /// Without the log: the records that were made or changed.
    pub touched: Vec<String>,
}

/// What a run of data quality rules gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QualityDone {
    /// The rules and their findings.
    pub report: Report,
    /// What did not come back of what was asked for, and so was not checked.
    pub left_out: RecordsDone,
    /// The excluded findings as they are kept; `None` where nothing is kept, as in the demo.
    pub excluded: Option<Exclusions>,
}

/// Rows as they arrive.
#[derive(Debug, Clone, Default)]
pub struct RecordsPart {
    /// The names of all records the token can see, in natural order; sent once, first.
    pub ids: Option<Vec<String>>,
    /// The new rows.
    pub rows: RecordTable,
    /// How many records have been read so far.
    pub records_read: usize,
}

/// What a job tells while it runs and when it ends.
#[derive(Debug, Clone)]
pub enum JobEvent {
    /// How far it is.
    Progress(Progress),
    /// A part of an opening project.
    Opening(OpenPart),
    /// A batch of rows.
    Rows(Box<RecordsPart>),
    /// The receiver of Data Entry Triggers tells something.
    Live(Box<LiveEvent>),
    /// The watch of a log tells something.
    Watched(Watched),
    /// It ended well.
    Done(Box<Output>),
    /// It failed.
    Failed(Box<Problem>),
    /// It was stopped on request.
    Cancelled,
}

/// How far a job is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// What it is doing, such as `Reading records`.
    pub step: String,
    /// How much is done.
    pub done: u64,
    /// Of how much, if known.
    pub total: Option<u64>,
}

/// What a finished job hands over.
#[derive(Debug, Clone)]
pub enum Output {
    /// The password store can be used, or why not.
    Vault(Result<(), Problem>),
    /// The token is here again.
    Unlocked,
    /// The project was tested and kept.
    Added(SavedProject),
    /// What became of the tokens of this file, in its order.
    TakenOver(PathBuf, Vec<Imported>),
    /// This file is deleted.
    Deleted(PathBuf),
    /// The project is forgotten; the text says if something could not be removed.
    Forgotten(String, Option<String>),
    /// The demo runs and has these projects.
    Demo(Vec<SavedProject>),
    /// The metadata as the server gave it.
    Opened(Box<Metadata>, jiff::Timestamp),
    /// Users, roles and groups, and the arms.
    Access(Box<crate::domain::rights::Access>, Readable<Vec<Arm>>),
    /// All rows were read.
    Records(RecordsDone),
    /// One whole record.
    Record(String, RecordTable),
    /// The status of every instrument of every record.
    Grid(Box<Grid>),
    /// What changed in the project.
    Changes(Box<LogRead>),
    /// The log of one record.
    Timeline(String, Box<LogRead>),
    /// A survey link or a return code. Whoever has it can answer in the participant's name.
    Survey(SurveyPlace, SurveySecret, String),
    /// All records by the fields of a search, and the fields that the server left out.
    Index(Box<Index>, Vec<String>),
    /// The codebooks of projects; a project's id and the fields that were chosen for it.
    Codebooks(Vec<Codebook>, String, Vec<String>),
    /// What is missing.
    Worklist(Box<Worklist>),
    /// A file was checked.
    Checked(Box<Checked>),
    /// A file was sent, as far as the receipt says.
    Sent(Box<Receipt>),
    /// The send that was interrupted is given up.
    SendAbandoned,
    /// A sample was drawn.
    Spot(Box<Sample>),
    /// What a beginning of a path can become.
    Completed(Completion),
    /// Writing was switched for this project.
    WriteAccess(SavedProject),
    /// What the token may do, and the test before this one.
    TokenTested(Box<crate::domain::access_test::Report>, Option<Box<Kept>>),
    /// What another token may do, by its name.
    TokenBeside(String, Box<crate::domain::access_test::Report>),
    /// Rows were written to a file.
    Exported(Exported),
    /// Data quality rules were run.
    Quality(Box<QualityDone>),
    /// The rows where an expression is true.
    Matched(Box<QualityDone>),
    /// Triggers are no longer received.
    Received,
    /// What is in a record after its trigger came.
    ReadBack(RecordTable),
    /// A form of the demo was saved; what came of it, as a sentence.
    SavedForm(String),
    /// The excluded findings as they are kept now; `None` where nothing is kept.
    Excluded(Option<Exclusions>),
    /// A call of the playground was answered, be it with a refusal.
    Answer(Box<Answer>),
    /// What is different between two answers.
    Compared(Vec<DiffLine>),
    /// Bytes were written to this file.
    Saved(PathBuf),
    /// What a write may change is in this file.
    BackedUp(PathBuf),
}

/// The end of a record load: the completeness check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordsDone {
    /// Names that were asked for and did not come back.
    pub missing_records: Vec<String>,
    /// Columns that were asked for and did not come back.
    pub missing_columns: Vec<String>,
    /// What had to be done to get the rest, such as asking for fewer records at a time; empty if
    /// nothing.
    pub remark: String,
    /// Values with a character that could not be read, or was lost before: `�` stands in its place.
    pub unreadable: usize,
}

impl RecordsDone {
    /// What to say of characters that could not be read; `None` if all could.
    pub fn unreadable_words(&self) -> Option<String> {
        let values = match self.unreadable {
            0 => return None,
            1 => "1 value has".to_owned(),
            n => format!("{n} values have"),
        };
        Some(format!("{values} a character that could not be read; \u{fffd} stands in its place."))
    }
}
