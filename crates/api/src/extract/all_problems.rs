//! All that is wrong with a body, not only what ended the reading of it.
//!
//! A body is read once, without building a tree of it. When that fails, it is read again with the place of the problem
//! repaired by a value that will do, until nothing else is found. Only refused requests pay for it.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::lax::Lax;
use super::{problems, shape};
use crate::errors::Problem;

/// A larger body gets its first problem only.
const LONGEST_BODY: usize = 64 * 1024;
/// How many problems are told.
const MOST: usize = 25;

/// The problems of `body`, which is `length` bytes long: those of declared fields in the order of their declaration,
/// then the fields that nobody asked for. `first` is the one that was found already.
pub(super) fn find<T: DeserializeOwned>(first: Problem, body: &Value, length: usize) -> Vec<Problem> {
    let mut found = vec![first];
    if length <= LONGEST_BODY {
        let mut repaired = body.clone();
        while found.len() < MOST
            && let Some(next) = found.last().and_then(|last| after_repair::<T>(last, &mut repaired, body))
        {
            // A rule about several fields speaks of the values that were put in, not of those that were sent.
            if found.iter().any(|problem| problem.loc.starts_with(&next.loc)) {
                break;
            }
            found.push(next);
        }
    }
    let fields = shape::fields::<T>().unwrap_or_default();
    found.sort_by_key(|problem| {
        let field = problem.loc.get(1).and_then(Value::as_str);
        let position = fields.iter().position(|name| Some(*name) == field);
        (problem.r#type == "extra_forbidden", position)
    });
    found
}

/// Repairs the place of `problem` and returns what is wrong then, if anything is.
fn after_repair<T: DeserializeOwned>(
    problem: &Problem,
    repaired: &mut Value,
    body: &Value,
) -> Option<Problem> {
    let path = problem.loc.get(1..)?;
    if problem.r#type == "extra_forbidden" {
        put(repaired, path, None)?;
        return read::<T>(repaired.to_string().as_bytes(), body);
    }
    for value in choice_of(problem).into_iter().chain(values_that_may_do()) {
        put(repaired, path, Some(value))?;
        match read::<T>(repaired.to_string().as_bytes(), body) {
            Some(next) if next.loc.starts_with(&problem.loc) || problem.loc.starts_with(&next.loc) => {}
            outcome => return outcome,
        }
    }
    None
}

/// The first of the choices that a refusal names.
fn choice_of(problem: &Problem) -> Option<Value> {
    let is_choice = matches!(problem.r#type.as_str(), "enum" | "literal_error");
    is_choice.then(|| problem.msg.split('\'').nth(1).map(Value::from)).flatten()
}

/// One of these is taken by nearly every field.
fn values_that_may_do() -> [Value; 9] {
    [
        Value::Null,
        json!("x"),
        json!(1),
        json!(true),
        json!([]),
        json!({}),
        json!("00000000-0000-4000-8000-000000000000"),
        json!("2024-01-01T00:00:00Z"),
        json!(0.5),
    ]
}

/// Sets or removes what stands at `path`; `None` when there is no such place.
fn put(within: &mut Value, path: &[Value], value: Option<Value>) -> Option<()> {
    let (last, parents) = path.split_last()?;
    let mut parent = within;
    for segment in parents {
        parent = match segment {
            Value::String(key) => parent.get_mut(key)?,
            index => parent.get_mut(usize::try_from(index.as_u64()?).ok()?)?,
        };
    }
    match (parent, last, value) {
        (Value::Object(fields), Value::String(key), Some(value)) => {
            fields.insert(key.clone(), value);
        }
        (Value::Object(fields), Value::String(key), None) => {
            fields.shift_remove(key)?;
        }
        (Value::Array(items), index, Some(value)) => {
            *items.get_mut(usize::try_from(index.as_u64()?).ok()?)? = value;
        }
        _ => return None,
    }
    Some(())
}

/// What is wrong with `json`; the problem shows what `body` has in that place.
pub(super) fn read<T: DeserializeOwned>(json: &[u8], body: &Value) -> Option<Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let error = serde_path_to_error::deserialize::<_, T>(Lax(&mut deserializer)).err()?;
    Some(problems::from_error(&error, body))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the problems are of interest")]
    struct Example {
        name: String,
        id: uuid::Uuid,
        #[serde(default)]
        count: Option<i64>,
        #[serde(default)]
        tags: Vec<String>,
    }

    fn problems(body: Value) -> Vec<(String, String)> {
        let first = read::<Example>(body.to_string().as_bytes(), &body).expect("something is wrong");
        let place = |problem: &Problem| serde_json::to_string(&problem.loc).expect("a list");
        find::<Example>(first, &body, 0)
            .iter()
            .map(|problem| (place(problem), problem.r#type.clone()))
            .collect()
    }

    #[test]
    fn every_problem_is_told_in_the_order_of_the_fields() {
        let cases = [
            (json!({}), vec![(r#"["body","name"]"#, "missing"), (r#"["body","id"]"#, "missing")]),
            (
                json!({"extra": 1, "tags": ["a", 2, "b", 3], "id": "nope", "count": "many", "another": 2}),
                vec![
                    (r#"["body","name"]"#, "missing"),
                    (r#"["body","id"]"#, "uuid_parsing"),
                    (r#"["body","count"]"#, "int_parsing"),
                    (r#"["body","tags",1]"#, "string_type"),
                    (r#"["body","tags",3]"#, "string_type"),
                    (r#"["body","extra"]"#, "extra_forbidden"),
                    (r#"["body","another"]"#, "extra_forbidden"),
                ],
            ),
        ];
        for (body, expected) in cases {
            let expected: Vec<(String, String)> =
                expected.iter().map(|(place, kind)| ((*place).to_owned(), (*kind).to_owned())).collect();
            assert_eq!(problems(body.clone()), expected, "{body}");
        }
    }

    #[test]
    fn endless_problems_are_cut_off() {
        let tags: Vec<Value> = (0..1_000).map(Value::from).collect();
        let body = json!({"name": "a", "id": uuid::Uuid::nil(), "tags": tags});
        assert_eq!(problems(body).len(), MOST);
    }
}
