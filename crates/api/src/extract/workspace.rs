//! Which workspace a request is about.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use sluice_wire::ids::WorkspaceId;

/// The workspace of the request: the default one unless the path names another.
#[derive(Debug, Clone, Copy)]
pub struct Workspace(pub WorkspaceId);

impl<S: Send + Sync> FromRequestParts<S> for Workspace {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(Self(WorkspaceId::DEFAULT)))
    }
}
