//! Values that stand in a file as they are: defaults of parameters, arguments of decorators.

use ruff_python_ast::{Expr, Number as PythonNumber, Operator, UnaryOp};
use serde_json::{Map, Number, Value};

use super::module::Module;
use super::{Result, snippet, unclear};

/// The value of an expression as JSON, the way pydantic writes it: tuples and sets are lists.
pub(crate) fn evaluate(module: &Module<'_>, expression: &Expr) -> Result<Value> {
    evaluate_within(module, expression, 16)
}

fn evaluate_within(module: &Module<'_>, expression: &Expr, depth: usize) -> Result<Value> {
    let Some(depth) = depth.checked_sub(1) else { return unclear("a value is nested too deeply") };
    let all = |items: &[Expr]| {
        let values: Result<Vec<Value>> =
            items.iter().map(|item| evaluate_within(module, item, depth)).collect();
        values.map(Value::Array)
    };
    match expression {
        Expr::NoneLiteral(_) => Ok(Value::Null),
        Expr::BooleanLiteral(literal) => Ok(Value::Bool(literal.value)),
        Expr::StringLiteral(literal) => Ok(Value::String(literal.value.to_str().to_owned())),
        Expr::NumberLiteral(literal) => number(&literal.value),
        Expr::UnaryOp(operation) => match (operation.op, evaluate_within(module, &operation.operand, depth)?)
        {
            (UnaryOp::USub, Value::Number(number)) => negated(&number),
            (UnaryOp::UAdd, value @ Value::Number(_)) => Ok(value),
            (UnaryOp::Not, Value::Bool(value)) => Ok(Value::Bool(!value)),
            _ => unclear("a value is computed"),
        },
        Expr::BinOp(operation) => {
            let left = evaluate_within(module, &operation.left, depth)?;
            let right = evaluate_within(module, &operation.right, depth)?;
            combined(&left, operation.op, &right)
        }
        Expr::List(list) => all(&list.elts),
        Expr::Tuple(tuple) => all(&tuple.elts),
        // The order of a set is Python's.
        Expr::Set(set) if set.elts.len() == 1 => all(&set.elts),
        Expr::Dict(dict) => {
            let mut object = Map::new();
            for item in &dict.items {
                let Some(key) = &item.key else { return unclear("a default takes over another dict") };
                let key = match evaluate_within(module, key, depth)? {
                    Value::String(text) => text,
                    Value::Number(number) if number.is_i64() => number.to_string(),
                    _ => return unclear("a dict has a key that is no text"),
                };
                object.insert(key, evaluate_within(module, &item.value, depth)?);
            }
            Ok(Value::Object(object))
        }
        Expr::Name(name) => match module.assignment(name.id.as_str()) {
            Some(value) => evaluate_within(module, value, depth),
            None => unclear(format!("the value of {} is not in the file", name.id)),
        },
        Expr::Attribute(attribute) => member(module, &attribute.value, attribute.attr.as_str()),
        other => unclear(format!("{} is computed", snippet(other))),
    }
}

/// `Color.RED` of an enumeration in the file.
fn member(module: &Module<'_>, class: &Expr, name: &str) -> Result<Value> {
    if let Expr::Name(class) = class
        && let Some(class) = module.class(class.id.as_str())
        && let Some(members) = super::model::enumeration(module, class)?
        && let Some((_, value)) = members.into_iter().find(|(member, _)| *member == name)
    {
        return Ok(value);
    }
    unclear(format!("{}.{name} is not in the file", snippet(class)))
}

fn number(number: &PythonNumber) -> Result<Value> {
    match number {
        PythonNumber::Int(integer) => match (integer.as_i64(), integer.as_u64()) {
            (Some(integer), _) => Ok(integer.into()),
            (None, Some(integer)) => Ok(integer.into()),
            (None, None) => unclear("a number is too large"),
        },
        PythonNumber::Float(float) => float_value(*float),
        PythonNumber::Complex { .. } => unclear("a complex number"),
    }
}

fn float_value(float: f64) -> Result<Value> {
    match Number::from_f64(float) {
        Some(number) => Ok(Value::Number(number)),
        None => unclear("a number that is not finite"),
    }
}

fn negated(number: &Number) -> Result<Value> {
    match (number.as_i64(), number.as_f64()) {
        (Some(integer), _) => {
            integer.checked_neg().map_or_else(|| unclear("a number is too large"), |value| Ok(value.into()))
        }
        (None, Some(float)) if number.is_f64() => float_value(-float),
        _ => unclear("a number is too large"),
    }
}

/// What people compute in defaults: `60 * 60`, `"a" + "b"`.
fn combined(left: &Value, operator: Operator, right: &Value) -> Result<Value> {
    if let (Value::String(left), Operator::Add, Value::String(right)) = (left, operator, right) {
        return Ok(Value::String(format!("{left}{right}")));
    }
    let result = match (left.as_i64(), operator, right.as_i64()) {
        (Some(left), Operator::Add, Some(right)) => left.checked_add(right),
        (Some(left), Operator::Sub, Some(right)) => left.checked_sub(right),
        (Some(left), Operator::Mult, Some(right)) => left.checked_mul(right),
        _ => None,
    };
    result.map_or_else(|| unclear("a value is computed"), |value| Ok(value.into()))
}
