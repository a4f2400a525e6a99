//! Values that say how to make a value: `{"__prefect_kind": "json", "value": "[1]"}` (wire-protocol 7.16).

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;
use sluice_templating::Renderer;

use crate::{JsonObject, PathPart};

const KIND: &str = "__prefect_kind";

/// What hydration may use.
#[derive(Debug, Clone, Default)]
pub struct HydrationContext {
    /// The values of workspace variables by name.
    pub variables: HashMap<String, Value>,
    /// What renders templates; none: they are only checked.
    pub renderer: Option<Arc<Renderer>>,
}

/// Why a value cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum HydrationError {
    /// A key of the description is missing.
    #[error("Missing '{0}' key in __prefect object")]
    KeyNotFound(&'static str),
    /// The text is no JSON.
    #[error("Invalid JSON: {0}")]
    InvalidJson(String),
    /// The template is wrong or fails.
    #[error("Invalid jinja: {0}")]
    InvalidJinja(String),
    /// No workspace variable has this name.
    #[error("Variable '{0}' not found in workspace.")]
    VariableNotFound(String),
}

/// What stands where a value could not be made, for forms that show every mistake at once.
#[derive(Debug, Clone, PartialEq)]
pub enum Placeholder {
    /// The mistake.
    Error(HydrationError),
    /// A template without mistakes that is rendered later: fits every schema.
    Template,
}

/// The outcome of [`hydrate_leniently`]; a null stands where there is a placeholder.
#[derive(Debug, Clone, PartialEq)]
pub struct Hydrated {
    /// The values.
    pub values: JsonObject,
    /// Where a value could not be made, and why.
    pub placeholders: Vec<(Vec<PathPart>, Placeholder)>,
}

/// Makes every value, or ends at the first that cannot be made.
pub fn hydrate(object: &JsonObject, context: &HydrationContext) -> Result<JsonObject, HydrationError> {
    let hydrated = hydrate_leniently(object, context);
    match hydrated.placeholders.into_iter().next() {
        Some((_, Placeholder::Error(error))) => Err(error),
        _ => Ok(hydrated.values),
    }
}

/// Makes every value that can be made.
pub fn hydrate_leniently(object: &JsonObject, context: &HydrationContext) -> Hydrated {
    let mut hydration = Hydration { context, path: Vec::new(), placeholders: Vec::new() };
    let made = hydration.value(&Value::Object(object.clone()));
    let values = match made {
        Made::Value(Value::Object(values)) => values,
        Made::Value(_) | Made::Nothing | Made::Placeholder(_) => JsonObject::new(),
    };
    Hydrated { values, placeholders: hydration.placeholders }
}

/// Whether any value names a workspace variable: whether variables have to be read for it.
pub fn names_variables(object: &JsonObject) -> bool {
    object.get(KIND).is_some_and(|kind| kind == "workspace_variable")
        || object.values().any(value_names_variables)
}

fn value_names_variables(value: &Value) -> bool {
    match value {
        Value::Object(object) => names_variables(object),
        Value::Array(items) => items.iter().any(value_names_variables),
        _ => false,
    }
}

enum Made {
    Value(Value),
    /// The value is left out of what holds it.
    Nothing,
    Placeholder(Placeholder),
}

struct Hydration<'a> {
    context: &'a HydrationContext,
    path: Vec<PathPart>,
    placeholders: Vec<(Vec<PathPart>, Placeholder)>,
}

