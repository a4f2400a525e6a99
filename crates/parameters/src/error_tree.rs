//! Findings in the nested form that forms in a browser show: `POST /ui/schemas/validate`.

use serde_json::{Map, Value, json};

use crate::hydrate::Placeholder;
use crate::{Finding, PathPart};

/// `{"errors": [...], "valid": ...}`
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorTree {
    /// Texts about the values as a whole; `{"property", "errors"}` and `{"index", "errors"}` about parts of them.
    pub errors: Vec<Value>,
}

impl ErrorTree {
    /// Whether nothing is wrong.
    pub fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }
}

/// Where a value could not be made, that is what is wrong there and nothing else.
pub fn error_tree(findings: Vec<Finding>, placeholders: &[(Vec<PathPart>, Placeholder)]) -> ErrorTree {
    let mut tree = ErrorTree { errors: Vec::new() };
    for (path, placeholder) in placeholders {
        if let Placeholder::Error(error) = placeholder {
            insert(&mut tree.errors, path, error.to_string());
        }
    }
    for finding in findings {
        if placeholders.iter().any(|(path, _)| *path == finding.path) {
            continue;
        }
        let mut path = finding.path;
        // A missing value is shown where it should be.
        if finding.keyword == "required" {
            let name = finding.message.split(' ').next().unwrap_or_default().trim_matches('\'');
            path.push(PathPart::Key(name.to_owned()));
        }
        insert(&mut tree.errors, &path, finding.message);
    }
    tree
}

fn insert(errors: &mut Vec<Value>, path: &[PathPart], message: String) {
    match path {
        [] => errors.push(message.into()),
        [last] => errors.push(entry(last, vec![message.into()])),
        [first, rest @ ..] => {
            let position = errors.iter().position(|error| is_about(error, first)).unwrap_or_else(|| {
                errors.push(entry(first, Vec::new()));
                errors.len() - 1
            });
            if let Some(nested) = errors[position].get_mut("errors").and_then(Value::as_array_mut) {
                insert(nested, rest, message);
            }
        }
    }
}

fn entry(part: &PathPart, errors: Vec<Value>) -> Value {
    let mut entry = Map::new();
    match part {
        PathPart::Key(key) => entry.insert("property".to_owned(), key.as_str().into()),
        PathPart::Index(index) => entry.insert("index".to_owned(), json!(index)),
    };
    entry.insert("errors".to_owned(), Value::Array(errors));
    Value::Object(entry)
}

fn is_about(error: &Value, part: &PathPart) -> bool {
    match part {
        PathPart::Key(key) => error.get("property").is_some_and(|property| property == key.as_str()),
        PathPart::Index(index) => error.get("index").is_some_and(|found| *found == json!(index)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::error_tree;
    use crate::{HydrationContext, JsonObject, find_all, hydrate_leniently};

    fn object(value: Value) -> JsonObject {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn errors_stand_where_they_belong() {
        let schema = object(json!({
            "type": "object",
            "required": ["name"],
            "properties": {
                "list": {"type": "array", "items": {"type": "integer"}},
                "x": {"type": "integer"},
                "late": {"type": "integer"},
            },
        }));
        let sent = object(json!({
            "list": [1, "a"],
            "x": {"__prefect_kind": "none"},
            "late": {"__prefect_kind": "jinja", "template": "{{ x }}"},
        }));
        let hydrated = hydrate_leniently(&sent, &HydrationContext::default());
        let tree = error_tree(find_all(&hydrated.values, &schema).expect("a schema"), &hydrated.placeholders);
        let mut errors = tree.errors.clone();
        errors.sort_by_key(ToString::to_string);
        assert_eq!(
            errors,
            [
                json!({"property": "list", "errors": [{"index": 1, "errors": ["'a' is not of type 'integer'"]}]}),
                json!({"property": "name", "errors": ["'name' is a required property"]}),
                json!({"property": "x", "errors": ["Missing 'value' key in __prefect object"]}),
            ]
        );
        assert!(!tree.is_valid());
    }
}
