//! Turns the errors of serde into the reference's description of what is wrong and where.

use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use serde_path_to_error::Segment;

use super::all_problems;
use crate::ApiError;
use crate::errors::Problem;

pub(super) fn missing_body() -> Problem {
    Problem {
        r#type: "missing".to_owned(),
        loc: vec!["body".into()],
        msg: "Field required".to_owned(),
        input: Value::Null,
        ctx: None,
    }
}

pub(super) fn trailing(error: &serde_json::Error, bytes: &[u8]) -> ApiError {
    syntax_error(error, bytes)
}

/// What is not even looked at as JSON.
pub(super) fn unreadable() -> ApiError {
    ApiError::detail(StatusCode::BAD_REQUEST, "There was an error parsing the body")
}

/// A list where the fields of an object were expected.
pub(super) fn list_for_object(bytes: &[u8]) -> ApiError {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(body) => {
            let (r#type, msg) = wrong_type("struct");
            let problem = problem(r#type, msg, Vec::new(), body.clone(), None);
            ApiError::invalid(vec![problem], body)
        }
        Err(error) => syntax_error(&error, bytes),
    }
}

/// Everything that is wrong with a body that could not be read.
pub(super) fn from_json<T: DeserializeOwned>(
    error: &serde_path_to_error::Error<serde_json::Error>,
    bytes: &[u8],
) -> ApiError {
    let Ok(body) = serde_json::from_slice::<Value>(bytes) else {
        return syntax_error(error.inner(), bytes);
    };
    let first = from_error(error, &body);
    ApiError::invalid(all_problems::find::<T>(first, &body, bytes.len()), body)
}

/// The problem that ended the reading of a body.
pub(super) fn from_error(error: &serde_path_to_error::Error<serde_json::Error>, body: &Value) -> Problem {
    let mut path: Vec<Value> = Vec::new();
    for segment in error.path() {
        match segment {
            Segment::Seq { index } => path.push((*index).into()),
            Segment::Map { key } => path.push(key.as_str().into()),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    describe(&without_position(&error.inner().to_string()), path, body)
}

fn syntax_error(error: &serde_json::Error, bytes: &[u8]) -> ApiError {
    if std::str::from_utf8(bytes).is_err() {
        return unreadable();
    }
    let column = error.column();
    let problem = Problem {
        r#type: "json_invalid".to_owned(),
        loc: vec!["body".into(), column.into()],
        msg: "JSON decode error".to_owned(),
        input: json!({}),
        ctx: Some(json!({ "error": without_position(&error.to_string()) })),
    };
    let request_body = String::from_utf8_lossy(&bytes[..bytes.len().min(1_000)]).into_owned();
    ApiError::invalid(vec![problem], request_body.into())
}

fn without_position(message: &str) -> String {
    message.rsplit_once(" at line ").map_or(message, |(text, _)| text).to_owned()
}

/// The reference counts the characters of an id from one.
fn counted_from_one(reason: &str) -> String {
    let place = reason.rsplit_once(" at ").filter(|_| reason.starts_with("invalid character"));
    match place.and_then(|(text, place)| Some((text, place.parse::<usize>().ok()?))) {
        Some((text, place)) => format!("{text} at {}", place + 1),
        None => reason.to_owned(),
    }
}

fn quoted(message: &str) -> Option<&str> {
    message.split('`').nth(1)
}

fn describe(message: &str, mut path: Vec<Value>, body: &Value) -> Problem {
    let (r#type, msg, ctx) = if message.starts_with("missing field") {
        if let Some(field) = quoted(message) {
            path.push(field.into());
        }
        let input = at(body, &path[..path.len().saturating_sub(1)]);
        return problem("missing", "Field required", path, input, None);
    } else if message.starts_with("unknown field") {
        if let Some(field) = quoted(message)
            && path.last().and_then(Value::as_str) != Some(field)
        {
            path.push(field.into());
        }
        ("extra_forbidden".to_owned(), "Extra inputs are not permitted".to_owned(), None)
    } else if message.starts_with("unknown variant") {
        let choices: Vec<String> =
            message.split('`').skip(3).step_by(2).map(|choice| format!("'{choice}'")).collect();
        let expected = match choices.as_slice() {
            [] => String::new(),
            [only] => only.clone(),
            [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
        };
        ("enum".to_owned(), format!("Input should be {expected}"), Some(json!({ "expected": expected })))
    } else if let Some((r#type, msg)) = message.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
        (r#type.to_owned(), msg.to_owned(), None)
    } else if message.starts_with("UUID parsing failed") {
        let reason = counted_from_one(message.trim_start_matches("UUID parsing failed: "));
        (
            "uuid_parsing".to_owned(),
            format!("Input should be a valid UUID, {reason}"),
            Some(json!({ "error": reason })),
        )
    } else if message.starts_with("invalid type: string") && message.ends_with("expected a boolean") {
        let msg = "Input should be a valid boolean, unable to interpret input";
        ("bool_parsing".to_owned(), msg.to_owned(), None)
    } else if let Some(expected) = message.split("expected ").nth(1) {
        let (r#type, msg) = wrong_type(expected);
        (r#type.to_owned(), msg.to_owned(), None)
    } else if message.starts_with("not a valid datetime") {
        ("datetime_from_date_parsing".to_owned(), "Input should be a valid datetime or date".to_owned(), None)
    } else {
        ("value_error".to_owned(), format!("Value error, {message}"), Some(json!({ "error": {} })))
    };
    let input = at(body, &path);
    problem(&r#type, &msg, path, input, ctx)
}

fn problem(r#type: &str, msg: &str, path: Vec<Value>, input: Value, ctx: Option<Value>) -> Problem {
    let loc = std::iter::once(Value::from("body")).chain(path).collect();
    Problem { r#type: r#type.to_owned(), loc, msg: msg.to_owned(), input, ctx }
}

fn wrong_type(expected: &str) -> (&'static str, &'static str) {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| expected.starts_with(prefix));
    if starts(&["a string", "a borrowed string", "a formatted UUID string"]) {
        ("string_type", "Input should be a valid string")
    } else if starts(&["a boolean"]) {
        ("bool_type", "Input should be a valid boolean")
    } else if starts(&["i", "u", "an integer", "a nonzero"]) {
        ("int_type", "Input should be a valid integer")
    } else if starts(&["f64", "f32", "a float", "a number"]) {
        ("float_type", "Input should be a valid number")
    } else if starts(&["a sequence", "an array", "a list"]) {
        ("list_type", "Input should be a valid list")
    } else if starts(&["a map"]) {
        ("dict_type", "Input should be a valid dictionary")
    } else if starts(&["struct", "internally tagged", "adjacently tagged"]) {
        ("model_attributes_type", "Input should be a valid dictionary or object to extract fields from")
    } else if starts(&["a valid datetime"]) {
        ("datetime_type", "Input should be a valid datetime")
    } else if starts(&["a valid timedelta"]) {
        ("time_delta_type", "Input should be a valid timedelta")
    } else {
        ("value_error", "Input is not of the expected type")
    }
}

fn at(body: &Value, path: &[Value]) -> Value {
    let mut found = body;
    for step in path {
        let next = match step {
            Value::String(key) => found.get(key),
            Value::Number(index) => index.as_u64().and_then(|index| found.get(usize::try_from(index).ok()?)),
            _ => None,
        };
        match next {
            Some(value) => found = value,
            None => return Value::Null,
        }
    }
    found.clone()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::describe;

    #[test]
    fn errors_read_as_those_of_the_reference() {
        let body = json!({"name": 1, "tags": ["a", 2]});
        let cases: [(&str, Vec<Value>, Value, &str, &str); 8] = [
            (
                "UUID parsing failed: invalid character: found `x` at 0",
                vec!["name".into()],
                json!(["body", "name"]),
                "uuid_parsing",
                "Input should be a valid UUID, invalid character: found `x` at 1",
            ),
            (
                "UUID parsing failed: invalid group count: expected 5, found 4",
                vec!["name".into()],
                json!(["body", "name"]),
                "uuid_parsing",
                "Input should be a valid UUID, invalid group count: expected 5, found 4",
            ),
            (
                "invalid type: string \"x\", expected a boolean",
                vec!["name".into()],
                json!(["body", "name"]),
                "bool_parsing",
                "Input should be a valid boolean, unable to interpret input",
            ),
            ("missing field `flow_id`", vec![], json!(["body", "flow_id"]), "missing", "Field required"),
            (
                "unknown field `nam`, expected `name`",
                vec![],
                json!(["body", "nam"]),
                "extra_forbidden",
                "Extra inputs are not permitted",
            ),
            (
                "invalid type: integer `1`, expected a string",
                vec!["name".into()],
                json!(["body", "name"]),
                "string_type",
                "Input should be a valid string",
            ),
            (
                "unknown variant `FOO`, expected one of `A`, `B`, `C`",
                vec!["name".into()],
                json!(["body", "name"]),
                "enum",
                "Input should be 'A', 'B' or 'C'",
            ),
            (
                "[greater_than] Input should be greater than 0",
                vec!["tags".into(), 1.into()],
                json!(["body", "tags", 1]),
                "greater_than",
                "Input should be greater than 0",
            ),
        ];
        for (message, path, loc, r#type, msg) in cases {
            let problem = describe(message, path, &body);
            assert_eq!(
                (json!(problem.loc), problem.r#type.as_str(), problem.msg.as_str()),
                (loc, r#type, msg)
            );
        }
    }
}
