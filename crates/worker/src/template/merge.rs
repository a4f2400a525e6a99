//! Which value a variable has: defaults of the pool, then the deployment, then the run.

use serde_json::{Map, Value};

use super::placeholders::fill_in;

/// A template cannot be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The template of the pool has no such part.
    #[error("the base job template of the work pool has no object {0:?}; see `work-pool inspect`")]
    Missing(&'static str),
    /// `a.b` is set while `a` is no object.
    #[error("the job variable {0:?} sets a part of what is no object")]
    NoObject(String),
    /// `env` is no object.
    #[error("the job variable \"env\" is no object")]
    BadEnvironment,
    /// A block is named in a way that names none.
    #[error(
        "{0:?} names no block: expected prefect.blocks.TYPE.NAME, with the path of a value after it if needed"
    )]
    BadBlock(String),
    /// The block has no such value.
    #[error("{0:?} names a value that the block does not have")]
    NoSuchValue(String),
    /// A list or object stands within a text.
    #[error("{0:?} is a list or an object and cannot be part of a text; name one of its values")]
    NotText(String),
}

/// The variables of a run: those of its deployment, and over them its own. `env` is merged, the rest replaced.
pub fn merge_job_variables(
    deployment: &Map<String, Value>,
    flow_run: &Map<String, Value>,
) -> Map<String, Value> {
    let mut merged = deployment.clone();
    for (name, value) in flow_run {
        match (merged.get_mut(name), value) {
            (Some(Value::Object(known)), Value::Object(more)) if name == "env" => {
                known.extend(more.clone());
            }
            _ => {
                merged.insert(name.clone(), value.clone());
            }
        }
    }
    merged
}

/// Renders a base job template with `values`, up to what blocks and variables hold.
pub fn render(
    base_job_template: &Value,
    values: &Map<String, Value>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Map<String, Value>, TemplateError> {
    let part = |name| base_job_template.get(name).and_then(Value::as_object);
    let mut configuration =
        part("job_configuration").ok_or(TemplateError::Missing("job_configuration"))?.clone();
    let schema = part("variables").ok_or(TemplateError::Missing("variables"))?;
    let mut variables = defaults(schema);
    if let Some(default) = variables.get("env").filter(|default| is_truthy(default)) {
        let default = default.clone();
        if matches!(configuration.get("env"), Some(Value::Object(_))) {
            extend_environment(&mut configuration, &default)?;
        } else {
            configuration.insert("env".to_owned(), default);
        }
    }
    variables.extend(nested(values)?);
    if matches!(configuration.get("env"), Some(Value::Object(_)))
        && let Some(own) = variables.get("env").filter(|own| is_truthy(own))
    {
        extend_environment(&mut configuration, own)?;
    }
    match fill_in(&Value::Object(configuration), &Value::Object(variables), environment) {
        Some(Value::Object(filled)) => Ok(filled),
        _ => Ok(Map::new()),
    }
}

/// Defaults that are null are none.
fn defaults(schema: &Map<String, Value>) -> Map<String, Value> {
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties
        .filter_map(|(name, property)| {
            let default = property.get("default").filter(|default| !default.is_null())?;
            Some((name.clone(), default.clone()))
        })
        .collect()
}

fn extend_environment(configuration: &mut Map<String, Value>, more: &Value) -> Result<(), TemplateError> {
    let Value::Object(more) = more else { return Err(TemplateError::BadEnvironment) };
    if let Some(Value::Object(environment)) = configuration.get_mut("env") {
        environment.extend(more.clone());
    }
    Ok(())
}

/// `{"env.NAME": 1}` means `{"env": {"NAME": 1}}`; what is written in the nested form wins.
fn nested(values: &Map<String, Value>) -> Result<Map<String, Value>, TemplateError> {
    let mut nested = Map::new();
    for (key, value) in values.iter().filter(|(key, _)| key.contains('.')) {
        set(&mut nested, key, value.clone())?;
    }
    for (key, value) in values.iter().filter(|(key, _)| !key.contains('.')) {
        match (nested.get_mut(key), value) {
            (Some(Value::Object(known)), Value::Object(more)) => deep_merge(known, more),
            _ => {
                nested.insert(key.clone(), value.clone());
            }
        }
    }
    Ok(nested)
}

fn set(fields: &mut Map<String, Value>, path: &str, value: Value) -> Result<(), TemplateError> {
    let keys = path.replace('[', ".").replace(']', "");
    let mut keys = keys.split('.').peekable();
    let mut current = fields;
    while let Some(key) = keys.next() {
        if keys.peek().is_none() {
            current.insert(key.to_owned(), value);
            return Ok(());
        }
        let next = current.entry(key).or_insert_with(|| Value::Object(Map::new()));
        current = next.as_object_mut().ok_or_else(|| TemplateError::NoObject(path.to_owned()))?;
    }
    Ok(())
}

fn deep_merge(known: &mut Map<String, Value>, more: &Map<String, Value>) {
    for (key, value) in more {
        match (known.get_mut(key), value) {
            (Some(Value::Object(known)), Value::Object(more)) => deep_merge(known, more),
            _ => {
                known.insert(key.clone(), value.clone());
            }
        }
    }
}

/// What Python takes for true.
fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}
