//! The forms of success.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// 201 for what this call created, 200 for what existed.
pub fn created_or_existing<T: Serialize>(is_new: bool, value: T) -> Response {
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    (status, Json(value)).into_response()
}

/// 201.
pub fn created<T: Serialize>(value: T) -> Response {
    created_or_existing(true, value)
}

/// 204.
pub fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}
