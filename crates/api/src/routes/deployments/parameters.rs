//! Parameters: their size, their templates, their schema.

use axum::http::StatusCode;
use serde_json::Value;
use sluice_parameters::{Checks, Failure, HydrationError, check_schema, validate, validate_raw};
use sluice_store::StoreError;
use sluice_wire::deployments::{DeploymentCreate, JsonObject};
use sluice_wire::json::RawJson;

use crate::routes::run_parameters;
use crate::{ApiError, App};

/// 422 when the parameters are larger than the server takes.
pub(crate) fn check_size(app: &App, parameters: &JsonObject) -> Result<(), ApiError> {
    let parameters =
        RawJson::from_value(parameters).map_err(|error| StoreError::Internal(error.to_string()))?;
    run_parameters::check_size(app, &parameters)
}

/// 409 when the parameters do not fit, 422 when the schema cannot be used. `doing` begins the message.
pub(crate) fn check_schema_of(
    parameters: &JsonObject,
    schema: Option<&JsonObject>,
    checks: Checks,
    doing: &str,
) -> Result<(), ApiError> {
    let Some(schema) = schema else { return Err(no_schema()) };
    validate(parameters, schema, checks).map_err(|failure| match failure {
        Failure::Invalid(message) => ApiError::conflict(format!("{doing}: {message}")),
        Failure::Circular | Failure::Schema(_) => ApiError::unprocessable(failure.to_string()),
    })
}

/// 409: the schema is enforced, and there is none.
pub(crate) fn no_schema() -> ApiError {
    ApiError::conflict(
        "Error updating deployment: Cannot update parameters because parameter schema enforcement is enabled and \
         the deployment does not have a valid parameter schema.",
    )
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
