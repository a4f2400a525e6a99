//! Job templates: from the template of a pool and the variables of deployment and run to the configuration of a job,
//! as the reference renders it. Pure: what blocks and variables hold is passed in.
//!
//! Rendering goes in two steps, as in the reference. [`render`] merges the variables and fills in `{{ names }}`;
//! [`references`] says which blocks and variables the result still names, and [`resolve`] puts their values in.

mod merge;
mod placeholders;
mod python;
mod references;

pub use merge::{TemplateError, merge_job_variables, render};
pub use placeholders::fill_in;
pub use python::python_text;
pub use references::{References, Values, references, resolve_blocks, resolve_variables};

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{
        Values, fill_in, merge_job_variables, references, render, resolve_blocks, resolve_variables,
    };

    /// What the reference makes of the same is in `compat/test_own_worker.py`, which reads this file.
    const CASES: &str = include_str!("template/cases.json");

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn placeholders_become_what_the_reference_makes_of_them() {
        let cases: Value = serde_json::from_str(CASES).expect("JSON");
        for case in cases["apply_values"].as_array().expect("cases") {
            let environment =
                |name: &str| (name == "SLUICE_TEST_SET").then(|| "from the environment".to_owned());
            let filled = fill_in(&case["template"], &case["values"], &environment);
            assert_eq!(filled.as_ref(), case.get("expected"), "{case}");
        }
    }

    #[test]
    fn job_templates_become_what_the_reference_makes_of_them() {
        let cases: Value = serde_json::from_str(CASES).expect("JSON");
        for case in cases["render"].as_array().expect("cases") {
            let values = merge_job_variables(&object(&case["deployment"]), &object(&case["flow_run"]));
            let rendered = render(&case["template"], &values, &|_| None).expect("renders");
            assert_eq!(Value::Object(rendered), case["expected"], "{case}");
        }
    }

    #[test]
    fn blocks_and_variables_keep_their_types_unless_they_stand_within_a_text() {
        let template = json!({
            "whole": "{{ prefect.blocks.secret.token }}", "within": "x-{{ prefect.blocks.secret.token }}",
            "deep": "{{ prefect.blocks.json.big.value.list[1].name }}", "list": "{{ prefect.variables.list }}",
            "number": "n={{ prefect.variables.number }}", "missing": "{{ prefect.variables.no }}",
        });
        let mut values = Values::default();
        values.blocks.insert(("secret".into(), "token".into()), json!({ "value": "s3" }));
        let big = json!({ "value": { "list": [0, { "name": "second" }] } });
        values.blocks.insert(("json".into(), "big".into()), big);
        values.variables.insert("list".into(), json!([1, 2]));
        values.variables.insert("number".into(), json!(4));
        let named = references(&template).expect("references");
        assert_eq!(named.blocks.len(), 2);
        assert_eq!(named.variables.len(), 3);
        let resolved = resolve_variables(&resolve_blocks(&template, &values).expect("blocks"), &values);
        let expected = json!({
            "whole": "s3", "within": "x-s3", "deep": "second", "list": [1, 2], "number": "n=4", "missing": "",
        });
        assert_eq!(resolved, expected);
    }

    #[test]
    fn references_that_cannot_be_followed_are_named() {
        let mut values = Values::default();
        values.blocks.insert(("json".into(), "big".into()), json!({ "a": { "b": 1 }, "c": 2 }));
        let cases = [
            ("{{ prefect.blocks.json }}", "names no block"),
            ("{{ prefect.blocks.json.big.a.x }}", "does not have"),
            ("x{{ prefect.blocks.json.big.a }}", "cannot be part of a text"),
        ];
        for (template, expected) in cases {
            let error = resolve_blocks(&json!(template), &values).expect_err("an error").to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
