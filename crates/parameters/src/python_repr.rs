//! JSON values as Python's `repr` writes them.

use std::fmt::Write;

use serde_json::{Number, Value};

/// `{'a': [1, 2.0, None, True, 'x']}`
pub(crate) fn python_repr(value: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, value);
    text
}

/// `'it is'`, or `"it's"` when only that saves escaping.
pub(crate) fn string_repr(text: &str) -> String {
    let mut written = String::new();
    write_string(&mut written, text);
    written
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => write_string(out, text),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_value(out, item);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            out.push('{');
            for (index, (key, item)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_string(out, key);
                out.push_str(": ");
                write_value(out, item);
            }
            out.push('}');
        }
    }
}

fn write_number(out: &mut String, number: &Number) {
    if number.is_f64() {
        out.push_str(&float_repr(number.as_f64().unwrap_or_default()));
    } else {
        // Writing to a String cannot fail.
        let _ = write!(out, "{number}");
    }
}

/// Python switches to an exponent below 1e-4 and from 1e16 on, and writes at least two digits of it.
pub(crate) fn float_repr(number: f64) -> String {
    let magnitude = number.abs();
    if magnitude != 0.0 && !(1e-4..1e16).contains(&magnitude) {
        let text = format!("{number:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    format!("{number:?}")
}

fn write_string(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if character == quote => {
                out.push('\\');
                out.push(quote);
            }
            _ if (character as u32) < 0x20 || (0x7f..=0xa0).contains(&(character as u32)) => {
                let _ = write!(out, "\\x{:02x}", character as u32);
            }
            _ => out.push(character),
        }
    }
    out.push(quote);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::python_repr;

    #[test]
    fn writes_as_python_does() {
        let cases = [
            (json!(null), "None"),
            (json!(true), "True"),
            (json!(1), "1"),
            (json!(1.0), "1.0"),
            (json!(1e16), "1e+16"),
            (json!(0.00001), "1e-05"),
            (json!(1.5e-7), "1.5e-07"),
            (json!("it's"), "\"it's\""),
            (json!("both ' and \""), "'both \\' and \"'"),
            (json!("a\\b\n\u{1}"), "'a\\\\b\\n\\x01'"),
            (json!({"a": [1, "x", {}]}), "{'a': [1, 'x', {}]}"),
        ];
        for (value, expected) in cases {
            assert_eq!(python_repr(&value), expected, "{value}");
        }
    }
}
