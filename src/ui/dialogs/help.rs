//! The keys that work here, searched while typing, then five words explained.

use super::centered;
use crate::app::actions::{self, ACTIONS, Action, Group, Scope};
use crate::app::dialog::Help;
use crate::app::open::matches;
use crate::ui::canvas::Canvas;
use crate::ui::text::{fit, wrap};
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

const WORDS: &[(&str, &str)] = &[
    ("Instrument", "a data collection form"),
    ("Event", "a visit; only longitudinal projects have events"),
    ("Record", "one participant; all rows with one record id"),
    ("Identifier", "a field marked as personal data; masked here until you ask"),
    ("DAG", "Data Access Group: its users see only their own records"),
];

/// Draws it.
pub fn draw(canvas: &mut Canvas, area: Rect, help: &Help) {
    let theme = canvas.theme;
    let place = actions::place(canvas.model);
    let area = centered(area, area.width.saturating_sub(4).min(90), area.height);
    canvas.clear(area);
    let lines = lines(canvas, place, help.search.value(), usize::from(area.width).saturating_sub(4));
    let page = usize::from(area.height).saturating_sub(3);
    let top = help.top.min(lines.len().saturating_sub(page));
    let status = format!("{}-{} of {}", top + 1, (top + page).min(lines.len()), lines.len());
    let frame = canvas.frame(area, true, &format!("Help: {}", place.title()), &status);
    let inner = Rect { x: frame.x + 1, width: frame.width.saturating_sub(2), ..frame };
    let search = Line::from(vec![
        Span::styled("Type to search: ", theme.title),
        Span::raw(help.search.value().to_owned()),
        Span::styled("_", theme.focus),
    ]);
    canvas.line(inner.x, inner.y, inner.width, &search);
    canvas.note_dialog_page(page);
    for (i, line) in lines.iter().skip(top).take(page).enumerate() {
        canvas.line(inner.x, inner.y + 1 + i as u16, inner.width, line);
    }
}

fn lines(canvas: &Canvas, place: Scope, search: &str, width: usize) -> Vec<Line<'static>> {
    let theme = canvas.theme;
    let keys = &canvas.model.options.keys;
    let mut lines = Vec::new();
    let fits = |a: &&Action| matches(search, &[a.title, a.help, a.also, &keys.words(a)]);
    let mut part = |title: String, actions: Vec<&Action>| {
        if actions.is_empty() {
            return;
        }
        lines.push(Line::default());
        lines.push(Line::styled(title, theme.title));
        for action in actions {
            // The help goes beside the title where it has room, else below it.
            let beside = width >= 84;
            let (indent, room) =
                if beside { (46, width.saturating_sub(46)) } else { (14, width.saturating_sub(14)) };
            let mut help = wrap(action.help, room).into_iter();
            let mut first =
                vec![Span::styled(fit(&keys.words(action), 14), theme.key), Span::raw(fit(action.title, 32))];
            if beside {
                first.push(Span::styled(help.next().unwrap_or_default(), theme.muted));
            }
            lines.push(Line::from(first));
            for text in help.filter(|t| !t.is_empty()) {
                lines.push(Line::styled(format!("{}{text}", " ".repeat(indent)), theme.muted));
            }
        }
    };
    let here = ACTIONS.iter().filter(|a| a.scopes.contains(&place)).filter(fits).collect();
    part(format!("HERE: {}", place.title()), here);
    for (group, title) in
        [(Group::Move, "MOVE"), (Group::Find, "FIND"), (Group::Do, "DO"), (Group::Leave, "LEAVE")]
    {
        let everywhere = ACTIONS
            .iter()
            .filter(|a| a.scopes.contains(&Scope::Global) && a.group == group)
            .filter(fits)
            .collect();
        part(title.to_owned(), everywhere);
    }
    let words: Vec<&(&str, &str)> = WORDS.iter().filter(|(w, t)| matches(search, &[w, t])).collect();
    if !words.is_empty() {
        lines.push(Line::default());
        lines.push(Line::styled("WORDS", theme.title));
        for (word, text) in words {
            for (i, part) in wrap(text, width.saturating_sub(14)).into_iter().enumerate() {
                let word = if i == 0 { word } else { &"" };
                lines.push(Line::from(vec![Span::raw(fit(word, 14)), Span::styled(part, theme.muted)]));
            }
        }
    }
    if search.is_empty() {
        lines.push(Line::default());
        lines.push(Line::styled(format!("capscope {}", env!("CARGO_PKG_VERSION")), theme.title));
        for (name, path) in &canvas.model.options.folders {
            lines.push(Line::from(vec![Span::raw(fit(name, 16)), Span::styled(path.clone(), theme.muted)]));
        }
    }
    lines
}
