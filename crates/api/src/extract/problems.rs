//! Turns the errors of serde into the reference's description of what is wrong and where.

use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use serde_path_to_error::Segment;

use super::{all_problems, shape};
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

/// What is not even looked at as JSON.
pub(super) fn unreadable() -> ApiError {
    ApiError::detail(StatusCode::BAD_REQUEST, "There was an error parsing the body")
}

/// Everything that is wrong with a body that could not be read.
pub(super) fn of_body<T: DeserializeOwned>(bytes: &[u8]) -> ApiError {
    let body = match serde_json::from_slice::<Value>(bytes) {
        Ok(body) => body,
        Err(error) => return syntax_error(&error, bytes),
    };
    match all_problems::read::<T>(bytes, &body) {
        Some(first) => ApiError::invalid(all_problems::find::<T>(first, &body, bytes.len()), body),
        // It was refused, and now it is not: nothing can be said about it.
        None => unreadable(),
    }
}

/// The object without its fields that are null; `None` when there are none of those.
pub(super) fn without_nulls(bytes: &[u8]) -> Option<String> {
    let mut fields = serde_json::from_slice::<serde_json::Map<String, Value>>(bytes).ok()?;
    let sent = fields.len();
    fields.retain(|_, value| !value.is_null());
    (fields.len() < sent).then(|| Value::Object(fields).to_string())
}

/// What a text that is no id is answered with; `loc` says where it stood.
pub(super) fn invalid_uuid(loc: Vec<Value>, text: &str) -> ApiError {
    let reason = match text.parse::<uuid::Uuid>() {
        Ok(_) => String::new(),
        Err(error) => counted_from_one(&error.to_string()),
    };
    let problem = Problem {
        r#type: "uuid_parsing".to_owned(),
        loc,
        msg: format!("Input should be a valid UUID, {reason}"),
        input: text.into(),
        ctx: Some(json!({ "error": reason })),
    };
    ApiError::invalid(vec![problem], Value::Null)
}

/// What is no object has none of the fields that `T` asks for.
pub(super) fn every_field_missing<T: DeserializeOwned>(bytes: &[u8]) -> ApiError {
    let body = match serde_json::from_slice::<Value>(bytes) {
        Ok(body) => body,
        Err(error) => return syntax_error(&error, bytes),
    };
    let missing =
        |field: &&str| problem("missing", "Field required", vec![(*field).into()], Value::Null, None);
    ApiError::invalid(shape::fields::<T>().unwrap_or_default().iter().map(missing).collect(), body)
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

/// 422 for what is no JSON, with the place of the mistake.
pub(crate) fn syntax_error(error: &serde_json::Error, bytes: &[u8]) -> ApiError {
    if std::str::from_utf8(bytes).is_err() {
        return unreadable();
    }
    let problem = Problem {
        r#type: "json_invalid".to_owned(),
        loc: vec!["body".into(), place(error, bytes).into()],
        msg: "JSON decode error".to_owned(),
        input: json!({}),
        ctx: Some(json!({ "error": without_position(&error.to_string()) })),
    };
    let request_body = String::from_utf8_lossy(&bytes[..bytes.len().min(1_000)]).into_owned();
    ApiError::invalid(vec![problem], request_body.into())
}

/// How many characters come before the mistake.
fn place(error: &serde_json::Error, bytes: &[u8]) -> usize {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1));
    let before: usize = lines.map(<[u8]>::len).sum();
    let until = (before + error.column()).min(bytes.len());
    let characters = String::from_utf8_lossy(&bytes[..until]).chars().count();
    if error.is_eof() { characters } else { characters.saturating_sub(1) }
}

fn without_position(message: &str) -> String {
    message.rsplit_once(" at line ").map_or(message, |(text, _)| text).to_owned()
}

/// The reference counts the characters of an id from one.
fn counted_from_one(reason: &str) -> String {
    let place = reason.rsplit_once(" at ").filter(|_| reason.starts_with("invalid character"));
    match place.and_then(|(text, place)| Some((text, place.parse::<usize>().ok()?))) {
        Some((text, place)) => format!("{text} at {}", place + 1),
        None => reason
            .replace("invalid length: found", "invalid length: expected length 32 for simple format, found"),
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
    } else if let Some(expected) = message.split("expected ").nth(1) {
        let (r#type, msg) = wrong_type(expected);
        (r#type.to_owned(), msg.to_owned(), None)
    } else if let Some(text) = message.strip_prefix("not a valid datetime: ") {
        let msg = format!("Value error, Unable to parse string [{text}]");
        ("value_error".to_owned(), msg, Some(json!({ "error": {} })))
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
    if starts(&["a formatted UUID string"]) {
        ("uuid_type", "UUID input should be a string, bytes or UUID object")
    } else if starts(&["a string", "a borrowed string"]) {
        ("string_type", "Input should be a valid string")
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
        ("value_error", "value is not a valid datetime")
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
        let cases: [(&str, Vec<Value>, Value, &str, &str); 7] = [
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
