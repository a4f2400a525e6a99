//! Job variables against the template of a work pool. Later values win: the template's defaults, then the
//! deployment's, then the run's.

use std::collections::HashMap;

use serde_json::Value;

use crate::validate::{Checks, Failure, InvalidSchema, check_schema, validate};
use crate::{JsonObject, without_required};

/// What is checked, and how strictly.
#[derive(Debug, Clone, Copy)]
pub struct JobVariables<'a> {
    /// The pool's template; `variables` in it is the schema.
    pub base_job_template: &'a JsonObject,
    /// The values, weakest first.
    pub layers: &'a [&'a JsonObject],
    /// Whether required values may be missing, because a run may still bring them.
    pub ignores_required: bool,
    /// Whether defaults that do not fit are passed over. Not when the template itself is checked.
    pub ignores_invalid_defaults: bool,
}

/// Why job variables were refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum JobVariablesError {
    /// The template's schema is no schema.
    #[error("Invalid schema: {}", .0.0)]
    Schema(InvalidSchema),
    /// A default refers to a block that does not exist.
    #[error("Block not found.")]
    BlockNotFound,
    /// The values do not fit.
    #[error(transparent)]
    Invalid(Failure),
}

/// The blocks that defaults of the template refer to; their data is to be passed to [`check_job_variables`].
pub fn block_references(base_job_template: &JsonObject) -> Vec<String> {
    let Some((_, properties)) = variables_of(base_job_template) else { return Vec::new() };
    properties.values().filter_map(default_reference).flatten().map(str::to_owned).collect()
}

/// Checks the values. A template without variables takes everything. `blocks` has the data of blocks by id.
pub fn check_job_variables(
    variables: JobVariables<'_>,
    blocks: &HashMap<String, Value>,
) -> Result<(), JobVariablesError> {
    let Some(schema) = variables.base_job_template.get("variables").and_then(Value::as_object) else {
        return Ok(());
    };
    if schema.is_empty() {
        return Ok(());
    }
    check_schema(schema).map_err(JobVariablesError::Schema)?;
    let (mut values, has_invalid_defaults) = defaults(&variables, schema, blocks)?;
    for layer in variables.layers {
        values.extend((*layer).clone());
    }
    let checks = Checks {
        // A default that was passed over would be missed.
        ignores_required: variables.ignores_required
            || (variables.ignores_invalid_defaults && has_invalid_defaults),
        allows_none_with_default: true,
    };
    validate(&values, schema, checks).map_err(JobVariablesError::Invalid)
}

fn variables_of(base_job_template: &JsonObject) -> Option<(&JsonObject, &JsonObject)> {
    let schema = base_job_template.get("variables")?.as_object()?;
    Some((schema, schema.get("properties")?.as_object()?))
}

/// `Some(None)`: a reference to no particular block.
fn default_reference(property: &Value) -> Option<Option<&str>> {
    let reference = property.get("default")?.as_object()?.get("$ref")?;
    Some(reference.get("block_document_id").and_then(Value::as_str))
}

fn defaults(
    variables: &JobVariables<'_>,
    schema: &JsonObject,
    blocks: &HashMap<String, Value>,
) -> Result<(JsonObject, bool), JobVariablesError> {
    let mut defaults = JsonObject::new();
    let mut has_invalid = false;
    let Some((_, properties)) = variables_of(variables.base_job_template) else {
        return Ok((defaults, has_invalid));
    };
    // As it stands, without the leniency for null, but nothing is required.
    let strict = without_required(schema);
    for (name, property) in properties {
        let Some(default) = property.get("default") else { continue };
        let default = match default_reference(property) {
            Some(None) => continue,
            Some(Some(id)) => blocks.get(id).ok_or(JobVariablesError::BlockNotFound)?,
            None => default,
        };
        let fits = !variables.ignores_invalid_defaults || fits_alone(name, default, &strict)?;
        if fits {
            defaults.insert(name.clone(), default.clone());
        } else {
            has_invalid = true;
        }
    }
    Ok((defaults, has_invalid))
}

fn fits_alone(name: &str, default: &Value, schema: &JsonObject) -> Result<bool, JobVariablesError> {
    let mut values = JsonObject::new();
    values.insert(name.to_owned(), default.clone());
    match crate::find_all(&values, schema) {
        Ok(findings) => Ok(findings.is_empty()),
        Err(failure) => Err(JobVariablesError::Invalid(failure)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::{Value, json};

    use super::{JobVariables, block_references, check_job_variables};
    use crate::JsonObject;

    fn object(value: Value) -> JsonObject {
        value.as_object().cloned().expect("an object")
    }

    fn check(schema: Value, layers: &[Value], ignores_required: bool) -> Result<(), String> {
        let template = object(json!({"variables": schema}));
        let layers: Vec<JsonObject> = layers.iter().cloned().map(object).collect();
        let layers: Vec<&JsonObject> = layers.iter().collect();
        let variables = JobVariables {
            base_job_template: &template,
            layers: &layers,
            ignores_required,
            ignores_invalid_defaults: true,
        };
        check_job_variables(variables, &HashMap::new()).map_err(|error| error.to_string())
    }

    #[test]
    fn values_and_defaults_are_checked_together() {
        let schema = |a: Value| json!({"type": "object", "required": ["a"], "properties": {"a": a, "b": {"type": "integer", "default": 1}}});
        let cases = [
            (schema(json!({"type": "string"})), vec![json!({"a": "x"})], Ok(())),
            (schema(json!({"type": "string"})), vec![json!({"a": 1}), json!({"a": "x"})], Ok(())),
            (schema(json!({"type": "string", "default": "x"})), vec![], Ok(())),
            // The default does not fit, so nobody can tell what is missing.
            (schema(json!({"type": "string", "default": 5})), vec![], Ok(())),
            (schema(json!({"type": "string"})), vec![json!({"a": "x", "b": null})], Ok(())),
            (
                schema(json!({"type": "string"})),
                vec![],
                Err("Validation failed. Failure reason: 'a' is a required property"),
            ),
            (
                schema(json!({"type": "string"})),
                vec![json!({"a": 1})],
                Err("Validation failed for field 'a'. Failure reason: 1 is not of type 'string'"),
            ),
            (
                schema(json!({"type": "blork"})),
                vec![],
                Err("Invalid schema: 'blork' is not valid under any of the given schemas"),
            ),
            (
                schema(json!({"default": {"$ref": {"block_document_id": "x"}}})),
                vec![],
                Err("Block not found."),
            ),
        ];
        for (schema, layers, expected) in cases {
            let outcome = check(schema.clone(), &layers, false);
            assert_eq!(outcome, expected.map_err(str::to_owned), "{schema} {layers:?}");
        }
    }

    #[test]
    fn a_deployment_need_not_bring_everything() {
        assert!(check(json!({"required": ["a"], "properties": {"a": {}}}), &[], true).is_ok());
    }

    #[test]
    fn blocks_are_found_in_defaults() {
        let template = object(json!({"variables": {"properties": {
            "a": {"default": {"$ref": {"block_document_id": "x"}}}, "b": {"default": {"$ref": {}}}, "c": {"default": 1}}}}));
        assert_eq!(block_references(&template), ["x"]);
    }
}
