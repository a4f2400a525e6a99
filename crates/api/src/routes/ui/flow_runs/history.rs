use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::Value;
use sluice_store::flow_runs;
use sluice_wire::filters::FilterRequest;
use sluice_wire::flow_runs::SimpleFlowRun;
use sluice_wire::sorting::FlowRunSort;

use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// More runs are not drawn.
const MOST: i64 = 1_000;

/// The order, by default that of the expected start, the last first.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(transparent)]
pub struct Order(FlowRunSort);

impl Default for Order {
    fn default() -> Self {
        Self(FlowRunSort::ExpectedStartTimeDesc)
    }
}

/// `POST /ui/flow_runs/history`
pub async fn history(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<FilterRequest<Order>>,
) -> Result<Json<Vec<SimpleFlowRun>>, ApiError> {
    let limit = request.page.limit.unwrap_or(MOST);
    if limit > MOST {
        let message = format!("Input should be less than or equal to {MOST}");
        return Err(ApiError::invalid_field(&["limit"], "less_than_equal", message, Value::from(limit)));
    }
    let now = app.clock.now();
    let runs = app
        .store
        .read((workspace, request, limit, now), |tx, (workspace, request, limit, now)| {
            let (Order(sort), offset) = (request.sort, request.page.offset);
            Box::pin(flow_runs::filter_simple(tx, *workspace, &request.filters, sort, *limit, offset, *now))
        })
        .await?;
    Ok(Json(runs))
}
