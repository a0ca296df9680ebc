//! What the token may do: identity, what is left out, why, what to ask for, every method.

use super::canvas::{Canvas, Row, entry, pair};
use super::text::{cut, fit, wrap};
use super::theme::Theme;
use crate::app::model::{Pane, Room};
use crate::app::open::{Open, Scrolled};
use crate::app::running::Slot;
use crate::app::token::{TokenRow, may_write};
use crate::domain::access_test::print::right;
use crate::domain::access_test::{Report, Usable, Verdict};
use crate::domain::text::one_line;
use crate::jobs::types::plan;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Draws the section, or the plan of a test that was not made yet.
pub fn draw(canvas: &mut Canvas, area: Rect) {
    let Some(open) = &canvas.model.open else {
        let inner = canvas.pane(area, Pane::Main, "Token", "");
        return canvas.no_project(inner);
    };
    let Some(report) = &open.token.report else {
        let inner = canvas.pane(area, Pane::Main, "Token: what it may do", "");
        return untested(canvas, inner, open);
    };
    let rows = open.token.rows();
    let counts = match &open.token.beside {
        Some(beside) => format!("{} differ, {} are the same", beside.differs.len(), beside.same.len()),
        None => counts(open),
    };
    let title = match &open.token.beside {
        Some(beside) => format!("Token: {} beside {}", one_line(&open.project.name), one_line(&beside.name)),
        None => "Token: what it may do".to_owned(),
    };
    let inner = canvas.pane(area, Pane::Main, &title, &counts);
    let page = usize::from(inner.height);
    canvas.note_page(Pane::Main, page);
    let mut top = open.token.cursor.visible_top(rows.len(), page);
    // The first heading has no place for the cursor, but belongs on screen.
    if open.token.cursor.at <= 1 {
        top = 0;
    }
    let width = usize::from(inner.width).saturating_sub(2);
    let drawn: Vec<Row> =
        rows.iter().skip(top).take(page).map(|row| row_line(canvas, row, open, report, width)).collect();
    canvas.rows(inner, Pane::Main, top, Some(open.token.cursor.at), &drawn);
}

/// How many methods have each verdict.
fn counts(open: &Open) -> String {
    format!(
        "{} allowed, {} filtered, {} refused, {} not probed",
        open.token.count(Verdict::Allowed),
        open.token.count(Verdict::Filtered),
        open.token.count(Verdict::Refused),
        open.token.count(Verdict::NotProbed)
    )
}

/// What a test would do, before anyone asked for one.
fn untested(canvas: &mut Canvas, inner: Rect, open: &Open) {
    let theme = canvas.theme;
    let mut texts: Vec<(String, Style)> = Vec::new();
    if let Some(running) = canvas.model.jobs.get(Slot::Token) {
        texts.push((running.line(canvas.model.now), theme.title));
        texts.push(("Esc stops it.".into(), theme.muted));
    } else {
        if let Some(problem) = &open.token.problem {
            texts.push((problem.one_line(), theme.bad));
            texts.push((format!("{} {}", problem.reason, problem.advice), theme.muted));
        }
        texts.push(("{test-token}  tests this token.".into(), theme.title));
        texts.extend(plan(false).lines().map(|l| (l.to_owned(), theme.muted)));
        match may_write(open) {
            Ok(()) => texts
                .push(("{test-writes}  also tests the rights to write, and asks first.".into(), theme.title)),
            Err(why) => texts.push((format!("Rights to write are not tried: {why}."), theme.muted)),
        }
    }
    let paragraphs: Vec<(&str, Style)> = texts.iter().map(|(t, s)| (t.as_str(), *s)).collect();
    canvas.message(inner, &paragraphs);
}

