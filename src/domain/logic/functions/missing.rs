//! Missing data codes (`redcap-logic.md` §7 and §10).

use super::{Call, Function};
use crate::domain::logic::value::Value;

pub(super) fn call<'v>(function: Function, args: &[Value<'v>], call: &Call<'_>) -> Value<'v> {
    let Some(value) = args.first() else { return Value::Blank };
    let text = value.to_text(call.rules);
    let is_code = || !text.is_empty() && (call.is_missing_code)(&text);
    Value::Bool(match function {
        Function::IsBlankOrMissingCode => value.is_blank() || is_code(),
        Function::IsBlankNotMissingCode => value.is_blank(),
        Function::IsMissingCode => is_code(),
        _ => {
            let listed = args.get(1).map(|list| list.to_text(call.rules)).unwrap_or_default();
            is_code() && listed.split(',').any(|code| code.trim() == text)
        }
    })
}
