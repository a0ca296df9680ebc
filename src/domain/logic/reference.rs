//! References: `[event][field(code):modifier][instance]` and smart variables.

use super::error::LogicError;
use std::fmt;
use std::ops::Range;

/// Which event a reference looks at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EventRef {
    /// The event with this unique name.
    Named(String),
    /// `[event-name]`: the current one.
    Current,
    /// The nearest earlier one of the arm that has the field's form.
    Previous,
    /// The nearest later one of the arm that has the field's form.
    Next,
    /// The first one of the arm that has the field's form.
    First,
    /// The last one of the arm that has the field's form.
    Last,
}

/// Which instance a reference looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InstanceRef {
    /// The instance with this number.
    Number(u32),
    /// The lowest that exists.
    First,
    /// The highest that exists.
    Last,
    /// The current one minus one.
    Previous,
    /// The current one plus one.
    Next,
    /// The current one.
    Current,
    /// One that does not exist yet; only for links, never a value.
    New,
}

/// What a reference names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Item {
    /// A field of the project, or a form status such as `demographics_complete`.
    Field {
        /// The name, in lower case.
        name: String,
        /// The choice of a checkbox.
        code: Option<String>,
        /// What stands after colons, such as `value` or `label`.
        modifiers: Vec<String>,
    },
    /// A smart variable.
    Smart {
        /// The name, in lower case, such as `record-name`.
        name: String,
        /// What stands after colons.
        params: Vec<String>,
    },
}

/// One reference of an expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    /// The place in the text, in bytes.
    pub at: Range<usize>,
    /// The event, if one is named.
    pub event: Option<EventRef>,
    /// The field or smart variable.
    pub item: Item,
    /// The instance, if one is named.
    pub instance: Option<InstanceRef>,
}

impl Reference {
    /// The field that is named, if it is one.
    pub fn field(&self) -> Option<&str> {
        match &self.item {
            Item::Field { name, .. } => Some(name),
            Item::Smart { .. } => None,
        }
    }

    /// The choice of a checkbox that is named.
    pub fn code(&self) -> Option<&str> {
        match &self.item {
            Item::Field { code, .. } => code.as_deref(),
            Item::Smart { .. } => None,
        }
    }

    /// Whether neither event nor instance is named.
    pub fn is_plain(&self) -> bool {
        self.event.is_none() && self.instance.is_none()
    }

    /// Makes a reference of the one to three brackets that stand together (`redcap-logic.md` §3).
    ///
    /// Each part is the text between the brackets and its place.
    pub(super) fn from_brackets(parts: &[(&str, Range<usize>)]) -> Result<Self, LogicError> {
        let at = match (parts.first(), parts.last()) {
            (Some((_, first)), Some((_, last))) => first.start..last.end,
            _ => 0..0,
        };
        let (event, item, instance) = match parts {
            [item] => (None, item, None),
            // An integer or an `-instance` is an instance; anything else makes the first an event.
            [first, second] => match read_instance(second.0) {
                Some(instance) => (None, first, Some(instance)),
                None => (Some(first), second, None),
            },
            [event, item, instance] => match read_instance(instance.0) {
                Some(read) => (Some(event), item, Some(read)),
                None => {
                    return Err(LogicError::new(
                        instance.1.clone(),
                        format!("[{}] is no instance.", instance.0),
                        "Three brackets are event, field and instance; an instance is a number or one of \
                         first-, last-, previous-, next- and current-instance.",
                    ));
                }
            },
            _ => {
                return Err(LogicError::new(
                    at,
                    "Too many brackets stand together.",
                    "A reference is at most [event][field][instance].",
                ));
            }
        };
        let event = event.map(|(text, at)| read_event(text, at)).transpose()?;
        Ok(Self { at, event, item: read_item(item.0, &item.1)?, instance })
    }
}

fn read_instance(text: &str) -> Option<InstanceRef> {
    Some(match text.to_ascii_lowercase().as_str() {
        "first-instance" => InstanceRef::First,
        "last-instance" => InstanceRef::Last,
        "previous-instance" => InstanceRef::Previous,
        "next-instance" => InstanceRef::Next,
        "current-instance" => InstanceRef::Current,
        "new-instance" => InstanceRef::New,
        number if number.bytes().all(|b| b.is_ascii_digit()) => InstanceRef::Number(number.parse().ok()?),
        _ => return None,
    })
}

fn read_event(text: &str, at: &Range<usize>) -> Result<EventRef, LogicError> {
    let name = text.to_ascii_lowercase();
    Ok(match name.as_str() {
        "event-name" => EventRef::Current,
        "previous-event-name" => EventRef::Previous,
        "next-event-name" => EventRef::Next,
        "first-event-name" => EventRef::First,
        "last-event-name" => EventRef::Last,
        _ if !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_') => {
            EventRef::Named(name)
        }
        _ => {
            return Err(LogicError::new(
                at.clone(),
                format!("[{text}] is no event."),
                "Before a field stands the unique name of an event, such as [baseline_arm_1].",
            ));
        }
    })
}

