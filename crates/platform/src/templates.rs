//! `{{ placeholders }}` of project files: variables of the environment, outputs of steps, blocks and variables of the
//! server. What stays and what goes when a value is missing is the reference's behaviour.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// A placeholder in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placeholder<'t> {
    /// With its braces.
    pub(crate) full: &'t str,
    /// What stands between them.
    pub(crate) name: &'t str,
}

impl Placeholder<'_> {
    pub(crate) fn block(&self) -> Option<&str> {
        self.name.strip_prefix("prefect.blocks.")
    }

    pub(crate) fn variable(&self) -> Option<&str> {
        self.name.strip_prefix("prefect.variables.")
    }

    fn environment(&self) -> Option<&str> {
        self.name.strip_prefix('$')
    }
}

/// The placeholders of a text, in their order. Names are of letters, digits and `_.-[]$`.
pub(crate) fn placeholders(text: &str) -> Vec<Placeholder<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(at) = text.get(start..).and_then(|rest| rest.find("{{")) {
        let open = start + at;
        let Some(close) = text.get(open..).and_then(|rest| rest.find("}}")) else { break };
        let inner = text.get(open + 2..open + close).unwrap_or("");
        let name = inner.trim();
        let is_name = |character: char| character.is_alphanumeric() || "_.-[]$".contains(character);
        if !name.is_empty() && name.chars().all(is_name) {
            found.push(Placeholder { full: text.get(open..open + close + 2).unwrap_or(""), name });
            start = open + close + 2;
        } else {
            start = open + 1;
        }
    }
    found
}

/// All placeholders in the texts of a value.
pub(crate) fn visit(value: &Value, see: &mut impl FnMut(&Placeholder<'_>)) {
    match value {
        Value::String(text) => placeholders(text).iter().for_each(see),
        Value::Array(items) => items.iter().for_each(|item| visit(item, see)),
        Value::Object(object) => object.values().for_each(|value| visit(value, see)),
        _ => {}
    }
}

/// How placeholders are filled in.
pub(crate) struct Filling<'f> {
    /// Values by name; dots and brackets lead into them.
    pub(crate) values: &'f Map<String, Value>,
    /// The variables of the environment.
    pub(crate) environment: &'f Map<String, Value>,
    /// Whether a placeholder without a value goes away.
    pub(crate) remove_missing: bool,
    /// Placeholders that stay whatever happens.
    pub(crate) stays: &'f dyn Fn(&str) -> bool,
}

impl Filling<'_> {
    /// Fills a value in. `None`: the whole value is one placeholder that has no value. Names without a value are
    /// added to `missing`.
    pub(crate) fn fill(&self, template: &Value, missing: &mut BTreeSet<String>) -> Option<Value> {
        match template {
            Value::String(text) => self.fill_text(text, missing),
            Value::Array(items) => {
                Some(Value::Array(items.iter().filter_map(|item| self.fill(item, missing)).collect()))
            }
            Value::Object(object) => {
                let mut filled = Map::new();
                for (key, value) in object {
                    match self.fill(value, missing) {
                        Some(value) => drop(filled.insert(key.clone(), value)),
                        None if !self.remove_missing => drop(filled.insert(key.clone(), value.clone())),
                        None => {}
                    }
                }
                Some(Value::Object(filled))
            }
            other => Some(other.clone()),
        }
    }

    fn fill_text(&self, text: &str, missing: &mut BTreeSet<String>) -> Option<Value> {
        let found: Vec<_> = placeholders(text).into_iter().filter(|one| !(self.stays)(one.name)).collect();
        if let [only] = found.as_slice()
            && only.full == text
            && only.block().is_none()
            && only.variable().is_none()
            && only.environment().is_none()
        {
            let value = look_up(self.values, only.name);
            if value.is_none() {
                missing.insert(only.name.to_owned());
            }
            return value.cloned();
        }
        let mut filled = text.to_owned();
        for placeholder in &found {
            if placeholder.block().is_some() || placeholder.variable().is_some() {
                continue;
            }
            let value = match placeholder.environment() {
                Some(name) => self.environment.get(name),
                None => look_up(self.values, placeholder.name),
            };
            match value {
                Some(value) => filled = filled.replace(placeholder.full, &as_text(value)),
                None => {
                    missing.insert(placeholder.name.to_owned());
                    if self.remove_missing {
                        filled = filled.replace(placeholder.full, "");
                    }
                }
            }
        }
        Some(Value::String(filled))
    }
}

/// A value by its path: `a.b[0].c`.
pub(crate) fn look_up<'v>(values: &'v Map<String, Value>, path: &str) -> Option<&'v Value> {
    let path = path.replace('[', ".").replace(']', "");
    let mut parts = path.split('.');
    let mut value = values.get(parts.next()?)?;
    for part in parts {
        value = match value {
            Value::Object(object) => object.get(part)?,
            Value::Array(items) => items.get(part.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(value)
}

/// A value as it stands inside of a text, the way Python writes it.
pub(crate) fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Map, Value, json};

    use super::{Filling, placeholders};

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn placeholders_are_found() {
        let names = |text| placeholders(text).into_iter().map(|one| one.name.to_owned()).collect::<Vec<_>>();
        assert_eq!(names("{{ a.b[0] }}-{{$HOME}}"), ["a.b[0]", "$HOME"]);
        assert_eq!(names("{{ a b }} {{ {{ c }} {{}} {x}"), ["c"]);
    }

    #[test]
    fn values_are_filled_in() {
        let values = object(json!({ "image": { "name": "app", "tags": ["x"] }, "flag": true, "none": null }));
        let environment = object(json!({ "HOME": "/root" }));
        let cases = [
            (json!("{{ image }}"), true, json!({ "name": "app", "tags": ["x"] })),
            (json!("{{ image.name }}:{{ image.tags[0] }}"), true, json!("app:x")),
            (json!("{{ flag }}"), true, json!(true)),
            (json!("is {{ flag }}, {{ none }}"), true, json!("is True, None")),
            (json!("{{ $HOME }}"), true, json!("/root")),
            (json!("{{ $NOTHING }}"), true, json!("")),
            (json!("{{ $NOTHING }}"), false, json!("{{ $NOTHING }}")),
            (json!({ "a": "{{ nothing }}", "b": 1 }), true, json!({ "b": 1 })),
            (json!({ "a": "{{ nothing }}" }), false, json!({ "a": "{{ nothing }}" })),
            (json!(["{{ nothing }}", 1]), false, json!([1])),
            (json!("x{{ nothing }}y"), true, json!("xy")),
            (json!("{{ prefect.blocks.secret.x }}"), true, json!("{{ prefect.blocks.secret.x }}")),
            (json!("{{ ctx.flow_run.id }}"), true, json!("{{ ctx.flow_run.id }}")),
        ];
        for (template, remove_missing, expected) in cases {
            let filling = Filling {
                values: &values,
                environment: &environment,
                remove_missing,
                stays: &|name| name.starts_with("ctx."),
            };
            assert_eq!(filling.fill(&template, &mut BTreeSet::new()), Some(expected), "{template}");
        }
    }
}
