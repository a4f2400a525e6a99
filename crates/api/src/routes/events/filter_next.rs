use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

use super::page::{EventPage, answer, from_token};
use crate::errors::Problem;
use crate::extract::Workspace;
use crate::{ApiError, App};

/// Query of `GET /events/filter/next`.
#[derive(Debug, Deserialize)]
pub struct NextQuery {
    #[serde(rename = "page-token")]
    page_token: Option<String>,
}

/// `GET /events/filter/next`: the page that `next_page` of another page leads to. 403 for a token that no page
/// carried.
pub async fn filter_next(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    headers: HeaderMap,
    Query(query): Query<NextQuery>,
) -> Result<Json<EventPage>, ApiError> {
    let Some(token) = query.page_token else {
        let problem = Problem {
            r#type: "missing".to_owned(),
            loc: vec!["query".into(), "page-token".into()],
            msg: "Field required".to_owned(),
            input: Value::Null,
            ctx: None,
        };
        return Err(ApiError::invalid(vec![problem], Value::Null));
    };
    let question = from_token(&token)?;
    answer(&app, workspace, &headers, question).await
}
