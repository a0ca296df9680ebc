//! Functions of numbers (`redcap-logic.md` §7).

use super::{Call, Function};
use crate::domain::logic::error::{EvalError, Problem};
use crate::domain::logic::rules::{ModuloSign, NegativeHalf, NegativeRounding, OrRefuse};
use crate::domain::logic::value::Value;

pub(super) fn call<'v>(
    function: Function,
    args: &[Value<'v>],
    call: &Call<'_>,
) -> Result<Value<'v>, EvalError> {
    let rules = call.rules;
    let first = args.first().and_then(Value::as_number);
    if matches!(function, Function::IsNumber | Function::IsInteger) {
        let blank = args.first().is_none_or(Value::is_blank);
        let truth = match first {
            Some(number) => function == Function::IsNumber || number.fract().abs() <= 0.0,
            None => blank && rules.blank_is_number,
        };
        return Ok(Value::Bool(truth));
    }
    let Some(number) = first else { return Ok(Value::Blank) };
    let second = args.get(1).and_then(Value::as_number);
    let undefined = |what| match rules.undefined_number {
        OrRefuse::Blank => Ok(Value::Blank),
        OrRefuse::Refuse => Err(Problem::Undefined(what).at(call.at)),
    };
    Ok(Value::number(match function {
        Function::Round | Function::RoundUp | Function::RoundDown => {
            let places = match args.get(1) {
                None => 0.0,
                Some(_) => match second {
                    Some(places) => places,
                    None => return Ok(Value::Blank),
                },
            };
            rounded(function, number, places, rules.negative_half, rules.negative_rounding)
        }
        Function::Abs => number.abs(),
        Function::Exponential => number.exp(),
        Function::Sqrt if number < 0.0 => return undefined("the root of a negative number"),
        Function::Sqrt => number.sqrt(),
        Function::Log if number <= 0.0 => return undefined("the logarithm of zero or less"),
        // A base that is missing or no number means the natural logarithm.
        Function::Log => match second {
            Some(base) if is_close(base, 10.0) => number.log10(),
            Some(base) => number.ln() / base.ln(),
            None => number.ln(),
        },
        _ => match second {
            None => return Ok(Value::Blank),
            Some(divisor) if divisor.abs() <= 0.0 => return undefined("the remainder of a division by zero"),
            Some(divisor) => {
                let rest = number % divisor;
                match rules.modulo_sign {
                    ModuloSign::Divisor if rest * divisor < 0.0 => rest + divisor,
                    _ => rest,
                }
            }
        },
    }))
}

fn is_close(a: f64, b: f64) -> bool {
    (a - b).abs() <= f64::EPSILON
}

fn rounded(
    function: Function,
    number: f64,
    places: f64,
    negative_half: NegativeHalf,
    negative_rounding: NegativeRounding,
) -> f64 {
    let places = places.trunc().clamp(-15.0, 15.0) as i32;
    let scale = 10_f64.powi(places.abs());
    let scaled = if places < 0 { number / scale } else { number * scale };
    // 1.005 * 100 is 100.49999999999999: what is within float noise of a step is on that step.
    let snapped = snap(scaled);
    let up = number >= 0.0 || negative_rounding == NegativeRounding::ByMagnitude;
    let whole = match function {
        Function::RoundUp if up => snapped.abs().ceil().copysign(number),
        Function::RoundUp => snapped.ceil(),
        Function::RoundDown if up => snapped.abs().floor().copysign(number),
        Function::RoundDown => snapped.floor(),
        _ => match negative_half {
            NegativeHalf::AwayFromZero => snapped.round(),
            NegativeHalf::Up => (snapped + 0.5).floor(),
        },
    };
    // Two whole numbers divided give the float that is nearest to the decimal number.
    if places < 0 { whole * scale } else { whole / scale }
}

/// Moves a number that misses a multiple of one half by float noise onto it.
fn snap(number: f64) -> f64 {
    let nearest = (number * 2.0).round() / 2.0;
    if (number - nearest).abs() <= number.abs() * 1e-14 { nearest } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_of_the_decimal_number() {
        let round = |n, places| {
            rounded(Function::Round, n, places, NegativeHalf::default(), NegativeRounding::default())
        };
        for (number, places, result) in [
            (31.25, 1.0, 31.3),
            (1.005, 2.0, 1.01),
            (14.5, 0.0, 15.0),
            (-2.5, 0.0, -3.0),
            (1234.0, -2.0, 1200.0),
        ] {
            assert_eq!(round(number, places).to_string(), result.to_string(), "{number} {places}");
        }
    }

    #[test]
    fn the_switches_for_negative_numbers_do_what_they_say() {
        let with = |function, n, half, rounding| rounded(function, n, 0.0, half, rounding).to_string();
        let (magnitude, ceiling) = (NegativeRounding::ByMagnitude, NegativeRounding::CeilingFloor);
        assert_eq!(with(Function::Round, -2.5, NegativeHalf::Up, magnitude), "-2");
        assert_eq!(with(Function::RoundUp, -2.1, NegativeHalf::Up, magnitude), "-3");
        assert_eq!(with(Function::RoundUp, -2.1, NegativeHalf::Up, ceiling), "-2");
        assert_eq!(with(Function::RoundDown, -2.1, NegativeHalf::Up, ceiling), "-3");
    }
}
