//! Keeping where one was, beside the screen's thread.

use crate::app::msg::Remember;
use crate::runtime::shell::Keeper;
use crate::store::paths::Paths;
use crate::store::session::{self, Session};
use std::path::absolute;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

/// What the interface hands over to be remembered. Dropping it waits until the newest is written.
/// Without a folder for it nothing is kept.
pub fn keeper(mut session: Session, paths: Option<Paths>) -> Keeper {
    let writer = paths.and_then(Writer::start);
    Box::new(move |what| {
        take(&mut session, what);
        if let Some(writer) = &writer {
            writer.write(session.clone());
        }
    })
}

fn take(session: &mut Session, what: Remember) {
    match what {
        Remember::Favourites(list) => {
            session.favourites =
                list.into_iter().map(|(content, action)| (content.into(), action.into())).collect();
        }
        Remember::Files(list) => {
            // The next start may be in another folder.
            let whole = |path: String| match absolute(&path) {
                Ok(whole) if !path.starts_with('~') => whole.display().to_string(),
                _ => path,
            };
            session.checked_files = list.into_iter().map(whole).collect();
        }
        Remember::Place { project, section, cursors } => {
            session.last_project = Some(project.clone());
            let place = session.projects.entry(project).or_default();
            place.section = section.to_string();
            place.cursors = cursors;
        }
        Remember::Layout { project, form, layout } => {
            session.projects.entry(project).or_default().layouts.insert(form, layout);
        }
    }
}

/// A thread that writes the newest session it was given.
struct Writer {
    /// `None` once it is to end.
    sessions: Option<Sender<Session>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    fn start(paths: Paths) -> Option<Self> {
        let (sessions, receiver) = channel();
        // Without a thread nothing is remembered: no reason not to start.
        let thread = std::thread::Builder::new()
            .name("session".into())
            .spawn(move || write_newest(&receiver, &paths))
            .ok()?;
        Some(Self { sessions: Some(sessions), thread: Some(thread) })
    }

    fn write(&self, session: Session) {
        if let Some(sessions) = &self.sessions {
            let _ = sessions.send(session);
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.sessions = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn write_newest(sessions: &Receiver<Session>, paths: &Paths) {
    while let Ok(mut session) = sessions.recv() {
        while let Ok(newer) = sessions.try_recv() {
            session = newer;
        }
        // A place that could not be kept is no loss.
        let _ = session::save(paths, &session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn the_newest_place_is_on_disk_when_the_interface_has_ended() {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths::under(home.path());
        let mut keep = keeper(Session::default(), Some(paths.clone()));
        for row in 0..200 {
            let cursors = BTreeMap::from([("users".to_owned(), row)]);
            keep(Remember::Place { project: "p".into(), section: 4, cursors });
        }
        keep(Remember::Files(vec!["in.csv".into()]));
        drop(keep);
        let (session, note) = session::load(&paths);
        assert_eq!(note, None);
        assert_eq!(session.last_project.as_deref(), Some("p"));
        assert_eq!(session.projects["p"].cursors["users"], 199);
        assert!(std::path::Path::new(&session.checked_files[0]).is_absolute(), "{:?}", session.checked_files);
    }
}
