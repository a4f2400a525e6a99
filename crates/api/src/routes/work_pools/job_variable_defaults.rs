//! The defaults of a job template against its own schema.

use std::collections::HashMap;

use sluice_parameters::{JobVariables, JobVariablesError, check_job_variables};
use sluice_wire::deployments::JsonObject;
use sluice_wire::json::RawJson;

use crate::ApiError;

/// 422 unless every default fits its variable; 404 when one refers to a block that does not exist.
pub(crate) fn check(template: &RawJson) -> Result<(), ApiError> {
    let Ok(base_job_template) = template.parse::<JsonObject>() else { return Ok(()) };
    let variables = JobVariables {
        base_job_template: &base_job_template,
        layers: &[],
        ignores_required: true,
        ignores_invalid_defaults: false,
    };
    // No block can be stored yet, so a reference to one finds none.
    let blocks = HashMap::new();
    check_job_variables(variables, &blocks).map_err(|error| match error {
        JobVariablesError::BlockNotFound => ApiError::not_found(error.to_string()),
        JobVariablesError::Schema(_) => ApiError::unprocessable(error.to_string()),
        JobVariablesError::Invalid(failure) => ApiError::unprocessable(format!(
            "Validation failed for work pool's job variable defaults: {failure}"
        )),
    })
}

#[cfg(test)]
mod tests {
    use sluice_wire::json::RawJson;

    use super::check;

    #[test]
    fn defaults_fit_their_variables() {
        let cases = [
            (r#"{"type": "integer", "default": 1}"#, true),
            (r#"{"type": "integer", "default": "one"}"#, false),
            (r#"{"type": "integer"}"#, true),
            (
                r#"{"default": {"$ref": {"block_document_id": "7c8a2c5d-6e2b-4a53-8b0f-0f5a3a4f5b11"}}}"#,
                false,
            ),
        ];
        for (variable, fits) in cases {
            let template = format!(
                r#"{{"job_configuration": {{"x": "{{{{ x }}}}"}},
                    "variables": {{"type": "object", "required": ["x"], "properties": {{"x": {variable}}}}}}}"#
            );
            let template = RawJson::from_text(template).expect("JSON");
            assert_eq!(check(&template).is_ok(), fits, "{variable}");
        }
    }
}
