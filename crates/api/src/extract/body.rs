//! JSON bodies. The content type is not looked at: old clients send none.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{depth, problems, shape};
use crate::{ApiError, App};

/// A body that must be there.
#[derive(Debug)]
pub struct Body<T>(pub T);

/// A body that may be left out, which is the same as `{}`.
#[derive(Debug)]
pub struct OptionalBody<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let bytes = read(request, app).await?;
        if bytes.is_empty() {
            return Err(ApiError::invalid(vec![problems::missing_body()], Value::Null));
        }
        parse(&bytes).map(Self)
    }
}

impl<T: DeserializeOwned> FromRequest<App> for OptionalBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let bytes = read(request, app).await?;
        let bytes: &[u8] = if bytes.is_empty() || &*bytes == b"null" { b"{}" } else { &bytes };
        parse(bytes).map(Self)
    }
}

async fn read(request: Request, app: &App) -> Result<Bytes, ApiError> {
    axum::body::to_bytes(request.into_body(), app.settings.max_body_bytes).await.map_err(|error| {
        ApiError::detail(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("cannot read the body: {error}; at most {} bytes are read", app.settings.max_body_bytes),
        )
    })
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    // What is kept as text would be accepted at any depth, and could then be read by nobody.
    if depth::is_too_deep(bytes) {
        return Err(problems::unreadable());
    }
    let starts_with_list = bytes.trim_ascii_start().starts_with(b"[");
    if starts_with_list && shape::is_object::<T>() {
        return Err(problems::list_for_object(bytes));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| problems::from_json::<T>(&error, bytes))?;
    deserializer.end().map_err(|error| problems::trailing(&error, bytes))?;
    Ok(value)
}
