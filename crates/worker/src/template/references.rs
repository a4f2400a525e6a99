//! Blocks and variables that a rendered template names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::merge::TemplateError;
use super::placeholders::{Kind, Placeholder, find, look_up};

/// What a template names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct References {
    /// Blocks by type and name.
    pub blocks: BTreeSet<(String, String)>,
    /// Blocks by id: `{"$ref": {"block_document_id": ...}}`.
    pub block_ids: BTreeSet<String>,
    /// Variables by name.
    pub variables: BTreeSet<String>,
}

/// What is named holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Values {
    /// The data of blocks by type and name.
    pub blocks: BTreeMap<(String, String), Value>,
    /// The data of blocks by id.
    pub block_ids: BTreeMap<String, Value>,
    /// The values of variables. One that is missing here does not exist.
    pub variables: BTreeMap<String, Value>,
}

/// Everything that `template` names.
pub fn references(template: &Value) -> Result<References, TemplateError> {
    let mut found = References::default();
    collect(template, &mut found)?;
    Ok(found)
}

fn collect(template: &Value, found: &mut References) -> Result<(), TemplateError> {
    match template {
        Value::Object(fields) => {
            if let Some(id) = referenced_id(template) {
                found.block_ids.insert(id.to_owned());
                return Ok(());
            }
            fields.values().try_for_each(|value| collect(value, found))
        }
        Value::Array(items) => items.iter().try_for_each(|item| collect(item, found)),
        Value::String(text) => {
            for placeholder in find(text) {
                match placeholder.kind() {
                    Kind::Block => {
                        let (slug, name, _) = block_path(&placeholder)?;
                        found.blocks.insert((slug.to_owned(), name.to_owned()));
                    }
                    Kind::Variable => {
                        found.variables.insert(variable_name(&placeholder));
                    }
                    Kind::Standard | Kind::Environment => {}
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Puts the values of blocks in. What they hold is not looked into for more blocks, but may name variables.
pub fn resolve_blocks(template: &Value, values: &Values) -> Result<Value, TemplateError> {
    match template {
        Value::Object(fields) => {
            if let Some(id) = referenced_id(template) {
                let data = values.block_ids.get(id);
                return data.cloned().ok_or_else(|| TemplateError::NoSuchValue(id.to_owned()));
            }
            let resolved =
                fields.iter().map(|(key, value)| Ok((key.clone(), resolve_blocks(value, values)?)));
            resolved.collect::<Result<_, _>>().map(Value::Object)
        }
        Value::Array(items) => {
            items.iter().map(|item| resolve_blocks(item, values)).collect::<Result<_, _>>().map(Value::Array)
        }
        Value::String(text) => resolve_blocks_in_text(text, values),
        other => Ok(other.clone()),
    }
}

fn resolve_blocks_in_text(text: &str, values: &Values) -> Result<Value, TemplateError> {
    let placeholders = find(text);
    if let [only] = placeholders.as_slice()
        && only.full == text
        && only.kind() == Kind::Block
    {
        return block_value(only, values);
    }
    let mut resolved = text.to_owned();
    for placeholder in placeholders.iter().filter(|placeholder| placeholder.kind() == Kind::Block) {
        let value = block_value(placeholder, values)?;
        if value.is_object() || value.is_array() {
            return Err(TemplateError::NotText(placeholder.name.to_owned()));
        }
        resolved = resolved.replace(placeholder.full, &super::python_text(&value));
    }
    Ok(Value::String(resolved))
}

fn block_value(placeholder: &Placeholder<'_>, values: &Values) -> Result<Value, TemplateError> {
    let (slug, name, path) = block_path(placeholder)?;
    let missing = || TemplateError::NoSuchValue(placeholder.name.to_owned());
    let mut data = values.blocks.get(&(slug.to_owned(), name.to_owned())).ok_or_else(missing)?;
    // Blocks that hold one `value` and nothing else stand for it, unless the path begins with it.
    if let Some(value) =
        data.as_object().filter(|fields| fields.len() == 1).and_then(|fields| fields.get("value"))
        && !path
            .is_some_and(|path| path == "value" || path.starts_with("value.") || path.starts_with("value["))
    {
        data = value;
    }
    match path {
        None => Ok(data.clone()),
        Some(path) => look_up(data, path).ok_or_else(missing),
    }
}

/// `prefect.blocks.TYPE.NAME.path.of.value`
fn block_path<'t>(
    placeholder: &Placeholder<'t>,
) -> Result<(&'t str, &'t str, Option<&'t str>), TemplateError> {
    let path = placeholder.name.strip_prefix("prefect.blocks.").unwrap_or(placeholder.name);
    let mut parts = path.splitn(3, '.');
    match (parts.next(), parts.next()) {
        (Some(slug), Some(name)) => Ok((slug, name, parts.next())),
        _ => Err(TemplateError::BadBlock(placeholder.name.to_owned())),
    }
}

fn referenced_id(template: &Value) -> Option<&str> {
    template.get("$ref")?.get("block_document_id")?.as_str().filter(|id| !id.is_empty())
}

/// Puts the values of variables in; one that does not exist becomes nothing.
pub fn resolve_variables(template: &Value, values: &Values) -> Value {
    match template {
        Value::Object(fields) => Value::Object(
            fields.iter().map(|(key, value)| (key.clone(), resolve_variables(value, values))).collect(),
        ),
        Value::Array(items) => items.iter().map(|item| resolve_variables(item, values)).collect(),
        Value::String(text) => {
            let placeholders = find(text);
            let value = |placeholder: &Placeholder<'_>| {
                let value = values.variables.get(&variable_name(placeholder));
                value.cloned().unwrap_or_else(|| Value::String(String::new()))
            };
            if let [only] = placeholders.as_slice()
                && only.full == text
                && only.kind() == Kind::Variable
            {
                return value(only);
            }
            let mut resolved = text.clone();
            for placeholder in placeholders.iter().filter(|found| found.kind() == Kind::Variable) {
                resolved = resolved.replace(placeholder.full, &super::python_text(&value(placeholder)));
            }
            Value::String(resolved)
        }
        other => other.clone(),
    }
}

fn variable_name(placeholder: &Placeholder<'_>) -> String {
    placeholder.name.replace("prefect.variables.", "")
}
