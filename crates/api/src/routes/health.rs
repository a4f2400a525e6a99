//! `/health`, `/ready`, `/hello`, `/version`: is it there, does it work, what is it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::App;
use crate::version::API_VERSION;

/// `GET /health`: true while the process answers.
pub async fn health() -> Json<bool> {
    Json(true)
}

/// `GET /ready`: whether the database answers too.
pub async fn ready(State(app): State<App>) -> Response {
    match app.store.ping().await {
        Ok(()) => Json(json!({ "message": "OK" })).into_response(),
        Err(error) => {
            tracing::error!(%error, "not ready: the database does not answer");
            let body = Json(json!({ "message": "Database is not available" }));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}

/// `GET /hello`: a wave.
pub async fn hello() -> Json<&'static str> {
    Json("👋")
}

/// `GET /version`: the version of the API.
pub async fn version() -> Json<&'static str> {
    Json(API_VERSION)
}
