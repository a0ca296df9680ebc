//! Data quality on screen: the rules with their counts, the findings of one, and the card of each.

use super::canvas::{Canvas, Row, entry, pair};
use super::text::{cut, fit, fit_right};
use crate::app::model::Pane;
use crate::app::open::{Open, Scrolled};
use crate::app::quality::{QualityLoad, QualityView, note_of, place_of, record_of, value_of};
use crate::app::running::{Slot, grouped};
use crate::domain::quality::{Finding, Rule, RuleReport};
use crate::domain::text::{many_lines, one_line, without_html};
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Draws the rules, or the findings of the chosen one, or why there are none.
pub fn draw(canvas: &mut Canvas, area: Rect, open: &Open) {
    let view = &open.quality;
    if view.done.report.rules.is_empty() {
        return nothing_yet(canvas, area, view);
    }
    match view.chosen_rule() {
        Some(rule) if view.opened => findings(canvas, area, open, rule),
        _ => rules(canvas, area, view),
    }
}

fn nothing_yet(canvas: &mut Canvas, area: Rect, view: &QualityView) {
    let theme = canvas.theme;
    let inner = canvas.pane(area, Pane::Main, "Data quality", "");
    match &view.load {
        QualityLoad::Failed(problem) => {
            canvas.failed(inner, problem, "{reload}  tries again      {problem-details}  shows all about it");
        }
        QualityLoad::Running => {
            let line = canvas
                .model
                .jobs
                .get(Slot::Quality)
                .map_or(String::new(), |r| format!("{}  Esc stops.", r.line(canvas.model.now)));
            canvas.message(
                inner,
                &[
                    (&line, theme.title),
                    (
                        "Only the fields that the rules need are asked for, and only findings are kept.",
                        theme.muted,
                    ),
                ],
            );
        }
        _ => canvas.message(inner, &[("The rules were not run.  {reload}  runs them.", theme.title)]),
    }
}

fn rules(canvas: &mut Canvas, area: Rect, view: &QualityView) {
    let theme = canvas.theme;
    let report = &view.done.report;
    let n = report.rules.len();
    let title = format!(
        "Data quality   {} records, {} rows",
        grouped(report.records as u64),
        grouped(report.rows as u64)
    );
    let inner =
        canvas.pane(area, Pane::Main, &title, &format!("rule {} of {n}", view.rule.at.min(n - 1) + 1));
    let page = usize::from(inner.height).saturating_sub(1);
    canvas.note_page(Pane::Main, page);
    canvas.text(inner.x, inner.y, inner.width, "    findings  rule", theme.muted);
    let list = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    let top = view.rule.visible_top(n, page);
    let width = usize::from(inner.width).saturating_sub(16);
    let rows: Vec<Row> = report
        .rules
        .iter()
        .enumerate()
        .skip(top)
        .take(page)
        .map(|(at, rule)| {
            let excluded = view.n_excluded(at);
            let counted = rule.found - excluded;
            let mut marks = String::new();
            if excluded > 0 {
                marks = format!("   {} excluded", grouped(excluded as u64));
            }
            if !rule.remarks.is_empty() {
                marks.push_str("   ? see the card");
            }
            let title = cut(&one_line(rule.rule.title()), width.saturating_sub(marks.width()));
            let style = if counted > 0 { theme.warning } else { theme.muted };
            Row::from(vec![
                Span::styled(fit(rule.rule.sign(), 2), theme.title),
                Span::styled(fit_right(&grouped(counted as u64), 9), style),
                Span::raw("  "),
                Span::raw(title),
                Span::styled(marks, theme.muted),
            ])
        })
        .collect();
    canvas.rows(list, Pane::Main, top, Some(view.rule.at), &rows);
}

fn findings(canvas: &mut Canvas, area: Rect, open: &Open, rule: &RuleReport) {
    let theme = canvas.theme;
    let view = &open.quality;
    let listed = view.listed();
    let mut title = format!("{}  {}", rule.rule.sign(), one_line(rule.rule.title()));
    if rule.not_kept() > 0 {
        title.push_str(&format!(
            "   first {} of {}",
            grouped(rule.findings.len() as u64),
            grouped(rule.found as u64)
        ));
    }
    let status = if listed.is_empty() {
        String::new()
    } else {
        format!("finding {} of {}", grouped(view.finding.at as u64 + 1), grouped(listed.len() as u64))
    };
    let inner = canvas.pane(area, Pane::Main, &title, &status);
    let page = usize::from(inner.height).saturating_sub(1);
    canvas.note_page(Pane::Main, page);
    if listed.is_empty() {
        let text = "All findings of this rule are excluded.  {show-excluded}  lists them, Esc goes back.";
        return canvas.message(inner, &[(text, Style::new())]);
    }
    let top = view.finding.visible_top(listed.len(), page);
    let shown: Vec<_> = listed.iter().skip(top).take(page).collect();
    let cells: Vec<[String; 4]> = shown.iter().map(|(_, f)| cells(open, f)).collect();
    let widest = |at: usize, least: usize, most: usize| {
        cells.iter().map(|c| c.get(at).map_or(0, |text| text.width())).max().unwrap_or(0).clamp(least, most)
    };
    let most = usize::from(inner.width) / 4;
    let widths = [widest(0, 6, most), widest(1, 5, most.max(6)), widest(2, 5, most.max(6))];
    let used: usize = widths.iter().sum::<usize>() + 4;
    let left = usize::from(inner.width).saturating_sub(used);
    let header = format!(
        " {} {} {} value",
        fit("record", widths[0]),
        fit("where", widths[1]),
        fit("field", widths[2])
    );
    canvas.text(inner.x, inner.y, inner.width, &header, theme.muted);
    let list = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    let rows: Vec<Row> = shown
        .iter()
        .zip(&cells)
        .map(|((at, _), [record, place, field, value])| {
            let excluded = view.is_excluded(view.rule.at, *at);
            let value = if excluded { format!("excluded  {value}") } else { value.clone() };
            let style = if excluded { theme.muted } else { Style::new() };
            Row::from(vec![
                Span::styled(format!("{} ", fit(record, widths[0])), style),
                Span::styled(format!("{} ", fit(place, widths[1])), theme.muted),
                Span::styled(format!("{} ", fit(field, widths[2])), style),
                Span::styled(cut(&value, left), style),
            ])
        })
        .collect();
    canvas.rows(list, Pane::Main, top, Some(view.finding.at), &rows);
}

