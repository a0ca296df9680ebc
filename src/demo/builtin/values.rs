//! Made-up values for fields of every type.

use super::generate::Known;
use crate::demo::rng::Rng;
use crate::domain::dictionary::{Field, FieldType};
use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime};

const FIRST_NAMES: &[&str] = &[
    "Amina",
    "Anders",
    "Beatriz",
    "Chidi",
    "Clara",
    "Dimitri",
    "Elif",
    "Emil",
    "Fatou",
    "Felipe",
    "Greta",
    "Hiro",
    "Ivana",
    "Jonas",
    "Katarzyna",
    "Leila",
    "Liam",
    "Maja",
    "Marek",
    "Nadia",
    "Olu",
    "Paola",
    "Quentin",
    "Rania",
    "Sören",
    "Tariq",
    "Ulla",
    "Vikram",
    "Wen",
    "Yara",
    "Zoë",
];
const LAST_NAMES: &[&str] = &[
    "Abebe",
    "Bergström",
    "Castellano",
    "Dubois",
    "Eriksen",
    "Fontaine",
    "Grünwald",
    "Haddad",
    "Ivanova",
    "Jansen",
    "Kowalski",
    "Lindgren",
    "Moreau",
    "Nakamura",
    "Okafor",
    "Petrović",
    "Quispe",
    "Rossi",
    "Šimić",
    "Takahashi",
    "Umarov",
    "Vasquez",
    "Weiß",
    "Xu",
    "Yilmaz",
    "Zeman",
];
const SENTENCES: &[&str] = &[
    "No complaints today.",
    "Feels better than at the last visit.",
    "Was late because of the train, otherwise well.",
    "Asked about the results of the blood test.\nWill be called back.",
    "Sleeps badly since the weekend.",
    "Brought the diary; two days are missing.",
    "Partner reports less snoring.",
    "Wants to start cycling again.",
    "Mild headache in the evening, \"nothing to speak of\".",
];
const PHRASES: &[&str] =
    &["Ramipril", "Metoprolol", "Ibuprofen", "Salbutamol", "Omeprazole", "Metformin", "Simvastatin"];

/// What stays the same for a made-up person.
#[derive(Debug)]
pub struct Person {
    first_name: String,
    last_name: String,
    birth: Date,
    height: f64,
    weight: f64,
}

impl Person {
    /// Somebody.
    pub fn new(rng: &mut Rng) -> Self {
        let year = 1935 + i16::try_from(rng.below(70)).unwrap_or(0);
        let month = 1 + i8::try_from(rng.below(12)).unwrap_or(0);
        let day = 1 + i8::try_from(rng.below(28)).unwrap_or(0);
        Self {
            first_name: rng.pick(FIRST_NAMES).unwrap_or_default().to_owned(),
            last_name: rng.pick(LAST_NAMES).unwrap_or_default().to_owned(),
            birth: Date::new(year, month, day).unwrap_or_default(),
            height: rng.normal(170.0, 9.0).clamp(140.0, 205.0),
            weight: rng.normal(79.0, 14.0).clamp(42.0, 160.0),
        }
    }
}

/// A person in a study.
#[derive(Debug)]
pub struct Subject {
    /// Who.
    pub person: Person,
    /// When they came in.
    pub entered: DateTime,
    /// Now.
    pub today: DateTime,
}

/// A value for a field with choices of these codes on a day. Blank where nothing sensible is known.
pub fn value_of(
    field: &Field,
    codes: &[String],
    rng: &mut Rng,
    subject: &Subject,
    day: DateTime,
    known: &Known<'_>,
) -> String {
    match field.field_type {
        FieldType::Text => text_value(field, rng, subject, day),
        FieldType::Notes if rng.chance(30) => rng.pick(SENTENCES).unwrap_or_default().to_owned(),
        FieldType::Radio | FieldType::Dropdown => {
            codes.get(rng.below(codes.len())).cloned().unwrap_or_default()
        }
        FieldType::YesNo | FieldType::TrueFalse => u8::from(rng.chance(35)).to_string(),
        FieldType::Slider => rng.below(101).to_string(),
        FieldType::Sql => (1 + rng.below(3)).to_string(),
        FieldType::Calc => calculated(field, known),
        _ => String::new(),
    }
}

