//! Secret fields: hidden when a document is read, kept when what was hidden is sent back.

use serde_json::Value;

use crate::Object;

/// What stands for a secret, whatever its length.
pub const HIDDEN: &str = "********";

/// The secret fields that a schema names: paths with dots, `*` for everything below.
pub fn secret_paths(schema_fields: &Object) -> Vec<String> {
    let listed = schema_fields.get("secret_fields").and_then(Value::as_array);
    listed.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Hides the secret fields in `data`. A secret that is an object keeps its keys and loses its values.
pub fn hide(data: &mut Object, secret_paths: &[String]) {
    for path in secret_paths {
        let path = Path::read(path);
        let Some(value) = path.find(data) else { continue };
        // A secret that was never set is told from one that was; below a wildcard everything is hidden.
        if path.is_wildcard || !value.is_null() {
            hide_leaves(value, path.is_wildcard);
        }
    }
}

fn hide_leaves(value: &mut Value, hide_nulls: bool) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            object.values_mut().for_each(|value| hide_leaves(value, hide_nulls));
        }
        Value::Null if !hide_nulls => {}
        leaf => *leaf = Value::from(HIDDEN),
    }
}

/// Puts back the secrets of `current` where `update` holds only what stands for them: somebody has read a document
/// and sends it back.
pub fn keep_hidden(update: &mut Object, current: &Object, secret_paths: &[String]) {
    for path in secret_paths {
        let path = Path::read(path);
        let Some(current) = path.look_up(current) else { continue };
        if let Some(updated) = path.find(update) {
            keep_leaves(updated, current);
        }
    }
}

fn keep_leaves(update: &mut Value, current: &Value) {
    match (update, current) {
        (Value::Object(update), Value::Object(current)) => {
            for (key, value) in update.iter_mut() {
                if let Some(current) = current.get(key) {
                    keep_leaves(value, current);
                }
            }
        }
        (update, current) if *update == HIDDEN && !current.is_null() => *update = current.clone(),
        _ => {}
    }
}

struct Path<'p> {
    steps: Vec<&'p str>,
    is_wildcard: bool,
}

impl<'p> Path<'p> {
    fn read(text: &'p str) -> Self {
        let steps: Vec<&str> = text.split('.').collect();
        match steps.iter().position(|step| *step == "*") {
            Some(wildcard) => Self { steps: steps[..wildcard].to_vec(), is_wildcard: true },
            None => Self { steps, is_wildcard: false },
        }
    }

    fn find<'d>(&self, data: &'d mut Object) -> Option<&'d mut Value> {
        let (first, rest) = self.steps.split_first()?;
        let mut value = data.get_mut(*first)?;
        for step in rest {
            value = value.as_object_mut()?.get_mut(*step)?;
        }
        Some(value)
    }

    fn look_up<'d>(&self, data: &'d Object) -> Option<&'d Value> {
        let (first, rest) = self.steps.split_first()?;
        let mut value = data.get(*first)?;
        for step in rest {
            value = value.get(*step)?;
        }
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{hide, keep_hidden};
    use crate::Object;

    fn object(value: Value) -> Object {
        let Value::Object(object) = value else { panic!("not an object") };
        object
    }

    fn paths(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn secrets_are_hidden_wherever_they_stand() {
        let cases = [
            (&["x"][..], json!({"x": "secret", "y": "z"}), json!({"x": "********", "y": "z"})),
            (&["x"], json!({"x": 3}), json!({"x": "********"})),
            (&["x"], json!({"x": null}), json!({"x": null})),
            (
                &["x"],
                json!({"x": {"a": 1, "b": {"c": null}}}),
                json!({"x": {"a": "********", "b": {"c": null}}}),
            ),
            (&["x"], json!({"x": [1, 2]}), json!({"x": "********"})),
            (&["x"], json!({"x": {}}), json!({"x": "********"})),
            (&["a.b"], json!({"a": {"b": 1, "c": 2}}), json!({"a": {"b": "********", "c": 2}})),
            (&["a.b"], json!({"a": "b"}), json!({"a": "b"})),
            (
                &["a.*"],
                json!({"a": {"b": 1, "c": {"d": null}}}),
                json!({"a": {"b": "********", "c": {"d": "********"}}}),
            ),
            (&["a.*.b"], json!({"a": {"x": {"c": 1}}}), json!({"a": {"x": {"c": "********"}}})),
            (&["a.*"], json!({"a": null, "b": 1}), json!({"a": "********", "b": 1})),
            (&["*"], json!({"a": 1}), json!({"a": 1})),
            (&["missing", "y"], json!({"x": 1, "y": 2}), json!({"x": 1, "y": "********"})),
        ];
        for (secrets, data, expected) in cases {
            let mut data = object(data);
            hide(&mut data, &paths(secrets));
            assert_eq!(Value::Object(data), expected, "{secrets:?}");
        }
    }

    #[test]
    fn what_was_hidden_does_not_overwrite_a_secret() {
        let cases = [
            (&["x"][..], json!({"x": "old"}), json!({"x": "********"}), json!({"x": "old"})),
            (&["x"], json!({"x": "old"}), json!({"x": "new"}), json!({"x": "new"})),
            (&["x"], json!({"x": null}), json!({"x": "********"}), json!({"x": "********"})),
            (&["x"], json!({}), json!({"x": "********"}), json!({"x": "********"})),
            (&[], json!({"x": "old"}), json!({"x": "********"}), json!({"x": "********"})),
            (
                &["x"],
                json!({"x": {"a": 1, "b": 2}}),
                json!({"x": {"a": "********", "b": 3, "c": "********"}}),
                json!({"x": {"a": 1, "b": 3, "c": "********"}}),
            ),
            (
                &["a.*"],
                json!({"a": {"b": {"c": "old"}}}),
                json!({"a": {"b": {"c": "********"}, "new": 1}}),
                json!({"a": {"b": {"c": "old"}, "new": 1}}),
            ),
        ];
        for (secrets, current, update, expected) in cases {
            let mut update = object(update);
            keep_hidden(&mut update, &object(current), &paths(secrets));
            assert_eq!(Value::Object(update), expected, "{secrets:?}");
        }
    }
}
