//! Refuses clients whose API is too old.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::ApiError;
use crate::version::{API_VERSION, MINIMUM_API_VERSION};

const HEADER: &str = "x-prefect-api-version";

/// 400 when the header is not a version or names one before the minimum; without a header the newest is meant.
pub(crate) async fn check(request: Request, next: Next) -> Response {
    let requested = request.headers().get(HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if requested.is_empty() || requested == API_VERSION {
        return next.run(request).await;
    }
    let is_exempt = matches!(request.uri().path(), "/health" | "/version");
    if is_exempt {
        return next.run(request).await;
    }
    let (major, minor, patch) = MINIMUM_API_VERSION;
    match parse(requested) {
        None => ApiError::detail(
            StatusCode::BAD_REQUEST,
            format!(
                "Invalid X-PREFECT-API-VERSION header format.Expected header in format 'x.y.z' but received {requested}"
            ),
        )
        .into_response(),
        Some(version) if version < MINIMUM_API_VERSION => ApiError::detail(
            StatusCode::BAD_REQUEST,
            format!(
                "The request specified API version {requested} but this server requires version \
                 {major}.{minor}.{patch} or higher."
            ),
        )
        .into_response(),
        Some(_) => next.run(request).await,
    }
}

fn parse(version: &str) -> Option<(u64, u64, u64)> {
    let mut parts = version.split('.').map(|part| part.trim().parse().ok());
    let version = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(version)
}
