//! Deleting a file that held secrets in plain text.

use super::files::StoreError;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// What deleting a file cannot reach, to be said to whoever asks for it.
pub const TRUTH: &str = "\
The file is overwritten with zeros and then deleted. Older copies of it may remain: on SSDs, in file
systems that keep old versions, in backups, in synchronised folders and under version control. If
others could have read the file, let REDCap make new tokens: your project > API > Regenerate token.";

/// Overwrites a file with zeros, as long as it is, and deletes it. What is no plain file, such as
/// a link, is left alone: what it leads to may belong to somebody else.
pub fn shred(path: &Path) -> Result<(), StoreError> {
    let failed = |source: io::Error| StoreError::Io { doing: "removed", path: path.to_owned(), source };
    let about = std::fs::symlink_metadata(path).map_err(failed)?;
    if !about.is_file() {
        return Err(failed(io::Error::other("it is a link or no plain file; delete it yourself")));
    }
    let mut file = OpenOptions::new().write(true).open(path).map_err(failed)?;
    zeros(&mut file, about.len()).map_err(failed)?;
    drop(file);
    std::fs::remove_file(path).map_err(failed)
}

fn zeros(file: &mut File, length: u64) -> io::Result<()> {
    let block = [0_u8; 4096];
    let mut left = length;
    while left > 0 {
        let n = usize::try_from(left.min(4096)).unwrap_or(4096);
        file.write_all(block.get(..n).unwrap_or(&block))?;
        left -= n as u64;
    }
    file.sync_all()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "these are tests")]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_overwritten_before_it_is_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let (path, twin) = (folder.path().join("tokens.csv"), folder.path().join("twin"));
        std::fs::write(&path, "secret".repeat(2000)).unwrap();
        // A second name for the same bytes shows what became of them.
        std::fs::hard_link(&path, &twin).unwrap();
        shred(&path).unwrap();
        assert!(!path.exists());
        let left = std::fs::read(&twin).unwrap();
        assert_eq!((left.len(), left.iter().all(|b| *b == 0)), (12_000, true));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("tokens.csv"), folder.path().join("link"));
        std::fs::write(&path, "secret").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(shred(&link).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "secret");
    }
}
