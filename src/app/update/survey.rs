//! The survey link and the return code of the instrument under the cursor.

use crate::app::model::Model;
use crate::app::msg::Effect;
use crate::app::record_view::Line;
use crate::app::running::Slot;
use crate::domain::record::column;
use crate::domain::text::{one_line, without_html};
use crate::jobs::types::{Job, SurveyPlace, SurveySecret};

/// The survey under the cursor of the open record.
pub fn place(model: &Model) -> Option<SurveyPlace> {
    let open = model.open.as_ref()?;
    let view = open.records.view.as_ref()?;
    let (form, row) = match view.lines.get(view.cursor.at)? {
        Line::Instrument { form, row, .. } => (form.clone(), *row),
        Line::TableRow { fields, row } => {
            (open.metadata.dictionary.fields().get(*fields.first()?)?.form.clone(), *row)
        }
        Line::Field { field, row, .. } => (open.metadata.dictionary.fields().get(*field)?.form.clone(), *row),
        _ => return None,
    };
    Some(SurveyPlace {
        record: view.record.clone(),
        form,
        event: view.table.get(row, column::EVENT).to_owned(),
        instance: view.table.get(row, column::REPEAT_INSTANCE).parse().ok(),
    })
}

/// Asks the server for it.
pub fn ask(model: &mut Model, what: SurveySecret) -> Vec<Effect> {
    let (Some(place), Some(open)) = (place(model), &model.open) else { return Vec::new() };
    let step = match what {
        SurveySecret::Link => "Reading the survey link",
        SurveySecret::ReturnCode => "Reading the return code",
    };
    let job = Job::Survey(Box::new(open.project.clone()), place, what);
    model.jobs.start(Slot::Survey, step, job, model.now)
}

/// Hands it to the clipboard. On screen only as much is shown as tells which one it is: whoever
/// reads the whole could answer in the participant's name.
pub fn took(model: &mut Model, place: &SurveyPlace, what: SurveySecret, text: &str) -> Vec<Effect> {
    let Some(open) = &model.open else { return Vec::new() };
    let text = text.trim();
    let last = text.char_indices().rev().nth(3).and_then(|(at, _)| text.get(at..)).unwrap_or_default();
    let form = without_html(&one_line(open.metadata.instrument_label(&place.form)));
    let record = open.shown_record(&place.record);
    model.copy_note = Some(match what {
        SurveySecret::Link => {
            let host = text.split("://").nth(1).and_then(|t| t.split('/').next()).unwrap_or_default();
            format!("The link of {record} to {form}: {} ...{}.", one_line(host), one_line(last))
        }
        SurveySecret::ReturnCode => {
            format!("The return code of {record} for {form}: ...{}.", one_line(last))
        }
    });
    model.clipboard.data = true;
    vec![Effect::Copy(text.to_owned())]
}
