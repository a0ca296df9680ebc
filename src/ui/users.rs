//! Users, roles and Data Access Groups, with their rights in words.

use super::canvas::{Canvas, Row, entry, pair};
use super::text::{cut, fit};
use crate::app::model::Pane;
use crate::app::open::{Open, Scrolled};
use crate::app::running::Slot;
use crate::app::users::{UserRow, name_of, rights_of};
use crate::domain::project::Readable;
use crate::domain::rights::{Access, EntryRight, ExportRight, RIGHTS, Rights, right_name, right_words};
use crate::domain::rights_review::{Identifiers, differences, identifiers, is_expired, who};
use crate::domain::text::{one_line, without_html};
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws the list on the left.
pub fn draw_list(canvas: &mut Canvas, area: Rect) {
    let theme = canvas.theme;
    let Some(open) = &canvas.model.open else {
        let inner = canvas.pane(area, Pane::List, "Users", "");
        return canvas.no_project(inner);
    };
    let rows = open.shown_users();
    let access = &open.metadata.access;
    let title = if open.users.filter.is_empty() {
        "Users, roles, groups".to_owned()
    } else {
        format!("Users   filter: {}", one_line(&open.users.filter))
    };
    let inner = canvas.pane(area, Pane::List, &title, "");
    let page = usize::from(inner.height);
    canvas.note_page(Pane::List, page);
    if rows.is_empty() {
        let text = empty_text(canvas, access, &open.users.filter);
        return canvas.message(inner, &[(&text, theme.muted)]);
    }
    let top = open.users.cursor.visible_top(rows.len(), page);
    let width = usize::from(inner.width).saturating_sub(2);
    let drawn: Vec<Row> = rows
        .iter()
        .skip(top)
        .take(page)
        .map(|row| match row {
            UserRow::Heading(name) => Row::styled((*name).to_owned(), theme.title),
            UserRow::User(i) => {
                let Some(user) = access.users.list().get(*i) else { return Row::default() };
                let beside = access.role_of(&user.username).map_or(String::new(), |r| one_line(&r.label));
                named(width, &user.username, &beside, theme.muted)
            }
            UserRow::Role(i) => {
                let Some(role) = access.roles.list().get(*i) else { return Row::default() };
                named(width, &role.label, &role.unique_name, theme.muted)
            }
            UserRow::Who => Row::raw("  Who may do what"),
            UserRow::Dag(i) => {
                let Some(dag) = access.dags.list().get(*i) else { return Row::default() };
                named(width, &dag.name, &dag.unique_name, theme.muted)
            }
        })
        .collect();
    canvas.rows(inner, Pane::List, top, Some(open.users.cursor.at), &drawn);
}

fn named(width: usize, name: &str, beside: &str, muted: ratatui::style::Style) -> Row {
    // A name with nothing beside it has the whole line.
    let name_width = if beside.is_empty() { width } else { (width * 3 / 5).max(8) };
    Row::from(vec![
        Span::raw(format!("  {} ", fit(&one_line(name), name_width.saturating_sub(3)))),
        Span::styled(cut(&one_line(beside), width.saturating_sub(name_width)), muted),
    ])
}

fn empty_text(canvas: &Canvas, access: &Access, filter: &str) -> String {
    if let Some(running) = canvas.model.jobs.get(Slot::Access) {
        return running.line(canvas.model.now);
    }
    if !filter.is_empty() {
        return "Nobody matches the filter. Esc clears it.".into();
    }
    match &access.users {
        Readable::NoRight(why) => why.clone(),
        Readable::NotAsked => "Users were not read.  {reload}  reads them.".into(),
        _ => "The server gave no users.".into(),
    }
}

