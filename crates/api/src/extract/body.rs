//! JSON bodies. The content type is not looked at: old clients send none.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::lax::Lax;
use super::{depth, problems};
use crate::{ApiError, App};

/// A body that must be there: one object or one list.
#[derive(Debug)]
pub struct Body<T>(pub T);

/// A body of fields that the reference takes one by one, each for itself. Leaving it out is the same as `{}`; in what
/// is no object every field is missing.
#[derive(Debug)]
pub struct OptionalBody<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let bytes = read(request, app).await?;
        if bytes.is_empty() || &*bytes == b"null" {
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
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err(problems::every_field_missing::<T>(bytes));
        }
        let refusal = match parse(bytes) {
            Ok(value) => return Ok(Self(value)),
            Err(refusal) => refusal,
        };
        // A field that is null is one that was left out.
        match problems::without_nulls(bytes) {
            Some(fields) => parse(fields.as_bytes()).map(Self),
            None => Err(refusal),
        }
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
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    T::deserialize(Lax(&mut deserializer))
        .and_then(|value| deserializer.end().map(|()| value))
        // It is read again to find out where the problem is: only refused requests pay for that.
        .map_err(|_| problems::of_body::<T>(bytes))
}
