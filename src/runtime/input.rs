//! Turning the terminal library's events into messages.

use crate::app::keys::{Code, Key};
use crate::app::msg::{Mouse, Msg};
use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind};
use std::sync::mpsc::Sender;

/// Starts the thread that reads the terminal. It blocks in the read, so it costs nothing while
/// nothing happens, and it ends with the process.
///
/// Blocking reads in a thread of its own are used because the library's stream of events loses
/// input when a resize and a key arrive together.
pub fn spawn_reader(inbox: Sender<Msg>) -> std::io::Result<()> {
    std::thread::Builder::new().name("input".into()).spawn(move || {
        // A terminal that cannot be read any more is gone.
        while let Ok(event) = crossterm::event::read() {
            for msg in messages(event) {
                if inbox.send(msg).is_err() {
                    return;
                }
            }
        }
        let _ = inbox.send(Msg::Terminate);
    })?;
    Ok(())
}

/// The messages for an event; events the app has no use for give none.
///
/// A terminal sends Esc and a quick key after it as that key with Alt. capscope binds nothing to
/// Alt, so it is taken as what it was: Esc, then the key.
pub fn messages(event: Event) -> Vec<Msg> {
    let mut messages = Vec::new();
    if let Event::Key(key) = &event
        && key.kind == KeyEventKind::Press
        && key.modifiers.contains(KeyModifiers::ALT)
    {
        messages.push(Msg::Key(Key::plain(Code::Esc)));
    }
    messages.extend(message(event));
    messages
}

fn message(event: Event) -> Option<Msg> {
    match event {
        // Some terminals report releases and repeats too; only presses count.
        Event::Key(key) if key.kind == KeyEventKind::Press => {
            let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
            code(key.code).map(|code| Msg::Key(Key { code, ctrl: ctrl && matches!(code, Code::Char(_)) }))
        }
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(width, height) => Some(Msg::Resize(width, height)),
        Event::Mouse(mouse) => {
            let what = match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => Mouse::Click,
                MouseEventKind::Drag(MouseButton::Left) => Mouse::Drag,
                MouseEventKind::ScrollUp => Mouse::ScrollUp,
                MouseEventKind::ScrollDown => Mouse::ScrollDown,
                _ => return None,
            };
            Some(Msg::Mouse(what, mouse.column, mouse.row))
        }
        _ => None,
    }
}

fn code(code: KeyCode) -> Option<Code> {
    Some(match code {
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::F(n) => Code::F(n),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyEvent, KeyEventState};

    #[test]
    fn esc_and_a_quick_key_are_two_keys() {
        let alt_q = Event::Key(KeyEvent::new(KeyCode::Char('q'), KeyModifiers::ALT));
        let keys: Vec<Key> = messages(alt_q)
            .into_iter()
            .filter_map(|m| if let Msg::Key(key) = m { Some(key) } else { None })
            .collect();
        assert_eq!(keys, [Key::plain(Code::Esc), Key::char('q')]);
    }

    #[test]
    fn only_presses_count() {
        let event = |kind| {
            Event::Key(KeyEvent {
                code: KeyCode::Char('q'),
                modifiers: KeyModifiers::NONE,
                kind,
                state: KeyEventState::NONE,
            })
        };
        assert!(matches!(message(event(KeyEventKind::Press)), Some(Msg::Key(key)) if key == Key::char('q')));
        assert!(message(event(KeyEventKind::Release)).is_none());
        assert!(message(event(KeyEventKind::Repeat)).is_none());
    }
}