impl Hydration<'_> {
    fn value(&mut self, value: &Value) -> Made {
        match value {
            Value::Object(object) => match object.get(KIND) {
                Some(kind) => self.described(kind.as_str(), object),
                None => self.object(object),
            },
            Value::Array(items) => self.array(items),
            _ => Made::Value(value.clone()),
        }
    }

    fn object(&mut self, object: &JsonObject) -> Made {
        let mut made = JsonObject::new();
        for (key, value) in object {
            self.path.push(PathPart::Key(key.clone()));
            if let Some(value) = self.held(value) {
                made.insert(key.clone(), value);
            }
            self.path.pop();
        }
        Made::Value(Value::Object(made))
    }

    fn array(&mut self, items: &[Value]) -> Made {
        let mut made = Vec::with_capacity(items.len());
        for item in items {
            self.path.push(PathPart::Index(made.len()));
            if let Some(value) = self.held(item) {
                made.push(value);
            }
            self.path.pop();
        }
        Made::Value(Value::Array(made))
    }

    fn held(&mut self, value: &Value) -> Option<Value> {
        match self.value(value) {
            Made::Value(value) => Some(value),
            Made::Nothing => None,
            Made::Placeholder(placeholder) => {
                self.placeholders.push((self.path.clone(), placeholder));
                Some(Value::Null)
            }
        }
    }

    fn described(&mut self, kind: Option<&str>, object: &JsonObject) -> Made {
        match kind {
            Some("none") => match object.get("value") {
                Some(value) => self.value(value),
                None => failed(HydrationError::KeyNotFound("value")),
            },
            Some("json") => self.json(object),
            Some("jinja") => self.jinja(object),
            Some("workspace_variable") => self.variable(object),
            _ => Made::Value(object.get("value").cloned().unwrap_or_default()),
        }
    }

    fn json(&mut self, object: &JsonObject) -> Made {
        let Some(value) = object.get("value") else { return Made::Nothing };
        match self.inner(value) {
            Made::Value(Value::String(text)) => match serde_json::from_str(&text) {
                Ok(value) => Made::Value(value),
                Err(error) => failed(HydrationError::InvalidJson(describe_json_error(&text, &error))),
            },
            made => made,
        }
    }

    fn jinja(&mut self, object: &JsonObject) -> Made {
        let Some(template) = object.get("template") else {
            return failed(HydrationError::KeyNotFound("template"));
        };
        let template = match self.inner(template) {
            Made::Value(Value::String(template)) => template,
            Made::Value(other) => {
                return failed(HydrationError::InvalidJinja(format!("a template is a text, not {other}")));
            }
            made => return made,
        };
        if let Err(error) = sluice_templating::check(&template) {
            return failed(HydrationError::InvalidJinja(error.to_string()));
        }
        let Some(renderer) = &self.context.renderer else {
            return Made::Placeholder(Placeholder::Template);
        };
        match renderer.render(&template) {
            Ok(text) => Made::Value(Value::String(text)),
            Err(error) => failed(HydrationError::InvalidJinja(error.to_string())),
        }
    }

    fn variable(&mut self, object: &JsonObject) -> Made {
        let Some(name) = object.get("variable_name") else { return Made::Nothing };
        let name = match self.inner(name) {
            Made::Value(Value::String(name)) => name,
            Made::Value(other) => other.to_string(),
            made => return made,
        };
        match self.context.variables.get(&name) {
            Some(value) => Made::Value(value.clone()),
            None => failed(HydrationError::VariableNotFound(name)),
        }
    }

    /// Only objects are looked into: a description inside a description.
    fn inner(&mut self, value: &Value) -> Made {
        if value.is_object() { self.value(value) } else { Made::Value(value.clone()) }
    }
}

fn failed(error: HydrationError) -> Made {
    Made::Placeholder(Placeholder::Error(error))
}

