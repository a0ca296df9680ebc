//! The queue of triggers that wait to be forwarded: on disk, so that what was acknowledged to
//! REDCap survives a crash, and bounded.
//!
//! The file is a journal of lines: `+N BODY` when a trigger came, `-N` when it was delivered or
//! given up. It holds what triggers say (names of records, instruments, users), never values, and
//! only its owner can read it. A line that a crash cut off was not acknowledged and is left out.

use super::Target;
use crate::store::files::{self, Lock, StoreError};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How many triggers may wait: a busy clinic's day with a handler that is down.
pub const MOST_WAITING: usize = 100_000;

/// How many lines without use the file may have before it is written anew.
const MOST_DEAD: usize = 20_000;

/// A trigger that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its number, which grows.
    pub number: u64,
    /// The body to post.
    pub body: Arc<str>,
}

/// Why a trigger was not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// Too many wait.
    #[error("{0} triggers wait already.")]
    Full(usize),
    /// The file cannot be written.
    #[error("The queue cannot be written: {0}.")]
    Disk(#[from] io::Error),
}

/// The queue for one target. Clones are the same queue.
#[derive(Debug, Clone)]
pub struct Queue {
    inner: Arc<Mutex<Inner>>,
    came: Arc<Notify>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    file: File,
    waiting: VecDeque<Waiting>,
    next: u64,
    dead: usize,
    most: usize,
    /// The file may end in the middle of a line.
    torn: bool,
    _lock: Lock,
}

impl Queue {
    /// Opens the queue for a target in a folder, with what waited when capscope last ended. Each
    /// target has its own: what waits for one handler is never sent to another.
    pub fn open(dir: &Path, target: &Target) -> Result<Self, StoreError> {
        Self::open_file(&dir.join(format!("forward-{:016x}.queue", fnv(target.whole()))), MOST_WAITING)
    }

    fn open_file(path: &Path, most: usize) -> Result<Self, StoreError> {
        let lock = Lock::take(path, Duration::from_millis(200))?;
        let text = files::read(path)?.map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default();
        let waiting = read(&text);
        let next = waiting.back().map_or(1, |w| w.number + 1);
        let lines = journal(&waiting);
        files::write(path, lines.as_bytes())?;
        let file = files::append(path)?;
        let inner =
            Inner { path: path.to_owned(), file, waiting, next, dead: 0, most, torn: false, _lock: lock };
        Ok(Self { inner: Arc::new(Mutex::new(inner)), came: Arc::new(Notify::new()) })
    }

    /// Takes triggers in, all or none: they are on the disk when this returns. Blocks.
    pub fn add(&self, bodies: Vec<String>) -> Result<Vec<u64>, NotKept> {
        let mut inner = self.inner();
        if inner.waiting.len() + bodies.len() > inner.most {
            return Err(NotKept::Full(inner.waiting.len()));
        }
        let first = inner.next;
        let new: Vec<Waiting> =
            (first..).zip(bodies).map(|(number, body)| Waiting { number, body: body.into() }).collect();
        let written = inner.append(&journal(&new), true);
        if let Err(e) = written {
            if inner.torn {
                // Some of these numbers may stand in the file; they must not be given again.
                inner.next += new.len() as u64;
            }
            return Err(e.into());
        }
        let numbers = new.iter().map(|w| w.number).collect();
        inner.next += new.len() as u64;
        inner.waiting.extend(new);
        drop(inner);
        self.came.notify_one();
        Ok(numbers)
    }

    /// The one that waits longest, as soon as there is one.
    pub async fn front(&self) -> Waiting {
        loop {
            if let Some(front) = self.inner().waiting.front().cloned() {
                return front;
            }
            self.came.notified().await;
        }
    }