/// Reads the text between the brackets of a field or smart variable.
fn read_item(text: &str, at: &Range<usize>) -> Result<Item, LogicError> {
    let name_end = text.find(['(', ':']).unwrap_or(text.len());
    let (name, mut rest) = text.split_at(name_end);
    let lower = name.to_ascii_lowercase();
    let refuse = |hint: &str| {
        Err(LogicError::new(at.clone(), format!("[{text}] is no field and no smart variable."), hint))
    };
    // Smart variables have hyphens and field names never do (`redcap-logic.md` §4.2).
    if name.contains('-') {
        let well_formed = lower.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        if !well_formed || !lower.starts_with(|c: char| c.is_ascii_lowercase()) || rest.starts_with('(') {
            return refuse("Smart variables look like [record-name] or [survey-date-completed:instrument].");
        }
        let params = rest.strip_prefix(':').map(split_colons).unwrap_or_default();
        return Ok(Item::Smart { name: lower, params });
    }
    let well_formed = lower.starts_with(|c: char| c.is_ascii_lowercase())
        && lower.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !well_formed {
        return refuse("A field name has letters, digits and _ only, and starts with a letter.");
    }
    let mut code = None;
    if let Some(tail) = rest.strip_prefix('(') {
        let Some((inside, after)) = tail.split_once(')') else {
            return refuse("The choice of a checkbox needs a closing parenthesis: [race(2)].");
        };
        if inside.is_empty() {
            return refuse("Name the choice of the checkbox: [race(2)].");
        }
        code = Some(inside.to_owned());
        rest = after;
    }
    let modifiers = match rest.strip_prefix(':') {
        Some(modifiers) => split_colons(modifiers),
        None if rest.is_empty() => Vec::new(),
        None => return refuse("After the choice of a checkbox stands the closing bracket: [race(2)]."),
    };
    Ok(Item::Field { name: lower, code, modifiers })
}

fn split_colons(text: &str) -> Vec<String> {
    text.split(':').map(str::to_owned).collect()
}

impl fmt::Display for EventRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Named(name) => name,
            Self::Current => "event-name",
            Self::Previous => "previous-event-name",
            Self::Next => "next-event-name",
            Self::First => "first-event-name",
            Self::Last => "last-event-name",
        })
    }
}

impl fmt::Display for InstanceRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Number(number) => return write!(f, "{number}"),
            Self::First => "first-instance",
            Self::Last => "last-instance",
            Self::Previous => "previous-instance",
            Self::Next => "next-instance",
            Self::Current => "current-instance",
            Self::New => "new-instance",
        })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(event) = &self.event {
            write!(f, "[{event}]")?;
        }
        let (name, code, extras) = match &self.item {
            Item::Field { name, code, modifiers } => (name, code.as_ref(), modifiers),
            Item::Smart { name, params } => (name, None, params),
        };
        write!(f, "[{name}")?;
        if let Some(code) = code {
            write!(f, "({code})")?;
        }
        for extra in extras {
            write!(f, ":{extra}")?;
        }
        f.write_str("]")?;
        self.instance.map_or(Ok(()), |instance| write!(f, "[{instance}]"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parts: &[&str]) -> Result<Reference, LogicError> {
        let parts: Vec<(&str, Range<usize>)> = parts.iter().map(|p| (*p, 0..p.len())).collect();
        Reference::from_brackets(&parts)
    }

    #[test]
    fn two_brackets_are_told_apart_by_the_second() {
        assert_eq!(read(&["med", "3"]).unwrap().instance, Some(InstanceRef::Number(3)));
        assert_eq!(read(&["med", "last-instance"]).unwrap().instance, Some(InstanceRef::Last));
        let other = read(&["baseline_arm_1", "age"]).unwrap();
        assert_eq!(other.event, Some(EventRef::Named("baseline_arm_1".into())));
        assert_eq!(other.field(), Some("age"));
    }

    #[test]
    fn references_print_as_they_are_written() {
        for parts in [
            &["event_1_arm_1", "box(3)", "5"][..],
            &["previous-event-name", "weight"],
            &["race(-4):value"],
            &["survey-date-completed:intake:value"],
            &["last-instance"],
        ] {
            let text = format!("[{}]", parts.join("]["));
            assert_eq!(read(parts).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        for parts in [
            &["age >18"][..],
            &[""],
            &["1a"],
            &["a(1"],
            &["a()"],
            &["a(1)b"],
            &["a", "b", "c"],
            &["x y", "b"],
        ] {
            assert!(read(parts).is_err(), "{parts:?}");
        }
    }
}
