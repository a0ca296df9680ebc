//! Records in words: the rows of an instrument, one record, statuses, and what is missing.
//!
//! Only what is said is asked for: fields marked as identifiers are not read unless they are
//! asked for by name of the option.

use super::Context;
use super::text::{MASKED, Page, counted, more};
use crate::api::client::Api;
use crate::domain::dictionary::{Field, status_field};
use crate::domain::record::column;
use crate::domain::status::{Grid, State};
use crate::domain::table::RecordTable;
use crate::domain::values::{Shown, Values};
use crate::jobs::types::{RecordsWanted, StatusWanted, WorklistWanted};
use crate::jobs::{Problem, records, worklist};

fn no_record_id() -> Problem {
    Problem::new(
        "There are no records",
        "The project has no record id field.",
        "Its data dictionary is empty, or could not be read.",
        "Look at its overview.",
    )
}

/// Which rows of these instruments are to be read, without identifiers unless they are wanted.
fn wanted(context: &Context, forms: &[&str]) -> Result<RecordsWanted, Problem> {
    let dictionary = &context.metadata.dictionary;
    let mut wanted = RecordsWanted::of_forms(&context.metadata, forms, Some(context.args.limit))
        .ok_or_else(no_record_id)?;
    let hidden = |name: &String| dictionary.field(name).is_some_and(|f| f.identifier);
    if !context.args.identifiers {
        wanted.fields.retain(|name| !hidden(name));
        let columns = dictionary.fields().iter().filter(|f| f.identifier).flat_map(Field::export_columns);
        let columns: Vec<String> = columns.collect();
        wanted.columns.retain(|name| !columns.contains(name));
    }
    if !context.args.record.is_empty() {
        wanted.limit = None;
        wanted.after = Some((context.args.record.clone(), 0));
    }
    Ok(wanted)
}

/// The records of one instrument, each row under its own heading.
pub async fn table(page: &mut Page, context: &Context<'_>, api: &Api) -> Result<(), Problem> {
    let first = context.metadata.instruments.first().map(|i| i.name.as_str());
    let form = context.args.form.as_deref().or(first).ok_or_else(no_record_id)?;
    page.heading(&format!("Records, instrument {}", context.metadata.instrument_label(form)));
    read_rows(page, context, api, &[form]).await
}

/// One whole record, or several: every instrument, row by row.
pub async fn record(page: &mut Page, context: &Context<'_>, api: &Api) -> Result<(), Problem> {
    if context.args.record.is_empty() {
        return Err(Problem::new(
            "Which record?",
            "No record was named.",
            "",
            "Give --record and its name; 'capscope show records' lists some.",
        ));
    }
    let all: Vec<&str> = context.metadata.instruments.iter().map(|i| i.name.as_str()).collect();
    let forms = context.args.form.as_deref().map_or(all, |form| vec![form]);
    page.heading(&counted(context.args.record.len(), "whole record"));
    read_rows(page, context, api, &forms).await
}

async fn read_rows(page: &mut Page, context: &Context<'_>, api: &Api, forms: &[&str]) -> Result<(), Problem> {
    let wanted = wanted(context, forms)?;
    let mut names = 0;
    let mut table = RecordTable::default();
    let done = records::read_each(api, &wanted, &|_| {}, &mut |part| {
        if let Some(ids) = &part.ids {
            names = ids.len();
        } else if table.n_rows() == 0 {
            table = part.rows;
        } else {
            table.append(&part.rows);
        }
        Ok(())
    })
    .await?;
    if wanted.after.is_none() {
        let limit = context.args.limit;
        let part = if names > limit {
            format!(", the first {limit} are read. --limit changes that")
        } else {
            String::new()
        };
        page.sentence(&format!("{} as far as this token may see{part}.", counted(names, "record")));
    }
    if !done.missing_columns.is_empty() {
        page.fact("Columns left out by export rights", &done.missing_columns.join(", "));
    }
    for name in &done.missing_records {
        page.fact("This record did not come back", context.record_name(name));
    }
    let came = |name: &str| (0..table.n_rows()).any(|row| table.get(row, &wanted.id_field) == name);
    for name in context.args.record.iter().filter(|name| !came(name)) {
        page.fact("This token sees no such record", name);
    }
    for row in 0..table.n_rows() {
        a_row(page, context, &table, row, forms);
    }
    Ok(())
}

/// One row: its place as the heading, then each field of the instruments that can be in it.
fn a_row(page: &mut Page, context: &Context, table: &RecordTable, row: usize, forms: &[&str]) {
    let metadata = &context.metadata;
    let dictionary = &metadata.dictionary;
    let id = dictionary.record_id_field().map_or("", |f| f.name.as_str());
    let (event, repeated) = (table.get(row, column::EVENT), table.get(row, column::REPEAT_INSTRUMENT));
    let instance = table.get(row, column::REPEAT_INSTANCE);
    let mut heading = format!("Record {}", context.record_name(table.get(row, id)));
    for (name, text) in [
        ("event", metadata.event_label(event)),
        ("repeating instrument", metadata.instrument_label(repeated).to_owned()),
        ("instance", instance.to_owned()),
    ] {
        if !text.is_empty() {
            heading.push_str(&format!(", {name} {text}"));
        }
    }
    page.heading(&heading);
    let values = if context.args.codes { Values::Codes } else { Values::Labels };
    for form in forms {
        // A row of a repeating instrument holds only that one; other rows hold those of their event.
        let in_row = if repeated.is_empty() {
            event.is_empty() || metadata.events_of_form(form).any(|e| e.unique_name == event)
        } else {
            *form == repeated
        };
        if !in_row {
            continue;
        }
        let status = table.get(row, &status_field(form));
        let state = Shown::status().text(&[status], Values::Labels, &metadata.info);
        let state = if state.is_empty() { "not started".to_owned() } else { state };
        page.fact("Instrument", &format!("{}, {state}", metadata.instrument_label(form)));
        let mut blank = 0;
        for field in dictionary.fields_of(form).filter(|f| f.holds_data() && f.name != id) {
            if field.identifier && !context.args.identifiers {
                page.fact(&field.name, MASKED);
                continue;
            }
            let columns = field.export_columns();
            let cells: Vec<&str> = columns.iter().map(|c| table.get(row, c)).collect();
            let text = Shown::field(field).text(&cells, values, &metadata.info);
            if text.is_empty() {
                blank += 1;
            } else {
                page.fact(&field.name, &text);
            }
        }
        if blank > 0 {
            page.fact("Blank fields", &blank.to_string());
        }
    }
}