    /// The first one is done with: delivered, or given up. Blocks. If the file cannot be written,
    /// it is delivered once more after a restart, which is better than not at all.
    pub fn done(&self, number: u64) {
        let mut inner = self.inner();
        if inner.waiting.front().is_none_or(|w| w.number != number) {
            return;
        }
        inner.waiting.pop_front();
        inner.dead += 2;
        if inner.waiting.is_empty() && inner.file.set_len(0).is_ok() {
            inner.dead = 0;
            inner.torn = false;
            return;
        }
        let _ = inner.append(&format!("-{number}\n"), false);
        if inner.dead > MOST_DEAD {
            inner.rewrite();
        }
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.inner().waiting.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Writes lines at the end, all or nothing: what a full disk took only half of is cut off
    /// again, or else the next line would become a part of it and be lost.
    fn append(&mut self, lines: &str, to_the_disk: bool) -> io::Result<()> {
        let before = self.file.metadata()?.len();
        let start = if self.torn { "\n" } else { "" };
        let mut written = self.file.write_all(format!("{start}{lines}").as_bytes());
        if to_the_disk {
            written = written.and_then(|()| self.file.sync_data());
        }
        match &written {
            Ok(()) => self.torn = false,
            Err(_) => self.torn |= self.file.set_len(before).is_err(),
        }
        written
    }

    /// Writes the file anew with what waits. If that fails the old one goes on.
    fn rewrite(&mut self) {
        let lines = journal(&self.waiting);
        if files::write(&self.path, lines.as_bytes()).is_ok()
            && let Ok(file) = files::append(&self.path)
        {
            self.file = file;
            self.dead = 0;
            self.torn = false;
        }
    }
}

/// The lines of a journal in which these came.
fn journal<'a>(waiting: impl IntoIterator<Item = &'a Waiting>) -> String {
    waiting
        .into_iter()
        .flat_map(|w| ["+", &w.number.to_string(), " ", &w.body, "\n"].map(str::to_owned))
        .collect()
}

/// What a journal says is still waiting.
fn read(text: &str) -> VecDeque<Waiting> {
    let mut waiting: VecDeque<Waiting> = VecDeque::new();
    // Without its line break the last line was not written to its end.
    for line in text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
        if let Some((number, body)) = line.strip_prefix('+').and_then(|rest| rest.split_once(' ')) {
            if let Ok(number) = number.parse()
                && waiting.back().is_none_or(|last| last.number < number)
            {
                waiting.push_back(Waiting { number, body: body.into() });
            }
        } else if let Some(number) = line.strip_prefix('-').and_then(|n| n.parse::<u64>().ok())
            && waiting.front().is_some_and(|w| w.number == number)
        {
            // They are delivered in order.
            waiting.pop_front();
        }
    }
    waiting
}

/// A stable number for a text (FNV-1a): the name of the file, which must not show the address.
fn fnv(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bodies(queue: &Queue) -> Vec<String> {
        queue.inner().waiting.iter().map(|w| w.body.to_string()).collect()
    }

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|t| (*t).to_owned()).collect()
    }

    #[test]
    fn what_waits_survives_the_end_and_a_cut_off_line_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("q");
        let queue = Queue::open_file(&path, 10).unwrap();
        assert_eq!(queue.add(texts(&["a=1", "b=2"])).unwrap(), [1, 2]);
        queue.add(texts(&["c=3"])).unwrap();
        queue.done(1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        // A second capscope must not deliver the same.
        assert!(matches!(Queue::open_file(&path, 10), Err(StoreError::InUse { .. })));
        drop(queue);
        files::append(&path).unwrap().write_all(b"+4 d=").unwrap();
        let queue = Queue::open_file(&path, 10).unwrap();
        assert_eq!(bodies(&queue), ["b=2", "c=3"]);
        assert_eq!(queue.add(texts(&["e=5"])).unwrap(), [4]);
        for number in 2..=4 {
            queue.done(number);
        }
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 0);
    }

    #[test]
    fn a_full_queue_and_a_disk_that_cannot_be_written_take_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("q");
        let queue = Queue::open_file(&path, 2).unwrap();
        queue.add(texts(&["a"])).unwrap();
        assert!(matches!(queue.add(texts(&["b", "c"])), Err(NotKept::Full(1))));
        // A handle that cannot be written to fails as a full disk does.
        queue.inner().file = File::open(&path).unwrap();
        assert!(matches!(queue.add(texts(&["b"])), Err(NotKept::Disk(_))));
        assert_eq!(bodies(&queue), ["a"]);
        drop(queue);
        assert_eq!(bodies(&Queue::open_file(&path, 2).unwrap()), ["a"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_run_of_adding_delivering_and_restarting_keeps_the_order(
            steps in prop::collection::vec(0u8..4, 1..30),
        ) {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("q");
            let mut queue = Queue::open_file(&path, 1000).unwrap();
            let mut expected: VecDeque<String> = VecDeque::new();
            for (i, step) in steps.iter().enumerate() {
                match step {
                    0 | 1 => {
                        queue.add(vec![format!("n={i}")]).unwrap();
                        expected.push_back(format!("n={i}"));
                    }
                    2 => {
                        let front = queue.inner().waiting.front().map(|w| w.number);
                        if let Some(number) = front {
                            queue.done(number);
                            expected.pop_front();
                        }
                    }
                    _ => {
                        drop(queue);
                        queue = Queue::open_file(&path, 1000).unwrap();
                    }
                }
                prop_assert_eq!(bodies(&queue), expected.iter().cloned().collect::<Vec<_>>());
            }
        }
    }
}
