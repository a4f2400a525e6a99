//! Values against a schema (Draft 2020-12).

use jsonschema::{ValidationError, ValidationOptions, Validator};
use serde_json::Value;

use crate::JsonObject;
use crate::best_match::best_match;
use crate::circular::is_circular;
use crate::message::finding;
use crate::preprocess::{preprocess, without_required};
use crate::python_repr::string_repr;

/// How strictly values are held against a schema.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checks {
    /// Whether required values may be missing, because they may still come.
    pub ignores_required: bool,
    /// Whether optional values with a default may be null.
    pub allows_none_with_default: bool,
}

/// One step from the root of the values to a place in them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathPart {
    /// A key of an object.
    Key(String),
    /// A place in a list.
    Index(usize),
}

/// One thing that does not fit the schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Where.
    pub path: Vec<PathPart>,
    /// The keyword of the schema that is broken.
    pub keyword: String,
    /// What is wrong, in the reference's words.
    pub message: String,
    pub(crate) matches_type: bool,
    pub(crate) context: Vec<Finding>,
}

/// Why values were refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    /// They do not fit, or the schema refers to something that is not in it.
    #[error("{0}")]
    Invalid(String),
    /// The schema refers to itself without end.
    #[error("Invalid schema: Unable to validate schema with circular references.")]
    Circular,
    /// The schema is no schema.
    #[error("Invalid schema: {0}")]
    Schema(String),
}

/// The schema is no JSON Schema; the message says why.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidSchema(pub String);

/// Whether `schema` is a schema of Draft 2020-12.
pub fn check_schema(schema: &JsonObject) -> Result<(), InvalidSchema> {
    let schema = Value::Object(schema.clone());
    jsonschema::draft202012::meta::validate(&schema)
        .map_err(|error| InvalidSchema(finding(&error, &Value::Null).message))
}

/// Holds values against a schema that pydantic may have generated. Ends with the best of all findings.
pub fn validate(values: &JsonObject, schema: &JsonObject, checks: Checks) -> Result<(), Failure> {
    let mut schema = preprocess(schema, checks.allows_none_with_default);
    if checks.ignores_required {
        schema = without_required(&schema);
    }
    first_failure(values, schema)
}

/// As [`validate`], by the letter of the schema, ignoring `required`.
pub fn validate_raw(values: &JsonObject, schema: &JsonObject) -> Result<(), Failure> {
    first_failure(values, without_required(schema))
}

fn first_failure(values: &JsonObject, schema: JsonObject) -> Result<(), Failure> {
    match best_match(find(values, schema, false)?) {
        None => Ok(()),
        Some(finding) if finding.path.is_empty() => {
            Err(Failure::Invalid(format!("Validation failed. Failure reason: {}", finding.message)))
        }
        Some(finding) => Err(Failure::Invalid(format!(
            "Validation failed for field {}. Failure reason: {}",
            string_repr(&json_path(&finding.path)),
            finding.message
        ))),
    }
}

/// Everything in `values` that does not fit `schema`, which is taken as it is. Formats are checked.
pub fn find_all(values: &JsonObject, schema: &JsonObject) -> Result<Vec<Finding>, Failure> {
    find(values, schema.clone(), true)
}

fn find(values: &JsonObject, schema: JsonObject, checks_formats: bool) -> Result<Vec<Finding>, Failure> {
    check_schema(&schema).map_err(|error| Failure::Schema(error.0))?;
    let schema = Value::Object(schema);
    let values = Value::Object(values.clone());
    if is_circular(&schema, &values) {
        return Err(Failure::Circular);
    }
    let validator = build(&schema, checks_formats)?;
    Ok(validator.iter_errors(&values).map(|error| finding(&error, &schema)).collect())
}

fn build(schema: &Value, checks_formats: bool) -> Result<Validator, Failure> {
    let options: ValidationOptions<'_> = jsonschema::draft202012::options();
    options.with_retriever(NothingElse).should_validate_formats(checks_formats).build(schema).map_err(
        |error: ValidationError<'_>| {
            Failure::Invalid(format!("Validation failed. Failure reason: Unresolvable: {error}"))
        },
    )
}

/// Nothing but the schema itself is ever looked at.
struct NothingElse;

impl jsonschema::Retrieve for NothingElse {
    fn retrieve(
        &self,
        uri: &jsonschema::Uri<String>,
    ) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        Err(uri.as_str().into())
    }
}

/// `a.b[0]`, and `a['no word']`.
fn json_path(path: &[PathPart]) -> String {
    let mut text = "$".to_owned();
    for part in path {
        match part {
            PathPart::Index(index) => text.push_str(&format!("[{index}]")),
            PathPart::Key(key) if is_word(key) => {
                text.push('.');
                text.push_str(key);
            }
            PathPart::Key(key) => {
                let key = key.replace('\\', "\\\\").replace('\'', "\\'");
                text.push_str(&format!("['{key}']"));
            }
        }
    }
    text.replace("$.", "")
}