fn row_line(canvas: &Canvas, row: &TokenRow, open: &Open, report: &Report, width: usize) -> Row {
    let theme = &canvas.theme;
    match row {
        TokenRow::Heading("What each method may") => {
            let (name, by) = method_widths(width);
            Row::styled(
                format!("{}{}Observed", fit("What each method may", name), fit("By the rights", by)),
                theme.title,
            )
        }
        TokenRow::Heading(name @ "What differs") => {
            let (thing, each) = beside_widths(width);
            let other = open.token.beside.as_ref().map_or("", |b| b.name.as_str());
            let column = |text: &str| fit(&one_line(text), each.saturating_sub(1));
            let (mine, other) = apart(&open.project.name, other);
            let (mine, other) = (column(mine), column(other));
            Row::styled(format!("{} {mine} {other}", fit(name, thing.saturating_sub(1))), theme.title)
        }
        TokenRow::Heading(name) => Row::styled((*name).to_owned(), theme.title),
        TokenRow::Pair(name, value) => Row::from(vec![
            Span::styled(format!("  {}", fit(name, 13)), theme.muted),
            Span::raw(cut(&one_line(value), width.saturating_sub(15))),
        ]),
        TokenRow::Form(i) => {
            let Some(form) = report.doctor.forms.get(*i) else { return Row::default() };
            let gone = form.missing.len();
            let count = if gone > 0 { format!("{gone} of {} missing  ", form.fields) } else { String::new() };
            let style = if gone > 0 || form.disagrees() { theme.warning } else { theme.good };
            let label = (width / 3).clamp(12, 26);
            Row::from(vec![
                Span::raw(format!("  {} ", fit(&one_line(&form.label), label))),
                Span::styled(
                    cut(&format!("{count}{}", form.short()), width.saturating_sub(label + 3)),
                    style,
                ),
            ])
        }
        TokenRow::Change(i) => {
            let Some((name, values)) = open.token.change(*i) else { return Row::default() };
            let text = format!("{name}: {}", said(values).join(" -> "));
            Row::styled(format!("  {}", cut(&one_line(&text), width.saturating_sub(2))), theme.warning)
        }
        TokenRow::Differs(i) => {
            let found = open.token.beside.as_ref().and_then(|b| b.differs.get(*i));
            let Some((name, values)) = found else { return Row::default() };
            let (thing, each) = beside_widths(width);
            let text = |at: usize| {
                let said = said(values);
                fit(&one_line(said.get(at).copied().unwrap_or_default()), each.saturating_sub(1))
            };
            Row::from(vec![
                Span::raw(format!("  {} ", fit(&one_line(short(name)), thing.saturating_sub(3)))),
                Span::styled(format!("{} {}", text(0), text(1)), theme.warning),
            ])
        }
        TokenRow::Same(i) => {
            let found = open.token.beside.as_ref().and_then(|b| b.same.get(*i));
            let Some((name, value)) = found else { return Row::default() };
            let (thing, _) = beside_widths(width);
            let name = fit(&one_line(short(name)), thing.saturating_sub(3));
            Row::raw(cut(&format!("  {name} {}", one_line(value)), width))
        }
        TokenRow::Case(i) => {
            let says = report.cases.get(*i).map_or("", |c| c.says.as_str());
            Row::raw(format!("  {}", cut(&format!("\"{says}\""), width.saturating_sub(2))))
        }
        TokenRow::Ask => {
            let text = "  A text for the project's owner is ready.  {copy-request} copies it.";
            Row::raw(cut(&canvas.model.options.keys.say(text), width))
        }
        TokenRow::Method(i) => {
            let Some(row) = report.rows.get(*i) else { return Row::default() };
            let (name, by) = method_widths(width);
            let finding = if row.disagrees() { " DISAGREES" } else { "" };
            Row::from(vec![
                Span::raw(format!("  {} ", fit(short(&row.title), name.saturating_sub(3)))),
                Span::styled(fit(row.predicted.word(), by), theme.muted),
                Span::styled(format!("{}{finding}", row.observed()), style_of(row.verdict, theme)),
            ])
        }
    }
}

/// What tests say of a thing; one that says nothing says so.
fn said(values: &[String]) -> Vec<&str> {
    values.iter().map(|v| if v.is_empty() { "not known" } else { v.as_str() }).collect()
}

/// The widths of a method's name and of what the rights say.
fn method_widths(width: usize) -> (usize, usize) {
    let by = 15;
    (width.saturating_sub(by + 20).max(16), by)
}

/// Shorter titles for a narrow column; the card has the whole.
fn short(title: &str) -> &str {
    match title {
        "Export a File from the File Repository" => "Export from the File Repository",
        "Export a List of Files/Folders from the File Repository" => "List the File Repository",
        _ => title,
    }
}

fn style_of(verdict: Verdict, theme: &Theme) -> Style {
    match verdict {
        Verdict::Allowed => theme.good,
        Verdict::Filtered => theme.warning,
        Verdict::Refused => theme.bad,
        Verdict::NotHere | Verdict::NotProbed | Verdict::Unknown => theme.muted,
    }
}

/// The widths of two tokens side by side: the thing, and each token. What is said is short.
fn beside_widths(width: usize) -> (usize, usize) {
    let each = (width / 4).clamp(12, 24);
    (width.saturating_sub(2 * each), each)
}

/// Two names without the words that both begin with: tokens of one project are often called alike.
fn apart<'a>(a: &'a str, b: &'a str) -> (&'a str, &'a str) {
    let alike = a.chars().zip(b.chars()).take_while(|(x, y)| x == y);
    let mut end = 0;
    let mut at = 0;
    for (c, _) in alike {
        at += c.len_utf8();
        if c == ' ' {
            end = at;
        }
    }
    (a.get(end..).unwrap_or(a), b.get(end..).unwrap_or(b))
}

