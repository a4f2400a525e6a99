use axum::Json;
use axum::extract::State;
use sluice_store::flow_runs;
use sluice_wire::filters::FilterRequest;
use sluice_wire::sorting::FlowRunSort;

use crate::extract::{OptionalBody, Workspace};
use crate::{ApiError, App};

/// `POST /flow_runs/lateness`: the average in seconds, or null.
pub async fn lateness(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(request): OptionalBody<FilterRequest<FlowRunSort>>,
) -> Result<Json<Option<f64>>, ApiError> {
    let now = app.clock.now();
    let lateness = app
        .store
        .read_snapshot((workspace, request.filters, now), |tx, (workspace, filters, now)| {
            Box::pin(flow_runs::average_lateness(tx, *workspace, filters, *now))
        })
        .await?;
    Ok(Json(lateness))
}
