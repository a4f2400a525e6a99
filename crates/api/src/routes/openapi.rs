//! `GET /openapi.json`: the description of this API, as it stands in the repository.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

const DOCUMENT: &str = include_str!("../../../../openapi.json");

/// The document, which `scripts/openapi.py` writes.
pub async fn read() -> Response {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}
