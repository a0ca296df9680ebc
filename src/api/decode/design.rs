//! Instruments, arms, events, mappings and what repeats (`redcap-api.md` §3.1-3.5).

use super::row::rows_with;
use crate::domain::event::{Arm, Event, Instrument, Mapping, Repeating};

/// `content=instrument`.
pub fn instruments(text: &str) -> Result<Vec<Instrument>, String> {
    let rows = rows_with(text, "instrument_name")?;
    Ok(rows
        .iter()
        .map(|r| Instrument { name: r.text("instrument_name"), label: r.text("instrument_label") })
        .collect())
}

/// `content=arm`.
pub fn arms(text: &str) -> Result<Vec<Arm>, String> {
    let rows = rows_with(text, "arm_num")?;
    Ok(rows.iter().map(|r| Arm { num: r.number("arm_num").unwrap_or(1), name: r.text("name") }).collect())
}

/// `content=event`.
pub fn events(text: &str) -> Result<Vec<Event>, String> {
    let rows = rows_with(text, "unique_event_name")?;
    Ok(rows
        .iter()
        .map(|r| Event {
            name: r.text("event_name"),
            arm_num: r.number("arm_num").unwrap_or(1),
            unique_name: r.text("unique_event_name"),
            custom_label: r.text("custom_event_label"),
            event_id: r.number("event_id"),
            day_offset: r.number("day_offset"),
            offset_min: r.number("offset_min"),
            offset_max: r.number("offset_max"),
        })
        .collect())
}

/// `content=formEventMapping`.
pub fn mapping(text: &str) -> Result<Vec<Mapping>, String> {
    let rows = rows_with(text, "form")?;
    Ok(rows
        .iter()
        .map(|r| Mapping {
            arm_num: r.number("arm_num").unwrap_or(1),
            event: r.text("unique_event_name"),
            form: r.text("form"),
        })
        .collect())
}

/// `content=repeatingFormsEvents`.
pub fn repeating(text: &str) -> Result<Vec<Repeating>, String> {
    let rows = rows_with(text, "form_name")?;
    Ok(rows
        .iter()
        .map(|r| Repeating {
            event: r.text("event_name"),
            form: r.text("form_name"),
            custom_label: r.text("custom_form_label"),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instruments_and_arms_are_read() {
        let forms =
            instruments(r#"[{"instrument_name":"demographics","instrument_label":"Demographics"}]"#).unwrap();
        assert_eq!(forms[0].label, "Demographics");
        let arms = super::arms(r#"[{"arm_num":1,"name":"Drug A"},{"arm_num":"2","name":"Drug B"}]"#).unwrap();
        assert_eq!((arms[1].num, arms[1].name.as_str()), (2, "Drug B"));
        assert!(super::arms("[]").unwrap().is_empty());
    }

    #[test]
    fn events_of_old_and_new_servers_are_read() {
        let events = events(
            r#"[{"event_name":"Baseline","arm_num":1,"unique_event_name":"baseline_arm_1","custom_event_label":null,"event_id":41},
                {"event_name":"Week 4","arm_num":1,"day_offset":"28","offset_min":3,"offset_max":7,"unique_event_name":"week_4_arm_1"}]"#,
        )
        .unwrap();
        let (first, second) = (&events[0], &events[1]);
        assert_eq!((first.event_id, first.custom_label.as_str(), first.day_offset), (Some(41), "", None));
        assert_eq!((second.event_id, second.day_offset, second.offset_max), (None, Some(28), Some(7)));
    }

    #[test]
    fn mappings_and_repeats_are_read() {
        let mapped =
            mapping(r#"[{"arm_num":1,"unique_event_name":"baseline_arm_1","form":"demographics"}]"#).unwrap();
        assert_eq!((mapped[0].event.as_str(), mapped[0].form.as_str()), ("baseline_arm_1", "demographics"));
        assert!(mapping(r#"[{"x":1}]"#).is_err());
        let repeats = repeating(
            r#"[{"event_name":"visit_arm_1","form_name":"","custom_form_label":""},
                {"form_name":"weight","custom_form_label":"[d]"}]"#,
        )
        .unwrap();
        assert!(repeats[0].is_event() && !repeats[1].is_event() && repeats[1].event.is_empty());
    }
}
