//! What a plain scalar means in YAML 1.1.

use serde_json::{Number, Value};

/// The value of a scalar that is not quoted. Times stay texts, in the form of ISO 8601.
pub(super) fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => return Value::Bool(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Value::Bool(false);
        }
        _ => {}
    }
    if let Some(integer) = integer(text) {
        return Value::Number(integer);
    }
    if let Some(float) = float(text) {
        return Value::Number(float);
    }
    Value::String(time(text).unwrap_or_else(|| text.to_owned()))
}

fn integer(text: &str) -> Option<Number> {
    let (negative, digits) = signed(text);
    let plain =
        |allowed: fn(char) -> bool| digits.chars().skip(1).all(|digit| allowed(digit) || digit == '_');
    let value = if let Some(binary) = digits.strip_prefix("0b") {
        i128::from_str_radix(&without_underscores(binary), 2).ok()?
    } else if let Some(hexadecimal) = digits.strip_prefix("0x") {
        i128::from_str_radix(&without_underscores(hexadecimal), 16).ok()?
    } else if digits == "0" {
        0
    } else if digits.starts_with('0') && plain(|digit| digit.is_digit(8)) {
        i128::from_str_radix(&without_underscores(digits), 8).ok()?
    } else if digits.starts_with(|digit: char| ('1'..='9').contains(&digit)) {
        if plain(|digit| digit.is_ascii_digit()) {
            without_underscores(digits).parse().ok()?
        } else {
            base_60(digits)?
        }
    } else {
        return None;
    };
    Number::from_i128(if negative { -value } else { value })
}

/// `1:30:00`: digits that are followed by groups below sixty.
fn base_60(digits: &str) -> Option<i128> {
    let mut groups = digits.split(':');
    let mut value: i128 = without_underscores(groups.next()?).parse().ok()?;
    let mut any = false;
    for group in groups {
        let number: i128 = group.parse().ok().filter(|_| group.len() <= 2)?;
        if number > 59 || group.starts_with(['+', '-']) {
            return None;
        }
        value = value.checked_mul(60)?.checked_add(number)?;
        any = true;
    }
    any.then_some(value)
}

/// A number with a point; an exponent needs a sign. Infinities have no place in JSON and stay texts.
fn float(text: &str) -> Option<Number> {
    let (negative, digits) = signed(text);
    let (mantissa, exponent) = match digits.find(['e', 'E']) {
        Some(at) => (&digits[..at], Some(&digits[at + 1..])),
        None => (digits, None),
    };
    let (whole, fraction) = mantissa.split_once('.')?;
    let are_digits = |part: &str| part.chars().all(|digit| digit.is_ascii_digit() || digit == '_');
    let starts_well = mantissa.trim_start_matches('.').starts_with(|digit: char| digit.is_ascii_digit());
    if !are_digits(whole) || !are_digits(fraction) || !starts_well {
        return None;
    }
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['+', '-'])?;
        if digits.is_empty() || !digits.chars().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
    }
    let value: f64 = without_underscores(digits).parse().ok()?;
    Number::from_f64(if negative { -value } else { value })
}

/// `2026-01-02 03:04:05` with the `T` that ISO 8601 wants; a date alone is one already.
fn time(text: &str) -> Option<String> {
    let (date, rest) = text.split_once(' ')?;
    let date: jiff::civil::Date = date.parse().ok()?;
    let rest = rest.trim_start();
    let time_alone = rest.trim_end_matches('Z').split(['+', '-']).next()?.trim_end();
    let _: jiff::civil::Time = time_alone.parse().ok()?;
    Some(format!("{date}T{}", rest.replace(' ', "")))
}

fn signed(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn without_underscores(text: &str) -> String {
    text.replace('_', "")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::resolve;

    #[test]
    fn scalars_mean_what_yaml_1_1_says() {
        let cases: &[(&str, Value)] = &[
            ("", json!(null)),
            ("~", json!(null)),
            ("yes", json!(true)),
            ("Off", json!(false)),
            ("y", json!("y")),
            ("0", json!(0)),
            ("-17", json!(-17)),
            ("+1_000", json!(1000)),
            ("010", json!(8)),
            ("08", json!("08")),
            ("0x1F", json!(31)),
            ("0b101", json!(5)),
            ("1:30", json!(90)),
            ("1:99", json!("1:99")),
            ("0:30", json!("0:30")),
            ("1.5", json!(1.5)),
            ("1.", json!(1.0)),
            (".5", json!(0.5)),
            ("1e3", json!("1e3")),
            ("1.5e3", json!("1.5e3")),
            ("1.5e+3", json!(1500.0)),
            ("1.2.3", json!("1.2.3")),
            (".", json!(".")),
            ("-", json!("-")),
            ("0 5 * * *", json!("0 5 * * *")),
            ("2026-01-02", json!("2026-01-02")),
            ("2026-01-02 03:04:05", json!("2026-01-02T03:04:05")),
            ("2026-01-02 03:04:05 +01:00", json!("2026-01-02T03:04:05+01:00")),
            ("a b", json!("a b")),
        ];
        for (text, expected) in cases {
            assert_eq!(resolve(text), *expected, "{text}");
        }
    }
}
