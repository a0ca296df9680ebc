//! Files that only their owner can read, replaced as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use thiserror::Error;

/// Why something on this computer could not be read or kept.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The system does not tell where the user's files are.
    #[error("The system does not tell where your files are kept.")]
    NoHome,
    /// Reading or writing failed.
    #[error("{} could not be {doing}: {source}.", path.display())]
    Io {
        /// `read`, `written`, `locked` or `removed`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// The content cannot be understood.
    #[error("{} cannot be understood{}: {why}.", path.display(), at(*.line))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1, if it is known.
        line: Option<usize>,
        /// What is wrong.
        why: String,
    },
    /// The file was written by a newer capscope.
    #[error("{} was written by a newer capscope.", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
    },
    /// Another capscope holds the file.
    #[error("{} is in use by another capscope.", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// There is no such project in the list.
    #[error("There is no saved project of that kind any more.")]
    NoProject,
    /// The system gave no random numbers.
    #[error("The system gave no random numbers.")]
    NoRandom,
}

fn at(line: Option<usize>) -> String {
    line.map(|line| format!(" (line {line})")).unwrap_or_default()
}

impl StoreError {
    /// What a person can do.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NoHome => "Set the variable CAPSCOPE_HOME to a folder of yours.",
            Self::Io { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied => {
                    "Make the file and its folder yours again, or set CAPSCOPE_HOME to another folder."
                }
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "Make room on the disk.",
                io::ErrorKind::ReadOnlyFilesystem => "Set CAPSCOPE_HOME to a folder that can be written.",
                _ => "Check the file and its folder.",
            },
            Self::Damaged { .. } => "Correct the file, or move it away: capscope then starts with a new one.",
            Self::Newer { .. } => "Use the newer capscope, or move the file away.",
            Self::InUse { .. } => "Close the other capscope, or try again.",
            Self::NoProject => "Add the project again.",
            Self::NoRandom => "Try again.",
        }
    }

    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }
}

/// The content of a file; `None` if there is no such file.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(StoreError::io("read", path)(e)),
    }
}

/// The content of a file as text. Bytes that are no UTF-8 are a damage.
pub fn read_text(path: &Path) -> Result<Option<String>, StoreError> {
    let Some(bytes) = read(path)? else { return Ok(None) };
    let text = String::from_utf8(bytes).map_err(|e| {
        let line = line_of(&String::from_utf8_lossy(e.as_bytes()), e.utf8_error().valid_up_to());
        StoreError::Damaged { path: path.to_owned(), line: Some(line), why: "it is not UTF-8 text".into() }
    })?;
    Ok(Some(text))
}

/// Makes a folder, and those above it that are missing, for the owner only.
pub fn make_dir(path: &Path) -> Result<(), StoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(StoreError::io("written", path))?;
    close_to_others(path)
}

/// Takes a folder's or file's rights away from everyone but its owner.
#[cfg(unix)]
fn close_to_others(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).map_err(StoreError::io("read", path))?.permissions().mode();
    if mode.trailing_zeros() >= 6 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700))
        .map_err(StoreError::io("written", path))
}

/// Elsewhere the user's own folders are closed to others by the system.
#[cfg(not(unix))]
fn close_to_others(_: &Path) -> Result<(), StoreError> {
    Ok(())
}

/// Replaces a file as a whole: a crash or a full disk leaves the old one or the new one, never a
/// half. The file is readable by its owner only. A link is kept, and its target is replaced.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let dir = path.parent().unwrap_or(Path::new("."));
    if !dir.is_dir() {
        make_dir(dir)?;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = dir.join(format!(".{name}.{}.tmp", random_hex(6)?));
    let written = (|| {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&draft, path)?;
        // The new name itself must survive a power cut; not every system can do this.
        if let Ok(dir) = File::open(dir) {
            let _ = dir.sync_all();
        }
        Ok(())
    })();
    written.map_err(|e| {
        let _ = fs::remove_file(&draft);
        StoreError::io("written", path)(e)
    })
}

/// A file to which lines are added at the end, readable by its owner only if it is new. Its folder
/// must be there.
pub fn append(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(StoreError::io("written", path))
}

/// Removes a file, if it is there.
pub fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(StoreError::io("removed", path)(e)),
        _ => Ok(()),
    }
}

/// Keeps other capscopes from changing a file until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Waits a little for the lock beside a file. Changes take milliseconds, so who waits longer
    /// has met a capscope that hangs.
    pub fn take(path: &Path, patience: Duration) -> Result<Self, StoreError> {
        let dir = path.parent().unwrap_or(Path::new("."));
        make_dir(dir)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let lock = dir.join(format!(".{name}.lock"));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&lock).map_err(StoreError::io("locked", &lock))?;
        let end = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(fs::TryLockError::WouldBlock) if Instant::now() < end => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                Err(fs::TryLockError::WouldBlock) => {
                    return Err(StoreError::InUse { path: path.to_owned() });
                }
                // Some network folders have no locks; two writers at once are then unlikely enough.
                Err(fs::TryLockError::Error(e)) if e.kind() == io::ErrorKind::Unsupported => {
                    return Ok(Self { _file: file });
                }
                Err(fs::TryLockError::Error(e)) => return Err(StoreError::io("locked", &lock)(e)),
            }
        }
    }
}

/// Random hexadecimal digits, two for each byte.
pub fn random_hex(bytes: usize) -> Result<String, StoreError> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).map_err(|_| StoreError::NoRandom)?;
    let digit = |n: u8| char::from_digit(n.into(), 16).unwrap_or('0');
    Ok(random.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect())
}

/// The number of the line, from 1, in which a byte stands.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text.char_indices().take_while(|(i, _)| *i < at).filter(|(_, c)| *c == '\n').count() + 1
}
