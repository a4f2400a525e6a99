//! The schema of a function's parameters, as the SDK makes it.

use ruff_python_ast::{Expr, Parameter, ParameterWithDefault, StmtFunctionDef};
use serde_json::{Map, Value, json};

use super::module::Module;
use super::types::Types;
use super::{Result, docstring, model, unclear, values};

/// The schema of the parameters of `definition`. `self` and `cls` keep their positions but are left out.
pub(crate) fn of_function(
    module: &Module<'_>,
    definition: &StmtFunctionDef,
    docstring: Option<&str>,
) -> Result<Map<String, Value>> {
    let descriptions = docstring.map(docstring::parameters).unwrap_or_default();
    let mut types = Types::new(module);
    let mut properties = Map::new();
    let mut required: Vec<Value> = Vec::new();
    for (position, (parameter, default)) in in_order(definition).enumerate() {
        let name = parameter.name.as_str();
        if name == "self" || name == "cls" {
            continue;
        }
        if name.starts_with('_') {
            return unclear(format!("the parameter {name} starts with an underscore"));
        }
        let property = property(module, &mut types, parameter, default, position, descriptions.get(name));
        let (property, is_required) = property
            .map_err(|error| super::AnalysisError::Unclear(format!("the parameter {name}: {error}")))?;
        if is_required {
            required.push(name.into());
        }
        properties.insert(name.to_owned(), Value::Object(property));
    }
    let mut schema = Map::new();
    schema.insert("title".to_owned(), "Parameters".into());
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), Value::Object(properties));
    if !required.is_empty() {
        schema.insert("required".to_owned(), Value::Array(required));
    }
    let definitions = types.into_definitions();
    if !definitions.is_empty() {
        schema.insert("definitions".to_owned(), Value::Object(definitions));
    }
    Ok(schema)
}

/// The parameters in the order of `inspect.signature`, with their defaults.
fn in_order(definition: &StmtFunctionDef) -> impl Iterator<Item = (&Parameter, Option<&Expr>)> {
    let parameters = &definition.parameters;
    let mut all = plain(&parameters.posonlyargs);
    all.extend(plain(&parameters.args));
    all.extend(parameters.vararg.as_deref().map(|one| (one, None)));
    all.extend(plain(&parameters.kwonlyargs));
    all.extend(parameters.kwarg.as_deref().map(|one| (one, None)));
    all.into_iter()
}

fn plain(list: &[ParameterWithDefault]) -> Vec<(&Parameter, Option<&Expr>)> {
    list.iter().map(|one| (&one.parameter, one.default.as_deref())).collect()
}

/// The property of one parameter, and whether it is required.
fn property(
    module: &Module<'_>,
    types: &mut Types<'_, '_>,
    parameter: &Parameter,
    default: Option<&Expr>,
    position: usize,
    description: Option<&String>,
) -> Result<(Map<String, Value>, bool)> {
    let mut property = match &parameter.annotation {
        Some(annotation) => types.schema(annotation)?,
        None => Map::new(),
    };
    property.insert("position".to_owned(), position.into());
    property.insert("title".to_owned(), parameter.name.as_str().into());
    if let Some(description) = description {
        property.insert("description".to_owned(), json!(description));
    }
    let Some(default) = default else { return Ok((property, true)) };
    if let Some(field) = model::Field::read(module, default)? {
        // The SDK takes over default and description of a field, and nothing else.
        if let Some(description) = field.description {
            property.insert("description".to_owned(), description);
        }
        if field.has_factory || field.title.is_some() || !field.bounds.is_empty() {
            return unclear("its default is a field with more than a default and a description");
        }
        let is_required = field.default.is_none();
        if let Some(default) = field.default {
            property.insert("default".to_owned(), default);
        }
        return Ok((property, is_required));
    }
    property.insert("default".to_owned(), values::evaluate(module, default)?);
    Ok((property, false))
}
