use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Deserializer, de};
use sluice_store::{Database, logs};
use sluice_wire::filters::LogFilter;
use sluice_wire::logs::Log;
use sluice_wire::sorting::LogSort;

use crate::extract::{OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// Body of `POST /logs/filter`.
#[derive(Debug, Deserialize)]
pub struct FilterRequest {
    #[serde(default)]
    logs: Option<LogFilter>,
    #[serde(default)]
    sort: LogSort,
    #[serde(default)]
    limit: Option<i64>,
    #[serde(default, deserialize_with = "not_negative")]
    offset: i64,
}

fn not_negative<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let offset = i64::deserialize(deserializer)?;
    if offset < 0 {
        return Err(de::Error::custom("[greater_than_equal] Input should be greater than or equal to 0"));
    }
    Ok(offset)
}

/// `POST /logs/filter`: a page of the log lines that meet the filter.
pub async fn filter(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<FilterRequest>,
) -> Result<Json<Vec<Log>>, ApiError> {
    let limit = page_limit(&app, request.limit)?;
    let found = app
        .store
        .read_from(Database::Telemetry, (workspace, request, limit), |tx, (workspace, request, limit)| {
            Box::pin(async move {
                let filter = request.logs.as_ref();
                let found =
                    logs::filter(tx, *workspace, filter, request.sort, *limit, request.offset).await?;
                Ok::<_, ApiError>(found)
            })
        })
        .await?;
    Ok(Json(found))
}