/// Draws what may be done: the rights of the chosen user or role, or who is in the chosen group.
pub fn draw_rights(canvas: &mut Canvas, area: Rect) {
    let theme = canvas.theme;
    if canvas.model.open.is_none() {
        let inner = canvas.pane(area, Pane::Main, "Rights", "");
        return canvas.no_project(inner);
    }
    let chosen = canvas.model.open.as_ref().and_then(|open| open.user_row().map(|row| (open, row)));
    let Some((open, row)) = chosen else {
        let inner = canvas.pane(area, Pane::Main, "Rights", "");
        let mut texts: Vec<String> = Vec::new();
        if let Some(open) = &canvas.model.open {
            let access = &open.metadata.access;
            for why in [no_right(&access.users), no_right(&access.roles), no_right(&access.dags)]
                .into_iter()
                .flatten()
            {
                if !texts.contains(&why) {
                    texts.push(why);
                }
            }
        }
        if !texts.is_empty() {
            texts.push("{section-6}  tests this token and writes the text to ask for the right.".into());
        }
        if texts.is_empty() {
            texts.push("Choose a user or a role to see its rights in words.".into());
        }
        let paragraphs: Vec<(&str, ratatui::style::Style)> =
            texts.iter().map(|t| (t.as_str(), theme.muted)).collect();
        return canvas.message(inner, &paragraphs);
    };
    let base =
        open.compare_with.as_deref().filter(|b| name_of(&open.metadata.access, row).is_some_and(|n| n != *b));
    let mut title = title_of(&open.metadata.access, row);
    if let Some(base) = base {
        title = format!("{title}, compared with {}", one_line(base));
    }
    let inner = canvas.pane(area, Pane::Main, &title, "");
    let width = usize::from(inner.width).saturating_sub(2);
    let lines = match rights_of(&open.metadata.access, row) {
        Some(rights) if base.is_some() => {
            difference_lines(canvas, open, base.unwrap_or_default(), rights, width)
        }
        None if row == UserRow::Who => who_lines(canvas, open, width),
        Some(rights) => rights_lines(canvas, rights),
        None => group_lines(canvas, &open.metadata.access, row, width),
    };
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    canvas.scrolled(text, Pane::Main, open.scroll[Scrolled::Rights as usize].at, &lines);
}

fn no_right<T>(part: &Readable<T>) -> Option<String> {
    match part {
        Readable::NoRight(why) => Some(why.clone()),
        _ => None,
    }
}

fn title_of(access: &Access, row: UserRow) -> String {
    match row {
        UserRow::Heading(name) => name.to_owned(),
        UserRow::Who => "Who may do what".into(),
        UserRow::User(i) => access
            .users
            .list()
            .get(i)
            .map_or(String::new(), |u| format!("Rights of {}", one_line(&u.username))),
        UserRow::Role(i) => access
            .roles
            .list()
            .get(i)
            .map_or(String::new(), |r| format!("Rights of role {}", one_line(&r.label))),
        UserRow::Dag(i) => {
            access.dags.list().get(i).map_or(String::new(), |d| format!("Group {}", one_line(&d.name)))
        }
    }
}

/// The project-wide rights in REDCap's order and words; keys this version does not know last.
fn rights_lines(canvas: &Canvas, rights: &Rights) -> Vec<Line<'static>> {
    let theme = canvas.theme;
    let known = RIGHTS.iter().map(|r| r.key).filter(|key| rights.flags.contains_key(*key));
    let unknown = rights.flags.keys().map(String::as_str).filter(|k| !RIGHTS.iter().any(|r| r.key == *k));
    known
        .chain(unknown)
        .map(|key| {
            let value = rights.get(key);
            let words = right_words(key, value);
            let style = if value == 0 { theme.muted } else { theme.good };
            Line::from(vec![
                Span::raw(fit(right_name(key), 42)),
                Span::styled(
                    format!(
                        "{words}{}",
                        if words == "unknown code" { format!(" {value}") } else { String::new() }
                    ),
                    style,
                ),
            ])
        })
        .collect()
}

/// What differs between the user or role that others are compared with, and this one.
fn difference_lines(
    canvas: &Canvas,
    open: &Open,
    base: &str,
    rights: &Rights,
    width: usize,
) -> Vec<Line<'static>> {
    let theme = canvas.theme;
    let access = &open.metadata.access;
    let of_user = access.users.list().iter().find(|u| u.username == base).map(|u| &u.rights);
    let of_role = || access.roles.list().iter().find(|r| r.label == base).map(|r| &r.rights);
    let Some(other) = of_user.or_else(of_role) else { return Vec::new() };
    let list = differences(other, rights, &open.metadata.instruments);
    if list.is_empty() {
        return vec![Line::raw(format!("The same rights as {}.", one_line(base)))];
    }
    let mut lines = Vec::new();
    for (name, theirs, own) in list {
        lines.push(Line::styled(cut(&name, width), theme.title));
        lines.push(Line::from(vec![
            Span::styled(format!("  {}: ", one_line(base)), theme.muted),
            Span::raw(theirs),
        ]));
        lines.push(Line::from(vec![Span::styled("  here: ", theme.muted), Span::styled(own, theme.warning)]));
    }
    lines
}

