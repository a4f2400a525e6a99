//! HTTP Basic with the one string that the server was given.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use subtle::ConstantTimeEq;

use crate::App;

/// 401 unless the request carries the string; probes of `/health` and `/ready` are let through, and WebSockets
/// authenticate by their first frame.
pub(crate) async fn check(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(expected) = &app.settings.auth_string else {
        return next.run(request).await;
    };
    let is_probe = request.method() == Method::GET && matches!(request.uri().path(), "/health" | "/ready");
    let is_websocket = request.headers().get(header::UPGRADE).is_some_and(|upgrade| upgrade == "websocket");
    if is_probe || is_websocket || carries(request.headers(), expected) {
        return next.run(request).await;
    }
    (StatusCode::UNAUTHORIZED, Json(json!({ "exception_message": "Unauthorized" }))).into_response()
}

fn carries(headers: &HeaderMap, expected: &str) -> bool {
    let credentials = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|encoded| STANDARD.decode(encoded.trim()).ok())
        .unwrap_or_default();
    credentials.ct_eq(expected.as_bytes()).into()
}
