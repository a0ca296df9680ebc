//! Required fields that stay blank: told where branching logic shows them, and nowhere else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

#[path = "check_support/mod.rs"]
mod check_support;

use capscope::domain::check::{Rehearsal, Rule, Settings, SourceFile, rehearse, touched};
use capscope::domain::dictionary::Dictionary;
use capscope::domain::project::Metadata;
use check_support::{breathe, stored_for};
use std::sync::Arc;

/// The fixture with "pregnant" required; its logic asks for the sex at screening.
fn metadata() -> Metadata {
    let plain = breathe();
    let mut fields = plain.dictionary.fields().to_vec();
    for field in &mut fields {
        field.required = field.name == "pregnant";
    }
    Metadata { dictionary: Dictionary::new(fields), ..plain }
}

fn rehearsed(text: &str, with_stored: bool) -> Rehearsal {
    let (metadata, settings) = (metadata(), Settings::default());
    let file =
        SourceFile::read(text.as_bytes(), &settings).unwrap().for_project(&metadata, &settings).unwrap();
    let file = Arc::new(file);
    let stored = with_stored.then(|| Arc::new(stored_for(&file, &metadata, &settings)));
    rehearse(&file, &metadata, &settings, stored.as_ref(), jiff::civil::date(2026, 3, 10).at(12, 0, 0, 0))
}

/// The lines at which a required field stays blank.
fn lines(r: &Rehearsal) -> Vec<u32> {
    let blank = r.findings.iter().filter(|f| f.rule == Rule::RequiredBlank);
    blank.map(|f| r.file.line(f.row.unwrap() as usize)).collect()
}

#[test]
fn a_required_field_is_told_where_its_logic_shows_it() {
    // 001 is a woman and 002 a man; both visits begin with this file.
    let text = "study_id,redcap_event_name,weight\n001,unscheduled_arm_1,70\n002,week_12_arm_1,82\n003,week_4_arm_1,64\n";
    let text = text.replace("001,unscheduled_arm_1", "001,week_12_arm_1");
    let r = rehearsed(&text, true);
    let stored = r.stored.clone().unwrap();
    let sex = |record: &str| {
        let rows = &stored.rows;
        (0..rows.n_rows())
            .find(|row| rows.get(*row, "study_id") == record && !rows.get(*row, "sex").is_empty())
            .map(|row| rows.get(row, "sex").to_owned())
    };
    let women: Vec<u32> = ["001", "002", "003"]
        .iter()
        .zip(2..)
        .filter(|(record, line)| {
            let begins = r.rows[*line as usize - 2].stored.is_none();
            sex(record).as_deref() == Some("2") && begins
        })
        .map(|(_, line)| line)
        .collect();
    assert_eq!(lines(&r), women, "{:?}", r.summary());
    assert!(!women.is_empty() && women.len() < 3, "{women:?}");
    // The file itself may say it, in another row.
    let text = "study_id,redcap_event_name,sex,weight\nnew1,screening_arm_1,2,\nnew1,baseline_arm_1,,70\nnew2,screening_arm_1,1,\nnew2,baseline_arm_1,,71\n";
    assert_eq!(lines(&rehearsed(text, true)), [3]);
    // A blank that the file writes down counts where the field is shown.
    let text = "study_id,redcap_event_name,weight,pregnant\nnew1,baseline_arm_1,70,\n";
    assert_eq!(lines(&rehearsed(text, true)), [] as [u32; 0], "the sex is not known");
}

#[test]
fn what_cannot_be_told_is_not_told_and_the_logic_s_fields_are_read() {
    let text = "study_id,redcap_event_name,weight,pregnant\n001,week_12_arm_1,70,\n";
    assert!(lines(&rehearsed(text, false)).is_empty(), "offline nothing is known of the sex");
    let (metadata, settings) = (metadata(), Settings::default());
    let flat = "study_id,redcap_event_name,weight\n001,week_12_arm_1,70\n";
    let file = SourceFile::read(flat.as_bytes(), &settings).unwrap();
    let wanted = touched(&file, &metadata, &settings);
    assert!(wanted.fields.iter().any(|f| f == "sex"), "{wanted:?}");
}
