//! Annotations as JSON Schema, as pydantic writes it.

use ruff_python_ast::{Expr, ExprSubscript, Operator};
use serde_json::{Map, Value, json};

use super::module::Module;
use super::{AnalysisError, Result, model, snippet, unclear, values};

/// The schemas of the annotations of one function, which share their definitions.
pub(crate) struct Types<'t, 'm> {
    module: &'t Module<'m>,
    definitions: Map<String, Value>,
    /// How deep the annotation is that is looked at.
    depth: usize,
}

/// How deep annotations may be nested.
const DEEPEST: usize = 32;

impl<'t, 'm> Types<'t, 'm> {
    pub(crate) fn new(module: &'t Module<'m>) -> Self {
        Self { module, definitions: Map::new(), depth: 0 }
    }

    /// The definitions that the schemas refer to.
    pub(crate) fn into_definitions(self) -> Map<String, Value> {
        self.definitions
    }

    /// The schema of an annotation.
    pub(crate) fn schema(&mut self, annotation: &Expr) -> Result<Map<String, Value>> {
        if self.depth >= DEEPEST {
            return unclear("its type is nested too deeply");
        }
        self.depth += 1;
        let schema = self.schema_within(annotation);
        self.depth -= 1;
        schema
    }

    fn schema_within(&mut self, annotation: &Expr) -> Result<Map<String, Value>> {
        match annotation {
            Expr::NoneLiteral(_) => Ok(object(json!({ "type": "null" }))),
            Expr::StringLiteral(text) => {
                let text = text.value.to_str();
                let parsed = ruff_python_parser::parse_expression(text)
                    .map_err(|_| AnalysisError::Unclear(format!("its type {text:?} is no expression")))?;
                // What the text names is looked up in the same module.
                self.schema(parsed.expr())
            }
            Expr::BinOp(operation) if operation.op == Operator::BitOr => {
                let mut choices = Vec::new();
                flatten(annotation, &mut choices);
                self.union(&choices)
            }
            Expr::Subscript(subscript) => self.generic(subscript),
            Expr::Name(_) | Expr::Attribute(_) => self.named(annotation),
            other => unclear(format!("its type {} is not understood", snippet(other))),
        }
    }

    fn named(&mut self, annotation: &Expr) -> Result<Map<String, Value>> {
        if let Some(path) = self.module.qualified(annotation) {
            return match plain(&path) {
                Some(schema) => Ok(object(schema)),
                None => unclear(format!("its type {path} is not in the file")),
            };
        }
        if let Expr::Name(name) = annotation {
            let name = name.id.as_str();
            if let Some(class) = self.module.class(name) {
                return self.of_class(name, class);
            }
            if let Some(alias) = self.module.assignment(name) {
                return self.schema(alias);
            }
        }
        unclear(format!("its type {} is not in the file", snippet(annotation)))
    }

    fn of_class(&mut self, name: &str, class: &ruff_python_ast::StmtClassDef) -> Result<Map<String, Value>> {
        if !self.definitions.contains_key(name) {
            // Present before it is complete: a model may refer to itself.
            self.definitions.insert(name.to_owned(), Value::Null);
            let definition = match model::enumeration_schema(self.module, class)? {
                Some(schema) => schema,
                None => model::model_schema(self.module, self, class)?,
            };
            self.definitions.insert(name.to_owned(), Value::Object(definition));
        }
        Ok(object(json!({ "$ref": format!("#/definitions/{name}") })))
    }

    fn generic(&mut self, subscript: &ExprSubscript) -> Result<Map<String, Value>> {
        let Some(path) = self.module.qualified(&subscript.value) else {
            return unclear(format!("its type {}[...] is not in the file", snippet(&subscript.value)));
        };
        let arguments: Vec<&Expr> = match &*subscript.slice {
            Expr::Tuple(tuple) => tuple.elts.iter().collect(),
            single => vec![single],
        };
        let name = path.rsplit_once('.').map_or(path.as_str(), |(module, name)| {
            if matches!(module, "typing" | "typing_extensions" | "collections.abc" | "collections") {
                name
            } else {
                ""
            }
        });
        match (name, arguments.as_slice()) {
            ("Optional", [inner]) => {
                let mut choices = Vec::new();
                flatten(inner, &mut choices);
                self.optional(&choices)
            }
            ("Union", _) => {
                let mut choices = Vec::new();
                arguments.iter().for_each(|argument| flatten(argument, &mut choices));
                self.union(&choices)
            }
            ("Literal", _) => self.literal(&arguments),
            (
                "list" | "List" | "Sequence" | "MutableSequence" | "Iterable" | "Collection" | "deque"
                | "Deque",
                [item],
            ) if !matches!(name, "Collection") => {
                let items = self.schema(item)?;
                Ok(object(json!({ "type": "array", "items": items })))
            }
            ("set" | "Set" | "frozenset" | "FrozenSet" | "AbstractSet", [item]) => {
                let items = self.schema(item)?;
                Ok(object(json!({ "type": "array", "items": items, "uniqueItems": true })))
            }
            ("tuple" | "Tuple", [item, Expr::EllipsisLiteral(_)]) => {
                let items = self.schema(item)?;
                Ok(object(json!({ "type": "array", "items": items })))
            }
            ("tuple" | "Tuple", items) => {
                let schemas: Result<Vec<_>> = items.iter().map(|item| self.schema(item)).collect();
                let count = items.len();
                Ok(object(
                    json!({ "type": "array", "prefixItems": schemas?, "minItems": count, "maxItems": count }),
                ))
            }
            ("dict" | "Dict" | "Mapping" | "MutableMapping", [key, value]) => {
                let key = self.schema(key)?;
                if !matches!(key.get("type").and_then(Value::as_str), Some("string" | "integer"))
                    || key.len() > 1
                {
                    return unclear("its type is a dict with unusual keys");
                }
                let values = self.schema(value)?;
                let values = if values.is_empty() { json!(true) } else { Value::Object(values) };
                Ok(object(json!({ "type": "object", "additionalProperties": values })))
            }
            _ => unclear(format!("its type {path}[...] is not understood")),
        }
    }