/// The status of every instrument: totals first, then each record.
pub async fn status(page: &mut Page, context: &Context<'_>, api: &Api) -> Result<(), Problem> {
    let metadata = &context.metadata;
    let id_field = metadata.dictionary.record_id_field().ok_or_else(no_record_id)?.name.clone();
    let chosen = |form: &str| context.args.form.as_deref().is_none_or(|f| f == form);
    let statuses =
        metadata.instruments.iter().filter(|i| chosen(&i.name)).map(|i| status_field(&i.name)).collect();
    let table = records::read_statuses(
        api,
        &StatusWanted { id_field, statuses, surveys: metadata.info.surveys_enabled },
        &|_| {},
    )
    .await?;
    let grid = Grid::build(&table, metadata);
    page.heading("Status of all instruments");
    page.sentence(&format!("{} as far as this token may see.", counted(grid.rows.len(), "record")));
    for form in grid.unreadable.iter().filter(|form| chosen(form)) {
        page.fact("Left out by export rights", metadata.instrument_label(form));
    }
    let name = |at: usize| {
        let place = grid.columns.get(at)?;
        let event = if place.event.is_empty() {
            String::new()
        } else {
            format!(" at {}", metadata.event_label(&place.event))
        };
        chosen(&place.form).then(|| format!("{}{event}", metadata.instrument_label(&place.form)))
    };
    let all: Vec<usize> = (0..grid.rows.len()).collect();
    page.heading("Totals");
    for at in 0..grid.columns.len() {
        let Some(name) = name(at) else { continue };
        let counts: Vec<String> = State::ALL
            .into_iter()
            .filter(|s| *s != State::NotUsed)
            .map(|s| (grid.count(&all, at, s), s.words()))
            .filter(|(n, _)| *n > 0)
            .map(|(n, words)| format!("{n} {words}"))
            .collect();
        page.fact(&name, &counts.join(", "));
    }
    let named = |record: &String| context.args.record.is_empty() || context.args.record.contains(record);
    let mut rows = grid.rows.iter().filter(|(record, _)| named(record));
    for (record, cells) in rows.by_ref().take(context.args.limit) {
        page.heading(&format!("Record {}", context.record_name(record)));
        for (at, cell) in cells.iter().enumerate() {
            let Some(name) = name(at).filter(|_| cell.state != State::NotUsed) else { continue };
            let instances = match cell.instances {
                0 => String::new(),
                n => format!(", the worst of {}", counted(n, "instance")),
            };
            page.fact(&name, &format!("{}{instances}", cell.state.words()));
        }
    }
    more(page, rows.count(), "record");
    Ok(())
}

/// What is missing, the most urgent first.
pub async fn missing(page: &mut Page, context: &Context<'_>) -> Result<(), Problem> {
    let metadata = &context.metadata;
    let today = jiff::tz::TimeZone::system().to_datetime(jiff::Timestamp::now()).date();
    let wanted = WorklistWanted { anchor: None, optional: false, today };
    let list = worklist::read(context.bench, &context.project, &wanted, metadata.clone(), &|_| {}).await?;
    page.heading("What is missing");
    page.fact("Records looked at", &list.records.to_string());
    let anchor = list.anchor.as_ref().map(|a| format!("{} at {}", a.field, metadata.event_label(&a.event)));
    page.fact("Visits are counted from", &anchor.unwrap_or_default());
    page.fact("Left out by export rights", &list.unreadable.join(", "));
    if list.unknown > 0 {
        page.fact("Blank fields whose branching logic could not be worked out", &list.unknown.to_string());
    }
    let chosen = |item: &&crate::domain::worklist::Item| {
        let form = context.args.form.as_deref().is_none_or(|f| item.form.is_empty() || f == item.form);
        form && (context.args.record.is_empty() || context.args.record.contains(&item.record))
    };
    let mut items = list.items.iter().filter(chosen).peekable();
    if items.peek().is_none() {
        page.sentence("Nothing is missing.");
    }
    for item in items.by_ref().take(context.args.limit) {
        let mut words = vec![format!("Record {}", context.record_name(&item.record))];
        for text in [metadata.event_label(&item.event), metadata.instrument_label(&item.form).to_owned()] {
            words.extend(Some(text).filter(|t| !t.is_empty()));
        }
        words.extend(item.instance.map(|n| format!("instance {n}")));
        page.fact(&words.join(", "), &item.words());
    }
    more(page, items.count(), "thing");
    Ok(())
}
