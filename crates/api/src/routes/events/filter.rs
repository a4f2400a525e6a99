use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Deserializer, de};
use sluice_wire::events::filter::EventFilter;

use super::page::{EventPage, LARGEST_PAGE, Question, answer};
use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// Body of `POST /events/filter`.
#[derive(Debug, Deserialize)]
pub struct FilterRequest {
    #[serde(default)]
    filter: Option<EventFilter>,
    #[serde(default = "largest_page", deserialize_with = "page_size")]
    limit: i64,
}

fn largest_page() -> i64 {
    LARGEST_PAGE
}

fn page_size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let limit = i64::deserialize(deserializer)?;
    if limit > LARGEST_PAGE {
        return Err(de::Error::custom(format!(
            "[less_than_equal] Input should be less than or equal to {LARGEST_PAGE}"
        )));
    }
    if limit < 0 {
        return Err(de::Error::custom("[greater_than_equal] Input should be greater than or equal to 0"));
    }
    Ok(limit)
}

/// `POST /events/filter`: the first page of the events that meet the filter, how many there are, and where the
/// next page is.
pub async fn filter(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    headers: HeaderMap,
    OptionalBody(request): OptionalBody<FilterRequest>,
) -> Result<Json<EventPage>, ApiError> {
    let mut filter = request.filter.unwrap_or_default();
    filter.resolve(app.clock.now());
    let question = Question { filter, count: None, page_size: request.limit, offset: 0 };
    answer(&app, workspace, &headers, question).await
}