/// The questions over all users.
fn who_lines(canvas: &Canvas, open: &Open, width: usize) -> Vec<Line<'static>> {
    let today = canvas.model.now.strftime("%Y-%m-%d").to_string();
    let mut lines = Vec::new();
    for answer in who(&open.metadata.access, &open.metadata.dictionary, &today) {
        let users = if answer.users.is_empty() { "nobody".to_owned() } else { answer.users.join(", ") };
        entry(&mut lines, &canvas.theme, answer.question, &one_line(&users), width);
    }
    lines
}

/// Who is in a Data Access Group.
fn group_lines(canvas: &Canvas, access: &Access, row: UserRow, width: usize) -> Vec<Line<'static>> {
    let theme = canvas.theme;
    let UserRow::Dag(i) = row else { return Vec::new() };
    let Some(dag) = access.dags.list().get(i) else { return Vec::new() };
    let mut lines = Vec::new();
    pair(&mut lines, &theme, "Unique name", &dag.unique_name, width);
    if let Some(id) = dag.id {
        pair(&mut lines, &theme, "Number", &id.to_string(), width);
    }
    let members: Vec<&str> = access
        .dag_assignments
        .list()
        .iter()
        .filter(|a| a.dag == dag.unique_name)
        .map(|a| a.username.as_str())
        .collect();
    let text = match (&access.dag_assignments, members.is_empty()) {
        (Readable::NoRight(why), _) => why.clone(),
        (_, true) => "Nobody is in this group.".into(),
        _ => members.join(", "),
    };
    entry(&mut lines, &theme, "Users who see only this group's records", &text, width);
    lines
}

/// Draws who the user is, and the rights per instrument.
pub fn draw_card(canvas: &mut Canvas, area: Rect) {
    let theme = canvas.theme;
    let inner = canvas.pane(area, Pane::Card, "Instruments and data", "");
    let Some(open) = &canvas.model.open else { return };
    let Some(row) = open.user_row() else { return };
    let access = &open.metadata.access;
    let width = usize::from(inner.width).saturating_sub(2);
    let mut lines = Vec::new();
    if let UserRow::User(i) = row
        && let Some(user) = access.users.list().get(i)
    {
        let name = format!("{} {}", user.firstname, user.lastname);
        let group = if user.dag.is_empty() { "none: sees all records" } else { access.dag_label(&user.dag) };
        let role = access.role_of(&user.username).map_or("none", |r| r.label.as_str());
        let today = canvas.model.now.strftime("%Y-%m-%d").to_string();
        let expires = match user.expiration.as_str() {
            "" => "never".to_owned(),
            day if is_expired(user, &today) => format!("{day}: expired"),
            day => day.to_owned(),
        };
        let exports = match identifiers(&user.rights, &open.metadata.dictionary) {
            Identifiers::Of(forms) => {
                let labels: Vec<&str> = forms.iter().map(|f| open.metadata.instrument_label(f)).collect();
                format!("exports those of {}", labels.join(", "))
            }
            Identifiers::None => "exports none".to_owned(),
            Identifiers::NotTold => "not told".to_owned(),
        };
        for (what, value) in [
            ("Name", name.trim()),
            ("E-mail", &user.email),
            ("Role", role),
            ("Access Group", group),
            ("Expires", expires.as_str()),
            ("Identifiers", exports.as_str()),
        ] {
            if !value.is_empty() {
                pair(&mut lines, &theme, what, &one_line(value), width);
            }
        }
        lines.push(Line::default());
    }
    if let Some(rights) = rights_of(access, row) {
        per_instrument(canvas, open, rights, width, &mut lines);
    }
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    canvas.scrolled(text, Pane::Card, open.scroll[Scrolled::Card as usize].at, &lines);
}

fn per_instrument(
    canvas: &Canvas,
    open: &Open,
    rights: &Rights,
    width: usize,
    lines: &mut Vec<Line<'static>>,
) {
    let theme = canvas.theme;
    for instrument in &open.metadata.instruments {
        let label = without_html(&one_line(&instrument.label));
        lines.push(Line::styled(cut(&label, width), theme.title));
        let export = rights.export_of(&instrument.name).map_or("not told".to_owned(), ExportRight::words);
        let entry_right = rights.entry_of(&instrument.name).map_or("not told".to_owned(), EntryRight::words);
        let style = if export == "Full Data Set" { theme.good } else { theme.warning };
        lines.push(Line::from(vec![Span::styled("  export  ", theme.muted), Span::styled(export, style)]));
        lines.push(Line::from(vec![
            Span::styled("  entry   ", theme.muted),
            Span::raw(cut(&entry_right, width.saturating_sub(10))),
        ]));
    }
}
