use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::App;

/// `GET /admin/settings`: the settings that concern clients, under the reference's names. Secrets are hidden.
pub async fn settings(State(app): State<App>) -> Json<Value> {
    let settings = &app.settings;
    Json(json!({
        "server": {
            "api": {
                "auth_string": settings.auth_string.as_ref().map(|_| "**********"),
                "default_limit": settings.default_limit,
                "csrf_protection_enabled": settings.csrf_enabled,
                "csrf_token_expiration": settings.csrf_token_seconds,
                "max_parameter_size": settings.max_parameter_bytes,
            },
            "logs": { "stream_out_enabled": true, "stream_publishing_enabled": true },
            "events": { "stream_out_enabled": true },
        },
    }))
}
