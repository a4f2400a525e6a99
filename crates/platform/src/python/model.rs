//! Enumerations and pydantic models that stand in the same file.

use ruff_python_ast::{Expr, Stmt, StmtClassDef};
use serde_json::{Map, Value, json};

use super::module::Module;
use super::types::{Types, common_type};
use super::{Result, docstring, is_text, unclear, values};

/// The members of an enumeration with their values; `None` for a class that is none.
pub(crate) fn enumeration<'m>(
    module: &Module<'m>,
    class: &'m StmtClassDef,
) -> Result<Option<Vec<(&'m str, Value)>>> {
    let bases = bases(module, class)?;
    let is_enumeration = matches!(
        bases.iter().map(String::as_str).collect::<Vec<_>>().as_slice(),
        ["enum.Enum" | "enum.StrEnum" | "enum.IntEnum"] | ["str" | "int", "enum.Enum"]
    );
    if !is_enumeration {
        return Ok(None);
    }
    if !class.decorator_list.is_empty() {
        return unclear(format!("{} has a decorator", class.name));
    }
    let mut members = Vec::new();
    for statement in &class.body {
        match statement {
            Stmt::Assign(assign) => match assign.targets.as_slice() {
                [Expr::Name(name)] if !name.id.as_str().starts_with('_') => {
                    members.push((name.id.as_str(), values::evaluate(module, &assign.value)?));
                }
                _ => return unclear(format!("the members of {} are computed", class.name)),
            },
            Stmt::FunctionDef(function) if !function.name.as_str().starts_with('_') => {}
            statement if is_text(statement) || statement.is_pass_stmt() => {}
            _ => return unclear(format!("{} has more than members", class.name)),
        }
    }
    Ok(Some(members))
}

/// The schema of an enumeration; `None` for a class that is none.
pub(crate) fn enumeration_schema(
    module: &Module<'_>,
    class: &StmtClassDef,
) -> Result<Option<Map<String, Value>>> {
    let Some(members) = enumeration(module, class)? else { return Ok(None) };
    let choices: Vec<Value> = members.into_iter().map(|(_, value)| value).collect();
    let mut schema = Map::new();
    if let Some(description) = docstring::of_body(&class.body) {
        schema.insert("description".to_owned(), description.into());
    }
    let kind = common_type(&choices);
    schema.insert("enum".to_owned(), Value::Array(choices));
    schema.insert("title".to_owned(), class.name.as_str().into());
    if let Some(kind) = kind {
        schema.insert("type".to_owned(), kind.into());
    }
    Ok(Some(schema))
}

/// The schema of a pydantic model whose fields are plain.
pub(crate) fn model_schema(
    module: &Module<'_>,
    types: &mut Types<'_, '_>,
    class: &StmtClassDef,
) -> Result<Map<String, Value>> {
    let name = class.name.as_str();
    let bases = bases(module, class)?;
    let is_model = matches!(
        bases.iter().map(String::as_str).collect::<Vec<_>>().as_slice(),
        ["pydantic.BaseModel" | "pydantic.main.BaseModel"]
    );
    if !is_model || !class.decorator_list.is_empty() {
        return unclear(format!("its type {name} is a class of its own kind"));
    }
    let mut properties = Map::new();
    let mut required: Vec<Value> = Vec::new();
    for statement in &class.body {
        match statement {
            Stmt::AnnAssign(assign) => {
                let Expr::Name(field) = &*assign.target else { return unclear(format!("{name} is unusual")) };
                let field = field.id.as_str();
                let mut property = types.schema(&assign.annotation)?;
                let refers =
                    property.contains_key("$ref") || property.get("anyOf").is_some_and(is_optional_reference);
                if !refers {
                    property.insert("title".to_owned(), title(field).into());
                }
                if !with_default(module, &mut property, assign.value.as_deref())? {
                    required.push(field.into());
                }
                properties.insert(field.to_owned(), Value::Object(property));
            }
            Stmt::FunctionDef(function) if function.decorator_list.is_empty() => {}
            statement if is_text(statement) || statement.is_pass_stmt() => {}
            _ => return unclear(format!("the model {name} has more than fields")),
        }
    }
    let mut schema = Map::new();
    if let Some(description) = docstring::of_body(&class.body) {
        schema.insert("description".to_owned(), description.into());
    }
    schema.insert("properties".to_owned(), Value::Object(properties));
    if !required.is_empty() {
        schema.insert("required".to_owned(), Value::Array(required));
    }
    schema.insert("title".to_owned(), name.into());
    schema.insert("type".to_owned(), "object".into());
    Ok(schema)
}

