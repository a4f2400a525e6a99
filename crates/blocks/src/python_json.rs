//! JSON as Python's `json.dumps(value, sort_keys=True)` writes it: hashes of it must be the client's.

use std::fmt::Write;

use serde_json::{Number, Value};

/// Appends `value`: keys in order, `", "` and `": "` between, everything beyond ASCII escaped.
pub(crate) fn write(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => write_text(out, text),
        Value::Array(values) => {
            out.push('[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write(out, value);
            }
            out.push(']');
        }
        Value::Object(object) => {
            let mut entries: Vec<_> = object.iter().collect();
            // Python compares code points, which is the order of the bytes of UTF-8.
            entries.sort_unstable_by(|left, right| left.0.cmp(right.0));
            out.push('{');
            for (index, (key, value)) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_text(out, key);
                out.push_str(": ");
                write(out, value);
            }
            out.push('}');
        }
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{c}' => out.push_str("\\f"),
            '\u{8}' => out.push_str("\\b"),
            ' '..='~' => out.push(character),
            _ => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

fn write_number(out: &mut String, number: &Number) {
    match number.as_f64() {
        Some(float) if number.is_f64() => write_float(out, float),
        _ => out.push_str(&number.to_string()),
    }
}

/// The shortest digits that mean this number, as `repr` places them.
fn write_float(out: &mut String, float: f64) {
    let scientific = format!("{float:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else {
        out.push_str(&scientific);
        return;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = float.to_string();
        out.push_str(&plain);
        if !plain.contains('.') {
            out.push_str(".0");
        }
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(out, "{digits}e{sign}{:02}", exponent.abs());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    #[test]
    fn texts_are_those_of_python() {
        // Written by json.dumps(..., sort_keys=True).
        let cases: [(Value, &str); 12] = [
            (json!({"b": 1, "a": [true, null, "x"]}), r#"{"a": [true, null, "x"], "b": 1}"#),
            (json!({}), "{}"),
            (json!([]), "[]"),
            (json!("é\u{1f600}\u{7f}\"\\\n\u{1}"), r#""\u00e9\ud83d\ude00\u007f\"\\\n\u0001""#),
            (json!({"é": 1, "z": 2, "Z": 3}), r#"{"Z": 3, "z": 2, "\u00e9": 1}"#),
            (json!(1.0), "1.0"),
            (json!(-0.5), "-0.5"),
            (json!(1e16), "1e+16"),
            (json!(123_456_789_012_345_680.0), "1.2345678901234568e+17"),
            (json!(9_999_999_999_999_998.0), "9999999999999998.0"),
            (json!(0.00001), "1e-05"),
            (json!(0.0001), "0.0001"),
        ];
        for (value, expected) in cases {
            let mut text = String::new();
            super::write(&mut text, &value);
            assert_eq!(text, expected);
        }
    }
}
