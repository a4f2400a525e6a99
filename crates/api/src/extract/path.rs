//! Parts of the path. What does not look like an id is a route that does not exist.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use sluice_wire::ids::LeaseId;

use super::problems;
use crate::ApiError;

/// An id (or a tuple of them) in the path: `Id(flow_run): Id<FlowRunId>`. 404 when it is not a UUID.
#[derive(Debug)]
pub struct Id<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(id) = Path::<T>::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiError::not_found("Not Found"))?;
        Ok(Self(id))
    }
}

/// An id in the path of the routes that look at any text: 422 when it is not a UUID.
#[derive(Debug)]
pub struct CheckedId<T>(pub T);

impl<S: Send + Sync, T: FromStr + NamedInPath + Send> FromRequestParts<S> for CheckedId<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let PathText(text) = PathText::<String>::from_request_parts(parts, state).await?;
        text.parse().map(Self).map_err(|_| problems::invalid_uuid(vec!["path".into(), T::NAME.into()], &text))
    }
}

/// The name that an id has in the path.
pub trait NamedInPath {
    /// Such as `lease_id`.
    const NAME: &'static str;
}

impl NamedInPath for LeaseId {
    const NAME: &'static str = "lease_id";
}

/// Text in the path (or a tuple of texts and ids), already percent-decoded.
#[derive(Debug)]
pub struct PathText<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for PathText<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(text) = Path::<T>::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiError::not_found("Not Found"))?;
        Ok(Self(text))
    }
}

impl<T: FromStr> FromStr for Id<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        text.parse().map(Self)
    }
}
