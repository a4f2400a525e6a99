//! The rules for job templates.

use std::collections::BTreeSet;

use serde::Deserializer;
use serde::de::Error;
use serde_json::{Map, Value};

use crate::json::{self, RawJson};
use crate::patch::Patch;

/// A template that [`check`] accepts.
pub fn checked<'de, D: Deserializer<'de>>(deserializer: D) -> Result<RawJson, D::Error> {
    let template = json::object(deserializer)?;
    check(&template).map_err(refusal)?;
    Ok(template)
}

/// A template that [`check`] accepts, or none.
pub fn checked_patch<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Patch<RawJson>, D::Error> {
    let Some(template) = json::optional_object(deserializer)? else { return Ok(Patch::Null) };
    check(&template).map_err(refusal)?;
    Ok(Patch::Value(template))
}

fn refusal<E: Error>(problem: String) -> E {
    E::custom(format!("[value_error] Value error, {problem}"))
}

/// What is wrong with a template, unless it is empty, or has `job_configuration` and `variables` and uses only
/// variables that it declares.
pub fn check(template: &RawJson) -> Result<(), String> {
    let parsed: Map<String, Value> =
        template.parse().map_err(|_| "base_job_template is not a dictionary".to_owned())?;
    if parsed.is_empty() {
        return Ok(());
    }
    let is_filled =
        |key: &str| parsed.get(key).and_then(Value::as_object).is_some_and(|part| !part.is_empty());
    if !is_filled("job_configuration") || !is_filled("variables") {
        return Err(
            "The `base_job_template` must contain both a `job_configuration` key and a `variables` key."
                .to_owned(),
        );
    }
    let declared: BTreeSet<&str> = parsed["variables"]
        .get("properties")
        .and_then(Value::as_object)
        .map(|properties| properties.keys().map(String::as_str).collect())
        .unwrap_or_default();
    let configuration = parsed["job_configuration"].to_string();
    let undeclared: Vec<&str> = used_variables(&configuration).difference(&declared).copied().collect();
    if undeclared.is_empty() {
        return Ok(());
    }
    Err(format!(
        "The variables specified in the job configuration template must be present as properties in the variables \
         schema. Your job configuration uses the following undeclared variable(s): {}.",
        undeclared.join(" ,")
    ))
}

/// The names between `{{` and `}}`, but for references to blocks, variables and environment variables.
fn used_variables(text: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else { break };
        names.insert(name.trim());
        rest = after;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::{check, used_variables};
    use crate::json::RawJson;

    #[test]
    fn placeholders_are_found_with_and_without_spaces() {
        let names = used_variables(r#"{"a": "{{ var1 }}.{{var2}}", "b": ["{{var1}}", "{{ open"]}"#);
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["var1", "var2"]);
    }

    #[test]
    fn a_template_declares_what_it_uses() {
        let cases = [
            ("{}", true),
            (r#"{"job_configuration": {"a": "{{ x }}"}, "variables": {"properties": {"x": {}}}}"#, true),
            (r#"{"job_configuration": {"a": "{{ y }}"}, "variables": {"properties": {"x": {}}}}"#, false),
            (r#"{"job_configuration": {"a": 1}}"#, false),
            (r#"{"variables": {"properties": {}}}"#, false),
            (r#"{"foo": 1}"#, false),
        ];
        for (template, is_valid) in cases {
            let template = RawJson::from_text(template.to_owned()).expect("JSON");
            assert_eq!(check(&template).is_ok(), is_valid, "{template:?}");
        }
    }
}
