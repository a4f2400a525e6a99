//! What is wrong, in the words of the reference's validator.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::paths::LocationSegment;
use serde_json::Value;

use crate::python_repr::{python_repr, string_repr};
use crate::{Finding, PathPart};

/// Describes `error`, which `schema` led to.
pub(crate) fn finding(error: &ValidationError<'_>, schema: &Value) -> Finding {
    let path = error
        .instance_path()
        .iter()
        .map(|segment| match segment {
            LocationSegment::Property(key) => PathPart::Key(key.into_owned()),
            LocationSegment::Index(index) => PathPart::Index(index),
        })
        .collect();
    let keyword_path = error.schema_path().as_str();
    let holder = keyword_path.rsplit_once('/').and_then(|(holder, _)| schema.pointer(holder));
    Finding {
        path,
        keyword: error.kind().keyword().to_owned(),
        message: message(error, schema.pointer(keyword_path)),
        matches_type: holder.is_some_and(|holder| matches_type(holder, error.instance())),
        context: context(error, schema),
    }
}

fn context(error: &ValidationError<'_>, schema: &Value) -> Vec<Finding> {
    match error.kind() {
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            context.iter().flatten().map(|error| finding(error, schema)).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether the schema names a type and the value has it.
fn matches_type(holder: &Value, instance: &Value) -> bool {
    match holder.get("type") {
        Some(Value::String(name)) => is_type(instance, name),
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).any(|name| is_type(instance, name))
        }
        _ => false,
    }
}

fn is_type(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

/// `keyword` is the value of the broken keyword, where the schema is known.
fn message(error: &ValidationError<'_>, keyword: Option<&Value>) -> String {
    let value = python_repr(error.instance());
    let limit_says = |limit: u64, one: u64, at_one: &str, otherwise: &str| {
        format!("{value} {}", if limit == one { at_one } else { otherwise })
    };
    match error.kind() {
        Kind::Type { kind } => {
            let names = keyword.map_or_else(|| type_names(kind), names_of);
            format!("{value} is not of type {names}")
        }
        Kind::Required { property } => format!("{} is a required property", python_repr(property)),
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } => {
            format!("{value} is not valid under any of the given schemas")
        }
        Kind::OneOfMultipleValid { context } => {
            let schemas = keyword.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let mut valid = schemas
                .iter()
                .zip(context)
                .filter(|(_, errors)| errors.is_empty())
                .map(|(schema, _)| python_repr(schema));
            // The reference names the first that fits last.
            let first = valid.next();
            let names: Vec<String> = valid.chain(first).collect();
            format!("{value} is valid under each of {}", names.join(", "))
        }
        Kind::AdditionalProperties { unexpected } => {
            format!("Additional properties are not allowed ({})", were_unexpected(unexpected))
        }
        Kind::UnevaluatedProperties { unexpected } => {
            format!("Unevaluated properties are not allowed ({})", were_unexpected(unexpected))
        }
        Kind::Enum { options } => format!("{value} is not one of {}", python_repr(options)),
        Kind::Constant { expected_value } => format!("{} was expected", python_repr(expected_value)),
        Kind::Minimum { limit } => format!("{value} is less than the minimum of {}", python_repr(limit)),
        Kind::Maximum { limit } => format!("{value} is greater than the maximum of {}", python_repr(limit)),
        Kind::ExclusiveMinimum { limit } => {
            format!("{value} is less than or equal to the minimum of {}", python_repr(limit))
        }
        Kind::ExclusiveMaximum { limit } => {
            format!("{value} is greater than or equal to the maximum of {}", python_repr(limit))
        }
        Kind::MultipleOf { multiple_of } => {
            let multiple = keyword.map_or_else(|| multiple_of.to_string(), python_repr);
            format!("{value} is not a multiple of {multiple}")
        }
        Kind::MinLength { limit } | Kind::MinItems { limit } => {
            limit_says(*limit, 1, "should be non-empty", "is too short")
        }
        Kind::MaxLength { limit } | Kind::MaxItems { limit } => {
            limit_says(*limit, 0, "is expected to be empty", "is too long")
        }
        Kind::MinProperties { limit } => {
            limit_says(*limit, 1, "should be non-empty", "does not have enough properties")
        }
        Kind::MaxProperties { limit } => {
            limit_says(*limit, 0, "is expected to be empty", "has too many properties")
        }
        Kind::UniqueItems => format!("{value} has non-unique elements"),
        Kind::Pattern { pattern } => format!("{value} does not match {}", string_repr(pattern)),
        Kind::Format { format } => format!("{value} is not a {}", string_repr(format)),
        Kind::Contains => format!("{value} does not contain items matching the given schema"),
        Kind::Not { schema } => format!("{value} should not be valid under {}", python_repr(schema)),
        Kind::FalseSchema => format!("False schema does not allow {value}"),
        Kind::PropertyNames { error } => message(error, None),
        _ => error.to_string(),
    }
}

fn names_of(keyword: &Value) -> String {
    match keyword {
        Value::Array(names) => names.iter().map(python_repr).collect::<Vec<_>>().join(", "),
        name => python_repr(name),
    }
}

fn type_names(kind: &jsonschema::error::TypeKind) -> String {
    match kind {
        jsonschema::error::TypeKind::Single(name) => string_repr(name.as_str()),
        jsonschema::error::TypeKind::Multiple(names) => {
            names.iter().map(|name| string_repr(name.as_str())).collect::<Vec<_>>().join(", ")
        }
    }
}

/// `'a', 'b' were unexpected`
fn were_unexpected(names: &[String]) -> String {
    let mut names: Vec<&String> = names.iter().collect();
    names.sort();
    let verb = if names.len() == 1 { "was" } else { "were" };
    let names: Vec<String> = names.into_iter().map(|name| string_repr(name)).collect();
    format!("{} {verb} unexpected", names.join(", "))
}