fn is_word(key: &str) -> bool {
    key.starts_with(|character: char| character.is_ascii_alphabetic())
        && key.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Checks, Failure, check_schema, find_all, validate, validate_raw};
    use crate::JsonObject;

    fn object(value: Value) -> JsonObject {
        value.as_object().cloned().expect("an object")
    }

    /// Schema of the values, the values, and the message; taken from the reference.
    #[test]
    fn says_what_does_not_fit() {
        let person = json!({
            "type": "object",
            "required": ["person"],
            "properties": {"person": {"allOf": [{"$ref": "#/definitions/Person"}]}},
            "definitions": {"Person": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}},
        });
        let cases = [
            (
                json!({"properties": {"n": {"type": "integer"}}}),
                json!({"n": "x"}),
                "Validation failed for field 'n'. Failure reason: 'x' is not valid under any of the given schemas",
            ),
            (
                json!({"required": ["n"], "properties": {"n": {"type": "integer"}}}),
                json!({"n": "x"}),
                "Validation failed for field 'n'. Failure reason: 'x' is not of type 'integer'",
            ),
            (
                json!({"required": ["x"], "properties": {}}),
                json!({}),
                "Validation failed. Failure reason: 'x' is a required property",
            ),
            (
                person.clone(),
                json!({"person": {}}),
                "Validation failed for field 'person'. Failure reason: 'name' is a required property",
            ),
            (
                person,
                json!({"person": {"name": 5}}),
                "Validation failed for field 'person.name'. Failure reason: 5 is not of type 'string'",
            ),
            (
                json!({"additionalProperties": false, "properties": {}}),
                json!({"b": 1, "a": 2}),
                "Validation failed. Failure reason: Additional properties are not allowed ('a', 'b' were unexpected)",
            ),
            (
                json!({"properties": {"l": {"type": "array", "items": {"type": "integer"}}}, "required": ["l"]}),
                json!({"l": [1, "a b"]}),
                "Validation failed for field 'l[1]'. Failure reason: 'a b' is not of type 'integer'",
            ),
            (
                json!({"properties": {"e": {"enum": ["a", 1, null]}}}),
                json!({"e": true}),
                "Validation failed for field 'e'. Failure reason: True is not one of ['a', 1, None]",
            ),
            (
                json!({"properties": {"m": {"minimum": 5}}}),
                json!({"m": 4.0}),
                "Validation failed for field 'm'. Failure reason: 4.0 is less than the minimum of 5",
            ),
            (
                json!({"properties": {"s": {"minLength": 2, "type": "string"}}, "required": ["s"]}),
                json!({"s": "x"}),
                "Validation failed for field 's'. Failure reason: 'x' is too short",
            ),
            (
                json!({"properties": {"p q": {"pattern": "^a"}}}),
                json!({"p q": "b"}),
                "Validation failed for field \"$['p q']\". Failure reason: 'b' does not match '^a'",
            ),
            (
                json!({"properties": {"t": {"type": ["string", "array"]}}, "required": ["t"]}),
                json!({"t": 1}),
                "Validation failed for field 't'. Failure reason: 1 is not of type 'string', 'array'",
            ),
            (
                json!({"properties": {"a": {"anyOf": [{"type": "integer"}, {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]}]}}}),
                json!({"a": {"q": 1}}),
                "Validation failed for field 'a.q'. Failure reason: 1 is not of type 'string'",
            ),
            (
                json!({"properties": {"o": {"oneOf": [{"type": "integer"}, {"minimum": 2}]}}}),
                json!({"o": 3}),
                "Validation failed for field 'o'. Failure reason: 3 is valid under each of {'minimum': 2}, {'type': 'integer'}",
            ),
        ];
        for (schema, values, expected) in cases {
            let outcome = validate(&object(values.clone()), &object(schema.clone()), Checks::default());
            assert_eq!(outcome, Err(Failure::Invalid(expected.to_owned())), "{schema} {values}");
        }
    }

    #[test]
    fn what_may_still_come_is_not_missed() {
        let schema = object(json!({"required": ["a"], "properties": {"a": {"type": "string"}}}));
        assert!(validate(&JsonObject::new(), &schema, Checks::default()).is_err());
        let checks = Checks { ignores_required: true, ..Checks::default() };
        assert!(validate(&JsonObject::new(), &schema, checks).is_ok());
        assert!(validate_raw(&JsonObject::new(), &schema).is_ok());
    }

    #[test]
    fn nothing_is_fetched() {
        let schema =
            object(json!({"properties": {"a": {"$ref": "http://169.254.169.254/latest/meta-data/"}}}));
        assert!(matches!(validate_raw(&object(json!({"a": 1})), &schema), Err(Failure::Invalid(_))));
    }

    #[test]
    fn a_schema_may_refer_to_itself_but_not_without_end() {
        let tree = object(
            json!({"$ref": "#/definitions/T", "definitions": {"T": {"properties": {"child": {"$ref": "#/definitions/T"}, "n": {"type": "integer"}}}}}),
        );
        assert!(validate(&object(json!({"child": {"child": {"n": 1}}})), &tree, Checks::default()).is_ok());
        assert!(
            validate(&object(json!({"child": {"child": {"n": "x"}}})), &tree, Checks::default()).is_err()
        );
        let endless = object(json!({"properties": {"a": {"$ref": "#/definitions/A"}}, "definitions": {
            "A": {"allOf": [{"$ref": "#/definitions/B"}]}, "B": {"$ref": "#/definitions/A"}}}));
        assert_eq!(validate(&object(json!({"a": 1})), &endless, Checks::default()), Err(Failure::Circular));
        assert!(validate(&object(json!({"b": 1})), &endless, Checks::default()).is_ok());
    }

    #[test]
    fn a_bad_schema_is_named() {
        let schema = object(json!({"type": "object", "properties": {"foo": {"type": "blork"}}}));
        let error = check_schema(&schema).expect_err("no schema");
        assert_eq!(error.0, "'blork' is not valid under any of the given schemas");
    }

    #[test]
    fn formats_count_when_everything_is_asked_for() {
        let schema = object(json!({"properties": {"d": {"type": "string", "format": "date"}}}));
        let findings = find_all(&object(json!({"d": "soon"})), &schema).expect("a schema");
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].message, "'soon' is not a 'date'");
        assert!(validate(&object(json!({"d": "soon"})), &schema, Checks::default()).is_ok());
    }
}