/// As Python's parser says it where that is cheap to tell: it is what forms show.
fn describe_json_error(text: &str, error: &serde_json::Error) -> String {
    let line = error.line().max(1);
    let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let mut column = error.column().max(1);
    let first = text.chars().find(|character| !character.is_whitespace());
    let starts_a_value = first.is_some_and(|first| first.is_ascii_digit() || "{[\"-tfnNI".contains(first));
    if !starts_a_value {
        column = text.find(|character: char| !character.is_whitespace()).unwrap_or(text.len()) + 1;
        return format!("Expecting value: line 1 column {column} (char {})", column - 1);
    }
    format!("Expecting value: line {line} column {column} (char {})", before + column - 1)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::{HydrationContext, Placeholder, hydrate, hydrate_leniently, names_variables};
    use crate::JsonObject;

    fn object(value: Value) -> JsonObject {
        value.as_object().cloned().expect("an object")
    }

    fn context() -> HydrationContext {
        let variables = [("v".to_owned(), json!([1, 2])), ("name".to_owned(), json!("v"))].into();
        HydrationContext { variables, renderer: Some(Arc::default()) }
    }

    #[test]
    fn makes_values_of_every_kind() {
        let cases = [
            (json!({"a": {"__prefect_kind": "none", "value": 5}}), json!({"a": 5})),
            (
                json!({"a": {"__prefect_kind": "none", "value": {"b": {"__prefect_kind": "json"}}}}),
                json!({"a": {}}),
            ),
            (json!({"a": {"__prefect_kind": "json", "value": "[true]"}}), json!({"a": [true]})),
            (json!({"a": {"__prefect_kind": "json", "value": 7}}), json!({"a": 7})),
            (
                json!({"a": {"__prefect_kind": "json"}, "b": [1, {"__prefect_kind": "json"}]}),
                json!({"b": [1]}),
            ),
            (json!({"a": {"__prefect_kind": "jinja", "template": "{{ 1 + 2 }}"}}), json!({"a": "3"})),
            (
                json!({"a": {"__prefect_kind": "json", "value": {"__prefect_kind": "jinja", "template": "{{ 7 }}"}}}),
                json!({"a": 7}),
            ),
            (
                json!({"a": {"__prefect_kind": "workspace_variable", "variable_name": "v"}}),
                json!({"a": [1, 2]}),
            ),
            (json!({"a": {"__prefect_kind": "workspace_variable"}}), json!({})),
            (
                json!({"a": {"__prefect_kind": "unheard_of", "value": 1}, "b": {"__prefect_kind": null}}),
                json!({"a": 1, "b": null}),
            ),
            (json!({"__prefect_kind": "json"}), json!({})),
        ];
        for (sent, expected) in cases {
            assert_eq!(hydrate(&object(sent.clone()), &context()), Ok(object(expected)), "{sent}");
        }
    }

    #[test]
    fn says_why_a_value_cannot_be_made() {
        let cases = [
            (json!({"a": {"__prefect_kind": "none"}}), "Missing 'value' key in __prefect object"),
            (json!({"a": {"__prefect_kind": "jinja"}}), "Missing 'template' key in __prefect object"),
            (
                json!({"a": {"__prefect_kind": "json", "value": "not json"}}),
                "Invalid JSON: Expecting value: line 1 column 1 (char 0)",
            ),
            (
                json!({"a": {"__prefect_kind": "workspace_variable", "variable_name": "x"}}),
                "Variable 'x' not found in workspace.",
            ),
        ];
        for (sent, expected) in cases {
            let error = hydrate(&object(sent.clone()), &context()).expect_err("fails");
            let text = error.to_string();
            assert!(
                text == expected
                    || (text.starts_with("Invalid JSON") && expected.starts_with("Invalid JSON")),
                "{sent}: {text}"
            );
        }
    }

    #[test]
    fn every_mistake_is_kept_with_its_place() {
        let sent = json!({"a": [{"__prefect_kind": "none"}], "t": {"__prefect_kind": "jinja", "template": "{{ x }}"}});
        let lenient = HydrationContext { renderer: None, ..context() };
        let hydrated = hydrate_leniently(&object(sent), &lenient);
        assert_eq!(hydrated.values, object(json!({"a": [null], "t": null})));
        assert_eq!(hydrated.placeholders.len(), 2);
        assert_eq!(hydrated.placeholders[1].1, Placeholder::Template);
    }

    #[test]
    fn variables_are_read_only_when_named() {
        assert!(names_variables(&object(json!({"a": [{"__prefect_kind": "workspace_variable"}]}))));
        assert!(!names_variables(&object(json!({"a": "workspace_variable"}))));
    }
}
