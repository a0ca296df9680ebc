//! Records as JSON: the fallback for servers whose CSV cannot be read.

use super::row::{Row, rows, text_of};
use crate::domain::table::{RecordTable, TableBuilder};
use std::borrow::Cow;
use std::collections::HashMap;

/// A flat export. The columns are the keys of all rows, in the order in which they first come.
pub fn records(text: &str) -> Result<RecordTable, String> {
    let rows: Vec<Row> = rows(text)?;
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut names: Vec<&str> = Vec::new();
    for (key, _) in rows.iter().flat_map(Row::iter) {
        places.entry(key).or_insert_with(|| {
            names.push(key);
            names.len() - 1
        });
    }
    let mut table = TableBuilder::new(names.iter().copied());
    for row in &rows {
        let mut cells: Vec<Cow<'_, str>> = vec![Cow::Borrowed(""); names.len()];
        for (key, value) in row.iter() {
            if let Some(cell) = places.get(key).and_then(|&at| cells.get_mut(at)) {
                *cell = value.as_str().map_or_else(|| Cow::Owned(text_of(value)), Cow::Borrowed);
            }
        }
        table.push_row(cells.iter().map(AsRef::as_ref));
    }
    Ok(table.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_columns() {
        let t = records(
            r#"[{"record_id":"1","redcap_repeat_instance":"","age":"40"},
                {"record_id":"2","redcap_repeat_instance":2,"age":null,"bmi":"24.7"}]"#,
        )
        .unwrap();
        assert_eq!(
            t.column_names().collect::<Vec<_>>(),
            ["record_id", "redcap_repeat_instance", "age", "bmi"]
        );
        assert_eq!([t.get(0, "bmi"), t.get(1, "redcap_repeat_instance"), t.get(1, "age")], ["", "2", ""]);
        assert_eq!(records("[]").unwrap().n_rows(), 0);
        assert!(records("[[]]").is_err());
    }
}
