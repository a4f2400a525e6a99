//! The `definitions` of a schema: which of them are blocks, which are plain objects.

use std::collections::HashSet;

use serde_json::Value;

use crate::Object;

const PREFIX: &str = "#/definitions/";

/// Every `$ref` inside `value`, outer ones first.
pub(crate) fn reference_strings(value: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    collect(value, &mut found);
    found
}

fn collect<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(object) => collect_in_object(object, found),
        Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
        _ => {}
    }
}

fn collect_in_object<'v>(object: &'v Object, found: &mut Vec<&'v str>) {
    if let Some(Value::String(reference)) = object.get("$ref") {
        found.push(reference);
    }
    object.values().for_each(|value| collect(value, found));
}

/// The key in `definitions` that a `$ref` means.
pub(crate) fn definition_key(reference: &str) -> String {
    reference.replace(PREFIX, "")
}

/// The definitions that `object` refers to, directly or through others, and that are no blocks. Definitions of
/// blocks are not stored: they are schemas of their own.
pub(crate) fn plain_definitions(object: &Object, definitions: &Object) -> Object {
    let mut plain = Object::new();
    let mut seen = HashSet::new();
    let mut references = Vec::new();
    collect_in_object(object, &mut references);
    references.reverse();
    while let Some(reference) = references.pop() {
        let key = definition_key(reference);
        let Some(Value::Object(definition)) = definitions.get(&key) else { continue };
        let is_block = definition.get("block_type_slug").is_some_and(|slug| !slug.is_null());
        if is_block || definition.is_empty() || !seen.insert(key.clone()) {
            continue;
        }
        plain.insert(key, Value::Object(definition.clone()));
        let mut inner = Vec::new();
        collect_in_object(definition, &mut inner);
        references.extend(inner.into_iter().rev());
    }
    plain
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::plain_definitions;

    #[test]
    fn blocks_and_what_nobody_refers_to_are_left_out() {
        let definitions = json!({
            "Block": {"block_type_slug": "x", "properties": {"y": {"$ref": "#/definitions/BehindBlock"}}},
            "BehindBlock": {"type": "object"},
            "Plain": {"properties": {"z": {"$ref": "#/definitions/Inner"}, "self": {"$ref": "#/definitions/Plain"}}},
            "Inner": {"type": "string"},
            "Unused": {"type": "string"},
            "Empty": {},
        });
        let object = json!({"properties": {"a": {"anyOf": [
            {"$ref": "#/definitions/Block"}, {"$ref": "#/definitions/Plain"}, {"$ref": "#/definitions/Empty"},
            {"$ref": "#/definitions/Missing"}, {"$ref": 3},
        ]}}});
        let (Value::Object(definitions), Value::Object(object)) = (definitions, object) else {
            unreachable!()
        };
        let plain = plain_definitions(&object, &definitions);
        assert_eq!(plain.keys().collect::<Vec<_>>(), ["Plain", "Inner"]);
    }
}
