//! Which rows of an export can hold data of an instrument.

use super::event::Repeating;
use super::project::Metadata;
use super::record::column;
use super::table::RecordTable;

/// Tells whether a row of an export can hold data of one of these instruments: an export has every
/// row of the events asked for, those of other repeating instruments among them, all blank.
pub fn belonging<'a>(
    table: &'a RecordTable,
    metadata: &'a Metadata,
    forms: &'a [&'a str],
) -> impl Fn(usize) -> bool + 'a {
    let (instrument, event) = (table.column(column::REPEAT_INSTRUMENT), table.column(column::EVENT));
    let repeats = |form: &&str| -> Vec<&str> {
        let own = |r: &&Repeating| r.form == **form;
        metadata.repeating.list().iter().filter(own).map(|r| r.event.as_str()).collect()
    };
    // The events at which every one of the instruments repeats: the plain row there is blank.
    let per_form: Vec<Vec<&str>> = forms.iter().map(repeats).collect();
    let (first, rest) = per_form.split_first().map_or((&[][..], &[][..]), |(f, r)| (f.as_slice(), r));
    let only_instances: Vec<&str> =
        first.iter().copied().filter(|e| rest.iter().all(|events| events.contains(e))).collect();
    move |row| {
        let cell = |column: Option<usize>| column.map_or("", |c| table.cell(row, c));
        match cell(instrument) {
            "" => !only_instances.contains(&cell(event)),
            named => forms.contains(&named),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::project::Readable;
    use crate::domain::table::TableBuilder;

    #[test]
    fn rows_of_other_instruments_and_plain_rows_where_all_repeat_are_left_out() {
        let repeating = |event: &str, form: &str| Repeating {
            event: event.into(),
            form: form.into(),
            custom_label: String::new(),
        };
        let list = vec![repeating("e2", "ae"), repeating("e2", "meds"), repeating("e3", "meds")];
        let metadata = Metadata { repeating: Readable::Known(list), ..Metadata::default() };
        let mut table = TableBuilder::new(["id", column::EVENT, column::REPEAT_INSTRUMENT]);
        for (event, instrument) in [("e1", ""), ("e2", ""), ("e2", "ae"), ("e2", "meds"), ("e3", "")] {
            table.push_row(["1", event, instrument]);
        }
        let table = table.finish();
        let kept = |forms: &[&str]| -> Vec<usize> {
            let belongs = belonging(&table, &metadata, forms);
            (0..table.n_rows()).filter(|&row| belongs(row)).collect()
        };
        assert_eq!(kept(&["ae"]), [0, 2, 4]);
        assert_eq!(kept(&["meds"]), [0, 3]);
        assert_eq!(kept(&["ae", "meds"]), [0, 2, 3, 4]);
        assert_eq!(kept(&["base", "ae"]), [0, 1, 2, 4]);
    }
}
