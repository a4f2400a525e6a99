//! `{{name}}` in the fields of a custom webhook.

use serde_json::{Map, Value};

use crate::problem::Problem;

/// What stands for the placeholders.
pub(crate) type Values = Map<String, Value>;

/// `template` with its placeholders filled in, at whatever depth; `field` is where it stands. A text that is one
/// placeholder becomes the value itself. What is filled in is not looked at again.
pub(crate) fn fill(field: &str, template: &Value, values: &Values) -> Result<Value, Problem> {
    match template {
        Value::String(text) => fill_text(field, text, values),
        Value::Array(items) => items.iter().map(|item| fill(field, item, values)).collect(),
        Value::Object(fields) => {
            let filled = fields.iter().map(|(key, value)| Ok((key.clone(), fill(field, value, values)?)));
            filled.collect::<Result<Map<_, _>, _>>().map(Value::Object)
        }
        other => Ok(other.clone()),
    }
}

fn fill_text(field: &str, text: &str, values: &Values) -> Result<Value, Problem> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let Some((name, length)) = placeholder(&rest[start..]) else {
            filled.push_str(&rest[..=start]);
            rest = &rest[start + 1..];
            continue;
        };
        let whole = &rest[start..start + length];
        let Some(value) = values.get(name) else {
            return Err(Problem::invalid(format!(
                "{field} holds the placeholder {whole}, which is neither subject, body, name nor a secret"
            )));
        };
        if whole == text {
            return Ok(value.clone());
        }
        filled.push_str(&rest[..start]);
        match value {
            Value::String(value) => filled.push_str(value),
            other => filled.push_str(&other.to_string()),
        }
        rest = &rest[start + length..];
    }
    filled.push_str(rest);
    Ok(filled.into())
}

/// The name in the placeholder that the text begins with, and how long it is.
fn placeholder(text: &str) -> Option<(&str, usize)> {
    let end = text.find("}}")?;
    let name = text.get(2..end)?.trim();
    let is_name = |character: char| character.is_alphanumeric() || "_.-[]$".contains(character);
    (!name.is_empty() && name.chars().all(is_name)).then_some((name, end + 2))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::fill;

    #[test]
    fn placeholders_are_filled_in() {
        let values = json!({"a": "A", "n": 5, "b.c": "dotted", "t": "{{a}}"});
        let values = values.as_object().expect("an object");
        let cases = [
            (json!("{{a}}"), json!("A")),
            (json!("{{ n }}"), json!(5)),
            (json!("{{ n }} {{a}}{{a}}"), json!("5 AA")),
            (json!("x {{t}} y"), json!("x {{a}} y")),
            (json!("{{b.c}}"), json!("dotted")),
            (json!("{{{a}} {{ a b }} {{}} {{ {{a}} é}}"), json!("{A {{ a b }} {{}} {{ A é}}")),
            (
                json!({"{{a}}": [{"x": "{{a}}"}, 1, null, true]}),
                json!({"{{a}}": [{"x": "A"}, 1, null, true]}),
            ),
        ];
        for (template, expected) in cases {
            assert_eq!(fill("f", &template, values).as_ref(), Ok(&expected), "{template}");
        }
        assert!(fill("f", &json!("{{missing}}"), values).is_err());
    }
}
