//! A file that appears under its name only when it is complete.

use super::files::{self, StoreError};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file being written under a name of its own (`report.csv.part`), readable by its owner only.
/// Dropped before [`finish`](Self::finish) it is removed again.
#[derive(Debug)]
pub struct PartFile {
    path: PathBuf,
    out: Option<BufWriter<File>>,
}

impl PartFile {
    /// Begins a file that is to become `target`. An old part of an earlier try is replaced, and not
    /// written into: others may be able to read it, or it may lead elsewhere.
    pub fn create(target: &Path) -> Result<Self, StoreError> {
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let path = target.with_file_name(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        files::remove(&path)?;
        let file = options.open(&path).map_err(StoreError::io("written", &path))?;
        Ok(Self { path, out: Some(BufWriter::new(file)) })
    }

    /// Gives the complete file its name. A file that has the name already is never replaced: the
    /// new one gets the next free name (`report (2).csv`). Returns the name it got.
    pub fn finish(mut self, target: &Path) -> Result<PathBuf, StoreError> {
        let failed = |e| StoreError::io("written", target)(e);
        if let Some(out) = self.out.take() {
            let file = out.into_inner().map_err(|e| failed(e.into_error()))?;
            file.sync_all().map_err(failed)?;
        }
        for n in 1..1000 {
            let name = numbered(target, n);
            // A hard link fails if the name is taken, so nobody's file is lost to a race; where
            // the file system has no links, looking first is the best there is.
            match fs::hard_link(&self.path, &name) {
                Ok(()) => return Ok(name),
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(_) if name.exists() => {}
                Err(_) => {
                    fs::rename(&self.path, &name).map_err(failed)?;
                    return Ok(name);
                }
            }
        }
        Err(failed(io::ErrorKind::AlreadyExists.into()))
    }
}

impl Write for PartFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.as_mut().map_or(Ok(0), |out| out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        // After a finish the link stays and only the part's own name goes.
        let _ = fs::remove_file(&self.path);
    }
}

/// `report.csv`, then `report (2).csv`, `report (3).csv`, ...
fn numbered(target: &Path, n: u32) -> PathBuf {
    if n == 1 {
        return target.to_owned();
    }
    let stem = target.file_stem().unwrap_or_default().to_string_lossy();
    let name = match target.extension() {
        Some(extension) => format!("{stem} ({n}).{}", extension.to_string_lossy()),
        None => format!("{stem} ({n})"),
    };
    target.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_when_it_is_complete_and_replaces_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("report.csv");
        for expected in ["report.csv", "report (2).csv", "report (3).csv"] {
            let mut part = PartFile::create(&target).unwrap();
            part.write_all(expected.as_bytes()).unwrap();
            assert!(!dir.path().join(expected).exists());
            let path = part.finish(&target).unwrap();
            assert_eq!(path, dir.path().join(expected));
            assert_eq!(fs::read_to_string(&path).unwrap(), expected);
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3);
    }

    #[test]
    fn a_file_that_was_not_finished_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        drop(PartFile::create(&dir.path().join("x.bin")).unwrap());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("x");
        // What somebody put there is neither made private for us nor written into.
        let other = dir.path().join("other");
        fs::write(&other, "theirs").unwrap();
        std::os::unix::fs::symlink(&other, dir.path().join("x.part")).unwrap();
        let mut part = PartFile::create(&target).unwrap();
        part.write_all(b"ours").unwrap();
        let path = part.finish(&target).unwrap();
        assert_eq!(fs::read_to_string(other).unwrap(), "theirs");
        fs::write(dir.path().join("y.part"), "of an earlier try").unwrap();
        let target = dir.path().join("y");
        let again = PartFile::create(&target).unwrap().finish(&target).unwrap();
        for path in [path, again] {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
