//! Libraries that have a function for each method: which function, and how its arguments are
//! called.

use super::{Call, Refusal};
use crate::api::catalogue::{Action, Effect, Kind};

/// A function of a library.
#[derive(Debug)]
pub(super) struct Function {
    /// The method it calls.
    pub content: &'static str,
    /// The method's action.
    pub action: Action,
    /// Its name.
    pub name: &'static str,
    /// The parameters it takes: the name on the wire, and the argument's name.
    pub args: &'static [(&'static str, &'static str)],
}

/// A function of a library.
pub(super) const fn function(
    content: &'static str,
    action: Action,
    name: &'static str,
    args: &'static [(&'static str, &'static str)],
) -> Function {
    Function { content, action, name, args }
}

/// The value of an argument.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Arg<'a> {
    /// A text.
    Text(&'a str),
    /// A list of texts.
    List(Vec<&'a str>),
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(&'a str),
    /// A time, `YYYY-MM-DD HH:MM:SS`.
    Time(&'a str),
}

/// A function, and what it is given: the arguments' names and values.
pub(super) type Use<'a> = (&'static Function, Vec<(&'static str, Arg<'a>)>);

/// The function for a request and its arguments, in the function's order. `own` are parameters
/// that the library sets itself.
pub(super) fn find<'a>(
    library: &'static str,
    functions: &'static [Function],
    own: &[&str],
    call: &'a Call,
) -> Result<Use<'a>, Refusal> {
    let method = call.method();
    let function = functions
        .iter()
        .find(|f| f.content == method.content && f.action == method.action)
        .ok_or(Refusal::NoFunction { library, method: method.title })?;
    let mut args = Vec::new();
    for (wire, name) in function.args {
        let values = call.values(wire);
        let Some(first) = values.first().copied() else { continue };
        let kind = method.param(wire).map(|p| p.kind);
        args.push((
            *name,
            match kind {
                Some(Kind::Array(_)) => Arg::List(values),
                Some(Kind::Bool) => Arg::Flag(first == "true"),
                Some(Kind::ZeroOne) => Arg::Flag(first == "1"),
                Some(Kind::Number) if first.bytes().all(|b| b.is_ascii_digit()) => Arg::Number(first),
                Some(Kind::DateTime) => Arg::Time(first),
                _ => Arg::Text(first),
            },
        ));
    }
    for param in method.params {
        let values = call.values(param.name);
        let said = function.args.iter().any(|(wire, _)| *wire == param.name) || own.contains(&param.name);
        let usual = values.first().is_none_or(|v| *v == param.default);
        if !said && !usual && param.kind != Kind::File {
            let name = param.name.to_owned();
            return Err(Refusal::NoArgument { library, function: function.name, name });
        }
    }
    Ok((function, args))
}

/// Whether the request writes.
pub(super) fn writes(call: &Call) -> bool {
    call.method().effect != Effect::Read
}
