use axum::Json;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::ApiError;
use crate::extract::syntax_error;
use crate::responses::no_content;

/// `POST /templates/validate`, also `/automations/templates/validate`: 204, or 422 with what is wrong and in which
/// line. The template is the body, as a JSON string or, with another content type, as it is.
pub async fn validate(headers: HeaderMap, body: Bytes) -> Result<Response, ApiError> {
    let template = read(&headers, &body)?;
    Ok(match sluice_templating::check(&template) {
        Ok(()) => no_content(),
        Err(error) => {
            let body = json!({"error": {"line": error.line, "message": error.message, "source": template}});
            (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
        }
    })
}

fn read(headers: &HeaderMap, body: &Bytes) -> Result<String, ApiError> {
    if body.is_empty() {
        return Ok(String::new());
    }
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type.is_some_and(|content_type| !content_type.contains("json")) {
        return Ok(String::from_utf8_lossy(body).into_owned());
    }
    match serde_json::from_slice(body) {
        Ok(Value::String(template)) => Ok(template),
        Ok(other) => {
            Err(ApiError::invalid_field(&[], "string_type", "Input should be a valid string", other))
        }
        Err(error) => Err(syntax_error(&error, body)),
    }
}
