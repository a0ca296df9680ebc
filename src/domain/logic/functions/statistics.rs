//! Functions over any number of values (`redcap-logic.md` §7).

use super::{Call, Function};
use crate::domain::logic::error::{EvalError, Problem};
use crate::domain::logic::rules::{Deviation, OrRefuse};
use crate::domain::logic::value::Value;

pub(super) fn call<'v>(
    function: Function,
    args: &[Value<'v>],
    call: &Call<'_>,
) -> Result<Value<'v>, EvalError> {
    let rules = call.rules;
    let mut numbers = Vec::with_capacity(args.len());
    for value in args {
        match value.as_number() {
            Some(number) => numbers.push(number),
            None if value.is_blank() || rules.statistics_skip_text => {}
            None => return Ok(Value::Blank),
        }
    }
    let sum: f64 = numbers.iter().sum();
    let n = numbers.len() as f64;
    if numbers.is_empty() {
        return match (function, rules.statistic_of_blanks) {
            (Function::Sum, _) if rules.sum_of_blanks_is_zero => Ok(Value::Number(0.0)),
            (_, OrRefuse::Refuse) => Err(Problem::Undefined("a statistic of blanks").at(call.at)),
            _ => Ok(Value::Blank),
        };
    }
    Ok(Value::number(match function {
        Function::Min => numbers.iter().copied().fold(f64::INFINITY, f64::min),
        Function::Max => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Function::Mean => sum / n,
        Function::Median => median(&mut numbers),
        Function::Stdev => {
            let mean = sum / n;
            let squares: f64 = numbers.iter().map(|x| (x - mean) * (x - mean)).sum();
            let divisor = match rules.deviation {
                Deviation::Sample => n - 1.0,
                Deviation::Population => n,
            };
            // The sample deviation of one value divides by zero, which is blank.
            (squares / divisor).sqrt()
        }
        _ => sum,
    }))
}

fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let half = numbers.len() / 2;
    let at = |i: usize| numbers.get(i).copied().unwrap_or(f64::NAN);
    if numbers.len() % 2 == 1 { at(half) } else { f64::midpoint(at(half.wrapping_sub(1)), at(half)) }
}