    /// A union that says `None` has it last.
    fn union(&mut self, choices: &[&Expr]) -> Result<Map<String, Value>> {
        let others: Vec<&Expr> = choices.iter().copied().filter(|choice| !self.is_none(choice)).collect();
        if others.len() < choices.len() { self.optional(&others) } else { self.any_of(&others, false) }
    }

    fn optional(&mut self, choices: &[&Expr]) -> Result<Map<String, Value>> {
        let others: Vec<&Expr> = choices.iter().copied().filter(|choice| !self.is_none(choice)).collect();
        self.any_of(&others, true)
    }

    fn any_of(&mut self, choices: &[&Expr], or_none: bool) -> Result<Map<String, Value>> {
        let mut schemas: Vec<Value> = Vec::new();
        for choice in choices {
            let schema = self.schema(choice)?;
            // A union inside of a union is one with it.
            let parts = match schema.get("anyOf") {
                Some(Value::Array(parts)) if schema.len() == 1 => parts.clone(),
                _ => vec![Value::Object(schema)],
            };
            for part in parts {
                if !schemas.contains(&part) {
                    schemas.push(part);
                }
            }
        }
        if or_none {
            let none = json!({ "type": "null" });
            schemas.retain(|schema| *schema != none);
            schemas.push(none);
        }
        match schemas.as_slice() {
            [Value::Object(only)] => Ok(only.clone()),
            _ => Ok(object(json!({ "anyOf": schemas }))),
        }
    }

    fn is_none(&self, choice: &Expr) -> bool {
        choice.is_none_literal_expr()
    }

    fn literal(&mut self, arguments: &[&Expr]) -> Result<Map<String, Value>> {
        let mut literals: Vec<Value> = Vec::new();
        for argument in arguments {
            let literal = match argument {
                Expr::Name(_) | Expr::Attribute(_) | Expr::Subscript(_) => {
                    return unclear("its type is a Literal of something that is no literal");
                }
                argument => values::evaluate(self.module, argument)?,
            };
            if !literals.contains(&literal) {
                literals.push(literal);
            }
        }
        let mut schema = Map::new();
        match literals.as_slice() {
            [only] => schema.insert("const".to_owned(), only.clone()),
            _ => schema.insert("enum".to_owned(), Value::Array(literals.clone())),
        };
        if let Some(kind) = common_type(&literals) {
            schema.insert("type".to_owned(), kind.into());
        }
        Ok(schema)
    }
}

/// The JSON type that all values have.
pub(crate) fn common_type(values: &[Value]) -> Option<&'static str> {
    let kind = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let first = kind(values.first()?);
    values.iter().all(|value| kind(value) == first).then_some(first)
}

/// The choices of `A | B | C`.
fn flatten<'e>(annotation: &'e Expr, choices: &mut Vec<&'e Expr>) {
    match annotation {
        Expr::BinOp(operation) if operation.op == Operator::BitOr => {
            flatten(&operation.left, choices);
            flatten(&operation.right, choices);
        }
        other => choices.push(other),
    }
}

/// The schema of a type without arguments.
fn plain(path: &str) -> Option<Value> {
    let path = path
        .strip_prefix("typing_extensions.")
        .map_or_else(|| path.to_owned(), |name| format!("typing.{name}"));
    Some(match path.as_str() {
        "str" | "typing.Text" => json!({ "type": "string" }),
        "int" => json!({ "type": "integer" }),
        "float" => json!({ "type": "number" }),
        "bool" => json!({ "type": "boolean" }),
        "bytes" => json!({ "type": "string", "format": "binary" }),
        "object" | "typing.Any" => json!({}),
        "list" | "tuple" | "typing.List" | "typing.Tuple" => json!({ "type": "array", "items": {} }),
        "set" | "frozenset" | "typing.Set" | "typing.FrozenSet" => {
            json!({ "type": "array", "items": {}, "uniqueItems": true })
        }
        "dict" | "typing.Dict" => json!({ "type": "object", "additionalProperties": true }),
        "datetime.datetime" => json!({ "type": "string", "format": "date-time" }),
        "datetime.date" => json!({ "type": "string", "format": "date" }),
        "datetime.time" => json!({ "type": "string", "format": "time" }),
        "datetime.timedelta" => json!({ "type": "string", "format": "duration" }),
        "uuid.UUID" => json!({ "type": "string", "format": "uuid" }),
        "pathlib.Path" => json!({ "type": "string", "format": "path" }),
        _ => return None,
    })
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