fn text_value(field: &Field, rng: &mut Rng, subject: &Subject, day: DateTime) -> String {
    let person = &subject.person;
    match field.validation.as_str() {
        v if v.starts_with("date") => {
            let birth = field.name.contains("birth") || field.name == "dob";
            let date = if birth { person.birth } else { day.date() };
            // A few days before the visit, as dates on forms are.
            let back = if birth { 0 } else { i64::try_from(rng.below(6)).unwrap_or(0) };
            let date = date.checked_sub(back.days()).unwrap_or(date);
            let (hour, minute) = (8 + rng.below(9), rng.below(60));
            match v {
                v if v.starts_with("datetime_seconds") => {
                    format!("{date} {hour:02}:{minute:02}:{:02}", rng.below(60))
                }
                v if v.starts_with("datetime") => format!("{date} {hour:02}:{minute:02}"),
                _ => date.to_string(),
            }
        }
        "time" => format!("{:02}:{:02}", 8 + rng.below(9), rng.below(60)),
        v if v.starts_with("number") || v == "integer" => number_value(field, rng, person),
        "email" => {
            let ascii: String = format!("{}.{}", person.first_name, person.last_name)
                .to_lowercase()
                .chars()
                .filter(|c| c.is_ascii_alphanumeric() || *c == '.')
                .collect();
            format!("{ascii}@example.org")
        }
        // North American area codes have no free choice of digits; `n0m` always is one.
        "phone" => {
            let area = rng.below(700);
            format!("({}0{}) 555-01{:02}", 2 + area % 8, 1 + area / 8 % 9, rng.below(100))
        }
        "zipcode" | "postalcode_germany" | "postalcode_french" => {
            format!("{:05}", 10_000 + rng.below(89_999))
        }
        "" if field.name.contains("first") || field.name.contains("given") => person.first_name.clone(),
        "" if field.name.contains("last_name") || field.name.contains("family_name") => {
            person.last_name.clone()
        }
        "" if field.name == "initials" => {
            [&person.first_name, &person.last_name].iter().filter_map(|n| n.chars().next()).collect()
        }
        "" if field.identifier => format!("{:06}", rng.below(1_000_000)),
        "" => rng.pick(PHRASES).unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}

fn number_value(field: &Field, rng: &mut Rng, person: &Person) -> String {
    let limit = |text: &str, default: f64| text.replace(',', ".").parse::<f64>().unwrap_or(default);
    let low = limit(&field.validation_min, 0.0);
    let high = limit(&field.validation_max, 100.0);
    let number = match field.name.as_str() {
        "height" => person.height,
        "weight" => person.weight + rng.normal(0.0, 1.5),
        "temp" => rng.normal(36.7, 0.4),
        name if name.ends_with("_year") => rng.normal(2012.0, 8.0).min(2026.0),
        name if name.contains("birth_year") => f64::from(person.birth.year()),
        // The lower part of a wide range is where most values lie.
        _ => rng.normal(low + (high - low) * 0.35, (high - low) * 0.09),
    };
    let number = number.clamp(low, high);
    let decimals = match field.validation.as_str() {
        "integer" => 0,
        v if v.contains("_2dp") => 2,
        v if v.contains("_3dp") => 3,
        v if v.contains("_4dp") => 4,
        _ => 1,
    };
    let text = format!("{number:.decimals$}");
    if field.validation.contains("comma") { text.replace('.', ",") } else { text }
}

/// The two kinds of calculation in these projects: a sum of fields, and the body mass index.
fn calculated(field: &Field, known: &Known<'_>) -> String {
    let number = |name: &str| known.get(name).and_then(|v| v.parse::<f64>().ok());
    let formula = field.choices_or_calculations.as_str();
    if let Some(inner) = formula.strip_prefix("sum(").and_then(|f| f.strip_suffix(')')) {
        let parts: Vec<f64> =
            inner.split(',').filter_map(|part| number(part.trim().trim_matches(['[', ']']))).collect();
        return if parts.is_empty() { String::new() } else { format!("{:.0}", parts.iter().sum::<f64>()) };
    }
    match (number("weight"), number("height")) {
        (Some(weight), Some(height)) if field.name == "bmi" && height > 0.0 => {
            format!("{:.1}", weight * 10_000.0 / (height * height))
        }
        _ => String::new(),
    }
}
