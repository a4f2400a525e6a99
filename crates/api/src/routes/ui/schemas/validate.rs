use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sluice_parameters::{
    HydrationContext, check_schema, error_tree, find_all, hydrate_leniently, names_variables, preprocess,
};
use sluice_store::variables;
use sluice_wire::deployments::JsonObject;

use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// Body of `POST /ui/schemas/validate`.
#[derive(Debug, Deserialize)]
pub struct Validate {
    schema: JsonObject,
    values: JsonObject,
}

/// What is wrong with the values, where.
#[derive(Debug, Serialize)]
pub struct Validated {
    errors: Vec<Value>,
    valid: bool,
}

/// `POST /ui/schemas/validate`: holds the values of a form against the schema of a deployment's parameters. Templates
/// are checked, not rendered.
pub async fn validate(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<Validate>,
) -> Result<Json<Validated>, ApiError> {
    let schema = preprocess(&request.schema, false);
    check_schema(&schema).map_err(|error| ApiError::unprocessable(format!("Invalid schema: {error}")))?;
    let variables = if names_variables(&request.values) {
        app.store.read(workspace, |tx, workspace| Box::pin(variables::read_values(tx, *workspace))).await?
    } else {
        HashMap::new()
    };
    let context = HydrationContext { variables, renderer: None };
    let hydrated = hydrate_leniently(&request.values, &context);
    let findings = find_all(&hydrated.values, &schema).map_err(|failure| match failure {
        sluice_parameters::Failure::Invalid(message) => {
            ApiError::unprocessable(format!("Invalid schema: {message}"))
        }
        failure => ApiError::unprocessable(failure.to_string()),
    })?;
    let tree = error_tree(findings, &hydrated.placeholders);
    Ok(Json(Validated { valid: tree.is_valid(), errors: tree.errors }))
}
