//! Finding `{{ placeholders }}` and filling in the plain ones and those of the environment.

use serde_json::{Map, Value};

/// What a placeholder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A variable of the job.
    Standard,
    /// `prefect.blocks.TYPE.NAME`
    Block,
    /// `prefect.variables.NAME`
    Variable,
    /// `$NAME`
    Environment,
}

/// One place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placeholder<'t> {
    /// With its braces.
    pub(super) full: &'t str,
    /// Without them.
    pub(super) name: &'t str,
}

impl Placeholder<'_> {
    pub(super) fn kind(&self) -> Kind {
        if self.name.starts_with("prefect.blocks.") {
            Kind::Block
        } else if self.name.starts_with("prefect.variables.") {
            Kind::Variable
        } else if self.name.starts_with('$') {
            Kind::Environment
        } else {
            Kind::Standard
        }
    }
}

/// Fills in plain placeholders from `values` and `{{ $NAME }}` from `environment`. A text that is one placeholder takes
/// the value with its type; `None` where there is no such value: the key that holds it goes away. Within a longer text
/// what has no value becomes nothing.
pub fn fill_in(
    template: &Value,
    values: &Value,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Option<Value> {
    match template {
        Value::String(text) => fill_in_text(text, values, environment),
        Value::Object(fields) => {
            let filled: Map<String, Value> = fields
                .iter()
                .filter_map(|(key, value)| Some((key.clone(), fill_in(value, values, environment)?)))
                .collect();
            Some(Value::Object(filled))
        }
        Value::Array(items) => {
            Some(items.iter().filter_map(|item| fill_in(item, values, environment)).collect())
        }
        other => Some(other.clone()),
    }
}

fn fill_in_text(text: &str, values: &Value, environment: &dyn Fn(&str) -> Option<String>) -> Option<Value> {
    let placeholders = find(text);
    if let [only] = placeholders.as_slice()
        && only.full == text
        && only.kind() == Kind::Standard
    {
        return look_up(values, only.name);
    }
    let mut filled = text.to_owned();
    for placeholder in &placeholders {
        let value = match placeholder.kind() {
            Kind::Standard => look_up(values, placeholder.name).map(|value| super::python_text(&value)),
            Kind::Environment => environment(placeholder.name.trim_start_matches('$')),
            Kind::Block | Kind::Variable => continue,
        };
        filled = filled.replace(placeholder.full, &value.unwrap_or_default());
    }
    Some(Value::String(filled))
}

/// The placeholders of a text, each once.
pub(super) fn find(text: &str) -> Vec<Placeholder<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        rest = &rest[start..];
        match read(rest) {
            Some(placeholder) => {
                if !found.contains(&placeholder) {
                    found.push(placeholder);
                }
                rest = &rest[placeholder.full.len()..];
            }
            None => rest = &rest[1..],
        }
    }
    found
}

/// The placeholder that a text begins with.
fn read(text: &str) -> Option<Placeholder<'_>> {
    let inner = text.strip_prefix("{{")?.trim_start();
    let end = inner
        .find(|character: char| {
            !(character.is_alphanumeric() || matches!(character, '_' | '.' | '-' | '[' | ']' | '$'))
        })
        .unwrap_or(inner.len());
    let name = &inner[..end];
    let rest = inner[end..].trim_start().strip_prefix("}}")?;
    (!name.is_empty()).then_some(Placeholder { full: &text[..text.len() - rest.len()], name })
}

/// Follows `a.b[0].c` into a value.
pub(super) fn look_up(value: &Value, path: &str) -> Option<Value> {
    let path = path.replace('[', ".").replace(']', "");
    let mut current = value.clone();
    for key in path.split('.') {
        let index: Option<i64> = key.parse().ok();
        current = match (&current, index) {
            // A number is a place in a list, never a key.
            (Value::Object(fields), None) => fields.get(key)?.clone(),
            (Value::Array(items), Some(index)) => items.get(place(index, items.len())?)?.clone(),
            (Value::String(text), Some(index)) => {
                let characters: Vec<char> = text.chars().collect();
                characters.get(place(index, characters.len())?)?.to_string().into()
            }
            _ => return None,
        };
    }
    Some(current)
}

/// Negative places count from the end.
fn place(index: i64, length: usize) -> Option<usize> {
    let index = if index < 0 { index.checked_add(i64::try_from(length).ok()?)? } else { index };
    usize::try_from(index).ok()
}
