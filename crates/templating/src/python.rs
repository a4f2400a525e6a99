//! Values as Python writes them: templates of the reference see Python's own.

use std::fmt::Write;

use minijinja::Value;
use minijinja::value::ValueKind;

/// `str(value)`; nothing for what is not defined.
pub(crate) fn to_text(value: &Value) -> String {
    match value.kind() {
        ValueKind::Undefined => String::new(),
        ValueKind::Seq | ValueKind::Map | ValueKind::Iterable if !crate::objects::has_own_text(value) => {
            representation(value)
        }
        ValueKind::None | ValueKind::Bool => representation(value),
        _ => value.to_string(),
    }
}

/// `repr(value)`.
fn representation(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value);
    text
}

fn write(out: &mut String, value: &Value) {
    match value.kind() {
        ValueKind::None | ValueKind::Undefined => out.push_str("None"),
        ValueKind::Bool => out.push_str(if value.is_true() { "True" } else { "False" }),
        ValueKind::String => quote(out, value.as_str().unwrap_or_default()),
        ValueKind::Seq | ValueKind::Iterable => {
            out.push('[');
            for (index, item) in value.try_iter().into_iter().flatten().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write(out, &item);
            }
            out.push(']');
        }
        ValueKind::Map => {
            out.push('{');
            for (index, key) in value.try_iter().into_iter().flatten().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write(out, &key);
                out.push_str(": ");
                write(out, &value.get_item(&key).unwrap_or_default());
            }
            out.push('}');
        }
        _ => {
            // Writing to a String cannot fail.
            let _ = write!(out, "{value}");
        }
    }
}

fn quote(out: &mut String, text: &str) {
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
                out.push(character);
            }
            _ => out.push(character),
        }
    }
    out.push(quote);
}

/// `json.dumps(value, sort_keys=True)`, safe in HTML.
pub(crate) fn to_json(value: &serde_json::Value, indent: Option<usize>) -> String {
    let mut out = String::new();
    write_json(&mut out, value, indent, 0);
    out.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026").replace('\'', "\\u0027")
}

fn write_json(out: &mut String, value: &serde_json::Value, indent: Option<usize>, depth: usize) {
    use serde_json::Value as Json;
    let new_line = |out: &mut String, depth: usize| {
        if let Some(width) = indent {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', width * depth));
        }
    };
    let separator = if indent.is_some() { "," } else { ", " };
    match value {
        Json::Array(items) if items.is_empty() => out.push_str("[]"),
        Json::Object(fields) if fields.is_empty() => out.push_str("{}"),
        Json::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(separator);
                }
                new_line(out, depth + 1);
                write_json(out, item, indent, depth + 1);
            }
            new_line(out, depth);
            out.push(']');
        }
        Json::Object(fields) => {
            out.push('{');
            let mut keys: Vec<&String> = fields.keys().collect();
            keys.sort();
            for (index, key) in keys.into_iter().enumerate() {
                if index > 0 {
                    out.push_str(separator);
                }
                new_line(out, depth + 1);
                write_string(out, key);
                out.push_str(": ");
                write_json(out, &fields[key], indent, depth + 1);
            }
            new_line(out, depth);
            out.push('}');
        }
        Json::String(text) => write_string(out, text),
        other => {
            let _ = write!(out, "{other}");
        }
    }
}

/// Only ASCII, as Python does it.
fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(character),
            _ => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}
