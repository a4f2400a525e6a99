//! The rules for job templates.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use sluice_wire::json::RawJson;

use crate::ApiError;

/// 422 unless the template is empty, or has `job_configuration` and `variables` and uses only variables that it
/// declares.
pub(crate) fn check(template: &RawJson) -> Result<(), ApiError> {
    let problem = |msg: String| {
        let input = template.parse().unwrap_or_default();
        ApiError::invalid_field(&["base_job_template"], "value_error", format!("Value error, {msg}"), input)
    };
    let parsed: Map<String, Value> =
        template.parse().map_err(|_| problem("base_job_template is not a dictionary".to_owned()))?;
    if parsed.is_empty() {
        return Ok(());
    }
    let is_filled =
        |key: &str| parsed.get(key).and_then(Value::as_object).is_some_and(|part| !part.is_empty());
    if !is_filled("job_configuration") || !is_filled("variables") {
        return Err(problem(
            "The `base_job_template` must contain both a `job_configuration` key and a `variables` key."
                .to_owned(),
        ));
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
    Err(problem(format!(
        "The variables specified in the job configuration template must be present as properties in the variables \
         schema. Your job configuration uses the following undeclared variable(s): {}.",
        undeclared.join(" ,")
    )))
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
    use sluice_wire::json::RawJson;

    use super::{check, used_variables};

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
