//! Tokens against requests that another site makes a browser send.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sluice_store::csrf_tokens;
use sluice_wire::ids::WorkspaceId;
use subtle::ConstantTimeEq;

use crate::{ApiError, App};

/// 403 for a request that changes something and does not carry its client's token.
pub(crate) async fn check(State(app): State<App>, request: Request, next: Next) -> Response {
    let changes = matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH | Method::DELETE);
    if !app.settings.csrf_enabled || !changes {
        return next.run(request).await;
    }
    let Some(token) = text(request.headers(), "prefect-csrf-token") else {
        return forbidden("Missing CSRF token.");
    };
    let Some(client) = text(request.headers(), "prefect-csrf-client") else {
        return forbidden("Missing client identifier.");
    };
    let now = app.clock.now();
    let stored = app
        .store
        .read((client, now), |tx, (client, now)| {
            Box::pin(csrf_tokens::read(tx, WorkspaceId::DEFAULT, client, *now))
        })
        .await;
    match stored {
        Ok(Some(stored)) if bool::from(stored.token.as_bytes().ct_eq(token.as_bytes())) => {
            next.run(request).await
        }
        Ok(_) => forbidden("Invalid CSRF token or client identifier."),
        Err(error) => ApiError::from(error).into_response(),
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn forbidden(detail: &str) -> Response {
    let allow_origin = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"))];
    (StatusCode::FORBIDDEN, allow_origin, Json(json!({ "detail": detail }))).into_response()
}
