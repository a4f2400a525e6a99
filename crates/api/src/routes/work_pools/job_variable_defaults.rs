//! The defaults of a job template against its own schema.

use std::collections::HashMap;

use serde_json::Value;
use sluice_parameters::{JobVariables, JobVariablesError, block_references, check_job_variables};
use sluice_wire::deployments::JsonObject;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::json::RawJson;

use crate::{ApiError, App};

/// 422 unless every default fits its variable; 404 when one refers to a block that does not exist.
pub(crate) async fn check(app: &App, workspace: WorkspaceId, template: &RawJson) -> Result<(), ApiError> {
    let Ok(template) = template.parse::<JsonObject>() else { return Ok(()) };
    let blocks = if block_references(&template).is_empty() {
        HashMap::new()
    } else {
        let arguments = (workspace, app.secrets.ring(), template.clone());
        app.store
            .read(arguments, |tx, (workspace, keys, template)| {
                Box::pin(sluice_operations::template_blocks(tx, *workspace, keys, template))
            })
            .await?
    };
    check_with(&template, &blocks)
}

fn check_with(template: &JsonObject, blocks: &HashMap<String, Value>) -> Result<(), ApiError> {
    let variables = JobVariables {
        base_job_template: template,
        layers: &[],
        ignores_required: true,
        ignores_invalid_defaults: false,
    };
    check_job_variables(variables, blocks).map_err(|error| match error {
        JobVariablesError::BlockNotFound => ApiError::not_found(error.to_string()),
        JobVariablesError::Schema(_) => ApiError::unprocessable(error.to_string()),
        JobVariablesError::Invalid(failure) => ApiError::unprocessable(format!(
            "Validation failed for work pool's job variable defaults: {failure}"
        )),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::json;
    use sluice_wire::deployments::JsonObject;

    use super::check_with;

    #[test]
    fn defaults_fit_their_variables() {
        let cases = [
            (r#"{"type": "integer", "default": 1}"#, true),
            (r#"{"type": "integer", "default": "one"}"#, false),
            (r#"{"type": "integer"}"#, true),
            (r#"{"type": "object", "default": {"$ref": {"block_document_id": "known"}}}"#, true),
            (r#"{"type": "integer", "default": {"$ref": {"block_document_id": "known"}}}"#, false),
            (r#"{"default": {"$ref": {"block_document_id": "unknown"}}}"#, false),
        ];
        let blocks = HashMap::from([("known".to_owned(), json!({"a": 1}))]);
        for (variable, fits) in cases {
            let template = format!(
                r#"{{"job_configuration": {{"x": "{{{{ x }}}}"}},
                    "variables": {{"type": "object", "required": ["x"], "properties": {{"x": {variable}}}}}}}"#
            );
            let template: JsonObject = serde_json::from_str(&template).expect("JSON");
            assert_eq!(check_with(&template, &blocks).is_ok(), fits, "{variable}");
        }
    }
}
