//! Small bodies are read before anybody looks at the request.
//!
//! Who refuses a request without reading its body makes the server close the connection, and a client that has just
//! sent its next request on it gets an error.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::ApiError;

/// Larger bodies are read by who wants them.
const SMALL: usize = 64 * 1024;

pub(crate) async fn read(request: Request, next: Next) -> Response {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if !length.is_some_and(|length: usize| (1..=SMALL).contains(&length)) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    match axum::body::to_bytes(body, SMALL).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(error) => {
            let detail = format!("cannot read the body: {error}");
            ApiError::detail(axum::http::StatusCode::BAD_REQUEST, detail).into_response()
        }
    }
}
