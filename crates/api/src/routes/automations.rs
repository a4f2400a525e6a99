//! `/automations`

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// `DELETE /automations/owned-by/{resource_id}`: 202. Every deploy sends it; this version stores no automations,
/// so there is none to delete.
pub async fn delete_owned_by() -> Response {
    (StatusCode::ACCEPTED, Json(Value::Null)).into_response()
}

/// `GET /automations/related-to/{resource_id}`: 200. `prefect deployment inspect` asks for it; this version stores
/// no automations, so none is related.
pub async fn related_to() -> Json<[Value; 0]> {
    Json([])
}