/// Record, place, field, and the value with what is wrong about it.
fn cells(open: &Open, finding: &Finding) -> [String; 4] {
    let (value, note) = (value_of(open, finding), note_of(open, finding));
    let value = match (value.is_empty(), note.is_empty()) {
        (true, true) => "·".to_owned(),
        (false, true) => value,
        (true, false) => note,
        (false, false) => format!("{value}  ({note})"),
    };
    [
        one_line(&record_of(open, finding)),
        one_line(&place_of(open, finding)),
        one_line(&finding.field),
        one_line(&value),
    ]
}

/// Draws all about the rule or the finding under the cursor.
pub fn draw_card(canvas: &mut Canvas, area: Rect, open: &Open) {
    let theme = canvas.theme;
    let view = &open.quality;
    let width = usize::from(area.width).saturating_sub(4);
    let (title, lines) = match (view.chosen_rule(), view.chosen()) {
        (Some(rule), Some(finding)) => {
            (finding.field.clone(), of_finding(canvas, open, rule, finding, width))
        }
        (Some(rule), None) => (format!("Rule {}", rule.rule.sign()), of_rule(canvas, view, rule, width)),
        (None, _) => {
            let mut lines = Vec::new();
            let text = "REDCap's rules A to I, worked out here: its API cannot run them.";
            entry(&mut lines, &theme, "Data quality", text, width);
            ("Data quality".to_owned(), lines)
        }
    };
    let inner = canvas.pane(area, Pane::Card, &title, "");
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    canvas.scrolled(text, Pane::Card, open.scroll[Scrolled::Card as usize].at, &lines);
}

fn of_rule(canvas: &Canvas, view: &QualityView, rule: &RuleReport, width: usize) -> Vec<Line<'static>> {
    let theme = canvas.theme;
    let mut lines = Vec::new();
    entry(&mut lines, &theme, "Rule", &one_line(rule.rule.title()), width);
    let about = match &rule.rule {
        Rule::Standard(letter) => letter.about().to_owned(),
        Rule::Custom(own) => {
            format!("A record, event or instance where this is true:\n{}", many_lines(own.logic.text()))
        }
    };
    entry(&mut lines, &theme, "What counts", &about, width);
    lines.push(Line::default());
    pair(&mut lines, &theme, "Found", &grouped(rule.found as u64), width);
    let excluded = view.n_excluded(view.rule.at);
    if excluded > 0 {
        pair(&mut lines, &theme, "Excluded", &grouped(excluded as u64), width);
    }
    if rule.not_kept() > 0 {
        let text =
            format!("The first {} are listed here; all are counted.", grouped(rule.findings.len() as u64));
        entry(&mut lines, &theme, "Listed", &text, width);
    }
    for remark in &rule.remarks {
        entry(&mut lines, &theme, "Note", &one_line(remark), width);
    }
    lines
}

fn of_finding(
    canvas: &Canvas,
    open: &Open,
    rule: &RuleReport,
    finding: &Finding,
    width: usize,
) -> Vec<Line<'static>> {
    let theme = canvas.theme;
    let mut lines = Vec::new();
    pair(&mut lines, &theme, "Record", &one_line(&record_of(open, finding)), width);
    if !finding.place.event.is_empty() {
        let event = open.metadata.event_label(&finding.place.event);
        pair(&mut lines, &theme, "Event", &one_line(&event), width);
    }
    if let Some(instance) = finding.place.instance {
        pair(&mut lines, &theme, "Instance", &instance.to_string(), width);
    }
    let value = value_of(open, finding);
    if matches!(rule.rule, Rule::Standard(_)) {
        let value = if value.is_empty() { "[empty]".to_owned() } else { value };
        entry(&mut lines, &theme, "Value", &many_lines(&value), width);
    }
    entry(&mut lines, &theme, "Finding", &one_line(&note_of(open, finding)), width);
    if finding.depends_on_blanks {
        let text = "REDCap's way to compare blanks is not publicly known for sure, and here it decides.";
        entry(&mut lines, &theme, "Not certain", text, width);
    }
    if let Some(field) = open.metadata.dictionary.field(&finding.field) {
        entry(&mut lines, &theme, "Label", &without_html(&many_lines(&field.label)), width);
        entry(&mut lines, &theme, "Instrument", open.metadata.instrument_label(&field.form), width);
        entry(&mut lines, &theme, "Shown only if", &many_lines(&field.branching_logic), width);
    }
    if let Rule::Custom(own) = &rule.rule {
        entry(&mut lines, &theme, "Rule", &many_lines(own.logic.text()), width);
    }
    lines
}
