use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use sluice_store::automations;

use crate::extract::{PathText, Workspace};
use crate::{ApiError, App};

/// `DELETE /automations/owned-by/{resource_id}`: 202. Every deploy sends it before it creates its automations anew.
pub async fn delete_owned_by(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    PathText(resource_id): PathText<String>,
) -> Result<Response, ApiError> {
    app.store
        .write((workspace, resource_id), |tx, (workspace, resource_id)| {
            Box::pin(automations::delete_owned_by(tx, *workspace, resource_id))
        })
        .await?;
    Ok((StatusCode::ACCEPTED, Json(Value::Null)).into_response())
}