/// Draws all about the chosen row.
pub fn draw_card(canvas: &mut Canvas, area: Rect) {
    let theme = canvas.theme;
    let inner = canvas.pane(area, Pane::Card, "Evidence", "");
    let Some(open) = &canvas.model.open else { return };
    let width = usize::from(inner.width).saturating_sub(2);
    let mut lines: Vec<Line<'static>> = Vec::new();
    if let (Some(report), Some(row)) = (&open.token.report, open.token.row()) {
        if let TokenRow::Change(i) = row
            && let (Some((name, values)), Some((_, at))) = (open.token.change(i), &open.token.changed)
        {
            entry(&mut lines, &theme, &one_line(name), &one_line(&said(values).join(" -> ")), width);
            let at = format!("{} UTC", at.strftime("%Y-%m-%d %H:%M"));
            entry(&mut lines, &theme, "The test before was made", &at, width);
        }
        if let Some(beside) = &open.token.beside {
            let both = match row {
                TokenRow::Differs(i) => beside.differs.get(i).cloned(),
                TokenRow::Same(i) => beside.same.get(i).map(|(n, v)| (n.clone(), vec![v.clone(), v.clone()])),
                _ => None,
            };
            if let Some((name, values)) = both {
                let said = said(&values);
                let text = |at: usize| one_line(said.get(at).copied().unwrap_or_default());
                pair(&mut lines, &theme, "What", &one_line(&name), width);
                entry(&mut lines, &theme, &one_line(&open.project.name), &text(0), width);
                entry(&mut lines, &theme, &one_line(&beside.name), &text(1), width);
            }
        }
        card(canvas, &mut lines, report, &row, width);
    } else if canvas.model.room() == Room::Wide {
        let text = "Calls, answers and reasons stand here once the token was tested.";
        lines.extend(wrap(text, width).into_iter().map(|l| Line::styled(l, theme.muted)));
    }
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    canvas.scrolled(text, Pane::Card, open.scroll[Scrolled::Card as usize].at, &lines);
}

fn card(canvas: &Canvas, lines: &mut Vec<Line<'static>>, report: &Report, row: &TokenRow, width: usize) {
    let theme = &canvas.theme;
    match row {
        TokenRow::Heading(_) | TokenRow::Change(_) | TokenRow::Differs(_) | TokenRow::Same(_) => {}
        TokenRow::Pair(name, value) => {
            entry(lines, theme, name, &one_line(value), width);
            match *name {
                "Owner" => {
                    entry(
                        lines,
                        theme,
                        "How this is known",
                        "No method of the API names the owner of a token. It is inferred, so check it.",
                        width,
                    );
                    rights(lines, theme, report, width);
                }
                "Fields" if report.doctor.no_survey_identifier => entry(
                    lines,
                    theme,
                    "Survey identifier",
                    "It was asked for and did not come. Only Full Data Set has it.",
                    width,
                ),
                "Group" => entry(
                    lines,
                    theme,
                    "What this means",
                    "Users in a Data Access Group get the records of that group only, with no word about others.",
                    width,
                ),
                _ => {}
            }
        }
        TokenRow::Form(i) => {
            let Some(form) = report.doctor.forms.get(*i) else { return };
            entry(lines, theme, &one_line(&form.label), &form.words(), width);
            entry(lines, theme, "Evidence", &form.evidence, width);
            entry(lines, theme, "Did not come back", &form.missing.join(", "), width);
            if form.disagrees() {
                entry(
                    lines,
                    theme,
                    "Finding",
                    &format!(
                        "What came back fits {} and not what the server told.",
                        if form.fits.is_empty() { "no right".to_owned() } else { form.fits.join(" or ") }
                    ),
                    width,
                );
            }
            if form.fits == ["No Access"] {
                entry(
                    lines,
                    theme,
                    "Often",
                    "An instrument that is added in production starts with No Access for every user and role.",
                    width,
                );
            }
        }
        TokenRow::Case(i) => {
            let Some(case) = report.cases.get(*i) else { return };
            entry(lines, theme, "People say", &format!("\"{}\"", case.says), width);
            entry(lines, theme, "Most likely", &case.truth, width);
            entry(lines, theme, "What was seen", &case.evidence, width);
        }
        TokenRow::Ask => {
            let keys = &canvas.model.options.keys;
            entry(lines, theme, &keys.say("{copy-request} copies this text"), &report.request, width);
            entry(lines, theme, "Before you send it", "Leave out what your work does not need.", width);
        }
        TokenRow::Method(i) => {
            let Some(row) = report.rows.get(*i) else { return };
            entry(lines, theme, "Method", &row.title, width);
            lines.push(Line::default());
            pair(lines, theme, "Needs", &row.needs.join(" + "), width);
            pair(lines, theme, "By the rights", row.predicted.word(), width);
            pair(lines, theme, "Observed", &row.observed(), width);
            if row.disagrees() {
                entry(
                    lines,
                    theme,
                    "Finding",
                    "The rights that the server shows and its answer contradict each other.",
                    width,
                );
            }
            entry(lines, theme, "Why", &row.why, width);
            entry(lines, theme, "Call and answer", &row.evidence, width);
        }
    }
}

/// The rights that are known, in words.
fn rights(lines: &mut Vec<Line<'static>>, theme: &Theme, report: &Report, width: usize) {
    if report.usable != Usable::Reads || report.rights.is_empty() {
        return;
    }
    lines.push(Line::default());
    lines.push(Line::styled("Rights that are known", theme.title));
    for (key, level) in &report.rights {
        let (name, words) = right(key, *level);
        lines.extend(
            wrap(&format!("{name}: {words}"), width.saturating_sub(2))
                .into_iter()
                .map(|l| Line::raw(format!("  {l}"))),
        );
    }
}
