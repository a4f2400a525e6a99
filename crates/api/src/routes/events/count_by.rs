use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Deserializer, de};
use serde_json::{Value, json};
use sluice_store::{Database, events};
use sluice_wire::events::counting::{Buckets, Countable, EventCount, TimeUnit};
use sluice_wire::events::filter::EventFilter;

use crate::errors::Problem;
use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// Body of `POST /events/count-by/{countable}`.
#[derive(Debug, Deserialize)]
pub struct CountRequest {
    filter: EventFilter,
    #[serde(default)]
    time_unit: TimeUnit,
    #[serde(default = "one", deserialize_with = "interval")]
    time_interval: f64,
}

fn one() -> f64 {
    1.0
}

fn interval<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let interval = f64::deserialize(deserializer)?;
    if interval.is_nan() || interval < 0.01 {
        return Err(de::Error::custom("[greater_than_equal] Input should be greater than or equal to 0.01"));
    }
    Ok(interval)
}

/// `POST /events/count-by/{countable}`: how many events there are by time, by name or by resource.
pub async fn count_by(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Path(countable): Path<String>,
    OptionalBody(request): OptionalBody<CountRequest>,
) -> Result<Json<Vec<EventCount>>, ApiError> {
    let countable = countable_of(&countable)?;
    let now = app.clock.now();
    let mut filter = request.filter;
    filter.resolve(now);
    let (since, until) = (filter.occurred.since.unwrap_or(now), filter.occurred.until.unwrap_or(now));
    let buckets = Buckets::covering(since, until, request.time_unit, request.time_interval, now)
        .map_err(|error| ApiError::unprocessable(error.to_string()))?;
    let arguments = (workspace, filter, countable, buckets);
    let counts = app
        .store
        .read_from(Database::Telemetry, arguments, |tx, (workspace, filter, countable, buckets)| {
            Box::pin(async move {
                Ok::<_, ApiError>(events::count_by(tx, *workspace, filter, *countable, *buckets).await?)
            })
        })
        .await?;
    Ok(Json(counts))
}

fn countable_of(text: &str) -> Result<Countable, ApiError> {
    serde_json::from_value(text.into()).map_err(|_| {
        let expected = "'day', 'time', 'event' or 'resource'";
        let problem = Problem {
            r#type: "enum".to_owned(),
            loc: vec!["path".into(), "countable".into()],
            msg: format!("Input should be {expected}"),
            input: text.into(),
            ctx: Some(json!({ "expected": expected })),
        };
        ApiError::invalid(vec![problem], Value::Null)
    })
}
