//! Parameters: their size, their templates, their schema.

use std::collections::HashMap;

use axum::http::StatusCode;
use serde_json::Value;
use sluice_parameters::{
    Checks, Failure, HydrationContext, HydrationError, check_schema, hydrate, names_variables, validate,
    validate_raw,
};
use sluice_store::{StoreError, Tx, variables};
use sluice_wire::deployments::{DeploymentCreate, JsonObject};
use sluice_wire::ids::WorkspaceId;

use crate::{ApiError, App};

/// 422 when the parameters are larger than the server takes.
pub(crate) fn check_size(app: &App, parameters: &JsonObject) -> Result<(), ApiError> {
    let most = app.settings.max_parameter_bytes;
    if most == 0 || parameters.is_empty() {
        return Ok(());
    }
    let size = serde_json::to_string(parameters).map_or(0, |text| text.len());
    if size <= most {
        return Ok(());
    }
    let message = format!(
        "Value error, Flow run parameters must be less than {} bytes when serialized (got {} bytes).",
        with_commas(most),
        with_commas(size)
    );
    Err(ApiError::invalid_field(&["parameters"], "value_error", message, Value::Null))
}

fn with_commas(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What the workspace's variables are needed for, when `parameters` name any.
pub(crate) async fn hydration_context(
    tx: &mut Tx,
    workspace: WorkspaceId,
    names_any: bool,
) -> Result<HydrationContext, StoreError> {
    let variables = if names_any { variables::read_values(tx, workspace).await? } else { HashMap::new() };
    Ok(HydrationContext { variables, renders_templates: true })
}

/// The parameters with their templates filled in.
pub(crate) async fn hydrated(
    tx: &mut Tx,
    workspace: WorkspaceId,
    parameters: &JsonObject,
) -> Result<Result<JsonObject, HydrationError>, StoreError> {
    let context = hydration_context(tx, workspace, names_variables(parameters)).await?;
    Ok(hydrate(parameters, &context))
}

/// 409 when the parameters do not fit, 422 when the schema cannot be used. `doing` begins the message.
pub(crate) fn check_schema_of(
    parameters: &JsonObject,
    schema: Option<&JsonObject>,
    checks: Checks,
    doing: &str,
) -> Result<(), ApiError> {
    let Some(schema) = schema else {
        return Err(ApiError::conflict(
            "Error updating deployment: Cannot update parameters because parameter schema enforcement is enabled \
             and the deployment does not have a valid parameter schema.",
        ));
    };
    validate(parameters, schema, checks).map_err(|failure| match failure {
        Failure::Invalid(message) => ApiError::conflict(format!("{doing}: {message}")),
        Failure::Circular | Failure::Schema(_) => ApiError::unprocessable(failure.to_string()),
    })
}

/// 422 when a deployment that asks for it has parameters that do not fit, or a schema that is none. Only when it
/// was asked for: the default of enforcing concerns runs.
pub(crate) fn check_of_create(create: &DeploymentCreate) -> Result<(), ApiError> {
    if create.enforce_parameter_schema != Some(true) {
        return Ok(());
    }
    let Some(schema) = create.parameter_openapi_schema.value() else { return Ok(()) };
    let invalid = |message: String| {
        ApiError::invalid_field(&[], "value_error", format!("Value error, {message}"), Value::Null)
    };
    check_schema(schema).map_err(|error| {
        invalid(format!("The provided schema is not a valid json schema. Schema error: {error}"))
    })?;
    validate_raw(&create.parameters, schema).map_err(|failure| invalid(failure.to_string()))
}

/// 400 with the reason.
pub(crate) fn hydration_failed(what: &str, error: &HydrationError) -> ApiError {
    ApiError::detail(StatusCode::BAD_REQUEST, format!("Error hydrating {what} parameters: {error}"))
}

#[cfg(test)]
mod tests {
    use super::with_commas;

    #[test]
    fn thousands_are_set_apart() {
        for (number, expected) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (524_288, "524,288"), (1_000_000, "1,000,000")]
        {
            assert_eq!(with_commas(number), expected);
        }
    }
}
