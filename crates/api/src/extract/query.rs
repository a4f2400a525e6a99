//! Ids in the query string.

use std::convert::Infallible;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde_json::Value;

use super::problems;
use crate::ApiError;
use crate::errors::Problem;

/// The query string, for routes that ask for an id in it.
#[derive(Debug)]
pub struct QueryId(String);

impl<S: Send + Sync> FromRequestParts<S> for QueryId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.uri.query().unwrap_or_default().to_owned()))
    }
}

impl QueryId {
    /// The id of this name; 422 when it is missing or none.
    pub fn required<T: FromStr>(&self, name: &str) -> Result<T, ApiError> {
        let given = self.0.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
        let Some((_, text)) = given else {
            let loc = vec!["query".into(), name.into()];
            let msg = "Field required".to_owned();
            let problem = Problem { r#type: "missing".to_owned(), loc, msg, input: Value::Null, ctx: None };
            return Err(ApiError::invalid(vec![problem], Value::Null));
        };
        text.parse().map_err(|_| problems::invalid_uuid(vec!["query".into(), name.into()], text))
    }
}
