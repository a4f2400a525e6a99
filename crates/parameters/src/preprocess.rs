//! Makes schemas that pydantic 1 generated mean in Draft 2020-12 what they were meant to.

use serde_json::{Value, json};

use crate::JsonObject;

/// Optional fields accept null, lists of item schemas become prefixes, and a block may be given by reference.
/// `allows_none_with_default`: fields with a default accept null as well.
pub fn preprocess(schema: &JsonObject, allows_none_with_default: bool) -> JsonObject {
    let mut schema = schema.clone();
    let required = required_of(&schema);
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        fix_properties(properties, &required, allows_none_with_default);
    }
    let mut by_reference = Vec::new();
    if let Some(Value::Object(definitions)) = schema.get_mut("definitions") {
        for (_, definition) in definitions.iter_mut() {
            let Value::Object(definition) = definition else { continue };
            let required = required_of(definition);
            if let Some(Value::Object(properties)) = definition.get_mut("properties") {
                fix_properties(properties, &required, allows_none_with_default);
            }
            if definition.contains_key("block_type_slug")
                && let Some(title) = definition.get("title").and_then(Value::as_str)
            {
                by_reference.push((title.to_owned(), block_or_reference(definition)));
            }
        }
        definitions.extend(by_reference);
    }
    schema
}

/// The schema without `required` at any depth of objects, but not inside of lists, for values of which more may come
/// later.
pub fn without_required(schema: &JsonObject) -> JsonObject {
    schema
        .iter()
        .filter(|(key, _)| *key != "required")
        .map(|(key, value)| (key.clone(), value_without_required(value)))
        .collect()
}

fn value_without_required(value: &Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(without_required(object)),
        _ => value.clone(),
    }
}

fn required_of(schema: &JsonObject) -> Vec<String> {
    let names = schema.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn fix_properties(properties: &mut JsonObject, required: &[String], allows_none_with_default: bool) {
    for (name, schema) in properties.iter_mut() {
        let Value::Object(schema) = schema else { continue };
        let accepts_null = !required.contains(name)
            && schema.get("type").is_some_and(|of| of != "null")
            && (!schema.contains_key("default") || allows_none_with_default);
        if accepts_null && let Some(of) = schema.shift_remove("type") {
            schema.insert("anyOf".to_owned(), json!([{ "type": of }, { "type": "null" }]));
        }
        let is_tuple = schema.get("items").and_then(Value::as_array).is_some_and(|items| !items.is_empty())
            && !schema.contains_key("prefixItems");
        if is_tuple && let Some(items) = schema.shift_remove("items") {
            schema.insert("prefixItems".to_owned(), items);
        }
        let required = required_of(schema);
        if let Some(Value::Object(nested)) = schema.get_mut("properties") {
            fix_properties(nested, &required, allows_none_with_default);
        }
    }
}

fn block_or_reference(definition: &JsonObject) -> Value {
    json!({
        "oneOf": [
            definition,
            {
                "type": "object",
                "properties": {
                    "$ref": {
                        "oneOf": [
                            { "type": "string", "format": "uuid" },
                            { "type": "object", "additionalProperties": { "type": "string" }, "minProperties": 1 },
                        ]
                    }
                },
                "required": ["$ref"],
            },
        ]
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{preprocess, without_required};
    use crate::JsonObject;

    fn object(value: Value) -> JsonObject {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn optional_fields_accept_null_and_tuples_are_prefixes() {
        let schema = object(json!({
            "required": ["a"],
            "properties": {
                "a": {"type": "string"},
                "b": {"type": "string"},
                "c": {"type": "string", "default": "x"},
                "d": {"items": [{"type": "integer"}], "type": "array"},
            },
        }));
        let processed = preprocess(&schema, false);
        assert_eq!(
            processed["properties"],
            json!({
                "a": {"type": "string"},
                "b": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                "c": {"type": "string", "default": "x"},
                "d": {"anyOf": [{"type": "array"}, {"type": "null"}], "prefixItems": [{"type": "integer"}]},
            })
        );
        let lenient = preprocess(&schema, true);
        assert_eq!(
            lenient["properties"]["c"],
            json!({"default": "x", "anyOf": [{"type": "string"}, {"type": "null"}]})
        );
    }

    #[test]
    fn a_block_may_be_given_by_reference() {
        let schema = object(
            json!({"definitions": {"AWS": {"title": "AWS", "block_type_slug": "aws", "type": "object"}}}),
        );
        let processed = preprocess(&schema, false);
        assert_eq!(processed["definitions"]["AWS"]["oneOf"][1]["required"], json!(["$ref"]));
    }

    #[test]
    fn required_goes_at_any_depth_of_objects() {
        let schema = object(
            json!({"required": ["a"], "properties": {"a": {"required": ["b"], "allOf": [{"required": ["b"]}]}}}),
        );
        assert_eq!(
            without_required(&schema),
            object(json!({"properties": {"a": {"allOf": [{"required": ["b"]}]}}}))
        );
    }
}
