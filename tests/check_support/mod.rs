//! The BREATHE project as metadata and as stored rows, for tests of the import check.

#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use capscope::domain::check::{Rehearsal, Settings, SourceFile, Stored, rehearse, touched};
use capscope::domain::choices::parse_choices;
use capscope::domain::dictionary::{Dictionary, Field, FieldType};
use capscope::domain::event::{Event, Instrument, Mapping, Repeating};
use capscope::domain::project::{Metadata, ProjectInfo, Readable};
use capscope::domain::table::{RecordTable, TableBuilder};
use std::sync::Arc;

/// The metadata of the fixture (`assets/demo/breathe`).
pub fn breathe() -> Metadata {
    let mut reader =
        csv::Reader::from_reader(&include_bytes!("../../assets/demo/breathe/dictionary.csv")[..]);
    let fields: Vec<Field> = reader
        .records()
        .map(|row| {
            let row = row.unwrap();
            let text = |at: usize| row.get(at).unwrap_or_default().to_owned();
            Field {
                field_type: FieldType::from(text(3)),
                label: text(4),
                choices_or_calculations: text(5),
                validation: text(7),
                validation_min: text(8),
                validation_max: text(9),
                identifier: text(10) == "y",
                branching_logic: text(11),
                required: text(12) == "y",
                annotation: text(17),
                ..Field::new(text(0), text(1))
            }
        })
        .collect();
    let events = [
        ("Screening", "screening_arm_1", &["demographics"][..]),
        ("Baseline", "baseline_arm_1", &["visit", "phq9", "moca"]),
        ("Week 4", "week_4_arm_1", &["visit", "phq9"]),
        ("Week 12", "week_12_arm_1", &["visit", "phq9"]),
        ("Unscheduled", "unscheduled_arm_1", &["visit"]),
        ("Ongoing", "ongoing_arm_1", &["ae_log"]),
    ];
    let repeats = |event: &str, form: &str| Repeating {
        event: event.into(),
        form: form.into(),
        custom_label: String::new(),
    };
    Metadata {
        version: "15.2.0".into(),
        info: ProjectInfo {
            project_id: 101,
            title: "BREATHE".into(),
            is_longitudinal: true,
            has_repeating: true,
            surveys_enabled: true,
            in_production: true,
            secondary_unique_field: "mrn".into(),
            missing_data_codes: parse_choices("UNK, Unknown | NASK, Not asked"),
            ..ProjectInfo::default()
        },
        instruments: ["demographics", "visit", "ae_log", "phq9", "moca"]
            .map(|name| Instrument { name: name.into(), label: name.into() })
            .to_vec(),
        dictionary: Dictionary::new(fields),
        events: Readable::Known(
            events
                .iter()
                .map(|(name, unique, _)| Event {
                    name: (*name).into(),
                    arm_num: 1,
                    unique_name: (*unique).into(),
                    ..Event::default()
                })
                .collect(),
        ),
        mapping: Readable::Known(
            events
                .iter()
                .flat_map(|(_, event, forms)| {
                    forms.iter().map(|form| Mapping {
                        arm_num: 1,
                        event: (*event).into(),
                        form: (*form).into(),
                    })
                })
                .collect(),
        ),
        repeating: Readable::Known(vec![
            repeats("unscheduled_arm_1", ""),
            repeats("ongoing_arm_1", "ae_log"),
        ]),
        ..Metadata::default()
    }
}

/// All rows of the fixture.
pub fn all_rows() -> RecordTable {
    let mut reader = csv::Reader::from_reader(&include_bytes!("../../assets/demo/breathe/data.csv")[..]);
    let header = reader.headers().unwrap().clone();
    let mut table = TableBuilder::new(header.iter());
    for row in reader.records() {
        table.push_row(row.unwrap().iter());
    }
    table.finish()
}

/// What the server would send for a file.
pub fn stored_for(file: &SourceFile, metadata: &Metadata, settings: &Settings) -> Stored {
    let wanted = touched(file, metadata, settings);
    let all = all_rows();
    let names: Vec<&str> = all.column_names().collect();
    let ids = names.first().map(|id| all.distinct(all.column(id).unwrap()).map(str::to_owned).collect());
    let keep: Vec<&str> = names
        .iter()
        .filter(|n| {
            let field = n.split("___").next().unwrap();
            **n == wanted.id_field
                || (n.starts_with("redcap_") && (**n != "redcap_data_access_group" || wanted.groups))
                || wanted.fields.iter().any(|f| f == field)
        })
        .copied()
        .collect();
    let mut rows = TableBuilder::new(keep.iter().copied());
    for row in 0..all.n_rows() {
        if wanted.records.iter().any(|r| r == all.get(row, &wanted.id_field)) {
            rows.push_row(keep.iter().map(|name| all.get(row, name)));
        }
    }
    Stored { rows: rows.finish(), ids }
}

/// A rehearsal of a text against the fixture.
pub fn rehearsed(text: &str) -> Rehearsal {
    rehearsed_with(text.as_bytes(), Settings::default())
}

/// A rehearsal with settings.
#[allow(clippy::needless_pass_by_value, reason = "made where it is called")]
pub fn rehearsed_with(bytes: &[u8], settings: Settings) -> Rehearsal {
    let metadata = breathe();
    let file = Arc::new(SourceFile::read(bytes, &settings).unwrap());
    let stored = Arc::new(stored_for(&file, &metadata, &settings));
    rehearse(&file, &metadata, &settings, Some(&stored), jiff::civil::date(2026, 3, 10).at(12, 0, 0, 0))
}

/// The findings as `tag line,column`, in their order.
pub fn tags(rehearsal: &Rehearsal) -> Vec<String> {
    rehearsal.findings.iter().map(|f| format!("{} {}", f.rule.tag(), rehearsal.where_is(f))).collect()
}
