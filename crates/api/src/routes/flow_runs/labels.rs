use axum::extract::State;
use axum::response::Response;
use sluice_store::flow_runs;
use sluice_wire::ids::FlowRunId;
use sluice_wire::labels::KeyValueLabels;

use super::no_such_run;
use crate::extract::{Body, Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `PATCH /flow_runs/{id}/labels`: adds labels.
pub async fn labels(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<FlowRunId>,
    Body(labels): Body<KeyValueLabels>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let exists = app
        .store
        .write((workspace, id, labels, now), |tx, (workspace, id, labels, now)| {
            Box::pin(flow_runs::update_labels(tx, *workspace, *id, labels, *now))
        })
        .await?;
    if exists { Ok(no_content()) } else { Err(no_such_run(id)) }
}