/// Adds what the value of a field says; returns whether the field has a default.
fn with_default(
    module: &Module<'_>,
    property: &mut Map<String, Value>,
    value: Option<&Expr>,
) -> Result<bool> {
    let Some(value) = value else { return Ok(false) };
    let Some(field) = Field::read(module, value)? else {
        property.insert("default".to_owned(), values::evaluate(module, value)?);
        return Ok(true);
    };
    let has_default = field.has_factory || field.default.is_some();
    for (key, value) in
        [("title", field.title), ("description", field.description), ("default", field.default)]
    {
        if let Some(value) = value {
            property.insert(key.to_owned(), value);
        }
    }
    if !field.bounds.is_empty()
        && !matches!(property.get("type").and_then(Value::as_str), Some("integer" | "number"))
    {
        return unclear("a field with bounds that is no number");
    }
    property.extend(field.bounds);
    Ok(has_default)
}

/// What `Field(...)` of pydantic says, where it says nothing unusual.
#[derive(Default)]
pub(crate) struct Field {
    pub(crate) default: Option<Value>,
    pub(crate) has_factory: bool,
    pub(crate) description: Option<Value>,
    pub(crate) title: Option<Value>,
    /// Bounds of a number, by their names in JSON Schema.
    pub(crate) bounds: Map<String, Value>,
}

impl Field {
    /// Reads a default that may be a field; `None` when it is not.
    pub(crate) fn read(module: &Module<'_>, expression: &Expr) -> Result<Option<Self>> {
        let Expr::Call(call) = expression else { return Ok(None) };
        if !matches!(
            module.qualified(&call.func).as_deref(),
            Some("pydantic.Field" | "pydantic.fields.Field")
        ) {
            return Ok(None);
        }
        let mut field = Self::default();
        match &*call.arguments.args {
            [] | [Expr::EllipsisLiteral(_)] => {}
            [default] => field.default = Some(values::evaluate(module, default)?),
            _ => return unclear("a field with unusual arguments"),
        }
        for keyword in &call.arguments.keywords {
            let name = keyword.arg.as_ref().map_or("", |name| name.as_str());
            let evaluated = || values::evaluate(module, &keyword.value);
            match name {
                "default" if keyword.value.is_ellipsis_literal_expr() => {}
                "default" => field.default = Some(evaluated()?),
                "default_factory" => field.has_factory = true,
                "description" => field.description = Some(evaluated()?),
                "title" => field.title = Some(evaluated()?),
                "ge" => drop(field.bounds.insert("minimum".to_owned(), evaluated()?)),
                "gt" => drop(field.bounds.insert("exclusiveMinimum".to_owned(), evaluated()?)),
                "le" => drop(field.bounds.insert("maximum".to_owned(), evaluated()?)),
                "lt" => drop(field.bounds.insert("exclusiveMaximum".to_owned(), evaluated()?)),
                other => return unclear(format!("a field with {other:?}")),
            }
        }
        Ok(Some(field))
    }
}

/// `anyOf` a reference and null: such a field gets no title either.
fn is_optional_reference(choices: &Value) -> bool {
    let Some([first, second]) = choices.as_array().map(Vec::as_slice) else { return false };
    first.get("$ref").is_some() && *second == json!({ "type": "null" })
}

/// `aa_bb` -> `Aa Bb`
fn title(name: &str) -> String {
    let mut title = String::new();
    let mut starts = true;
    for character in name.chars() {
        if !character.is_alphabetic() {
            title.push(if character == '_' { ' ' } else { character });
            starts = true;
        } else if starts {
            title.extend(character.to_uppercase());
            starts = false;
        } else {
            title.extend(character.to_lowercase());
        }
    }
    title.trim().to_owned()
}

/// The dotted paths of the bases of a class.
fn bases(module: &Module<'_>, class: &StmtClassDef) -> Result<Vec<String>> {
    let Some(arguments) = &class.arguments else { return Ok(Vec::new()) };
    if !arguments.keywords.is_empty() {
        return unclear(format!("the bases of {} are unusual", class.name));
    }
    arguments
        .args
        .iter()
        .map(|base| match module.qualified(base) {
            Some(path) => Ok(path),
            None => unclear(format!("a base of {} is not imported plainly", class.name)),
        })
        .collect()
}
